"""The settings of a job: copies, sides, paper, colour, finishing, and their IPP attributes (PR-109, PR-327)."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from connectors.ipp.media_names import standard_medium
from connectors.ipp.wire import Attribute, Attributes, Range, Tag

T = TypeVar("T")
MOST_COPIES = 999
MOST_RANGES = 50
Keyword = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$")]
Sides = Literal["one-sided", "two-sided-long-edge", "two-sided-short-edge"]
ColorMode = Literal["auto", "color", "monochrome"]
Direction = Literal[
    "toright-tobottom",
    "tobottom-toright",
    "toleft-tobottom",
    "tobottom-toleft",
    "toright-totop",
    "totop-toright",
    "toleft-totop",
    "totop-toleft",
]
AccountId = Annotated[str, StringConstraints(min_length=1, max_length=255)]
PageRanges = Annotated[str, StringConstraints(pattern=r"^\d{1,9}(-\d{1,9})?(,\d{1,9}(-\d{1,9})?)*$", max_length=500)]

QUALITIES = {"draft": 3, "normal": 4, "high": 5}
ORIENTATIONS = {"portrait": 3, "landscape": 4, "reverse-landscape": 5, "reverse-portrait": 6}
FINISHINGS = {
    "staple": 4,
    "punch": 5,
    "fold": 10,
    "bind": 7,
    "saddle-stitch": 8,
    "staple-top-left": 20,
    "staple-bottom-left": 21,
    "staple-top-right": 22,
    "staple-bottom-right": 23,
    "staple-dual-left": 28,
    "staple-dual-top": 29,
    "punch-dual-left": 74,
    "punch-dual-top": 75,
    "punch-triple-left": 78,
    "punch-quad-left": 82,
    "fold-half": 93,
    "fold-letter": 96,
    "fold-z": 100,
}
"""Finishings by the names of their enums (RFC 8011, 5.2.6; PWG 5100.1)."""
Finishing = Literal[
    "staple",
    "punch",
    "fold",
    "bind",
    "saddle-stitch",
    "staple-top-left",
    "staple-bottom-left",
    "staple-top-right",
    "staple-bottom-right",
    "staple-dual-left",
    "staple-dual-top",
    "punch-dual-left",
    "punch-dual-top",
    "punch-triple-left",
    "punch-quad-left",
    "fold-half",
    "fold-letter",
    "fold-z",
]


class JobTicket(BaseModel):
    """The settings of a job; what is None was not chosen, and the printer decides (PR-109).

    `page_ranges` is of the form "1-3,5", ascending and apart; `account_id` is for printers that count
    by accounts. Names are those of IPP's job template attributes. A medium may be told by an older name (`A4`): it gets
    the one of PWG 5101.1, the only one that printers know for certain.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    copies: int | None = Field(None, ge=1, le=MOST_COPIES)
    collate: bool | None = None
    sides: Sides | None = None
    number_up: Literal[1, 2, 4, 6, 9, 16] | None = None
    number_up_direction: Direction | None = None
    page_ranges: PageRanges | None = None
    orientation: Literal["portrait", "landscape", "reverse-landscape", "reverse-portrait"] | None = None
    media: Keyword | None = None
    media_source: Keyword | None = None
    media_type: Keyword | None = None
    output_bin: Keyword | None = None
    finishings: tuple[Finishing, ...] | None = Field(None, max_length=5)
    color_mode: ColorMode | None = None
    account_id: AccountId | None = None
    quality: Literal["draft", "normal", "high"] | None = None

    @field_validator("media", mode="before")
    @classmethod
    def _standard(cls, value: object) -> object:
        return standard_medium(value) or value if isinstance(value, str) else value

    @field_validator("page_ranges")
    @classmethod
    def _ascending(cls, value: str | None) -> str | None:
        last = 0
        ranges = list(_ranges(value)) if value else []
        if len(ranges) > MOST_RANGES:
            raise ValueError(f"more than {MOST_RANGES} ranges of pages")
        for low, high in ranges:
            if low <= last or high < low:
                raise ValueError("pages begin at 1, and their ranges ascend without overlap")
            last = high
        return value

    def over(self, defaults: "JobTicket") -> "JobTicket":
        """This ticket, with what it leaves open taken from `defaults` (PR-112)."""
        return defaults.model_copy(update=self.model_dump(exclude_none=True))

    def chosen(self) -> dict[str, Any]:
        """What is set, as JSON."""
        return self.model_dump(mode="json", exclude_none=True)


def ticket_attributes(ticket: JobTicket) -> Attributes:
    """The job template attributes that ask a printer for this (RFC 8011, 5.2; PWG 5100.7 for `media-col`)."""
    found: Attributes = {}
    if ticket.copies is not None:
        found["copies"] = Attribute(Tag.INTEGER, (ticket.copies,))
    if ticket.collate is not None:
        word = "separate-documents-collated-copies" if ticket.collate else "separate-documents-uncollated-copies"
        found["multiple-document-handling"] = Attribute(Tag.KEYWORD, (word,))
    if ticket.number_up is not None:
        found["number-up"] = Attribute(Tag.INTEGER, (ticket.number_up,))
    for name, word in _keywords(ticket).items():
        found[name] = Attribute(Tag.KEYWORD, (word,))
    if ticket.page_ranges:
        found["page-ranges"] = Attribute(
            Tag.RANGE, tuple(Range(low, high) for low, high in _ranges(ticket.page_ranges))
        )
    if ticket.orientation:
        found["orientation-requested"] = Attribute(Tag.ENUM, (ORIENTATIONS[ticket.orientation],))
    if ticket.quality:
        found["print-quality"] = Attribute(Tag.ENUM, (QUALITIES[ticket.quality],))
    if ticket.account_id:
        found["job-account-id"] = Attribute(Tag.NAME, (ticket.account_id,))
    if ticket.finishings:
        found["finishings"] = Attribute(Tag.ENUM, tuple(FINISHINGS[name] for name in ticket.finishings))
    return found | _media(ticket)


