"""How many days a toner or a drum lasts, from the levels of former days (F-37, FL-238…FL-243).

The pace is the median of the slopes between all pairs of days since the supply was last renewed (Theil and Sen): days
without readings move it little. There is none without two days of readings and a fall.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from math import floor
from statistics import median
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from connectors.printers.reading import SupplyKind
from domain.organizations.models import now
from fleet.agents.models import AgentKind
from fleet.capabilities.levels import is_at_least
from fleet.printers.models import Communication, DailySample, Printer, PrinterForecast

FORECAST_KINDS = (SupplyKind.TONER, SupplyKind.INK, SupplyKind.PHOTOCONDUCTOR)
WINDOW = timedelta(days=60)
LONGEST = 3650
"""Days beyond which a forecast says nothing."""

RENEWED = 5
"""Percent by which a level must rise to be another cartridge and not a jitter of the sensor."""

LOWEST_AGENT = "3.0"
CHUNK = 500


def days_left(levels: Sequence[tuple[date, float]]) -> int | None:
    """Whole days that the supply lasts, from its levels in percent by day; None where that cannot be said."""
    since = _since_renewal(sorted(levels))
    if len(since) < 2:
        return None
    slopes = [(later[1] - earlier[1]) / (later[0] - earlier[0]).days for earlier, later in combinations(since, 2)]
    pace = -median(slopes)
    if pace <= 0:
        return None
    days = floor(since[-1][1] / pace)
    return days if days <= LONGEST else None


def _since_renewal(levels: Sequence[tuple[date, float]]) -> list[tuple[date, float]]:
    kept: list[tuple[date, float]] = []
    for day, level in levels:
        if kept and level > kept[-1][1] + RENEWED:
            kept = []
        kept.append((day, level))
    return kept


def forecast_all(session: Session) -> int:
    """Compute the forecasts of all printers anew; returns for how many printers there is one."""
    moment, count, after = now(), 0, ""
    while printers := session.scalars(
        select(Printer).where(Printer.id > after).order_by(Printer.id).limit(CHUNK)
    ).all():
        after = printers[-1].id
        count += _forecast(session, printers, moment)
    return count


def _forecast(session: Session, printers: Sequence[Printer], moment: datetime) -> int:
    eligible = {printer.id: printer for printer in printers if _is_eligible(printer)}
    ids = [printer.id for printer in printers]
    session.execute(delete(PrinterForecast).where(PrinterForecast.printer_id.in_(ids)))
    since = moment.astimezone(UTC).date() - WINDOW
    samples: dict[str, list[DailySample]] = {}
    query = select(DailySample).where(DailySample.printer_id.in_(list(eligible)), DailySample.day >= since)
    for sample in session.scalars(query.order_by(DailySample.day)):
        samples.setdefault(sample.printer_id, []).append(sample)
    rows = []
    for printer_id, found in samples.items():
        if lasting := _supplies(found):
            printer = eligible[printer_id]
            rows.append(
                {
                    "organization_id": printer.organization_id,
                    "printer_id": printer_id,
                    "at": moment,
                    "days": lasting,
                    "least_days": min(lasting.values()),
                }
            )
    if rows:
        session.execute(insert(PrinterForecast), rows)
    return len(rows)


def _is_eligible(printer: Printer) -> bool:
    """FL-239, FL-242."""
    if not printer.is_vendor or printer.communication != Communication.COMMUNICATING:
        return False
    if printer.agent_kind == AgentKind.PRINTER:
        return is_at_least(printer.agent_version, LOWEST_AGENT)
    return printer.agent_kind != AgentKind.NATIVE or not printer.offered_firmware


def _supplies(samples: Sequence[DailySample]) -> dict[str, int]:
    """Days by the key of the supply. Another serial number is another cartridge: its levels begin anew."""
    newest = samples[-1].supplies
    found: dict[str, int] = {}
    for key, latest in newest.items():
        if latest.get("kind") not in FORECAST_KINDS:
            continue
        levels = [
            (sample.day, float(entry["percent"]))
            for sample in samples
            if (entry := sample.supplies.get(key)) and entry.get("percent") is not None and _is_same(entry, latest)
        ]
        days = days_left(levels)
        if days is not None:
            found[key] = days
    return found


def _is_same(entry: Mapping[str, Any], latest: Mapping[str, Any]) -> bool:
    return bool(entry.get("serial_number") == latest.get("serial_number"))
