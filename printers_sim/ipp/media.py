"""Media by their PWG names (PWG 5101.1), in hundredths of a millimetre as IPP counts them."""

from connectors.ipp.values import collections, integers, keywords
from connectors.ipp.wire import Attribute, Attributes, Range
from printers_sim.paper import size_of
from printers_sim.printer import SimulatedPrinter

MARGIN = 423
COMMON = (
    "iso_a4_210x297mm", "iso_a5_148x210mm", "iso_a6_105x148mm", "na_letter_8.5x11in", "na_legal_8.5x14in",
    "na_index-4x6_4x6in", "iso_dl_110x220mm", "iso_c5_162x229mm",
)  # fmt: skip
TYPES = ("stationery", "stationery-recycled", "stationery-letterhead", "labels", "envelope", "photographic")
SOURCES = {"sheetFeedManual": "manual"}
CUSTOM_WIDTHS, CUSTOM_LENGTHS = Range(7620, 29700), Range(12700, 43200)


def media_of(printer: SimulatedPrinter) -> list[str]:
    """The media that a printer takes, its trays' first."""
    return list(dict.fromkeys([tray.facts.media for tray in printer.trays] + list(COMMON)))


def media_named(size: tuple[int, int], printer: SimulatedPrinter) -> str | None:
    """The medium of that size, give or take a millimetre; also if it is turned."""
    for medium in media_of(printer):
        known = size_of(medium)
        if known and any(abs(known[0] - w) <= 100 and abs(known[1] - h) <= 100 for w, h in (size, size[::-1])):
            return medium
    return None


def media_attributes(printer: SimulatedPrinter) -> Attributes:
    """What the printer says of media: supported, default, and ready in its trays (PWG 5100.3, PWG 5100.7)."""
    offered = media_of(printer)
    sizes = [_size(medium) for medium in offered]
    default = offered[0]
    ready = [tray for tray in printer.trays if tray.sheets > 0] or printer.trays[:1]
    ready_collections = [
        media_collection(tray.facts.media, source_of(printer, place))
        for place, tray in enumerate(printer.trays)
        if tray in ready
    ]
    custom: Attributes = {
        "x-dimension": Attribute(0x33, (CUSTOM_WIDTHS,)),
        "y-dimension": Attribute(0x33, (CUSTOM_LENGTHS,)),
    }
    sources = [source_of(printer, place) for place in range(len(printer.trays))]
    return {
        "media-supported": keywords(*offered),
        "media-default": keywords(default),
        "media-ready": keywords(*dict.fromkeys(tray.facts.media for tray in ready)),
        "media-col-supported": keywords(
            "media-bottom-margin", "media-left-margin", "media-right-margin", "media-top-margin",
            "media-size", "media-size-name", "media-source", "media-type",
        ),
        "media-col-default": collections([media_collection(default, sources[0])]),
        "media-col-ready": collections(ready_collections),
        "media-col-database": collections(media_collection(medium, "auto") for medium in offered),
        "media-size-supported": collections([*sizes, custom]),
        "media-source-supported": keywords("auto", *dict.fromkeys(sources)),
        "media-type-supported": keywords(*TYPES),
        **{f"media-{edge}-margin-supported": integers(MARGIN) for edge in ("bottom", "left", "right", "top")},
    }  # fmt: skip


def media_collection(medium: str, source: str) -> Attributes:
    """A medium as a collection."""
    return {
        "media-size": collections([_size(medium)]),
        "media-size-name": keywords(medium),
        "media-bottom-margin": integers(MARGIN),
        "media-left-margin": integers(MARGIN),
        "media-right-margin": integers(MARGIN),
        "media-top-margin": integers(MARGIN),
        "media-source": keywords(source),
        "media-type": keywords("stationery"),
    }


def source_of(printer: SimulatedPrinter, place: int) -> str:
    """The keyword of a tray."""
    return SOURCES.get(printer.trays[place].facts.kind, f"tray-{place + 1}")


def _size(medium: str) -> Attributes:
    width, length = size_of(medium) or (0, 0)
    return {"x-dimension": integers(width), "y-dimension": integers(length)}
