"""What a printer can do with a job, as far as it says so (RFC 8011 §5.2, §5.4; PWG 5100.14 §5.2).

Nothing that is not said is taken to be impossible: a set that a printer does not report is empty, and `offers…` then
answers False, so that whatever can be done here is done here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.ipp.client import Printer
from connectors.ipp.wire import Attributes, LocalText, Range, Resolution

ASKED = (
    *("printer-name", "printer-is-accepting-jobs", "printer-state-reasons", "document-format-supported"),
    *("copies-supported", "sides-supported", "print-color-mode-supported", "color-supported", "number-up-supported"),
    *("page-ranges-supported", "finishings-supported", "pwg-raster-document-resolution-supported"),
    *("pwg-raster-document-type-supported", "pwg-raster-document-sheet-back"),
)
DOTS_PER_INCH = 3


@dataclass(frozen=True, slots=True)
class Abilities:
    """One printer. `most_copies` is 1 where it does not say more; `raster_dpi` are resolutions of PWG rasters."""

    accepting: bool = True
    reasons: tuple[str, ...] = ()
    formats: frozenset[str] = frozenset()
    most_copies: int = 1
    sides: frozenset[str] = frozenset()
    color_modes: frozenset[str] = frozenset()
    is_color: bool | None = None
    numbers_up: tuple[int | Range, ...] = field(default=())
    takes_page_ranges: bool = False
    finishings: frozenset[int] = frozenset()
    raster_dpi: tuple[int, ...] = ()
    raster_types: frozenset[str] = frozenset()
    sheet_back: str = "normal"

    def offers_number_up(self, wanted: int) -> bool:
        """Whether it puts so many pages on a side by itself."""
        ranges = [one if isinstance(one, Range) else Range(one, one) for one in self.numbers_up]
        return any(one.low <= wanted <= one.high for one in ranges)


def read_abilities(printer: Printer) -> Abilities:
    """Ask the printer, with one request; raises the faults of `connectors.ipp`."""
    return abilities_of(printer.attributes(ASKED))


def abilities_of(found: Attributes) -> Abilities:
    """What attributes of a printer amount to."""
    copies = next((one for one in _values(found, "copies-supported") if isinstance(one, Range)), None)
    resolutions = _values(found, "pwg-raster-document-resolution-supported")
    return Abilities(
        accepting=all(one is not False for one in _values(found, "printer-is-accepting-jobs")),
        reasons=tuple(one for one in _texts(found, "printer-state-reasons") if one != "none"),
        formats=frozenset(_texts(found, "document-format-supported")),
        most_copies=copies.high if copies else 1,
        sides=frozenset(_texts(found, "sides-supported")),
        color_modes=frozenset(_texts(found, "print-color-mode-supported")),
        is_color=next((one for one in _values(found, "color-supported") if isinstance(one, bool)), None),
        numbers_up=tuple(one for one in _values(found, "number-up-supported") if isinstance(one, int | Range)),
        takes_page_ranges=True in _values(found, "page-ranges-supported"),
        finishings=frozenset(one for one in _values(found, "finishings-supported") if isinstance(one, int)),
        raster_dpi=tuple(sorted(_dpi(one) for one in resolutions if isinstance(one, Resolution))),
        raster_types=frozenset(_texts(found, "pwg-raster-document-type-supported")),
        sheet_back=next(iter(_texts(found, "pwg-raster-document-sheet-back")), "normal"),
    )


def _dpi(resolution: Resolution) -> int:
    per_inch = resolution.feed if resolution.units == DOTS_PER_INCH else round(resolution.feed * 2.54)
    return max(1, per_inch)


def _values(found: Mapping[str, object], name: str) -> tuple[object, ...]:
    return getattr(found.get(name), "values", ())


def _texts(found: Attributes, name: str) -> list[str]:
    values = _values(found, name)
    return [one.text if isinstance(one, LocalText) else one for one in values if isinstance(one, LocalText | str)]
