"""Schedules in the records: who may make one, what it starts when it is due, and what it does not (FL-502…FL-517)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.messages import Message
from domain.organizations.models import User, now
from domain.organizations.roles import Role
from domain.outbox.models import OutboxRow
from domain.recurrence.runs import hand_over_overdue
from domain.tenancy import new_id, system_session, tenant_session
from fleet.printers.filter_groups import create_filter_group, delete_filter_group
from fleet.printers.filters import PrinterFilter
from fleet.printers.models import Tag, TaggedPrinter
from fleet.schedules.models import FleetSchedule
from fleet.schedules.runs import run_schedule
from fleet.schedules.service import (
    change_schedule,
    create_schedule,
    delete_schedule,
    get_schedule,
    list_schedules,
    pause_schedule,
)
from fleet.schedules.views import ScheduleForm
from fleet.tasks.models import FleetTask, Job
from tests.support.fleet import add_printers
from tests.support.installation import Installation, installed


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


def form(**values: Any) -> ScheduleForm:
    facts: dict[str, Any] = {
        "name": "Nightly check",
        "kind": "check_compliance",
        "recurrence": "daily",
        "start": "2026-01-01",
        "at": "03:00",
        "time_zone": "Europe/Stockholm",
    }
    return ScheduleForm.model_validate(facts | values)


def due(schedule_id: str) -> datetime:
    with system_session(read_only=True) as session:
        moment = session.get_one(FleetSchedule, schedule_id).next_run
    assert moment is not None
    return moment


def run(schedule_id: str, moment: datetime | None = None) -> str | None:
    with system_session() as session:
        return run_schedule(session, schedule_id, moment or due(schedule_id))


def printers_of_task(task_id: str) -> set[str | None]:
    with system_session(read_only=True) as session:
        return set(session.scalars(select(Job.printer_id).where(Job.task_id == task_id)))


def test_a_program_makes_none_since_they_run_in_somebodys_name(office: Installation) -> None:
    program = replace(office.administrator, user_id="", application_id=new_id())
    schedule_id = create_schedule(office.administrator, form())
    for call in (
        lambda: create_schedule(program, form(name="Mine")),
        lambda: change_schedule(program, schedule_id, form()),
    ):
        with pytest.raises(PressroomError, match=r"application\.person_needed"):
            call()


def test_the_engine_gets_the_next_run(office: Installation) -> None:
    schedule_id = create_schedule(office.administrator, form())
    with system_session(read_only=True) as session:
        (row,) = session.scalars(select(OutboxRow))
    assert row.parameters == {"schedule_id": schedule_id, "due": due(schedule_id).isoformat()}
    assert row.due == due(schedule_id)
    assert row.available <= now()
    assert due(schedule_id).astimezone().utcoffset() is not None
    assert timedelta() < due(schedule_id) - now() <= timedelta(days=1, hours=1)


@pytest.mark.parametrize("kind", ["check_compliance", "enforce_configuration"])
def test_a_run_starts_a_task_over_the_printers_of_that_moment(office: Installation, kind: str) -> None:
    """FL-515, FL-517; FL-426: checks and enforcement may recur."""
    schedule_id = create_schedule(office.administrator, form(kind=kind))
    printers = add_printers(office.administrator.organization_id, 3)
    add_printers(office.stranger.organization_id, 2)
    before = due(schedule_id)
    task_id = run(schedule_id)
    assert task_id is not None
    assert printers_of_task(task_id) == set(printers)
    view = get_schedule(office.administrator, schedule_id)
    assert (view.last_count, view.note) == (3, None)
    assert view.next_run is not None
    assert view.next_run > before
    with system_session(read_only=True) as session:
        task = session.get_one(FleetTask, task_id)
    assert (task.schedule_id, task.issuer_id, task.kind) == (schedule_id, office.administrator.user_id, kind)


def test_the_same_moment_runs_once(office: Installation) -> None:
    """Two flow runs for it, or one after a change, start nothing more."""
    schedule_id = create_schedule(office.administrator, form())
    with system_session() as session:
        schedule = session.get_one(FleetSchedule, schedule_id)
        schedule.next_run = moment = datetime(2026, 1, 2, 2, tzinfo=UTC)
    add_printers(office.administrator.organization_id, 1)
    assert run(schedule_id, moment) is not None
    assert run(schedule_id, moment) is None
    assert due(schedule_id) > now()


def test_by_tags(office: Installation) -> None:
    """FL-506: printers of any of the tags, among them those tagged after the schedule was made."""
    home = office.administrator.organization_id
    first, second, _ = add_printers(home, 3)
    with tenant_session(home) as session:
        tags = [Tag(organization_id=home, name=name, name_key=name.lower()) for name in ("North", "South")]
        session.add_all(tags)
        session.flush()
        ids = [tag.id for tag in tags]
    schedule_id = create_schedule(office.administrator, form(run_for="tags", tag_ids=ids))
    with tenant_session(home) as session:
        for tag, printer in ((ids[0], first), (ids[1], first), (ids[1], second)):
            session.add(TaggedPrinter(organization_id=home, tag_id=tag, printer_id=printer))
    task_id = run(schedule_id)
    assert task_id is not None
    assert printers_of_task(task_id) == {first, second}


def test_by_a_filter_group(office: Installation) -> None:
    """FL-184, FL-506: the group's filters are looked at anew at each run; one that is used is not deleted (A-16)."""
    home = office.administrator.organization_id
    add_printers(home, 2)
    (other,) = add_printers(home, 1, model="PX M2250")
    group = create_filter_group(office.administrator, "Mono", PrinterFilter(models=("PX M2250",)))
    schedule_id = create_schedule(office.administrator, form(run_for="filter_group", filter_group_id=group.id))
    task_id = run(schedule_id)
    assert task_id is not None
    assert printers_of_task(task_id) == {other}
    with pytest.raises(PressroomError) as refused:
        delete_filter_group(office.administrator, group.id)
    assert refused.value.code == "printer_filter_group.in_use"
    assert "Nightly check" in refused.value.message


