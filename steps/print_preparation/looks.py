"""What a PDF looks like: a small picture of its first page, and whether there is colour in it (PR-94)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from connectors.documents.inspection_faults import DAMAGED_FILE
from connectors.errors import PressroomError
from connectors.pdfium import PdfiumDocument

if TYPE_CHECKING:
    from PIL.Image import Image

log = structlog.get_logger(__name__)

PREVIEW_EDGE = 400
"""The longer side of a preview, in pixels."""
LOOK_DPI = 60
MOST_LOOK_PIXELS = 4_000_000
COLORED = 24
"""Channels of a pixel that differ by more are colour; less is the noise of a scanned grey page."""
FEW_PIXELS = 2


def first_page(path: Path, name: str, scratch: Path) -> Path | None:
    """A PNG of the first page, at most `PREVIEW_EDGE` pixels long; None for a page that cannot be drawn."""
    document = PdfiumDocument(path, name)
    try:
        with document.page(0) as page:
            picture = _drawn(page, PREVIEW_EDGE / max(page.get_size()))
    except PressroomError as error:
        if error.fault is not DAMAGED_FILE:
            raise
        log.warning("the first page cannot be drawn", name=name)
        return None
    finally:
        document.close()
    picture.thumbnail((PREVIEW_EDGE, PREVIEW_EDGE))
    target = scratch / "preview.png"
    picture.save(target, optimize=True)
    return target


def has_color(path: Path, name: str) -> bool:
    """Whether a page has more than grey, seen at `LOOK_DPI`; looks no further than the first that has."""
    document = PdfiumDocument(path, name)
    try:
        return any(_is_colored(document, number) for number in range(document.count))
    finally:
        document.close()


def _is_colored(document: PdfiumDocument, number: int) -> bool:
    from PIL import ImageChops

    with document.page(number) as page:
        width, height = page.get_size()
        scale = min(LOOK_DPI / 72, (MOST_LOOK_PIXELS / (width * height)) ** 0.5)
        red, green, blue = _drawn(page, scale).split()
    lightest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    return sum(ImageChops.subtract(lightest, darkest).histogram()[COLORED + 1 :]) > FEW_PIXELS


def _drawn(page: Any, scale: float) -> "Image":
    picture: Image = page.render(scale=scale).to_pil()
    return picture.convert("RGB")
