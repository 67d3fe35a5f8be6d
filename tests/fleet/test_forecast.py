"""How long supplies last, from the levels of former days (FL-238…FL-243)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from domain.tenancy import system_session, tenant_session
from fleet.agents.models import AgentKind
from fleet.printers.forecast import days_left, forecast_all
from fleet.printers.models import Communication, DailySample, PrinterForecast
from tests.support.fleet import add_printers
from tests.support.installation import Installation, installed

FIRST = date(2026, 11, 2)
LEVELS = [
    ("two percent a day", [50, 48, 46, 44], 22),
    ("one day only", [50], None),
    ("nothing used", [50, 50, 50], None),
    ("rising by the sensor's jitter", [50, 51, 50, 51], None),
    ("renewed in between", [12, 10, 100, 98, 96], 48),
    ("one false reading", [90, 88, 86, 50, 82, 80], 40),
    ("empty", [2, 1, 0], 0),
    ("hardly anything used", [100, *[100] * 58, 99.9], None),
    ("days without readings", [50, None, None, None, 46], 46),
]


@pytest.mark.parametrize(("_case", "levels", "expected"), LEVELS, ids=[case for case, _, _ in LEVELS])
def test_days_left(_case: str, levels: list[float | None], expected: int | None) -> None:
    days = [(FIRST + timedelta(days=number), level) for number, level in enumerate(levels) if level is not None]
    assert days_left(days) == expected


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


def sampled(office: Installation, supplies: list[dict[str, Any]], **values: Any) -> str:
    """A printer with a sample for each of the last days."""
    home = office.administrator.organization_id
    (printer,) = add_printers(home, 1, **values)
    today = datetime.now(UTC).date()
    with tenant_session(home) as session:
        for number, entry in enumerate(reversed(supplies)):
            day = today - timedelta(days=number)
            session.add(
                DailySample(
                    organization_id=home, printer_id=printer, day=day, counters={}, supplies={"toner-black": entry}
                )
            )
    return printer


def toner(percent: int, serial: str = "S1", kind: str = "toner") -> dict[str, Any]:
    return {"kind": kind, "percent": percent, "serial_number": serial}


FALLING = [toner(60), toner(50), toner(40)]
CASES = [
    (FALLING, {}, 4),
    (FALLING[1:], {}, 4),
    (FALLING[2:], {}, None),
    ([toner(60, "S1"), toner(58, "S2"), toner(56, "S2")], {}, 28),
    ([toner(60, kind="waste"), toner(50, kind="waste")], {}, None),
    (FALLING, {"is_vendor": False}, None),
    (FALLING, {"communication": Communication.SILENT}, None),
    (FALLING, {"agent_kind": AgentKind.PRINTER, "agent_version": "2.9"}, None),
    (FALLING, {"agent_kind": AgentKind.PRINTER, "agent_version": "3.0"}, 4),
    (FALLING, {"agent_kind": AgentKind.NATIVE, "offered_firmware": "081.230"}, None),
    (FALLING, {"agent_kind": AgentKind.NATIVE}, 4),
    (FALLING, {"agent_kind": AgentKind.LOCAL}, 4),
]


@pytest.mark.parametrize(("supplies", "values", "expected"), CASES)
def test_who_gets_a_forecast(
    office: Installation, supplies: list[dict[str, Any]], values: dict[str, Any], expected: int | None
) -> None:
    """F-37, FL-38, FL-239, FL-242, FL-243, FL-605; FL-596: two days of readings are enough, one is not."""
    printer = sampled(office, supplies, **values)
    for _ in range(2):  # computed anew each day
        with system_session() as session:
            assert forecast_all(session) == (expected is not None)
    with system_session(read_only=True) as session:
        found = session.scalars(select(PrinterForecast)).all()
    assert [(one.printer_id, one.days, one.least_days) for one in found] == (
        [] if expected is None else [(printer, {"toner-black": expected}, expected)]
    )
