"""Alerts in a printer's history: an event begins when an alert appears and ends when it is gone (FL-224, FL-247)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from connectors.printers.reading import Alert, PrinterReading
from fleet.printers.models import Printer, PrinterEvent
from fleet.printers.reading_values import is_about_supply

PRINTER_ALERT, SUPPLY_ALERT = "printer_alert", "supply_alert"
MOST_ALERTS = 64
"""A printer that reports more at a time is not believed beyond that."""
LONGEST_TEXT = 500
ALERT = N_("Alert: {text}")

AlertKey = tuple[Any, ...]


def keep_alert_events(
    session: Session, printers: Mapping[str, Printer], readings: Mapping[str, PrinterReading]
) -> None:
    """Compare the alerts of each reading with the events that are open, by printer id."""
    open_events = _open_events(session, readings)
    rows = []
    for printer_id, reading in readings.items():
        known = open_events.get(printer_id, {})
        present = {_key(alert): alert for alert in reading.alerts[:MOST_ALERTS]}
        for key, event in known.items():
            if key not in present:
                event.ended = reading.read_at
        new = [alert for key, alert in present.items() if key not in known]
        rows += [_row(printers[printer_id], alert, reading.read_at) for alert in new]
    if rows:
        session.execute(insert(PrinterEvent), rows)


def _open_events(session: Session, ids: Iterable[str]) -> dict[str, dict[AlertKey, PrinterEvent]]:
    query = select(PrinterEvent).where(
        PrinterEvent.printer_id.in_(list(ids)),
        PrinterEvent.kind.in_([PRINTER_ALERT, SUPPLY_ALERT]),
        PrinterEvent.ended.is_(None),
    )
    found: dict[str, dict[AlertKey, PrinterEvent]] = {}
    for event in session.scalars(query):
        facts = event.message["facts"]
        key = (event.status, facts["text"], facts["code"], facts["group"], facts["place"])
        found.setdefault(event.printer_id, {})[key] = event
    return found


def _row(printer: Printer, alert: Alert, read_at: datetime) -> dict[str, Any]:
    """The event; what a printer tells is in its own language, so only the frame is translated."""
    severity, text, code, group, place = _key(alert)
    message = Message.of(ALERT, text=text, code=code, group=group, place=place)
    return {
        "organization_id": printer.organization_id,
        "printer_id": printer.id,
        "kind": SUPPLY_ALERT if is_about_supply(alert) else PRINTER_ALERT,
        "status": severity,
        "message": message.model_dump(),
        "at": min(alert.since or read_at, read_at),
    }


def _key(alert: Alert) -> AlertKey:
    """What makes an alert the same in two readings: everything but since when."""
    place = alert.place if alert.place is not None else ""
    return (str(alert.severity), alert.text[:LONGEST_TEXT], alert.code or 0, alert.group, place)
