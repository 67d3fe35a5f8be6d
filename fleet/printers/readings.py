"""Readings of printers are kept here, many at a time: list columns, the whole reading, the day's sample, apps, events.

A fleet of ten thousand printers is read every few minutes, so whatever can be done for all of a chunk is one statement.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from sqlalchemy import delete, insert, select, tuple_
from sqlalchemy.orm import Session

from connectors.messages import Message
from connectors.printers.device_answers import DeviceApp, DeviceIdentity, HomeScreen
from connectors.printers.reading import READING_JSON, CounterName, PrinterReading
from domain.organizations.models import now
from fleet.managed_supplies.orders import note_member_supplies
from fleet.notifications.crossings import note_levels
from fleet.printers.alert_events import keep_alert_events
from fleet.printers.believable import DOUBTFUL, doubtful_counts, keep_doubts
from fleet.printers.models import Communication, DailySample, Printer, PrinterApp, PrinterReadingRow
from fleet.printers.reading_values import (
    apply_identity,
    apply_reading,
    known_counts,
    sampled_counters,
    sampled_supplies,
)

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one printer: its reading, and of our own make what its management API tells.

    None for what was not asked or not answered: what is known of it then stays. `access_refused`: its management API
    did not accept the agent's credentials.
    """

    printer_id: str
    reading: PrinterReading | None = None
    identity: DeviceIdentity | None = None
    apps: Sequence[DeviceApp] | None = None
    home_screen: HomeScreen | None = None
    access_refused: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """How many printers there were, and by printer id what was not believed."""

    count: int
    doubts: Mapping[str, Message]


def store_readings(session: Session, batch: Sequence[Observation]) -> Stored:
    """Keep what was seen (F-10, F-11).

    Printers that are gone are passed over; of several observations of one printer the last one counts.
    """
    by_printer = {observation.printer_id: observation for observation in batch}
    ids = list(by_printer)
    chunks = [_store_chunk(session, by_printer, ids[start : start + CHUNK]) for start in range(0, len(ids), CHUNK)]
    doubts = {printer_id: doubt for chunk in chunks for printer_id, doubt in chunk.doubts.items()}
    return Stored(sum(chunk.count for chunk in chunks), doubts)


def _store_chunk(session: Session, batch: Mapping[str, Observation], ids: Sequence[str]) -> Stored:
    printers = {printer.id: printer for printer in session.scalars(select(Printer).where(Printer.id.in_(ids)))}
    seen = [batch[printer_id] for printer_id in printers]
    readings = {one.printer_id: one.reading for one in seen if one.reading is not None}
    doubts = doubtful_counts(session, printers, readings)
    moment = now()
    for observation in seen:
        printer = printers[observation.printer_id]
        printer.last_contact, printer.communication = moment, _communication(printer, observation)
        if observation.reading is not None:
            apply_reading(printer, observation.reading, believes_counts=printer.id not in doubts)
        if observation.identity is not None:
            apply_identity(printer, observation.identity)
    keep_alert_events(session, printers, readings)
    keep_doubts(session, printers, doubts, moment)
    note_levels(session, printers, readings)
    note_member_supplies(session, printers, readings)
    _keep_rows(session, printers, seen, doubts)
    _keep_samples(session, printers, readings, doubts)
    keep_apps(session, {printers[one.printer_id]: one.apps for one in seen if one.apps is not None})
    session.flush()
    return Stored(len(printers), doubts)


def _communication(printer: Printer, seen: Observation) -> Communication:
    """It has answered; whether the agent can sign in to it shows only where that was tried (FL-248)."""
    if seen.access_refused:
        return Communication.NEEDS_CREDENTIALS
    stays = printer.communication == Communication.NEEDS_CREDENTIALS and seen.apps is None
    return Communication.NEEDS_CREDENTIALS if stays else Communication.COMMUNICATING


def _keep_rows(
    session: Session, printers: Mapping[str, Printer], seen: Sequence[Observation], doubts: Collection[str]
) -> None:
    """The whole reading, in place of the former; parts that were not seen this time are taken over from it."""
    told = {one.printer_id: _told(one, is_doubted=one.printer_id in doubts) for one in seen}
    partial = [one for one in told if not _is_whole(printers[one], told[one])]
    former = _former(session, partial)
    rows = [
        {
            "organization_id": printers[one.printer_id].organization_id,
            "printer_id": one.printer_id,
            "at": one.reading.read_at if one.reading is not None else now(),
            "reading": former.get(one.printer_id, {}) | {DOUBTFUL: None} | told[one.printer_id],
        }
        for one in seen
        if told[one.printer_id]
    ]
    if rows:
        replaced = [row["printer_id"] for row in rows]
        session.execute(delete(PrinterReadingRow).where(PrinterReadingRow.printer_id.in_(replaced)), **_QUIETLY)
        session.execute(insert(PrinterReadingRow), rows)


