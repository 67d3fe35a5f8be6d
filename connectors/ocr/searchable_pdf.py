"""A PDF whose pages stay as they are and get an invisible layer of text.

qpdf (through pikepdf) copies the pages' streams from file to file, so that memory does not grow with the scans. The
layer of a page is the text-only PDF that tesseract wrote for it, placed as one form; all share one font.
"""

from contextlib import ExitStack
from math import cos, radians, sin
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.documents.inspection_faults import DAMAGED_FILE, ENCRYPTED
from connectors.ocr.pages import ImagePages
from connectors.ocr.recognition import ReadPage

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_OPEN = 64
_EXIF_ORIENTATION = 0x0112
_MIRRORED = frozenset({2, 4, 5, 7})


class SearchablePdf:
    """The PDF at `source`, to which text layers are added and which is then saved elsewhere.

    Raises `document.encrypted`, `document.damaged_file` for what qpdf cannot open.
    """

    def __init__(self, source: Path, name: str) -> None:
        import pikepdf

        try:
            self._pdf = pikepdf.open(source)
            self._pages = list(self._pdf.pages)
        except pikepdf.PasswordError as exc:
            raise ENCRYPTED(name=name) from exc
        except pikepdf.PdfError as exc:
            raise DAMAGED_FILE(name=name) from exc
        self._font: Any = None

    def add(self, read: ReadPage) -> None:
        """Lay the text layer of `read` over its page.

        The layer belongs to the page as it was recognised. A quarter turn is kept: the page is shown upright from now
        on. A skewed page's content stays skewed as it is, and the layer is skewed to lie on its words.
        """
        page = self._pages[read.number]
        if read.turn:
            page.rotate(read.turn, relative=True)
        if read.layer is None:
            return
        rotation = int(page.rotation) % 360
        left, bottom, right, top = (float(side) for side in page.cropbox)
        width, height = right - left, top - bottom
        shown = (height, width) if rotation % 180 else (width, height)
        matrix = _product(_straightened_to_shown(read.skew, *shown), _shown_to_page(rotation, width, height))
        matrix = _product(matrix, (1, 0, 0, 1, left, bottom))
        self._place(page, read.layer, shown, matrix)

    def _place(self, page: Any, layer: Path, shown: tuple[float, float], matrix: tuple[float, ...]) -> None:
        import pikepdf
        from pikepdf import Array, Dictionary, Name

        with pikepdf.open(layer) as text_only:
            text = text_only.pages[0]
            _, _, width, height = (float(side) for side in text.mediabox)
            fonts = text.obj.Resources.get("/Font", Dictionary())
            if self._font is None and len(fonts):
                self._font = self._pdf.copy_foreign(next(iter(fonts.values())))
            form = pikepdf.Stream(
                self._pdf,
                text.obj.Contents.read_bytes(),
                Type=Name.XObject,
                Subtype=Name.Form,
                BBox=Array([0, 0, width, height]),
                Matrix=Array(
                    [round(value, 6) for value in _product((shown[0] / width, 0, 0, shown[1] / height, 0, 0), matrix)]
                ),
                Resources=Dictionary(Font=Dictionary(dict.fromkeys(fonts, self._font))),
            )
        name = self._name_on(page, form)
        # first on the page, where no earlier content has moved the coordinates; invisible, it hides nothing
        page.contents_add(f"q {name} Do Q\n".encode(), prepend=True)

    def _name_on(self, page: Any, form: Any) -> str:
        """Name `form` in the page's resources, without touching those of other pages that share them."""
        from pikepdf import Dictionary, Name

        resources = Dictionary(dict(page.resources.items()))
        forms = Dictionary(dict(resources.get("/XObject", Dictionary()).items()))
        name = next(
            f"/PressroomText{place}" for place in range(len(forms) + 1) if f"/PressroomText{place}" not in forms
        )
        forms[name] = form
        resources[Name.XObject] = forms
        page.obj[Name.Resources] = resources
        return name

    def save(self, target: Path) -> None:
        self._pdf.save(target, compress_streams=True)

    def close(self) -> None:
        self._pdf.close()


def pdf_of_images(pages: ImagePages, folder: Path) -> Path:
    """A PDF of the images in their physical sizes, in `folder`.

    JPEG data and, where PDF can hold them, PNG data are taken over byte by byte; others are compressed without loss.
    """
    parts = [_page_pdf(pages, number, folder / f"image-{number}") for number in range(pages.count)]
    while len(parts) > 1:
        groups = [parts[start : start + MOST_OPEN] for start in range(0, len(parts), MOST_OPEN)]
        parts = [_joined(group) for group in groups]
    return parts[0]


def _joined(parts: list[Path]) -> Path:
    import pikepdf

    target = parts[0].with_suffix(".joined" + parts[0].suffix)
    with ExitStack() as opened, pikepdf.new() as whole:
        for part in parts:
            whole.pages.extend(opened.enter_context(pikepdf.open(part)).pages)
        whole.save(target)
    for part in parts:
        part.unlink()
    return target


def _page_pdf(pages: ImagePages, number: int, base: Path) -> Path:
    import img2pdf
    from PIL import Image

    target = base.with_suffix(".pdf")
    dpi = pages.resolution(number)
    layout = img2pdf.get_fixed_dpi_layout_fun(dpi)
    with Image.open(pages.path) as image:
        as_it_is = image.format in ("JPEG", "PNG") and image.getexif().get(_EXIF_ORIENTATION, 1) not in _MIRRORED
    for path in ([pages.path] if as_it_is else []) + [None]:
        source = path or _without_loss(pages.original(number)[0], base)
        try:
            with target.open("wb") as stream:
                img2pdf.convert(
                    str(source), layout_fun=layout, rotation=img2pdf.Rotation.ifvalid, outputstream=stream, nodate=True
                )
        except (img2pdf.AlphaChannelError, img2pdf.JpegColorspaceError, img2pdf.ImageOpenError):
            if path is None:
                raise
            continue
        break
    return target


def _without_loss(image: "Image", base: Path) -> Path:
    """The pixels in a format that img2pdf takes over as it is: fax compression for black and white, else PNG."""
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(image)
    if upright.mode == "1":
        path = base.with_suffix(".tif")
        upright.save(path, compression="group4")
    else:
        path = base.with_suffix(".png")
        upright = upright if upright.mode in ("L", "P", "RGB", "I;16") else upright.convert("RGB")
        upright.save(path, compress_level=3)
    return path


Matrix = tuple[float, float, float, float, float, float]


def _straightened_to_shown(skew: float, width: float, height: float) -> Matrix:
    """Tilts a straightened page of `width` × `height` back around its middle (falling to the right: positive)."""
    cosine, sine = cos(radians(skew)), sin(radians(skew))
    x, y = width / 2, height / 2
    return (cosine, -sine, sine, cosine, x - cosine * x - sine * y, y + sine * x - cosine * y)


def _shown_to_page(rotation: int, width: float, height: float) -> Matrix:
    """From the page as shown with /Rotate `rotation` to the coordinates of its content, `width` × `height` large."""
    return {
        0: (1, 0, 0, 1, 0, 0),
        90: (0, 1, -1, 0, width, 0),
        180: (-1, 0, 0, -1, width, height),
        270: (0, -1, 1, 0, 0, height),
    }[rotation]


def _product(first: tuple[float, ...], then: tuple[float, ...]) -> Matrix:
    """The transformation that does `first` and then `then` (PDF's row vectors, ISO 32000-1 §8.3.4)."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)