def test_an_empty_run_is_recorded_without_a_task(office: Installation) -> None:
    schedule_id = create_schedule(office.administrator, form())
    assert run(schedule_id) is None
    view = get_schedule(office.administrator, schedule_id)
    assert view.last_run is not None
    assert view.last_count == 0
    assert view.note == Message.of("No printer belongs to it now; no task was started.")


def test_an_issuer_who_lost_the_role_starts_nothing(office: Installation) -> None:
    """F-43 (4)."""
    manager = office.add_person("manager@example.com", Role.FLEET_ADMINISTRATOR)
    schedule_id = create_schedule(manager, form())
    add_printers(manager.organization_id, 1)
    with system_session() as session:
        session.get_one(User, manager.user_id).roles = []
    assert run(schedule_id) is None
    note = get_schedule(office.administrator, schedule_id).note
    assert str(note).startswith("Whoever made the schedule may no longer do this")


def test_a_paused_schedule_does_not_run_and_makes_up_for_nothing(office: Installation) -> None:
    schedule_id = create_schedule(office.administrator, form())
    moment = due(schedule_id)
    pause_schedule(office.administrator, schedule_id, paused=True)
    assert run(schedule_id, moment) is None
    assert get_schedule(office.administrator, schedule_id).next_run is None
    pause_schedule(office.administrator, schedule_id, paused=False)
    assert due(schedule_id) > now()


def test_a_changed_schedule_runs_at_its_new_time_only(office: Installation) -> None:
    schedule_id = create_schedule(office.administrator, form())
    former = due(schedule_id)
    change_schedule(office.administrator, schedule_id, form(at="17:45", time_zone="Asia/Tokyo"))
    assert due(schedule_id) != former
    assert run(schedule_id, former) is None
    delete_schedule(office.administrator, schedule_id)
    assert list_schedules(office.administrator) == []
    assert run(schedule_id, former) is None


def test_a_run_that_the_engine_lost_is_handed_over_again(office: Installation) -> None:
    schedule_id = create_schedule(office.administrator, form())
    with system_session() as session:
        assert hand_over_overdue(session, FleetSchedule) == 0
        session.get_one(FleetSchedule, schedule_id).next_run = now() - timedelta(hours=1)
    with system_session() as session:
        assert hand_over_overdue(session, FleetSchedule) == 1


REFUSED = [
    ({"kind": "restart"}, "schedule.kind"),
    ({"kind": "refresh"}, "schedule.kind"),
    ({"kind": "deploy_configuration"}, "schedule.kind"),
    ({"kind": "update_apps"}, "schedule.kind"),
    ({"time_zone": "Europe/Nowhere"}, "schedule.time_zone"),
    ({"run_for": "tags"}, "schedule.target"),
    ({"run_for": "filter_group"}, "schedule.target"),
    ({"tag_ids": ["0" * 32]}, "schedule.target"),
    ({"run_for": "tags", "tag_ids": ["0" * 32]}, "not_found"),
    ({"run_for": "filter_group", "filter_group_id": "0" * 32, "tag_ids": ["0" * 32]}, "schedule.target"),
    ({"run_for": "filter_group", "filter_group_id": "0" * 32}, "not_found"),
    ({"recurrence": "once"}, "schedule.in_the_past"),
    ({"end": "2026-01-31"}, "schedule.in_the_past"),
    ({"recurrence": "weekly"}, "schedule.days_needed"),
]


@pytest.mark.parametrize(("values", "code"), REFUSED)
def test_refused(office: Installation, values: dict[str, Any], code: str) -> None:
    """FL-502: only checks and enforcement recur (FL-608). FL-593: a filter group is one, and nothing besides."""
    with pytest.raises(PressroomError) as refused:
        create_schedule(office.administrator, form(**values))
    assert refused.value.code == code
    assert list_schedules(office.administrator) == []


def test_names_are_unique_in_an_organization(office: Installation) -> None:
    create_schedule(office.administrator, form())
    create_schedule(office.stranger, form())
    with pytest.raises(PressroomError) as refused:
        create_schedule(office.administrator, form(name="NIGHTLY  check"))
    assert refused.value.code == "schedule.name_taken"


def test_viewers_and_strangers(office: Installation) -> None:
    viewer = office.add_person("viewer@example.com", Role.FLEET_VIEWER)
    schedule_id = create_schedule(office.administrator, form())
    for act in (lambda: create_schedule(viewer, form()), lambda: list_schedules(viewer)):
        with pytest.raises(PressroomError) as refused:
            act()
        assert refused.value.code == "role.missing"
    with pytest.raises(PressroomError) as foreign:
        delete_schedule(office.stranger, schedule_id)
    assert foreign.value.code == "not_found"
