"""What a job asks for: job template attributes, checked against what the printer supports (RFC 8011, 4.1.7; PR-327)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.ipp.service.media import is_taken, name_of, size_of
from connectors.ipp.service.offer import TEMPLATE
from connectors.ipp.ticket import JobTicket, ticket_of
from connectors.ipp.values import collections, keywords
from connectors.ipp.wire import Attribute, Attributes, Range, Value

LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class AskedTicket:
    """The ticket, and the attributes that were not taken."""

    ticket: JobTicket
    unsupported: Mapping[str, Attribute] = field(default_factory=dict)


def read_ticket(asked: Attributes, offered: Attributes) -> AskedTicket:
    """Sort what a job asks for into what is supported by what is `offered` and what is not."""
    taken: dict[str, Attribute] = {}
    refused: dict[str, Attribute] = {}
    for name, attribute in _with_whole_medium(asked, offered).items():
        is_known = name in TEMPLATE and bool(attribute.values)
        fits = is_known and all(_is_supported(name, value, offered) for value in attribute.values)
        (taken if fits else refused)[name] = attribute
    if "media" in taken and "media-col" in taken:  # PWG 5100.7, 5.3: not both
        refused["media-col"] = taken.pop("media-col")
    return AskedTicket(_named_medium(ticket_of(taken)), refused)


def _with_whole_medium(asked: Attributes, offered: Attributes) -> Attributes:
    """`media` with a tray or a type in it (RFC 8011, 5.2.11), as CUPS hands on `media=A4,tray-2`, as `media-col`."""
    words = [word for word in asked["media"].values if isinstance(word, str)] if "media" in asked else []
    members: Attributes = {}
    for word in words:
        parts = ("media-source", "media-type")
        part = next((one for one in parts if word in offered[f"{one}-supported"].values), "media-size-name")
        members[part] = keywords(word)
    is_mixed = len(members) == len(words) and set(members) - {"media-size-name"}
    if not is_mixed or "media-col" in asked or not _is_supported_medium(members, offered):
        return asked
    others = {name: attribute for name, attribute in asked.items() if name != "media"}
    return others | {"media-col": collections([members])}


def _named_medium(ticket: JobTicket) -> JobTicket:
    """The same with a standard medium by its own name, however its size was told."""
    size = size_of(ticket.media) if ticket.media else None
    name = name_of(*size) if size else None
    return ticket.model_copy(update={"media": name}) if name else ticket


def _is_supported(name: str, value: Value, offered: Attributes) -> bool:
    match name:
        case "media-col":
            return isinstance(value, dict) and _is_supported_medium(value, offered)
        case "media":
            size = size_of(value) if isinstance(value, str) else None
            return size is not None and is_taken(*size)
        case "page-ranges":
            return isinstance(value, Range) and 1 <= value.low <= value.high
        case "job-priority":
            return isinstance(value, int) and 1 <= value <= 100
        case "job-account-id":
            return isinstance(value, str) and len(value) <= LONGEST_NAME
        case "job-hold-until":  # every job waits for its owner anyway (PR-326)
            return isinstance(value, str)
    return any(_fits(value, one) for one in offered[f"{name}-supported"].values)


def _fits(value: Value, supported: Value) -> bool:
    if isinstance(supported, Range):
        return isinstance(value, int) and not isinstance(value, bool) and supported.low <= value <= supported.high
    return value == supported


def _is_supported_medium(wanted: Attributes, offered: Attributes) -> bool:
    if not set(wanted) <= set(offered["media-col-supported"].values):
        return False
    for name in ("media-source", "media-type"):
        if name in wanted and wanted[name].value not in offered[f"{name}-supported"].values:
            return False
    if "media-size-name" in wanted:
        value = wanted["media-size-name"].value
        size = size_of(value) if isinstance(value, str) else None
        if size is None or not is_taken(*size):
            return False
    return "media-size" not in wanted or _is_supported_size(wanted["media-size"].value)


def _is_supported_size(size: Value) -> bool:
    if not isinstance(size, dict):
        return False
    width, length = (size[edge].value if edge in size else None for edge in ("x-dimension", "y-dimension"))
    return isinstance(width, int) and isinstance(length, int) and is_taken(width, length)
