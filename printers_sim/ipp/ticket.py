"""What a job asks for: job template attributes, checked against what the printer supports (RFC 8011 §4.1.7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.ipp.values import keywords
from connectors.ipp.wire import Attribute, Attributes, Range, Value
from printers_sim.ipp.description import TEMPLATE
from printers_sim.ipp.media import CUSTOM_LENGTHS, CUSTOM_WIDTHS, media_named
from printers_sim.paper import size_of
from printers_sim.printer import SimulatedPrinter
from printers_sim.rendering.document import Sheet

HUNDREDTHS = 100
DEFAULT_SIZE = (21000, 29700)


@dataclass(frozen=True, slots=True)
class Ticket:
    """The attributes that were taken, and those that were not."""

    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    unsupported: Mapping[str, Attribute] = field(default_factory=dict)

    def number(self, name: str, default: int) -> int:
        """An integer of the ticket."""
        value = self._value(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    def word(self, name: str, default: str) -> str:
        """A keyword of the ticket."""
        value = self._value(name)
        return value if isinstance(value, str) else default

    def medium(self, printer: SimulatedPrinter) -> tuple[tuple[int, int], str | None]:
        """The size of the medium in hundredths of a millimetre, and its name where it has one."""
        collection = self._value("media-col")
        if isinstance(collection, dict) and (size := _collection_size(collection)) is not None:
            return size, media_named(size, printer)
        name = self.word("media", printer.trays[0].facts.media)
        return size_of(name) or DEFAULT_SIZE, name

    def sheet(self, printer: SimulatedPrinter) -> Sheet:
        """How the sides of the job look."""
        (width, height), _ = self.medium(printer)
        if self.number("orientation-requested", 3) in (4, 5):
            width, height = height, width
        chosen = self.attributes.get("page-ranges")
        ranges = [(one.low, one.high) for one in chosen.values if isinstance(one, Range)] if chosen else []
        is_color = printer.profile.color and self.word("print-color-mode", "auto") != "monochrome"
        size = (width / HUNDREDTHS, height / HUNDREDTHS)
        return Sheet(*size, color=is_color, pages_per_side=self.number("number-up", 1), ranges=ranges)

    def _value(self, name: str) -> Value:
        found = self.attributes.get(name)
        return found.value if found else None


def read_ticket(asked: Attributes, printer_attributes: Attributes) -> Ticket:
    """Sort what a job asks for into what is supported and what is not."""
    taken: dict[str, Attribute] = {}
    refused: dict[str, Attribute] = {}
    for name, attribute in asked.items():
        if name not in TEMPLATE or not attribute.values:
            refused[name] = attribute
        elif all(_is_supported(name, value, printer_attributes) for value in attribute.values):
            taken[name] = attribute
        else:
            refused[name] = attribute
    if "media" in taken and "media-col" in taken:  # PWG 5100.7 §5.3: not both
        refused["media-col"] = taken.pop("media-col")
    return Ticket(taken, refused)


def with_media_name(ticket: Ticket, printer: SimulatedPrinter) -> Ticket:
    """The same with the medium's name filled in, so that whoever asks for the job sees where it goes."""
    _, name = ticket.medium(printer)
    if name is None or "media-col" in ticket.attributes:
        return ticket
    return Ticket({**ticket.attributes, "media": keywords(name)}, ticket.unsupported)


def _is_supported(name: str, value: Value, printer_attributes: Attributes) -> bool:
    if name == "media-col":
        return isinstance(value, dict) and _is_supported_medium(value, printer_attributes)
    if name == "overrides":
        return isinstance(value, dict)
    if name == "page-ranges":
        return isinstance(value, Range) and 1 <= value.low <= value.high
    if name == "job-priority":
        return isinstance(value, int) and 1 <= value <= 100
    if name == "media" and isinstance(value, str) and value.startswith("custom_"):
        size = size_of(value)
        return size is not None and _is_within(size)
    supported = printer_attributes[f"{name}-supported"].values
    return any(_fits(value, one) for one in supported)


def _fits(value: Value, supported: Value) -> bool:
    if isinstance(supported, Range):
        return isinstance(value, int) and supported.low <= value <= supported.high
    return value == supported


def _is_supported_medium(wanted: Attributes, printer_attributes: Attributes) -> bool:
    known = set(printer_attributes["media-col-supported"].values)
    size = _collection_size(wanted)
    if not set(wanted) <= known or (size is None and {"media-size", "media-size-name"} & set(wanted)):
        return False
    return size is None or _is_within(size) or _is_listed(size, printer_attributes)


def _is_listed(size: tuple[int, int], printer_attributes: Attributes) -> bool:
    listed = (size_of(str(medium)) for medium in printer_attributes["media-supported"].values)
    return any(known and abs(known[0] - size[0]) <= 100 and abs(known[1] - size[1]) <= 100 for known in listed)


def _is_within(size: tuple[int, int]) -> bool:
    is_wide_enough = CUSTOM_WIDTHS.low <= size[0] <= CUSTOM_WIDTHS.high
    return is_wide_enough and CUSTOM_LENGTHS.low <= size[1] <= CUSTOM_LENGTHS.high


def _collection_size(collection: Attributes) -> tuple[int, int] | None:
    name = collection.get("media-size-name")
    if name is not None and isinstance(name.value, str):
        return size_of(name.value)
    size = collection.get("media-size")
    if size is None or not isinstance(size.value, dict):
        return None
    edges = [size.value[edge].value for edge in ("x-dimension", "y-dimension") if edge in size.value]
    if len(edges) == 2 and isinstance(edges[0], int) and isinstance(edges[1], int):
        return edges[0], edges[1]
    return None
