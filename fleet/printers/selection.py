"""Which printers a bulk command is about: those that are named, or all that the filters of a list let through."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.organizations.actor import Actor
from fleet.printers.filters import PrinterFilter
from fleet.printers.listing import matching_ids


@dataclass(frozen=True, slots=True)
class PrinterSelection:
    """`ids`, or all of `chosen` where that is given; `across`: in all organizations of a partner."""

    ids: tuple[str, ...] = ()
    chosen: PrinterFilter | None = None
    across: bool = False


def selected_ids(actor: Actor, selection: PrinterSelection) -> Sequence[str]:
    """Their ids, as they are now."""
    if selection.chosen is None:
        return selection.ids
    return matching_ids(actor, selection.chosen, across=selection.across)
