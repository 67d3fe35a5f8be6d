"""Pictures as PDFs, one page each: JPEG and scans are taken over as they are, nothing is compressed anew with a loss.

A scan whose size on paper is known keeps it; every other picture is fitted into an A4 page, upright or across.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.documents.inspection_faults import DAMAGED_FILE
from connectors.documents.media_types import JPEG, TIFF, media_type_of

if TYPE_CHECKING:
    from PIL.Image import Image

MM = 72 / 25.4
A4 = (210 * MM, 297 * MM)
MARGIN = 8 * MM
SMALLEST_SHEET = 100 * MM
WIDEST_SHEET, LONGEST_SHEET = 220 * MM, 360 * MM
"""Sheets that office printers have lie between these: from A6 to Letter's width and Legal's length."""
LEAST_SCAN_DPI = 100
"""A lower resolution is what programs write that know none."""
ORIENTATION = 274
"""The tag that says how a picture is turned (TIFF 6.0, Exif)."""
LOSSLESS_MODES = frozenset({"1", "L", "RGB", "CMYK"})


def image_pdf(path: Path, name: str, scratch: Path) -> Path:
    """The picture at `path` as a PDF below `scratch`; of a moving GIF the first frame. Raises `DAMAGED_FILE`."""
    import img2pdf
    from PIL import Image, UnidentifiedImageError

    made = scratch / "pictures.pdf"
    try:
        sources = [path] if _can_be_embedded(path) else list(_flattened(path, scratch))
        with made.open("wb") as file:
            img2pdf.convert(
                [str(source) for source in sources],
                outputstream=file,
                layout_fun=_layout,
                rotation=img2pdf.Rotation.ifvalid,
            )
    except (
        *(img2pdf.ImageOpenError, img2pdf.UnsupportedColorspaceError, img2pdf.JpegColorspaceError),
        *(img2pdf.PdfTooLargeError, img2pdf.NegativeDimensionError),
        *(UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError),
    ) as exc:
        raise DAMAGED_FILE(name=name) from exc
    return made


def _can_be_embedded(path: Path) -> bool:
    """Whether img2pdf takes the file as it is: no transparency, no unusual colours, turned only where it can say so."""
    from PIL import Image

    kind = media_type_of(path, path.name)
    if kind == JPEG:
        return True
    with Image.open(path) as image:
        if kind != TIFF:
            return image.mode in LOSSLESS_MODES and "transparency" not in image.info and not _is_turned(image)
        return all(frame.mode in LOSSLESS_MODES and not _is_turned(frame) for frame in _frames(image))


def _flattened(path: Path, scratch: Path) -> Iterator[Path]:
    """Each page of the picture as a PNG: upright, on white paper."""
    from PIL import Image, ImageOps

    with Image.open(path) as image:
        frames = _frames(image) if media_type_of(path, path.name) == TIFF else iter((image,))
        for number, frame in enumerate(frames):
            dpi = frame.info.get("dpi")
            upright = ImageOps.exif_transpose(frame.copy())
            page = scratch / f"picture-{number}.png"
            _on_paper(upright).save(page, **({"dpi": dpi} if dpi else {}), compress_level=3)
            yield page


def _frames(image: "Image") -> Iterator["Image"]:
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        yield image


def _is_turned(image: "Image") -> bool:
    return bool(image.getexif().get(ORIENTATION, 1) != 1)


def _on_paper(image: "Image") -> "Image":
    from PIL import Image

    if image.mode in ("I", "F", "I;16", "I;16B", "I;16L"):
        return _eight_bits(image)
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image if image.mode in ("1", "L", "RGB") else image.convert("RGB")
    image = image.convert("RGBA")
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _eight_bits(image: "Image") -> "Image":
    """Grey values of more bits, their range stretched to what a printer can show."""
    import numpy

    values = numpy.asarray(image, dtype=float)
    low, high = float(values.min()), float(values.max())
    from PIL import Image

    span = 65535.0 if image.mode.startswith("I") and high <= 65535 and low >= 0 else (high - low or 1.0)
    start = 0.0 if span == 65535.0 else low
    return Image.fromarray(((values - start) * (255.0 / span)).clip(0, 255).astype("uint8"))


def _layout(width: int, height: int, dpi: tuple[float, float]) -> Any:
    """Page and picture size in points for a picture of that many pixels."""
    import img2pdf

    size = (width / dpi[0] * 72, height / dpi[1] * 72)
    if min(dpi) >= LEAST_SCAN_DPI and _is_a_sheet(size):
        return (*size, *size)
    fitted = img2pdf.get_layout_fun(pagesize=A4, border=(MARGIN, MARGIN), fit=img2pdf.FitMode.into, auto_orient=True)
    return fitted(width, height, dpi)


def _is_a_sheet(size: tuple[float, float]) -> bool:
    return SMALLEST_SHEET <= min(size) <= WIDEST_SHEET and max(size) <= LONGEST_SHEET
