"""Documents become sides: PDF, JPEG, PWG raster and plain text, drawn on the medium of the job."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from printers_sim.rendering.pwg_raster import SYNC, RasterError, raster_pages

DPI = 150
PDF, JPEG, PWG_RASTER, TEXT, OCTETS, POSTSCRIPT = (
    "application/pdf", "image/jpeg", "image/pwg-raster", "text/plain", "application/octet-stream",
    "application/postscript",
)  # fmt: skip
FORMATS = (PDF, JPEG, PWG_RASTER, TEXT)
MM_PER_INCH = 25.4
TEXT_MARGIN_MM = 15
TEXT_POINTS = 10
TEXT_FONT = "DejaVuSansMono.ttf"
"""Looked for where the system keeps fonts; without it text is printed in Pillow's own font."""
POSTSCRIPT_SECONDS = 60
LONGEST_TEXT_PAGES = 2_000
ARRANGEMENTS = {1: (1, 1), 2: (2, 1), 4: (2, 2)}
"""Columns and rows by pages on a side."""


class RenderingError(ValueError):
    """The document cannot be printed; says why."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """How sides look: the medium in millimetres, color or not, pages on a side, which pages (from 1; empty: all)."""

    width_mm: float
    height_mm: float
    color: bool = True
    pages_per_side: int = 1
    ranges: Sequence[tuple[int, int]] = ()

    @property
    def size(self) -> tuple[int, int]:
        """In pixels."""
        return round(self.width_mm / MM_PER_INCH * DPI), round(self.height_mm / MM_PER_INCH * DPI)


def sensed_format(path: Path) -> str | None:
    """What a document is by its first octets; None if it is nothing that is printed."""
    with path.open("rb") as file:
        head = file.read(2048)
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(SYNC):
        return PWG_RASTER
    is_binary = head.startswith(b"%!") or any(octet < 32 and octet not in b"\t\n\r\f" for octet in head)
    return None if is_binary or not head else TEXT


def sides(path: Path, media_type: str, sheet: Sheet) -> Iterator[Image.Image]:
    """The sides of a document, one after the other; raises `RenderingError`."""
    if media_type == OCTETS:
        media_type = sensed_format(path) or OCTETS
    pages = _chosen(_pages(path, media_type, sheet), sheet.ranges)
    waiting: list[Image.Image] = []
    try:
        for page in pages:
            waiting.append(page)
            if len(waiting) == sheet.pages_per_side:
                yield _side(waiting, sheet)
                waiting = []
        if waiting:
            yield _side(waiting, sheet)
    except (pypdfium2.PdfiumError, RasterError, UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise RenderingError(str(error)) from error


def _pages(path: Path, media_type: str, sheet: Sheet) -> Iterator[Image.Image]:
    match media_type:
        case "application/pdf":
            return _pdf_pages(path, sheet)
        case "image/jpeg":
            return _photo(path, sheet)
        case "image/pwg-raster":
            return _raster_pages(path)
        case "text/plain":
            return _text_pages(path, sheet)
        case "application/postscript":
            return _pdf_pages(_as_pdf(path), sheet)
    raise RenderingError(f"Documents of type {media_type} cannot be printed.")


def _as_pdf(path: Path) -> Path:
    """PostScript as PDF, beside it, by Ghostscript in its safe mode; raises `RenderingError`."""
    if shutil.which("gs") is None:
        raise RenderingError("This printer has no PostScript: install Ghostscript.")
    made = path.with_suffix(".pdf")
    command = ["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", f"-sOutputFile={made}", str(path)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=POSTSCRIPT_SECONDS)  # noqa: S603 — our own file
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise RenderingError("The PostScript document cannot be printed.") from error
    return made


def _chosen(pages: Iterator[Image.Image], ranges: Sequence[tuple[int, int]]) -> Iterator[Image.Image]:
    for number, page in enumerate(pages, 1):
        if not ranges or any(low <= number <= high for low, high in ranges):
            yield page


def _pdf_pages(path: Path, sheet: Sheet) -> Iterator[Image.Image]:
    """Pages at their own size; what is larger than the medium is drawn smaller from the start (a page may be huge)."""
    document = pypdfium2.PdfDocument(path)
    longer = max(sheet.size)
    try:
        for page in document:
            yield page.render(scale=min(DPI / 72, longer / max(page.get_size()))).to_pil()
            page.close()
    finally:
        document.close()


def _photo(path: Path, sheet: Sheet) -> Iterator[Image.Image]:
    """A photo fills the medium, turned if it fits better that way."""
    with Image.open(path) as opened:
        photo = ImageOps.exif_transpose(opened).convert("RGB")
    if (photo.width > photo.height) != (sheet.width_mm > sheet.height_mm):
        photo = photo.rotate(90, expand=True)
    yield ImageOps.contain(photo, sheet.size)


def _raster_pages(path: Path) -> Iterator[Image.Image]:
    with path.open("rb") as file:
        for picture, dpi in raster_pages(file):
            size = (max(1, round(picture.width * DPI / dpi)), max(1, round(picture.height * DPI / dpi)))
            yield picture.convert("RGB" if picture.mode in ("RGB", "CMYK") else "L").resize(size)


def _text_pages(path: Path, sheet: Sheet) -> Iterator[Image.Image]:
    font = _text_font()
    margin = round(TEXT_MARGIN_MM / MM_PER_INCH * DPI)
    width, height = sheet.size
    columns = max(1, int((width - 2 * margin) / font.getlength("n")))
    line_height = round(TEXT_POINTS * DPI / 72 * 1.25)
    rows = max(1, (height - 2 * margin) // line_height)
    lines = list(_wrapped(path.read_text(encoding="utf-8", errors="replace"), columns))
    starts = range(0, max(1, len(lines)), rows)
    if len(starts) > LONGEST_TEXT_PAGES:
        raise RenderingError("The text is too long.")
    for start in starts:
        page = Image.new("L", sheet.size, 255)
        draw = ImageDraw.Draw(page)
        for row, line in enumerate(lines[start : start + rows]):
            draw.text((margin, margin + row * line_height), line, fill=0, font=font)
        yield page


def _text_font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    size = TEXT_POINTS * DPI / 72
    try:
        return ImageFont.truetype(TEXT_FONT, size)
    except OSError:
        return ImageFont.load_default(size)


def _wrapped(text: str, columns: int) -> Iterator[str]:
    for line in text.replace("\f", "\n").splitlines():
        expanded = line.expandtabs(8)
        yield expanded[:columns]
        for start in range(columns, len(expanded), columns):
            yield expanded[start : start + columns]


def _side(pages: Sequence[Image.Image], sheet: Sheet) -> Image.Image:
    """Pages on a side: at their own size where they fit, turned if that helps, made smaller if not; in the middle."""
    side = Image.new("RGB" if sheet.color else "L", sheet.size, "white" if sheet.color else 255)
    columns, rows = ARRANGEMENTS[sheet.pages_per_side]
    if (columns > rows) != (sheet.width_mm > sheet.height_mm):
        columns, rows = rows, columns
    cell = (side.width // columns, side.height // rows)
    for place, page in enumerate(pages):
        fitted = _fitted(page, cell)
        left = place % columns * cell[0] + (cell[0] - fitted.width) // 2
        top = place // columns * cell[1] + (cell[1] - fitted.height) // 2
        side.paste(fitted.convert(side.mode), (left, top))
    return side


def _fitted(page: Image.Image, cell: tuple[int, int]) -> Image.Image:
    if page.width <= cell[0] and page.height <= cell[1]:
        return page
    if (page.width - page.height) * (cell[0] - cell[1]) < 0:
        return _fitted(page.rotate(90, expand=True), cell)
    return ImageOps.contain(page, cell)
