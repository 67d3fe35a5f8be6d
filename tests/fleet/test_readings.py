"""What is kept of readings: list columns, the whole reading, samples, apps, and alerts as events."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.messages import fill
from connectors.printers.device_answers import DeviceApp, DeviceIdentity
from connectors.printers.reading import (
    Alert,
    Condition,
    CounterName,
    Counters,
    DeviceState,
    Identity,
    PrinterReading,
    PrinterState,
    Severity,
    Status,
    Supply,
    SupplyKind,
    Unit,
)
from domain.tenancy import tenant_session
from fleet.printers.cells import Words
from fleet.printers.details import get_printer
from fleet.printers.hardware_report import report_lines
from fleet.printers.models import (
    Communication,
    DailySample,
    Printer,
    PrinterApp,
    PrinterEvent,
    PrinterForecast,
    PrinterReadingRow,
)
from fleet.printers.readings import Observation, store_readings
from tests.support.fleet import add_printers
from tests.support.installation import Installation, installed

MORNING = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
JAM = Alert(Severity.ERROR, "Paper jam", 8, "jam", "mediaPath", 1)
LOW = Alert(Severity.WARNING, "Black toner is low", 1104, "marker-toner-almost-empty", "markerSupplies", 1)
COUNTERS = Counters({CounterName.LIFE: 1200, CounterName.COPY_SIDES: 300, CounterName.SCANS: 0})
TONER = Supply("toner-1", SupplyKind.TONER, "Black", "black", percent=40, condition=Condition.OK)


def reading(at: datetime = MORNING, *alerts: Alert, **values: object) -> PrinterReading:
    """A reading of a printer of our own make."""
    identity = Identity(manufacturer="Pressroom", model="PX C4150", firmware_level="081.223", location="Hall 3")
    status = Status(PrinterState.IDLE, DeviceState.RUNNING)
    whole = PrinterReading(identity, status, COUNTERS, (TONER,), (), tuple(alerts), at)
    return replace(whole, **values)  # type: ignore[arg-type]


class Office:
    """One printer that is read again and again."""

    def __init__(self, installation: Installation) -> None:
        self.administrator = installation.administrator
        self.home = self.administrator.organization_id
        self.printer = add_printers(self.home, 1, location="Hall 1", asset_tag="A-7")[0]

    def store(self, *readings: PrinterReading, **values: object) -> int:
        """Keep readings of the printer."""
        observations = [Observation(self.printer, one, **values) for one in readings or [None]]  # type: ignore[arg-type]
        with tenant_session(self.home) as session:
            return store_readings(session, observations).count

    def row(self) -> Printer:
        """The printer as it is kept."""
        with tenant_session(self.home, read_only=True) as session:
            printer = session.get_one(Printer, self.printer)
            session.expunge(printer)
            return printer

    def kept(self) -> dict[str, object]:
        """The whole last reading."""
        with tenant_session(self.home, read_only=True) as session:
            return session.scalars(select(PrinterReadingRow.reading)).one()

    def events(self) -> list[tuple[str, str, str, datetime | None]]:
        """The printer's history."""
        with tenant_session(self.home, read_only=True) as session:
            query = select(PrinterEvent).order_by(PrinterEvent.id)
            return [(one.kind, one.status, one.message["facts"]["text"], one.ended) for one in session.scalars(query)]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with installed(tmp_path) as installation:
        yield Office(installation)


def test_the_list_shows_what_was_read(office: Office) -> None:
    """FL-236: what is not reported is null, what is reported as zero is zero; untold texts stay."""
    assert office.store(reading()) == 1
    row = office.row()
    assert (row.firmware_level, row.location, row.asset_tag) == ("081.223", "Hall 3", "A-7")
    assert (row.life_pages, row.copies, row.scans, row.faxes, row.mono_copies) == (1200, 300, 0, None, None)
    assert (row.state, row.last_refresh) == ("idle", MORNING)
    assert (row.alert_severity, row.supply_severity) == (None, None)
    assert office.kept()["counters"] == {
        "values_by_name": {"life": 1200, "copy_sides": 300, "scans": 0},
        "life_unit": "unknown",
        "papers": [],
    }


