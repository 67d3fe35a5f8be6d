"""The settings of a job of Universal Print (`printJobConfiguration`) as a ticket, and what our printer says it can."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from connectors.ipp.ticket import JobTicket

SIDES = {
    "oneSided": "one-sided",
    "flipOnLongEdge": "two-sided-long-edge",
    "flipOnShortEdge": "two-sided-short-edge",
}
COLORS = {"blackAndWhite": "monochrome", "grayscale": "monochrome", "color": "color", "auto": "auto"}
ORIENTATIONS = {
    "portrait": "portrait",
    "landscape": "landscape",
    "reverseLandscape": "reverse-landscape",
    "reversePortrait": "reverse-portrait",
}
QUALITIES = {"low": "draft", "medium": "normal", "high": "high"}
MEDIA = {
    "A3": "iso_a3_297x420mm",
    "A4": "iso_a4_210x297mm",
    "A5": "iso_a5_148x210mm",
    "North America Letter": "na_letter_8.5x11in",
    "North America Legal": "na_legal_8.5x14in",
}
FINISHINGS = {
    "staple": "staple",
    "punch": "punch",
    "bind": "bind",
    "fold": "fold",
    "saddleStitch": "saddle-stitch",
    "stapleTopLeft": "staple-top-left",
    "stapleBottomLeft": "staple-bottom-left",
    "stapleTopRight": "staple-top-right",
    "stapleBottomRight": "staple-bottom-right",
}
NUMBERS_UP = (1, 2, 4, 6, 9, 16)
MOST_COPIES = 999
CAPABILITIES: Mapping[str, Any] = {
    "contentTypes": ["application/pdf"],
    "copiesPerJob": {"start": 1, "end": MOST_COPIES},
    "colorModes": ["auto", "color", "grayscale"],
    "isColorPrintingSupported": True,
    "duplexModes": list(SIDES),
    "orientations": list(ORIENTATIONS),
    "qualities": list(QUALITIES),
    "mediaSizes": list(MEDIA),
    "pagesPerSheet": list(NUMBERS_UP),
    "finishings": ["none", *FINISHINGS],
    "isPageRangeSupported": True,
    "collation": True,
}
"""Of a printer that stands for all: what a real one lacks is left out when the job is released."""


def ticket_of(configuration: Mapping[str, Any]) -> JobTicket:
    """What the person chose. A value that means nothing to us is left out, so that the job is still printed."""
    known = {
        "copies": configuration.get("copies"),
        "collate": configuration.get("collate"),
        "sides": SIDES.get(str(configuration.get("duplexMode"))),
        "color_mode": COLORS.get(str(configuration.get("colorMode"))),
        "orientation": ORIENTATIONS.get(str(configuration.get("orientation"))),
        "quality": QUALITIES.get(str(configuration.get("quality"))),
        "number_up": configuration.get("pagesPerSheet"),
        "media": MEDIA.get(str(configuration.get("mediaSize"))),
        "page_ranges": _ranges(configuration.get("pageRanges") or []),
        "finishings": _finishings(configuration.get("finishings") or []),
    }
    chosen: dict[str, Any] = {}
    for name, value in known.items():
        if value is not None and _is_sound(name, value):
            chosen[name] = value
    return JobTicket.model_validate(chosen)


def _is_sound(name: str, value: Any) -> bool:
    try:
        JobTicket.model_validate({name: value})
    except ValidationError:
        return False
    return True


def _ranges(found: list[Mapping[str, Any]]) -> str | None:
    return ",".join(f"{one.get('start')}-{one.get('end')}" for one in found) or None


def _finishings(found: list[str]) -> tuple[str, ...] | None:
    return tuple(FINISHINGS[one] for one in found if one in FINISHINGS) or None
