"""The fleet on PostgreSQL, behind row-level security: taking jobs, ends, schedules, policies, lists, configurations."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import select, true

from connectors.messages import Message
from connectors.printers.reading import Counters, Identity, PrinterReading, Status, Supply, SupplyKind
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.tenancy import system_session, tenant_session
from fleet.notifications.crossings import note_silence
from fleet.notifications.mails import send_notifications
from fleet.notifications.policies import PolicyForm, create_policy
from fleet.printers import listing
from fleet.printers.columns import COLUMNS, Column
from fleet.printers.filter_groups import create_filter_group
from fleet.printers.filters import PrinterFilter
from fleet.printers.forecast import forecast_all
from fleet.printers.listing import PrinterQuery, count_printers, list_printers, matching_ids
from fleet.printers.models import Communication, TaggedPrinter
from fleet.printers.readings import Observation, store_readings
from fleet.printers.tags.service import create_tag
from fleet.schedules.models import FleetSchedule
from fleet.schedules.runs import run_schedule
from fleet.schedules.service import create_schedule
from fleet.schedules.views import ScheduleForm
from fleet.tasks.execution import end_jobs, expire_jobs, for_agent, take_jobs
from fleet.tasks.kinds import TaskKind
from fleet.tasks.listing import list_fleet_tasks
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.service import NewTask, start_fleet_task
from fleet.tasks.status import TaskStatus
from fleet.tasks.work import start_waiting
from flows.fleet_task import work_on_printers
from steps.printer_work import Report
from tests.support.databases import new_records
from tests.support.fleet import add_agent, add_printers


@pytest.fixture
def administrator(tmp_path: Path, postgres: str) -> Iterator[Actor]:
    with new_records(tmp_path, postgres) as one:
        yield one


def status(task_id: str) -> TaskStatus:
    with system_session(read_only=True) as session:
        return TaskStatus(session.get_one(FleetTask, task_id).status)


def test_jobs_are_taken_once_by_several_at_a_time(administrator: Actor) -> None:
    """FL-501; whoever comes second passes over what another transaction has locked."""
    home = administrator.organization_id
    agent = add_agent(home)
    task_id = start_fleet_task(administrator, NewTask(TaskKind.RESTART), add_printers(home, 60, agent))
    taken: list[int] = []

    def take() -> None:
        while True:
            with tenant_session(home) as session:
                orders = take_jobs(session, for_agent(agent), 5).orders
            if not orders:
                return
            taken.extend(order.job_id for order in orders)

    threads = [Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with tenant_session(home) as session:  # what was locked at the moment when somebody looked and gave up
        taken += [order.job_id for order in take_jobs(session, for_agent(agent), 100).orders]
    assert len(taken) == len(set(taken)) == 60
    with tenant_session(home) as session:
        remark = Message.of("Done.")
        assert end_jobs(session, [(job_id, Report(remarks=(remark,))) for job_id in taken]) == 60
    assert status(task_id) is TaskStatus.COMPLETED_WITH_INFORMATION
    assert [view.id for view in list_fleet_tasks(administrator)] == [task_id]


def test_our_worker_unenrols_and_late_jobs_expire(administrator: Actor) -> None:
    home = administrator.organization_id
    task_id = start_fleet_task(administrator, NewTask(TaskKind.UNENROL), add_printers(home, 3))
    while work_on_printers.fn(home, task_id, resumes=True):
        pass
    assert status(task_id) is TaskStatus.COMPLETED
    late = start_fleet_task(administrator, NewTask(TaskKind.RESTART), add_printers(home, 2, add_agent(home)))
    with system_session() as session:
        for job in session.scalars(select(Job).where(Job.task_id == late)):
            job.expires = now() - timedelta(seconds=1)
        session.flush()
        assert expire_jobs(session) == 2
        assert start_waiting(session, true()) == 0
    assert status(late) is TaskStatus.FAILED


def test_schedules_by_filter_group(administrator: Actor) -> None:
    home = administrator.organization_id
    add_printers(home, 2)
    (other,) = add_printers(home, 1, model="PX M2250")
    group = create_filter_group(administrator, "Mono", PrinterFilter(models=("PX M2250",)))
    facts = {
        "name": "Nightly",
        "kind": "check_compliance",
        "recurrence": "daily",
        "start": "2026-01-01",
        "at": "03:00",
        "time_zone": "Europe/Stockholm",
        "run_for": "filter_group",
        "filter_group_id": group.id,
    }
    schedule_id = create_schedule(administrator, ScheduleForm.model_validate(facts))
    with system_session() as session:
        due = session.get_one(FleetSchedule, schedule_id).next_run
        assert due is not None
        task_id = run_schedule(session, schedule_id, due)
    with system_session(read_only=True) as session:
        assert session.scalars(select(Job.printer_id).where(Job.task_id == task_id)).all() == [other]


def test_readings_policies_and_forecasts(administrator: Actor) -> None:
    home = administrator.organization_id
    facts = {"kind": "supplies", "name": "Toner", "types": ["toner"], "threshold": 10, "recipients": ["a@example.com"]}
    create_policy(administrator, PolicyForm.model_validate(facts))
    silent = facts | {"kind": "printers", "name": "Silent", "types": ["last_contact"], "threshold": 1}
    create_policy(administrator, PolicyForm.model_validate(silent))
    first, _ = add_printers(home, 2, enrolled=now() - timedelta(days=3))
    for percent in (40, 9):
        supply = Supply("toner-1", SupplyKind.TONER, "Black toner", "black", percent=percent)
        reading = PrinterReading(Identity(), Status(), Counters({}), (supply,), (), (), datetime.now(UTC))
        with tenant_session(home) as session:
            assert store_readings(session, [Observation(first, reading)]).count == 1
    with system_session() as session:
        note_silence(session)
        assert forecast_all(session) == 0
    with tenant_session(home) as session:
        assert send_notifications(session, home) == 2
    with tenant_session(home) as session:
        assert send_notifications(session, home) == 0


@pytest.mark.parametrize("sort", [column for column in Column if COLUMNS[column].key], ids=str)
def test_lists_by_every_column_and_page(administrator: Actor, sort: Column) -> None:
    """FL-178…FL-203: those whose value is not known come last, and no printer is left out or shown twice."""
    home = administrator.organization_id
    add_printers(home, 3, life_pages=None)
    for number in range(4):
        add_printers(
            home, 1, life_pages=number, location=f"Hall {number}", last_contact=now() - timedelta(hours=number)
        )
    seen: list[str] = []
    query = PrinterQuery(sort=sort, limit=3)
    while found := list_printers(administrator, query):
        seen += [view.id for view in found]
        query = replace(query, after=found[-1].key)
    assert len(seen) == len(set(seen)) == 7
    assert count_printers(administrator, PrinterFilter(search="hall")).count == 4


@pytest.mark.parametrize("window", [1, 2000], ids=["sorted", "along the index"])
def test_filters_together_and_alone(administrator: Actor, monkeypatch: pytest.MonkeyPatch, window: int) -> None:
    """FL-178…FL-180: whichever way the page is found, and whether printers are counted or listed."""
    monkeypatch.setattr(listing, "WINDOW", window)
    home = administrator.organization_id
    tag = create_tag(administrator, "North")
    hall, attic, _ = (add_printers(home, 1, location=place)[0] for place in ("Hall", "Attic", "Cellar"))
    (silent,) = add_printers(home, 1, location="Hall", communication=Communication.SILENT)
    with tenant_session(home) as session:
        for printer_id in (hall, attic, silent):
            session.add(TaggedPrinter(organization_id=home, tag_id=tag.id, printer_id=printer_id))
    communicating = (Communication.COMMUNICATING,)
    for chosen, expected in (
        (PrinterFilter(search="hall"), {hall, silent}),
        (PrinterFilter(tag_ids=(tag.id,)), {hall, attic, silent}),
        (PrinterFilter(search="hall", tag_ids=(tag.id,)), {hall, silent}),
        (PrinterFilter(search="hall", tag_ids=(tag.id,), communication=communicating), {hall}),
        (PrinterFilter(search="cellar", tag_ids=(tag.id,)), set()),
    ):
        assert {view.id for view in list_printers(administrator, PrinterQuery(chosen))} == expected
        assert count_printers(administrator, chosen).count == len(expected)
        assert set(matching_ids(administrator, chosen)) == expected