COMPUTED = MORNING + timedelta(hours=3)
WORDS = Words(lambda template, **facts: fill(template, facts), lambda moment: moment.isoformat())
TOLD = replace(
    TONER,
    serial_number="CRG-7",
    capacity=2400,
    level=960,
    unit=Unit.TENTHS_OF_GRAMS,
    is_authentic=False,
    sides=812,
    coverage_last_job=4.5,
    coverage_lifetime=6.25,
    installed=date(2026, 9, 1),
)
SAID = "40 % · OK · Not genuine · 240 g · 9 days left · coverage 6.25 % · coverage of the last job 4.5 % · 812 sides"


def test_all_that_is_told_of_a_supply_is_kept_and_said(office: Office) -> None:
    """FL-237, FL-216: with when it was read, and when the days left were computed."""
    office.store(reading(supplies=(TOLD, replace(TONER, key="other"))))
    with tenant_session(office.home) as session:
        facts = {"organization_id": office.home, "printer_id": office.printer, "least_days": 9}
        session.add(PrinterForecast(at=COMPUTED, days={TOLD.key: 9}, **facts))
    details = get_printer(office.administrator, office.printer)
    kept, other = details.reading.supplies
    assert kept.model_dump() == asdict(TOLD) | {"days_left": 9}
    assert (details.read_at, details.forecast_at) == (MORNING, COMPUTED)
    assert (other.capacity, other.sides, other.days_left, other.is_authentic) == (None, None, None, None)
    said = [line.value for line in report_lines(details, WORDS) if line.section == "Supplies"]
    assert said == [f"{SAID} · CRG-7 · 2026-09-01", "40 % · OK"]


SEVERITIES = [
    ((), Condition.OK, None, None),
    ((JAM,), Condition.OK, "error", None),
    ((LOW,), Condition.OK, None, "warning"),
    ((JAM, LOW), Condition.EMPTY, "error", "error"),
    ((), Condition.LOW, None, "warning"),
    ((replace(JAM, severity=Severity.WARNING), JAM), Condition.OK, "error", None),
]


@pytest.mark.parametrize(("alerts", "condition", "printer", "supply"), SEVERITIES)
def test_severities(
    office: Office, alerts: tuple[Alert, ...], condition: Condition, printer: str | None, supply: str | None
) -> None:
    """FL-247: alerts of supplies count for the supplies, all others for the printer."""
    office.store(reading(MORNING, *alerts, supplies=(replace(TONER, condition=condition),)))
    row = office.row()
    assert (row.alert_severity, row.supply_severity) == (printer, supply)


def test_an_alert_is_one_event_from_its_beginning_to_its_end(office: Office) -> None:
    """FL-224: the same alert in later readings is the same event, even where its beginning jitters."""
    noon, evening = MORNING + timedelta(hours=4), MORNING + timedelta(hours=9)
    office.store(reading(MORNING, replace(JAM, since=MORNING - timedelta(minutes=5))))
    office.store(reading(noon, replace(JAM, since=MORNING - timedelta(minutes=6)), LOW))
    office.store(reading(evening, LOW))
    assert office.events() == [
        ("printer_alert", "error", "Paper jam", evening),
        ("supply_alert", "warning", "Black toner is low", None),
    ]
    office.store(reading(evening + timedelta(hours=1), LOW, JAM))
    assert [ended for *_, ended in office.events()] == [evening, None, None]


