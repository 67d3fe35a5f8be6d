"""Times of print policies are read where the printer stands: in its own zone, else in its organization's (PR-91)."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, now
from domain.organizations.roles import Role
from domain.print_definitions.definitions import change_default
from domain.print_policies.rules import SCHEDULE_CLOSED, PolicyRules
from domain.print_policies.schedule import Schedule, Window
from domain.print_policies.subject import POLICIES
from domain.printing.evaluation import Changes, evaluate
from domain.printing.jobs import find_job
from domain.tenancy import tenant_session
from fleet.printers.details import get_printer
from fleet.printers.time_zones import set_time_zone
from fleet.releasing.foresight import foresee
from fleet.releasing.printers import release_printer
from tests.support.fleet import add_printers
from tests.support.installation import Installation, installed
from tests.support.print_queues import add_held
from tests.support.print_settings import set_print_settings

OFFICE_HOURS = Window(start=time(8), end=time(17))


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    home: Path = tmp_path_factory.mktemp("zones")
    with installed(home) as one:
        set_print_settings(one.administrator, policies={"print_enabled": True})
        with tenant_session(one.administrator.organization_id) as session:
            session.get_one(Organization, one.administrator.organization_id).time_zone = "Europe/Stockholm"
        yield one


@pytest.fixture(scope="module")
def person(installation: Installation) -> Actor:
    return installation.add_person("kim@one.example", Role.PRINT_RELEASE_USER)


def allow(installation: Installation, window: Window) -> None:
    change_default(installation.administrator, POLICIES, PolicyRules(schedule=Schedule(window=window)))


def is_allowed(person: Actor, job_id: str, printer_id: str, moment: datetime) -> bool:
    """Whether that printer would print the job at that moment."""
    with tenant_session(person.organization_id, read_only=True) as session:
        facts = release_printer(session, printer_id).facts
        try:
            evaluate(session, find_job(session, job_id), facts, Changes(), moment)
        except PressroomError as refusal:
            if refusal.fault is SCHEDULE_CLOSED:
                return False
            raise
        return True


@pytest.mark.parametrize(
    ("zone", "utc", "allowed"),
    [
        ("", "2026-03-28T06:30", False),  # the organization's: 07:30, the day before clocks go forward
        ("", "2026-03-29T06:30", True),  # 08:30
        ("", "2026-10-24T06:30", True),  # 08:30, the day before clocks go back
        ("", "2026-10-25T06:30", False),  # 07:30
        ("", "2026-10-25T16:30", False),  # 17:30
        ("", "2026-10-24T15:30", False),  # 17:30
        ("America/New_York", "2026-03-07T12:30", False),  # other days than in Europe
        ("America/New_York", "2026-03-08T12:30", True),
        ("America/New_York", "2026-03-29T06:30", False),
        ("America/New_York", "2026-10-25T12:30", True),
        ("America/New_York", "2026-11-01T12:30", False),
        ("Asia/Kolkata", "2026-03-29T03:00", True),  # 08:30 all year
        ("Asia/Kolkata", "2026-10-25T03:00", True),
        ("Asia/Kolkata", "2026-10-25T12:00", False),
    ],
)
def test_office_hours_are_those_at_the_printer_also_when_clocks_are_put(
    installation: Installation, person: Actor, zone: str, utc: str, allowed: bool
) -> None:
    allow(installation, OFFICE_HOURS)
    (printer,) = add_printers(person.organization_id, 1)
    set_time_zone(installation.administrator, [printer], zone)
    job = add_held(person)
    assert is_allowed(person, job, printer, datetime.fromisoformat(utc).replace(tzinfo=UTC)) is allowed


def test_the_same_job_is_printed_at_one_printer_and_not_at_another(installation: Installation, person: Actor) -> None:
    here, there = add_printers(person.organization_id, 2)
    set_time_zone(installation.administrator, [there], "Asia/Tokyo")
    local = now().astimezone(ZoneInfo("Asia/Tokyo"))
    allow(installation, Window(start=at(local - timedelta(hours=1)), end=at(local + timedelta(hours=1))))
    job = add_held(person)
    assert foresee(person, job, there).refusal is None
    refusal = foresee(person, job, here).refusal
    assert refusal is not None
    assert refusal.fault is SCHEDULE_CLOSED


def at(moment: datetime) -> time:
    return time(moment.hour, moment.minute)


def test_many_are_set_at_once_all_or_none_and_it_is_recorded(installation: Installation, person: Actor) -> None:
    chief = installation.administrator
    ids = add_printers(chief.organization_id, 3)
    (foreign,) = add_printers(installation.stranger.organization_id, 1)
    set_time_zone(chief, ids, "Europe/Lisbon")
    assert {get_printer(chief, one).view.time_zone for one in ids} == {"Europe/Lisbon"}
    for wrong, zone, code in (
        ([*ids, foreign], "UTC", "not_found"),
        (ids, "Europe/Atlantis", "printer.unknown_time_zone"),
    ):
        with pytest.raises(PressroomError) as caught:
            set_time_zone(chief, wrong, zone)
        assert caught.value.code == code
    with pytest.raises(PressroomError) as caught:
        set_time_zone(person, ids, "UTC")
    assert caught.value.code == "role.missing"
    assert {get_printer(chief, one).view.time_zone for one in ids} == {"Europe/Lisbon"}
    assert get_printer(installation.stranger, foreign).view.time_zone == ""
    with tenant_session(chief.organization_id, read_only=True) as session:
        query = select(AuditEvent.facts).where(AuditEvent.action == "printer.time_zone_set")
        assert {"time_zone": "Europe/Lisbon", "printers": 3} in list(session.scalars(query))
