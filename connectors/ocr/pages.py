"""A document as page images for recognition, whatever it came as: PDF, PNG, JPEG or TIFF with many pages.

pdfium renders (connectors/pdfium.py); Pillow's images are opened anew per page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from connectors.documents.inspection_faults import DAMAGED_FILE, TOO_MANY_PAGES, TOO_MANY_PIXELS
from connectors.ocr.layout import PageText, Paragraph
from connectors.ocr.pdf_text import is_stamped_scan, own_text, stamp_boxes
from connectors.pdfium import PdfiumDocument

if TYPE_CHECKING:
    from PIL.Image import Image

T = TypeVar("T")

# Recognition gains nothing from more pixels, and loses words with fewer than about this share of the wanted resolution.
TOO_FINE = 1.4
TOO_COARSE = 0.6
A4 = (11.69, 8.27)
SHEETS = (A4, (11.0, 8.5), (14.0, 8.5))  # inches
SAME_SHAPE = 0.01
PLAUSIBLE_DPI = (60, 2400)
SCAN_COVERS = 0.9  # of the page's area
ENOUGH_DPI = 190.0  # scanners' 200 dpi, cut to whole points
LARGEST_SHEET = 40  # inches; cameras claim 72 dpi for what would be posters


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be rendered: the wanted resolution, the most pixels per image and the most pages."""

    dpi: int
    max_pixels: int
    max_pages: int


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as it is shown: a grey `image` of `dpi` (both ways)."""

    image: "Image"
    dpi: float


class Pages(Protocol):
    """The pages of one document, counted from 0. Its methods may be called from several threads."""

    count: int

    def own_text(self, number: int) -> PageText | None:
        """The text that the page carries by itself; None for a page that must be recognised."""
        ...

    def stamp(self, number: int) -> tuple[Paragraph, ...]:
        """The little that a page which must be recognised carries by itself, and which its image leaves out."""
        ...

    def image(self, number: int) -> PageImage:
        """The page for recognition. Raises `document.damaged_file`, `document.too_many_pixels`."""
        ...

    def close(self) -> None: ...


class PdfPages:
    """The pages of a PDF. Text that a scanned page carries besides its scan (a stamp) is left out of the image."""

    def __init__(self, path: Path, name: str, limits: Limits) -> None:
        self._limits, self._pdf = limits, PdfiumDocument(path, name)
        self.count = self._pdf.count
        if not self.count:
            raise DAMAGED_FILE(name=name)
        _check_count(self.count, name, limits)

    def own_text(self, number: int) -> PageText | None:
        return self._on_page(number, lambda page: None if is_stamped_scan(page) else own_text(page))

    def stamp(self, number: int) -> tuple[Paragraph, ...]:
        text = self._on_page(number, own_text)
        return text.paragraphs if text and text.readable else ()

    def image(self, number: int) -> PageImage:
        return self._on_page(number, self._render)

    def _render(self, page: Any) -> PageImage:
        from PIL import ImageDraw

        width, height = page.get_size()
        dpi = _scan_dpi(page, self._limits.dpi)
        scale = min(dpi / 72, (self._limits.max_pixels / max(width * height, 1)) ** 0.5)
        bitmap = page.render(scale=scale, grayscale=True)
        image = bitmap.to_pil().copy()  # the bitmap's memory is pdfium's
        bitmap.close()
        for left, top, right, bottom in stamp_boxes(page):
            ImageDraw.Draw(image).rectangle((left * scale, top * scale, right * scale, bottom * scale), fill=255)
        return PageImage(image, scale * 72)

    def _on_page(self, number: int, work: Callable[[Any], T]) -> T:
        with self._pdf.page(number) as page:
            return work(page)

    def close(self) -> None:
        self._pdf.close()


def _scan_dpi(page: Any, wanted: int) -> float:
    """The resolution at which to read `page`: a scan's own where that is enough, else the one `wanted`.

    Enlarging a scan adds no information and costs a quarter of the time; only coarse ones read better enlarged.
    """
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    width, height = page.get_size()
    for picture in page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = picture.get_bounds()
        area = (right - left) * (top - bottom)
        if area >= SCAN_COVERS * width * height > 0:
            across, down = picture.get_px_size()
            own = 72 * (across * down / area) ** 0.5
            return own if ENOUGH_DPI <= own < wanted else wanted
    return wanted


class ImagePages:
    """An image file, or the several images of a TIFF."""

    def __init__(self, path: Path, name: str, limits: Limits) -> None:
        self.path, self._name, self._limits = path, name, limits
        self.count = self._with_image(0, lambda image: int(getattr(image, "n_frames", 1)))
        _check_count(self.count, name, limits)

    def own_text(self, number: int) -> PageText | None:
        return None

    def stamp(self, number: int) -> tuple[Paragraph, ...]:
        return ()

    def image(self, number: int) -> PageImage:
        return self._with_image(number, self._prepared)

    def original(self, number: int) -> "tuple[Image, tuple[float, float]]":
        """The image as it is in the file, without its transparency, with its resolutions across and down."""
        return self._with_image(number, lambda image: (_opaque(image), resolution(image)))

    def resolution(self, number: int) -> tuple[float, float]:
        return self._with_image(number, resolution)

    def _prepared(self, image: "Image") -> PageImage:
        """The image in grey, upright by its EXIF mark, at a resolution fit for recognition."""
        from PIL import Image, ImageOps

        across, down = resolution(image)
        grey = _grey(_opaque(image))
        wanted = self._limits.dpi if max(across, down) > TOO_FINE * self._limits.dpi else max(across, down)
        if wanted < TOO_COARSE * self._limits.dpi:
            wanted = self._limits.dpi
        width, height = grey.width * wanted / across, grey.height * wanted / down
        shrink = min(1.0, (self._limits.max_pixels / (width * height)) ** 0.5)
        size = max(1, round(width * shrink)), max(1, round(height * shrink))
        if size != grey.size:
            grey = grey.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
        grey.getexif().update(image.getexif())
        return PageImage(ImageOps.exif_transpose(grey), wanted * shrink)

    def _with_image(self, number: int, work: Callable[["Image"], T]) -> T:
        from PIL import Image, UnidentifiedImageError

        try:
            with Image.open(self.path) as image:
                image.seek(number)
                if image.width * image.height > self._limits.max_pixels:
                    raise TOO_MANY_PIXELS(
                        name=self._name, pixels=image.width * image.height, limit=self._limits.max_pixels
                    )
                return work(image)
        except Image.DecompressionBombError as exc:
            raise TOO_MANY_PIXELS(name=self._name, pixels="?", limit=self._limits.max_pixels) from exc
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as exc:  # Pillow's decode errors
            raise DAMAGED_FILE(name=self._name) from exc

    def close(self) -> None:
        """Nothing stays open."""


def resolution(image: "Image") -> tuple[float, float]:
    """Dots per inch across and down, as the file says; without a believable statement the page is
    taken for one of the usual sheets by its shape, else for A4."""
    across, down = (float(value) for value in image.info.get("dpi", (0, 0)))
    least, most = PLAUSIBLE_DPI
    sheet = max(image.width / across, image.height / down) if across > 0 and down > 0 else 0
    if least <= across <= most and least <= down <= most and sheet <= LARGEST_SHEET:
        return across, down
    long, short = max(image.size), min(image.size)
    fitting = [sheet for sheet in SHEETS if abs(long / short - sheet[0] / sheet[1]) < SAME_SHAPE] or [A4]
    guess = min(600.0, max(70.0, long / fitting[0][0]))
    return guess, guess


def _opaque(image: "Image") -> "Image":
    """The image on white paper where it is transparent, else as it is."""
    from PIL import Image

    if not (image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info):
        image.load()
        return image
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image.convert("RGBA"))
    return paper.convert("RGB")


def _grey(image: "Image") -> "Image":
    if image.mode.startswith("I"):  # 16 bits, which convert("L") would clip
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("L")


def _check_count(count: int, name: str, limits: Limits) -> None:
    if count > limits.max_pages:
        raise TOO_MANY_PAGES(name=name, limit=limits.max_pages)