def test_the_last_sample_of_a_day_counts(office: Office) -> None:
    later = Counters({CounterName.LIFE: 1250})
    office.store(reading())
    office.store(reading(MORNING + timedelta(hours=5), counters=later))
    office.store(reading(MORNING + timedelta(days=1), counters=Counters({CounterName.LIFE: 1300})))
    with tenant_session(office.home, read_only=True) as session:
        samples = session.scalars(select(DailySample).order_by(DailySample.day)).all()
    assert [sample.counters["life"] for sample in samples] == [1250, 1300]
    assert samples[0].supplies["toner-1"]["percent"] == 40


def test_apps_follow_what_the_printer_reports(office: Office) -> None:
    """FL-283."""

    def app(name: str, version: str = "1.0", state: str = "started") -> DeviceApp:
        return DeviceApp(id=name, name=name.title(), version=version, state=state)

    def kept() -> list[tuple[str, str, bool]]:
        with tenant_session(office.home, read_only=True) as session:
            query = select(PrinterApp).order_by(PrinterApp.app_id)
            return [(row.app_id, row.version, row.is_started) for row in session.scalars(query)]

    office.store(reading(), apps=[app("forms"), app("scan"), app("copy")])
    office.store(reading(), apps=[app("forms", "1.1"), app("scan", state="stopped"), app("badge")])
    assert kept() == [("badge", "1.0", True), ("forms", "1.1", True), ("scan", "1.0", False)]
    office.store(reading())
    assert len(kept()) == 3  # not asked, so nothing is known to have changed
    office.store(reading(), apps=[])
    assert kept() == []


def test_what_was_not_seen_this_time_stays(office: Office) -> None:
    identity = DeviceIdentity(
        manufacturer="Pressroom",
        model="PX C4150",
        serial_number="PXC1",
        firmware="230.347",
        framework="5.2",
        restarted_at=MORNING,
    )
    office.store(reading(), identity=identity, apps=[])
    assert (office.row().firmware_level, office.row().last_restart) == ("230.347", MORNING)
    office.store(reading(MORNING + timedelta(hours=1)))
    kept = office.kept()
    assert kept["device"]["firmware"] == "230.347"  # type: ignore[index]
    assert kept["read_at"] == "2026-11-02T09:00:00Z"


@pytest.mark.parametrize(
    ("before", "values", "after"),
    [
        (Communication.SILENT, {}, Communication.COMMUNICATING),
        (Communication.NEEDS_CREDENTIALS, {}, Communication.NEEDS_CREDENTIALS),
        (Communication.NEEDS_CREDENTIALS, {"apps": []}, Communication.COMMUNICATING),
        (Communication.COMMUNICATING, {"access_refused": True}, Communication.NEEDS_CREDENTIALS),
    ],
)
def test_communication(office: Office, before: Communication, values: dict[str, object], after: Communication) -> None:
    """FL-248."""
    with tenant_session(office.home) as session:
        session.get_one(Printer, office.printer).communication = before
    office.store(reading(), **values)
    assert office.row().communication == after


def test_uptime_jitter_is_no_restart(office: Office) -> None:
    def up(at: datetime, seconds: int) -> PrinterReading:
        return reading(at, identity=Identity(uptime=timedelta(seconds=seconds)))

    office.store(up(MORNING, 3600))
    office.store(up(MORNING + timedelta(hours=1), 7190))
    assert office.row().last_restart == MORNING - timedelta(hours=1)
    office.store(up(MORNING + timedelta(hours=2), 60))
    assert office.row().last_restart == MORNING + timedelta(hours=1, minutes=59)


def test_printers_that_are_gone_are_passed_over(office: Office) -> None:
    with tenant_session(office.home) as session:
        assert (
            store_readings(session, [Observation("0" * 32, reading()), Observation(office.printer, reading())]).count
            == 1
        )


def test_another_organizations_printer_is_not_touched(tmp_path: Path) -> None:
    with installed(tmp_path) as installation:
        foreign = add_printers(installation.stranger.organization_id, 1)[0]
        with tenant_session(installation.administrator.organization_id) as session:
            assert store_readings(session, [Observation(foreign, reading())]).count == 0
