"""One page as a scanner or a camera sends it: what it is, whether it is whole and harmless, and a small picture of it.

Pages are baseline JPEG, or PNG where every pixel counts (black and white). Progressive JPEG is refused: it has to be
held as a whole while it is decoded, and a small file can ask for many passes.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.documents.inspection import DAMAGED_FILE, TOO_MANY_PIXELS, inspect
from connectors.documents.media_types import JPEG, PNG, media_type_of
from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import Settings

if TYPE_CHECKING:
    from PIL.Image import Image

PAGE_FORMAT = Fault(
    "scan.page_format",
    415,
    N_("A scanned page came as {media_type}, which is not taken."),
    N_("Pages are sent as JPEG that is not progressive, grey or in colour, or as PNG."),
)
PREVIEW_EDGE = 480
PREVIEW_QUALITY = 70
BILEVEL_FACTOR = 2
"""JPEG is decoded at a fraction of its size, and black and white takes an eighth of the room: an A3 page at 600 dpi."""


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """What is known of a page that was looked at: measures in pixels, `dpi` as it says itself or by its shape."""

    media_type: str
    width: int
    height: int
    dpi: int
    preview: Path


def look_at_page(path: Path, name: str, folder: Path, settings: Settings) -> ScannedPage:
    """Check the page at `path` and draw its preview (JPEG) in `folder`.

    Raises `PAGE_FORMAT`, `TOO_MANY_PIXELS`, `EMPTY` or `DAMAGED_FILE`.
    """
    from PIL import Image, UnidentifiedImageError

    from connectors.ocr.pages import resolution

    media_type = media_type_of(path, name) if path.stat().st_size else ""
    if media_type not in (JPEG, PNG, ""):
        raise PAGE_FORMAT(media_type=media_type)
    largest = settings.max_pixels * BILEVEL_FACTOR
    inspect(path, name, settings.model_copy(update={"max_pixels": largest}), checks_extension=False)
    preview = folder / "preview.jpg"
    try:
        with Image.open(path, formats=("JPEG", "PNG")) as image:
            _check_kind(image, name, settings)
            width, height = image.size
            dpi = round(max(resolution(image)))
            image.draft("RGB" if image.mode == "RGB" else "L", (PREVIEW_EDGE, PREVIEW_EDGE))
            small = image.convert("RGB" if image.mode not in ("1", "L", "I;16", "I") else "L")
    except Image.DecompressionBombError as error:
        raise TOO_MANY_PIXELS(name=name, pixels="?", limit=largest) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:  # Pillow's decode errors
        raise DAMAGED_FILE(name=name) from error
    small.thumbnail((PREVIEW_EDGE, PREVIEW_EDGE), reducing_gap=2.0)
    small.save(preview, quality=PREVIEW_QUALITY)
    return ScannedPage(media_type, width, height, dpi, preview)


def _check_kind(image: "Image", name: str, settings: Settings) -> None:
    if image.format == "JPEG":
        if image.mode not in ("L", "RGB"):
            raise PAGE_FORMAT(media_type=f"{JPEG} ({image.mode})")
        if image.info.get("progressive"):
            raise PAGE_FORMAT(media_type=f"{JPEG} (progressive)")
    elif image.mode != "1" and image.width * image.height > settings.max_pixels:
        raise TOO_MANY_PIXELS(name=name, pixels=image.width * image.height, limit=settings.max_pixels)
