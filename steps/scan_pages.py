"""Scanning at a scanner that has no agent of ours: over the network by eSCL, page by page.

What was asked for is fitted to what the scanner can do; what it cannot do is left out and named (SCAN-81).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.documents.media_types import JPEG
from connectors.errors import PressroomError
from connectors.escl import faults
from connectors.escl.client import Scanner
from connectors.escl.documents import Capabilities, Color, Input, Source, Status, Ticket, nearest

if TYPE_CHECKING:
    from PIL.Image import Image

UNITS_PER_MM = 300 / 25.4
THRESHOLD = 160
INTENTS = {"text": "Document", "text_photo": "TextAndGraphic", "photo": "Photo", "graphics": "TextAndGraphic"}
LOADED = "ScannerAdfLoaded"
CONTRAST_STEP = 0.12


@dataclass(frozen=True, slots=True)
class NetworkScan:
    """What is to be scanned where. `address` is the scanner's eSCL root, `label` its name for people.

    `source` is auto, feeder or glass; `color` auto, color, grayscale or black_and_white; `size_mm` None: as large as it
    goes. No page may have more than `page_limit` bytes.
    """

    address: str
    label: str
    page_limit: int
    source: str = "auto"
    two_sided: bool = False
    color: str = "auto"
    resolution: int = 300
    size_mm: tuple[int, int] | None = None
    content: str = "text"
    contrast: int = 0
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """The job that the scanner is asked for, and what of the wishes it cannot do."""

    ticket: Ticket
    ignored: tuple[str, ...]


def scan_pages(wanted: NetworkScan, folder: Path, ignored: set[str]) -> Iterator[Path]:
    """The pages as files in `folder` that the caller removes, JPEG or PNG; fills `ignored` before the first one.

    Raises the faults of `connectors.escl.faults`; the pages before are whole.
    """
    with Scanner(wanted.address, wanted.label, wanted.ca_file) as scanner:
        fitted = fit(wanted, scanner.capabilities(), scanner.status())
        ignored.update(fitted.ignored)
        for path in scanner.scan(fitted.ticket, folder, wanted.page_limit):
            yield _as_asked(path, wanted)


def fit(wanted: NetworkScan, able: Capabilities, status: Status) -> Fitted:
    """What of the wishes the scanner can do; raises `BUSY`, or `NO_SCANNER` where it sends no JPEG."""
    if status.state not in ("Idle", "Testing"):
        raise faults.BUSY(scanner=wanted.label) if status.state == "Processing" else _stopped(wanted, status)
    ignored = set[str]()
    source = _source(wanted, able, status, ignored)
    place = able.inputs[source]
    if JPEG not in place.formats:
        raise faults.NO_SCANNER(scanner=wanted.label)
    resolution = nearest(wanted.resolution, place.resolutions)
    if resolution != wanted.resolution:
        ignored.add("resolution")
    width, height = _measures(wanted, place, ignored)
    ticket = Ticket(source, _color(wanted, place, ignored), resolution, width, height, JPEG, INTENTS[wanted.content])
    return Fitted(ticket, tuple(sorted(ignored)))


def _source(wanted: NetworkScan, able: Capabilities, status: Status, ignored: set[str]) -> Source:
    """The feeder where it was asked for or has something in it, else the glass; what there is goes before wishes."""
    has_feeder, has_glass = Source.FEEDER in able.inputs, Source.GLASS in able.inputs
    is_feeder = wanted.source == "feeder" or (wanted.source == "auto" and status.feeder == LOADED)
    if (is_feeder and not has_feeder) or (not is_feeder and not has_glass):
        if wanted.source != "auto":
            ignored.add("source")
        is_feeder = not is_feeder
    if not is_feeder:
        if wanted.two_sided:
            ignored.add("sides")
        return Source.GLASS
    if wanted.two_sided and Source.FEEDER_TWO_SIDED in able.inputs:
        return Source.FEEDER_TWO_SIDED
    if wanted.two_sided:
        ignored.add("sides")
    return Source.FEEDER


def _color(wanted: NetworkScan, place: Input, ignored: set[str]) -> Color:
    """Black and white is made here, of grey: JPEG has none."""
    if wanted.color in ("grayscale", "black_and_white") and Color.GREY in place.colors:
        return Color.GREY
    if Color.COLOR in place.colors:
        return Color.COLOR
    if wanted.color == "color":
        ignored.add("color_mode")
    if Color.GREY in place.colors:
        return Color.GREY
    raise faults.NO_SCANNER(scanner=wanted.label)


def _measures(wanted: NetworkScan, place: Input, ignored: set[str]) -> tuple[int, int]:
    if wanted.size_mm is None:
        return place.max_width, place.max_height
    width, height = (round(side * UNITS_PER_MM) for side in wanted.size_mm)
    if width > place.max_width + UNITS_PER_MM or height > place.max_height + UNITS_PER_MM:
        ignored.add("original_size")
    return min(width, place.max_width), min(height, place.max_height)


def _stopped(wanted: NetworkScan, status: Status) -> PressroomError:
    return faults.STOPPED(scanner=wanted.label, reason=status.state)


def _as_asked(path: Path, wanted: NetworkScan) -> Path:
    """What the scanner could not do itself: grey of colour, black and white, contrast. Else the page as it came."""
    if wanted.color not in ("grayscale", "black_and_white") and not wanted.contrast:
        return path
    from PIL import Image, ImageEnhance, UnidentifiedImageError

    try:
        with Image.open(path, formats=("JPEG",)) as image:
            is_right = wanted.color != "black_and_white" and not wanted.contrast
            if is_right and (image.mode == "L" or wanted.color != "grayscale"):
                return path
            dpi = image.info.get("dpi", (wanted.resolution, wanted.resolution))
            picture: Image.Image = image.convert("L") if wanted.color != "color" else image.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return path  # whoever takes the page in says what is wrong with it
    if wanted.contrast:
        picture = ImageEnhance.Contrast(picture).enhance(1 + wanted.contrast * CONTRAST_STEP)
    return _rewritten(picture, path, wanted, dpi)


def _rewritten(picture: "Image", path: Path, wanted: NetworkScan, dpi: tuple[float, float]) -> Path:
    if wanted.color == "black_and_white":
        bilevel = picture.convert("L").point([0 if value < THRESHOLD else 255 for value in range(256)], "1")
        bilevel.save(path, "PNG", dpi=dpi)
    else:
        picture.save(path, "JPEG", quality=85, dpi=dpi)
    return path
