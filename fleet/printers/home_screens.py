"""Home screens as printers last told them, and which printers lack what a layout holds (FL-291…FL-301)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.printers.device_answers import BLANK, HomeScreen, Layout
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from fleet.printers.identification import printer_row
from fleet.printers.models import PrinterReadingRow

HOME_SCREEN = "home_screen"


@dataclass(frozen=True, slots=True)
class HomeScreenView:
    """What a printer shows, as it was read at `read_at`. `names` are those of everything it can show, by id."""

    printer_id: str
    subject: str
    model: str
    pages: Layout
    items_per_page: int
    is_default: bool
    names: Mapping[str, str]
    read_at: datetime


def home_screen_of(actor: Actor, printer_id: str) -> HomeScreenView | None:
    """The printer's home screen as it was last read; None where it has told none. Raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_VIEW)
    with actor.session(read_only=True) as session:
        printer = printer_row(session, printer_id)
        kept = session.get(PrinterReadingRow, printer_id)
        if kept is None or HOME_SCREEN not in kept.reading:
            return None
        screen = HomeScreen.model_validate(kept.reading[HOME_SCREEN])
        return HomeScreenView(
            printer_id=printer.id,
            subject=f"{printer.address} · {printer.serial_number}",
            model=printer.model,
            pages=screen.pages,
            items_per_page=screen.items_per_page,
            is_default=screen.is_default,
            names={item.id: item.name for item in screen.offered},
            read_at=kept.at,
        )


def items_lacking(session: Session, ids: Sequence[str], pages: Layout) -> Mapping[str, list[str]]:
    """By the printer's id, what it has said not to have of a layout; printers that have told nothing are absent."""
    wanted = {item for page in pages for item in page} - {BLANK}
    query = select(PrinterReadingRow.printer_id, PrinterReadingRow.reading[HOME_SCREEN])
    told = query.where(PrinterReadingRow.printer_id.in_(ids))
    kept = {printer_id: HomeScreen.model_validate(one) for printer_id, one in session.execute(told) if one}
    missing = {one: sorted(wanted - {item.id for item in screen.offered}) for one, screen in kept.items()}
    return {printer_id: items for printer_id, items in missing.items() if items}
