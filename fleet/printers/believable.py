"""Counters that cannot be true: they went back, or grew by more than the printer can print in that time.

Counts with one like that are neither shown nor sampled, what was known stays; the history of the printer and the job
say so. When the printer tells as much again the next time, it is believed: its board was replaced.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from connectors.printers.reading import CounterName, PrinterReading
from fleet.printers.models import Printer, PrinterEvent, PrinterReadingRow, Severity

DOUBTFUL = "doubtful_life"
"""Under this name the doubtful count is kept with the reading."""
COUNTERS = "counters"
"""The kind of such events in a printer's history."""
WENT_BACK = N_("The life page count went back from {before} to {after}: it is not believed until it is told again.")
JUMPED = N_("The life page count jumped from {before} to {after}: it is not believed until it is told again.")
ALWAYS_POSSIBLE = 50_000
"""Sides that a printer may have printed whatever the time says: clocks are wrong, and printers catch up."""
FASTEST = 200
"""Pages a minute of a printer whose speed is not known."""


def doubtful_counts(
    session: Session, printers: Mapping[str, Printer], readings: Mapping[str, PrinterReading]
) -> dict[str, Message]:
    """By printer id, what is wrong with the life count; only printers that give reason to look cost a query."""
    suspects = {
        printer_id: found
        for printer_id, reading in readings.items()
        if (found := _doubt(printers[printer_id], reading, printers[printer_id].life_pages))
    }
    if not suspects:
        return {}
    query = select(PrinterReadingRow.printer_id, PrinterReadingRow.reading)
    for printer_id, former in session.execute(query.where(PrinterReadingRow.printer_id.in_(suspects))):
        told: int | None = former.get(DOUBTFUL)
        if told is not None and _doubt(printers[printer_id], readings[printer_id], told) is None:
            del suspects[printer_id]
    return suspects


def _doubt(printer: Printer, reading: PrinterReading, before: int | None) -> Message | None:
    after = reading.counters.get(CounterName.LIFE)
    if before is None or after is None or printer.last_refresh is None:
        return None
    if after < before:
        return Message.of(WENT_BACK, before=before, after=after)
    minutes = max(0.0, (reading.read_at - printer.last_refresh).total_seconds() / 60)
    if after - before > max(ALWAYS_POSSIBLE, 2 * (printer.pages_per_minute or FASTEST) * minutes):
        return Message.of(JUMPED, before=before, after=after)
    return None


def keep_doubts(
    session: Session, printers: Mapping[str, Printer], doubts: Mapping[str, Message], moment: datetime
) -> None:
    """Write them to the histories of the printers."""
    rows = [
        {
            "organization_id": printers[printer_id].organization_id,
            "printer_id": printer_id,
            "kind": COUNTERS,
            "status": str(Severity.WARNING),
            "message": doubt.model_dump(),
            "at": moment,
            "ended": moment,
        }
        for printer_id, doubt in doubts.items()
    ]
    if rows:
        session.execute(insert(PrinterEvent), rows)
