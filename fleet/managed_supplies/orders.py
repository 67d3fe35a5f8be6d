"""Orders for supplies of member printers: made as soon as a reading says that one runs low, once for each cartridge."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from connectors.printers.reading import PrinterReading
from domain.organizations.models import now
from fleet.managed_supplies.models import SupplyOrderRow
from fleet.managed_supplies.programme import ProgrammeSettings, running_programme
from fleet.managed_supplies.rules import Level, is_low, is_renewed
from fleet.notifications.crossings import run_together
from fleet.printers.kept_reading import kept_reading
from fleet.printers.models import MspStatus, Printer, PrinterEvent, PrinterForecast, PrinterReadingRow

ORDER = "order-supplies/order-supplies"
ORDERED = N_("A supply was ordered: {supply}")
EVENT = "supply_order"


def note_member_supplies(
    session: Session, printers: Mapping[str, Printer], readings: Mapping[str, PrinterReading]
) -> None:
    """Order what has run low in member printers, in the readings' transaction; other printers cost nothing."""
    members: dict[str, dict[Printer, Sequence[Level]]] = {}
    for printer_id, reading in readings.items():
        printer = printers[printer_id]
        if printer.msp == MspStatus.MEMBER:
            members.setdefault(printer.organization_id, {})[printer] = reading.supplies
    for organization_id, seen in members.items():
        if (programme := running_programme(organization_id)) is not None:
            order_what_is_low(session, programme.settings, seen)


def order_last_read(session: Session, settings: ProgrammeSettings, printers: Sequence[Printer]) -> None:
    """The same by the last readings, for printers that have just become members."""
    query = select(PrinterReadingRow).where(PrinterReadingRow.printer_id.in_([printer.id for printer in printers]))
    kept = {row.printer_id: kept_reading(row.reading) for row in session.scalars(query)}
    order_what_is_low(session, settings, {one: kept[one.id].supplies for one in printers if one.id in kept})


def order_what_is_low(
    session: Session, settings: ProgrammeSettings, seen: Mapping[Printer, Sequence[Level]]
) -> list[SupplyOrderRow]:
    """Make an order for each supply that runs low and has none for the cartridge that is in the printer.

    The printers' rows are locked by the reading that was just written to them, so that two readings of one printer
    cannot both order; the key in the table stands behind that.
    """
    watched = {
        (printer, supply.key): supply
        for printer, supplies in seen.items()
        for supply in supplies
        if supply.kind in settings.types
    }
    known = _open(session, watched)
    for key, order in list(known.items()):
        if is_renewed(watched[key], settings.threshold, order.cartridge):
            order.open_key = None
            del known[key]
    session.flush()  # what is no longer open, before something is opened under the same key
    low = {key: one for key, one in watched.items() if key not in known and is_low(one, settings.threshold)}
    days = _days_left(session, {printer.id for printer, _ in low})
    made = [_order(printer, supply, days.get(printer.id, {})) for (printer, _), supply in low.items()]
    for order in made:
        session.add(order)
        add_event(session, order.organization_id, order.printer_id, Message.of(ORDERED, supply=name_of(order)))
    for organization_id in {order.organization_id for order in made}:
        run_together(session, organization_id, ORDER, "order-supplies")
    return made


def name_of(order: SupplyOrderRow) -> str:
    """What the printer calls the supply, or its kind."""
    return str(order.supply["description"] or order.supply["kind"])


def add_event(
    session: Session, organization_id: str, printer_id: str | None, message: Message, kind: str = EVENT
) -> None:
    """A line in the history of the printer, if it is still there."""
    if printer_id is not None:
        session.add(
            PrinterEvent(
                organization_id=organization_id,
                printer_id=printer_id,
                kind=kind,
                status="completed",
                message=message.model_dump(),
                ended=now(),
            )
        )


def printer_values(printer: Printer) -> dict[str, Any]:
    """What the programme is told of a printer, in the fields of `MemberPrinter`."""
    names = ("serial_number", "manufacturer", "model", "asset_tag", "location", "life_pages")
    return {name: getattr(printer, name) for name in names}


def _open(session: Session, watched: Mapping[tuple[Printer, str], Level]) -> dict[tuple[Printer, str], SupplyOrderRow]:
    by_key = {_key(printer, key): (printer, key) for printer, key in watched}
    query = select(SupplyOrderRow).where(
        SupplyOrderRow.printer_id.in_({printer.id for printer, _ in watched}), SupplyOrderRow.open_key.is_not(None)
    )
    return {by_key[order.open_key]: order for order in session.scalars(query) if order.open_key in by_key}


def _days_left(session: Session, printer_ids: set[str]) -> dict[str, dict[str, int]]:
    query = select(PrinterForecast.printer_id, PrinterForecast.days).where(PrinterForecast.printer_id.in_(printer_ids))
    return dict(session.execute(query).tuples().all()) if printer_ids else {}


def _order(printer: Printer, supply: Level, days: Mapping[str, int]) -> SupplyOrderRow:
    told = {
        "kind": supply.kind.value,
        "colour": supply.colour,
        "description": supply.description,
        "part_number": supply.part_number,
        "serial_number": supply.serial_number,
        "percent": supply.percent,
        "days_left": days.get(supply.key),
    }
    return SupplyOrderRow(
        organization_id=printer.organization_id,
        printer_id=printer.id,
        open_key=_key(printer, supply.key),
        cartridge=supply.serial_number[:128],
        printer=printer_values(printer),
        supply=told,
    )


def _key(printer: Printer, supply_key: str) -> str:
    return f"{printer.id}/{supply_key}"[:100]