def ticket_of(attributes: Attributes) -> JobTicket:
    """The ticket that a client asked for; values that we do not know are left out, as without fidelity (RFC 8011)."""
    chosen: dict[str, Any] = {
        "copies": _first(attributes, "copies", int),
        "number_up": _first(attributes, "number-up", int),
        "sides": _first(attributes, "sides", str),
        "number_up_direction": _first(attributes, "presentation-direction-number-up", str),
        "color_mode": _first(attributes, "print-color-mode", str),
        "output_bin": _first(attributes, "output-bin", str),
        "media": _first(attributes, "media", str),
        "account_id": _first(attributes, "job-account-id", str),
        "orientation": _named(ORIENTATIONS, _first(attributes, "orientation-requested", int)),
        "quality": _named(QUALITIES, _first(attributes, "print-quality", int)),
    }
    handling = _first(attributes, "multiple-document-handling", str)
    if handling is not None:
        chosen["collate"] = handling != "separate-documents-uncollated-copies"
    if "page-ranges" in attributes:
        values = attributes["page-ranges"].values
        chosen["page_ranges"] = ",".join(f"{v.low}-{v.high}" for v in values if isinstance(v, Range)) or None
    if "finishings" in attributes:
        names = (_named(FINISHINGS, value) for value in attributes["finishings"].values)
        chosen["finishings"] = tuple(name for name in names if name) or None
    chosen |= _chosen_media(attributes)
    return _tolerant(chosen)


def _keywords(ticket: JobTicket) -> dict[str, str]:
    named = {
        "sides": ticket.sides,
        "presentation-direction-number-up": ticket.number_up_direction,
        "print-color-mode": ticket.color_mode,
        "output-bin": ticket.output_bin,
    }
    return {name: word for name, word in named.items() if word}


def _media(ticket: JobTicket) -> Attributes:
    """`media` by itself where only the size is chosen; `media-col` as soon as source or type are."""
    if ticket.media_source is None and ticket.media_type is None:
        return {"media": Attribute(Tag.KEYWORD, (ticket.media,))} if ticket.media else {}
    members: Attributes = {}
    if (size := _media_size(ticket.media)) is not None:
        members["media-size"] = Attribute(Tag.BEGIN_COLLECTION, (size,))
    if ticket.media_source:
        members["media-source"] = Attribute(Tag.KEYWORD, (ticket.media_source,))
    if ticket.media_type:
        members["media-type"] = Attribute(Tag.KEYWORD, (ticket.media_type,))
    return {"media-col": Attribute(Tag.BEGIN_COLLECTION, (members,))}


_SIZE = re.compile(r"_(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)(mm|in)$")
_UNITS = {"mm": 100, "in": 2540}
"""Hundredths of a millimetre, the unit of `media-size`."""


def _media_size(media: str | None) -> Attributes | None:
    """The size in a self-describing media name (PWG 5101.1), such as iso_a4_210x297mm."""
    if media is None or (found := _SIZE.search(media)) is None:
        return None
    width, height = (round(float(found[each]) * _UNITS[found[3]]) for each in (1, 2))
    return {"x-dimension": Attribute(Tag.INTEGER, (width,)), "y-dimension": Attribute(Tag.INTEGER, (height,))}


def _chosen_media(attributes: Attributes) -> dict[str, Any]:
    members = _first(attributes, "media-col", dict) or {}
    found = {
        "media": _first(members, "media-size-name", str),
        "media_source": _first(members, "media-source", str),
        "media_type": _first(members, "media-type", str),
    }
    found = {name: None if value == "auto" else value for name, value in found.items()}
    size = _first(members, "media-size", dict) or {}
    width, height = _first(size, "x-dimension", int), _first(size, "y-dimension", int)
    if width and height:
        found["media"] = f"custom_{width}x{height}_{width / 100:g}x{height / 100:g}mm"
    return {name: value for name, value in found.items() if value is not None}


def _tolerant(chosen: Mapping[str, Any]) -> JobTicket:
    """A ticket of those values that are valid; one by one, so that a bad one does not take the others with it."""
    kept: dict[str, Any] = {}
    for name, value in chosen.items():
        if value is None:
            continue
        try:
            JobTicket.model_validate({name: value})
        except ValueError:
            continue
        kept[name] = value
    return JobTicket.model_validate(kept)


def _first(attributes: Attributes, name: str, kind: type[T]) -> T | None:
    values = attributes[name].values if name in attributes else ()
    return next((value for value in values if isinstance(value, kind)), None)


def _named(names: Mapping[str, int], value: object) -> str | None:
    return next((name for name, number in names.items() if number == value), None)


def _ranges(text: str) -> Iterator[tuple[int, int]]:
    for part in text.split(","):
        low, _, high = part.partition("-")
        yield int(low), int(high or low)