def _former(session: Session, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    if not ids:
        return {}
    query = select(PrinterReadingRow.printer_id, PrinterReadingRow.reading)
    return dict(session.execute(query.where(PrinterReadingRow.printer_id.in_(ids))).tuples().all())


def _told(one: Observation, *, is_doubted: bool) -> dict[str, Any]:
    told: dict[str, Any] = {} if one.reading is None else READING_JSON.dump_python(one.reading, mode="json")
    if is_doubted and one.reading is not None:
        del told["counters"]
        told[DOUBTFUL] = one.reading.counters.get(CounterName.LIFE)
    if one.identity is not None:
        told["device"] = one.identity.model_dump(mode="json")
    if one.apps is not None:
        told["apps"] = [app.model_dump(mode="json") for app in one.apps]
    if one.home_screen is not None:
        told["home_screen"] = one.home_screen.model_dump(mode="json")
    return told


def _is_whole(printer: Printer, told: Mapping[str, Any]) -> bool:
    parts = ("counters", "device", "apps", "home_screen") if printer.is_vendor else ("counters",)
    return all(part in told for part in parts)


def _keep_samples(
    session: Session,
    printers: Mapping[str, Printer],
    readings: Mapping[str, PrinterReading],
    doubts: Collection[str],
) -> None:
    """The last counts and levels of the day; in place of doubtful counts those that were known before."""
    rows = [
        {
            "organization_id": printers[printer_id].organization_id,
            "printer_id": printer_id,
            "day": _day(reading),
            "counters": known_counts(printers[printer_id]) if printer_id in doubts else sampled_counters(reading),
            "supplies": sampled_supplies(reading),
        }
        for printer_id, reading in readings.items()
    ]
    if rows:
        for day in {row["day"] for row in rows}:
            ids = [row["printer_id"] for row in rows if row["day"] == day]
            earlier = delete(DailySample).where(DailySample.printer_id.in_(ids), DailySample.day == day)
            session.execute(earlier, **_QUIETLY)
        session.execute(insert(DailySample), rows)


def _day(reading: PrinterReading) -> date:
    return reading.read_at.astimezone(UTC).date()


def keep_apps(session: Session, seen: Mapping[Printer, Sequence[DeviceApp]]) -> None:
    """The apps of these printers as they report them; only rows that differ are written."""
    if not seen:
        return
    wanted = {(printer.id, app.id): _app_row(printer, app) for printer, apps in seen.items() for app in apps}
    columns = (
        PrinterApp.printer_id,
        PrinterApp.app_id,
        PrinterApp.name,
        PrinterApp.version,
        PrinterApp.is_started,
        PrinterApp.is_built_in,
    )
    query = select(*columns).where(PrinterApp.printer_id.in_([printer.id for printer in seen]))
    known = {(row.printer_id, row.app_id): row._asdict() for row in session.execute(query)}
    changed = {key for key, row in wanted.items() if known.get(key) != _without_organization(row)}
    gone = [key for key in known if key not in wanted or key in changed]
    for start in range(0, len(gone), CHUNK):
        keys = tuple_(PrinterApp.printer_id, PrinterApp.app_id).in_(gone[start : start + CHUNK])
        session.execute(delete(PrinterApp).where(keys), **_QUIETLY)
    if changed:
        session.execute(insert(PrinterApp), [wanted[key] for key in changed])


def _app_row(printer: Printer, app: DeviceApp) -> dict[str, Any]:
    return {
        "organization_id": printer.organization_id,
        "printer_id": printer.id,
        "app_id": app.id[:64],
        "name": app.name[:255],
        "version": app.version[:32],
        "is_started": app.is_started,
        "is_built_in": app.built_in,
    }


def _without_organization(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "organization_id"}


def apps_of(session: Session, ids: Iterable[str]) -> dict[str, list[PrinterApp]]:
    """The apps by printer id, by name."""
    query = select(PrinterApp).where(PrinterApp.printer_id.in_(list(ids))).order_by(PrinterApp.name, PrinterApp.app_id)
    found: dict[str, list[PrinterApp]] = {}
    for app in session.scalars(query):
        found.setdefault(app.printer_id, []).append(app)
    return found


_QUIETLY: dict[str, Any] = {"execution_options": {"synchronize_session": False}}
"""Rows that are deleted here are in no session as objects."""
