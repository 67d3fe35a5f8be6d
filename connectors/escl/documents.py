"""The XML of eSCL as a client reads and writes it. Answers are bounded, without entities, and read by exact names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from xml.etree.ElementTree import Element

SCAN = "{http://schemas.hp.com/imaging/escl/2011/05/03}"
PWG = "{http://www.pwg.org/schemas/2010/12/sm}"
UNITS_PER_INCH = 300
MOST_VALUES = 64
LARGEST_NUMBER = 1_000_000


class Source(StrEnum):
    """Where originals lie; the feeder may turn them."""

    GLASS = "glass"
    FEEDER = "feeder"
    FEEDER_TWO_SIDED = "feeder_two_sided"


class Color(StrEnum):
    """Colour modes by their eSCL names."""

    BLACK_AND_WHITE = "BlackAndWhite1"
    GREY = "Grayscale8"
    COLOR = "RGB24"


class BadDocument(ValueError):
    """An answer that is not what eSCL says."""


@dataclass(frozen=True, slots=True)
class Input:
    """What can be scanned from one source; measures in three hundredths of an inch."""

    max_width: int
    max_height: int
    colors: frozenset[Color]
    resolutions: tuple[int, ...]
    formats: frozenset[str]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """A scanner. `inputs` by source; the feeder's two sides are a source of their own."""

    model: str
    version: str
    inputs: dict[Source, Input]


@dataclass(frozen=True, slots=True)
class Status:
    """State (Idle, Processing, Testing, Stopped, Down), and of the feeder (ScannerAdfLoaded …, empty without one)."""

    state: str
    feeder: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """One job. `width` and `height` in three hundredths of an inch; `intent` as eSCL names it."""

    source: Source
    color: Color
    resolution: int
    width: int
    height: int
    media_type: str = "image/jpeg"
    intent: str = "TextAndGraphic"


def parsed(content: bytes, name: str) -> Element:
    """The document whose root is `name`; raises `BadDocument`."""
    from defusedxml import DefusedXmlException, ElementTree

    try:
        root: Element = ElementTree.fromstring(content, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadDocument("no XML without entities") from error
    if root.tag != f"{SCAN}{name}":
        raise BadDocument(f"no {name}")
    return root


def capabilities_of(content: bytes) -> Capabilities:
    """ScannerCapabilities; raises `BadDocument`."""
    root = parsed(content, "ScannerCapabilities")
    places = (
        (Source.GLASS, root.find(f"{SCAN}Platen/{SCAN}PlatenInputCaps")),
        (Source.FEEDER, root.find(f"{SCAN}Adf/{SCAN}AdfSimplexInputCaps")),
        (Source.FEEDER_TWO_SIDED, root.find(f"{SCAN}Adf/{SCAN}AdfDuplexInputCaps")),
    )
    inputs = {source: _input(found) for source, found in places if found is not None}
    if not inputs:
        raise BadDocument("no place to scan from")
    return Capabilities(_text(root, f"{PWG}MakeAndModel")[:255], _text(root, f"{PWG}Version")[:16], inputs)


def status_of(content: bytes) -> Status:
    """ScannerStatus; raises `BadDocument`."""
    root = parsed(content, "ScannerStatus")
    state = _text(root, f"{PWG}State")
    if not state:
        raise BadDocument("no state")
    return Status(state[:64], _text(root, f"{SCAN}AdfState")[:64])


def settings_document(ticket: Ticket) -> bytes:
    """ScanSettings."""
    source = "Platen" if ticket.source is Source.GLASS else "Feeder"
    duplex = f"<scan:Duplex>{str(ticket.source is Source.FEEDER_TWO_SIDED).lower()}</scan:Duplex>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<scan:ScanSettings xmlns:scan="{SCAN.strip("{}")}" xmlns:pwg="{PWG.strip("{}")}">'
        "<pwg:Version>2.6</pwg:Version>"
        f"<scan:Intent>{ticket.intent}</scan:Intent>"
        '<pwg:ScanRegions pwg:MustHonor="false"><pwg:ScanRegion>'
        f"<pwg:Height>{ticket.height}</pwg:Height>"
        "<pwg:ContentRegionUnits>escl:ThreeHundredthsOfInches</pwg:ContentRegionUnits>"
        f"<pwg:Width>{ticket.width}</pwg:Width><pwg:XOffset>0</pwg:XOffset><pwg:YOffset>0</pwg:YOffset>"
        "</pwg:ScanRegion></pwg:ScanRegions>"
        f"<pwg:InputSource>{source}</pwg:InputSource>"
        f"<scan:ColorMode>{ticket.color}</scan:ColorMode>"
        f"<scan:XResolution>{ticket.resolution}</scan:XResolution>"
        f"<scan:YResolution>{ticket.resolution}</scan:YResolution>"
        f"<pwg:DocumentFormat>{ticket.media_type}</pwg:DocumentFormat>"
        f"<scan:DocumentFormatExt>{ticket.media_type}</scan:DocumentFormatExt>"
        f"{duplex if source == 'Feeder' else ''}"
        "</scan:ScanSettings>"
    ).encode()


def _input(caps: Element) -> Input:
    resolutions = {*_numbers(caps, f".//{SCAN}DiscreteResolution/{SCAN}XResolution")}
    for found in caps.findall(f".//{SCAN}XResolutionRange")[:MOST_VALUES]:
        least, most = _number(found, f"{SCAN}Min"), _number(found, f"{SCAN}Max")
        resolutions |= {one for one in (75, 100, 150, 200, 300, 400, 600) if least <= one <= most}
    texts = {text for element in caps.findall(f".//{SCAN}ColorMode")[:MOST_VALUES] if (text := _own(element))}
    colors = frozenset(color for color in Color if color.value in texts)
    formats = frozenset(
        _own(element).lower()
        for name in (f".//{PWG}DocumentFormat", f".//{SCAN}DocumentFormatExt")
        for element in caps.findall(name)[:MOST_VALUES]
    )
    width, height = _number(caps, f"{SCAN}MaxWidth"), _number(caps, f"{SCAN}MaxHeight")
    if not (resolutions and colors and formats and width and height):
        raise BadDocument("a place to scan from without colours, resolutions, formats or measures")
    return Input(width, height, colors, tuple(sorted(resolutions)), formats)


def _numbers(root: Element, path: str) -> Iterator[int]:
    for element in root.findall(path)[:MOST_VALUES]:
        if (value := _whole(_own(element))) is not None:
            yield value


def _number(root: Element, path: str) -> int:
    return _whole(_text(root, path)) or 0


def _whole(text: str) -> int | None:
    return value if re.fullmatch(r"[0-9]{1,7}", text) and (value := int(text)) <= LARGEST_NUMBER else None


def _text(root: Element, path: str) -> str:
    return (root.findtext(path) or "").strip()


def _own(element: Element) -> str:
    return (element.text or "").strip()


def nearest(wanted: int, offered: Sequence[int]) -> int:
    """The offered resolution that comes nearest: the next finer one, else the finest."""
    return min((one for one in offered if one >= wanted), default=max(offered))
