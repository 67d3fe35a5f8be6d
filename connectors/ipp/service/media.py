"""Media by their PWG names (PWG 5101.1): what the queue takes, in hundredths of a millimetre as IPP counts them.

Which of them are there is known only at the printer where the job is released; so all are told to be ready.
"""

import re

from connectors.ipp.media_names import standard_medium
from connectors.ipp.values import collections, integers, keywords
from connectors.ipp.wire import Attribute, Attributes, Range, Tag

SIZES = (
    "iso_a4_210x297mm", "iso_a3_297x420mm", "iso_a5_148x210mm", "iso_a6_105x148mm", "iso_b5_176x250mm",
    "jis_b4_257x364mm", "jis_b5_182x257mm", "na_letter_8.5x11in", "na_legal_8.5x14in", "na_ledger_11x17in",
    "na_executive_7.25x10.5in", "na_invoice_5.5x8.5in", "na_index-4x6_4x6in", "na_number-10_4.125x9.5in",
    "iso_dl_110x220mm", "iso_c5_162x229mm",
)  # fmt: skip
DEFAULT = SIZES[0]
SOURCES = ("auto", "manual", "tray-1", "tray-2", "tray-3", "tray-4")
TYPES = (
    "auto", "stationery", "stationery-recycled", "stationery-letterhead", "stationery-preprinted",
    "stationery-lightweight", "stationery-heavyweight", "cardstock", "labels", "envelope", "transparency",
    "photographic",
)  # fmt: skip
CUSTOM_WIDTHS, CUSTOM_LENGTHS = Range(7620, 33000), Range(12700, 48700)
MARGIN = 423
TOLERANCE = 100
_NAME = re.compile(r"_(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)(mm|in)$")
_UNITS = {"mm": 100, "in": 2540}


def size_of(name: str) -> tuple[int, int] | None:
    """Width and length of a medium from its self-describing name, or from an older one."""
    found = _NAME.search(standard_medium(name) or name)
    return (round(float(found[1]) * _UNITS[found[3]]), round(float(found[2]) * _UNITS[found[3]])) if found else None


def name_of(width: int, length: int) -> str | None:
    """The medium of that size, give or take a millimetre."""
    for name in SIZES:
        known = size_of(name)
        if known and abs(known[0] - width) <= TOLERANCE and abs(known[1] - length) <= TOLERANCE:
            return name
    return None


def is_taken(width: int, length: int) -> bool:
    """Whether a medium of that size is one of those known, or within the range of custom sizes."""
    is_custom = CUSTOM_WIDTHS.low <= width <= CUSTOM_WIDTHS.high and CUSTOM_LENGTHS.low <= length <= CUSTOM_LENGTHS.high
    return is_custom or name_of(width, length) is not None


def media_attributes() -> Attributes:
    """What the printer says of media (PWG 5100.3, PWG 5100.7)."""
    custom: Attributes = {
        "x-dimension": Attribute(Tag.RANGE, (CUSTOM_WIDTHS,)),
        "y-dimension": Attribute(Tag.RANGE, (CUSTOM_LENGTHS,)),
    }
    ready = collections(_collection(name) for name in SIZES)
    return {
        "media-supported": keywords(*SIZES),
        "media-default": keywords(DEFAULT),
        "media-ready": keywords(*SIZES),
        "media-col-supported": keywords(
            "media-bottom-margin", "media-left-margin", "media-right-margin", "media-top-margin",
            "media-size", "media-size-name", "media-source", "media-type",
        ),
        "media-col-default": collections([_collection(DEFAULT)]),
        "media-col-ready": ready,
        "media-col-database": ready,
        "media-size-supported": collections([*(_size(name) for name in SIZES), custom]),
        "media-source-supported": keywords(*SOURCES),
        "media-type-supported": keywords(*TYPES),
        **{f"media-{edge}-margin-supported": integers(MARGIN) for edge in ("bottom", "left", "right", "top")},
    }  # fmt: skip


def _collection(name: str) -> Attributes:
    return {
        "media-size": collections([_size(name)]),
        "media-size-name": keywords(name),
        "media-bottom-margin": integers(MARGIN),
        "media-left-margin": integers(MARGIN),
        "media-right-margin": integers(MARGIN),
        "media-top-margin": integers(MARGIN),
        "media-source": keywords("auto"),
        "media-type": keywords("auto"),
    }


def _size(name: str) -> Attributes:
    width, length = size_of(name) or (0, 0)
    return {"x-dimension": integers(width), "y-dimension": integers(length)}
