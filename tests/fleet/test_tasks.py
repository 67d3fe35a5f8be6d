"""Fleet tasks in the records: who may start one, who takes its jobs, in which order, and how it ends."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.errors import PressroomError
from connectors.messages import Message
from domain.audit.models import AuditEvent
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.tasks.models import BackgroundTask, TaskState
from domain.tenancy import new_id, system_session, tenant_session
from fleet.agents.models import Agent, AgentKind
from fleet.printers.models import Communication, MspStatus, Printer, PrinterEvent
from fleet.tasks import execution
from fleet.tasks.execution import (
    end_jobs,
    expire_jobs,
    for_agent,
    for_worker,
    orders_in_hand,
    take_jobs,
)
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.service import NewTask, start_fleet_task, stop_jobs, stop_task
from fleet.tasks.status import JobStatus, TaskStatus
from flows.fleet_task import work_on_printers
from flows.keep_fleet_tasks import keep_fleet_tasks
from steps.printer_work import Outcome, Report
from tests.support.fleet import add_agent, add_printers
from tests.support.installation import Installation, installed


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


def unenrol(office: Installation, ids: list[str]) -> str:
    return start_fleet_task(office.administrator, NewTask(TaskKind.UNENROL), ids)


def run(office: Installation, task_id: str) -> None:
    """Batch after batch, as the flow has them done."""
    while work_on_printers.fn(office.administrator.organization_id, task_id, resumes=True):
        pass


def statuses(task_id: str) -> dict[str, int]:
    with system_session(read_only=True) as session:
        query = select(Job.status, func.count()).where(Job.task_id == task_id).group_by(Job.status)
        return {word: count for word, count in session.execute(query)}  # noqa: C416 — rows are no pairs to mypy


def status(task_id: str) -> TaskStatus:
    with system_session(read_only=True) as session:
        return TaskStatus(session.get_one(FleetTask, task_id).status)


def test_a_mix_with_printers_of_the_supplies_programme_unenrols_the_free_ones(office: Installation) -> None:
    """FL-475, F-9: the task completes with errors, the managed printers stay."""
    home = office.administrator.organization_id
    free, managed = add_printers(home, 3), add_printers(home, 2, msp=MspStatus.PENDING)
    task_id = unenrol(office, free + managed)
    assert status(task_id) is TaskStatus.PENDING
    run(office, task_id)
    assert statuses(task_id) == {"completed": 3, "failed": 2}
    assert status(task_id) is TaskStatus.COMPLETED_WITH_ERRORS
    with tenant_session(home, read_only=True) as session:
        assert set(session.scalars(select(Printer.id))) == set(managed)
        reasons = session.scalars(select(Job.reason).where(Job.status == JobStatus.FAILED)).all()
    assert {reason["template"] for reason in reasons if reason} == {
        "The printer is managed by the supplies programme, or waits to be."
    }


def test_silent_printers_and_those_of_other_agents_are_unenrolled_too(office: Installation) -> None:
    """FL-618, A-42."""
    home = office.administrator.organization_id
    agent = add_agent(home, AgentKind.NATIVE)
    ids = add_printers(home, 2, agent, communication=Communication.SILENT)
    task_id = unenrol(office, ids)
    run(office, task_id)
    assert status(task_id) is TaskStatus.COMPLETED


def test_unenrolling_cannot_be_stopped(office: Installation) -> None:
    """FL-329, FL-500."""
    task_id = unenrol(office, add_printers(office.administrator.organization_id, 1))
    with pytest.raises(PressroomError) as refused:
        stop_task(office.administrator, task_id)
    assert refused.value.code == "fleet_task.not_stoppable"


def test_foreign_printers_are_not_found_and_nothing_is_started(office: Installation) -> None:
    own = add_printers(office.administrator.organization_id, 1)
    foreign = add_printers(office.stranger.organization_id, 1)
    with pytest.raises(PressroomError) as refused:
        unenrol(office, own + foreign)
    assert refused.value.code == "not_found"
    with system_session(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(FleetTask)) == 0


def test_viewers_start_nothing(office: Installation) -> None:
    """FL-519."""
    viewer = office.add_person("viewer@example.com", Role.FLEET_VIEWER)
    with pytest.raises(PressroomError) as refused:
        start_fleet_task(viewer, NewTask(TaskKind.UNENROL), add_printers(viewer.organization_id, 1))
    assert refused.value.code == "role.missing"


def test_a_program_with_the_role_starts_tasks_too(office: Installation) -> None:
    """AC-194: integrations work on printers, in nobody's name but their own."""
    program = replace(office.administrator, user_id="", application_id=new_id())
    ids = add_printers(program.organization_id, 1)
    task_id = start_fleet_task(program, NewTask(TaskKind.UNENROL), ids)
    run(office, task_id)
    assert status(task_id) is TaskStatus.COMPLETED
    with program.session(read_only=True) as session:
        query = select(AuditEvent.user_id).where(AuditEvent.action == "fleet_task.started")
        assert session.scalars(query).all() == [program.application_id]


def test_nothing_chosen_is_refused(office: Installation) -> None:
    with pytest.raises(PressroomError) as refused:
        unenrol(office, [])
    assert refused.value.code == "fleet_task.nothing_chosen"


class Restarts:
    """Tasks of a kind for agents that call in, without any flow."""

    def __init__(self, office: Installation) -> None:
        self.home = office.administrator.organization_id
        self.agent = add_agent(self.home, version="2.1.18")
        self.printers = add_printers(self.home, 3, self.agent)
        self.office = office

    def start(self, **values: object) -> str:
        new = NewTask(TaskKind.RESTART, **values)  # type: ignore[arg-type]
        return start_fleet_task(self.office.administrator, new, self.printers)

    def take(self, limit: int = 10) -> list[int]:
        with tenant_session(self.home) as session:
            return [order.job_id for order in take_jobs(session, for_agent(self.agent), limit).orders]

    def end(self, job_ids: list[int], report: Report) -> int:
        with tenant_session(self.home) as session:
            return end_jobs(session, [(job_id, report) for job_id in job_ids])


@pytest.fixture
def restarts(office: Installation) -> Restarts:
    return Restarts(office)


def test_an_agent_takes_each_job_once_and_keeps_it_in_hand(restarts: Restarts) -> None:
    """FL-480: a task has a job for each printer."""
    task_id = restarts.start()
    first, second = restarts.take(2), restarts.take(2)
    assert (len(first), len(second), restarts.take()) == (2, 1, [])
    assert status(task_id) is TaskStatus.IN_PROGRESS
    with tenant_session(restarts.home) as session:
        again = orders_in_hand(session, for_agent(restarts.agent))
    assert [order.job_id for order in again] == first + second
    assert {order.printer.address for order in again if order.printer}


def test_a_printer_has_one_job_at_a_time_in_the_order_of_creation(restarts: Restarts) -> None:
    """FL-501, FL-517, TS-27."""
    restarts.start()
    second = restarts.start()
    earlier = restarts.take()
    assert restarts.take() == []
    restarts.end(earlier[:1], Report())
    later = restarts.take()
    assert len(later) == 1
    with system_session(read_only=True) as session:
        job = session.get_one(Job, later[0])
        assert (job.task_id, job.printer_id) == (second, restarts.printers[0])


def test_a_report_is_taken_once(restarts: Restarts) -> None:
    """FL-484."""
    task_id = restarts.start()
    jobs = restarts.take()
    assert restarts.end(jobs, Report(remarks=(Message.of("Back after 3 seconds."),))) == 3
    assert restarts.end(jobs, Report(outcome=Outcome.FAILED)) == 0
    assert status(task_id) is TaskStatus.COMPLETED_WITH_INFORMATION


def test_reports_change_what_is_known_of_the_printer(restarts: Restarts) -> None:
    restarts.start()
    jobs = restarts.take()
    restarts.end(jobs[:1], Report())
    restarts.end(jobs[1:2], Report(outcome=Outcome.NOT_COMMUNICATING))
    restarts.end(jobs[2:], Report(outcome=Outcome.FAILED, facts={"code": "device.access_refused"}))
    with tenant_session(restarts.home, read_only=True) as session:
        printers = [session.get_one(Printer, one) for one in restarts.printers]
        events = session.scalars(select(PrinterEvent.status).order_by(PrinterEvent.id)).all()
    assert [printer.communication for printer in printers] == [
        Communication.COMMUNICATING,
        Communication.SILENT,
        Communication.NEEDS_CREDENTIALS,
    ]
    assert events == ["completed", "not_communicating", "failed"]


def test_only_pending_jobs_can_be_stopped(restarts: Restarts) -> None:
    """FL-486, FL-500."""
    task_id = restarts.start()
    running = restarts.take(1)
    with pytest.raises(PressroomError) as refused:
        stop_jobs(restarts.office.administrator, task_id, running)
    assert refused.value.code == "fleet_task.not_stoppable"
    assert stop_task(restarts.office.administrator, task_id) == 2
    restarts.end(running, Report())
    assert status(task_id) is TaskStatus.COMPLETED


def test_jobs_wait_for_their_start_and_end_with_their_window(restarts: Restarts) -> None:
    """FL-306, FL-307 (A-18): jobs not started when the window closes expire; those started run to their end."""
    task_id = restarts.start(starts=now() + timedelta(hours=1), window_end=now() + timedelta(hours=2))
    assert restarts.take() == []
    with system_session() as session:
        session.get_one(FleetTask, task_id).starts = now() - timedelta(seconds=1)
    taken = restarts.take(1)
    with system_session() as session:
        session.get_one(FleetTask, task_id).window_end = now() - timedelta(seconds=1)
    assert restarts.take() == []
    with system_session() as session:
        assert expire_jobs(session) == 2
    restarts.end(taken, Report())
    assert statuses(task_id) == {"completed": 1, "expired": 2}
    assert status(task_id) is TaskStatus.COMPLETED_WITH_ERRORS


def test_jobs_that_nobody_takes_expire_after_a_week(restarts: Restarts) -> None:
    """FL-482, F-41."""
    task_id = restarts.start()
    with system_session() as session:
        assert expire_jobs(session) == 0
        for job in session.scalars(select(Job)):
            assert timedelta(days=6, hours=23) < job.expires - now() <= timedelta(days=7)
            job.expires = now() - timedelta(seconds=1)
    with system_session() as session:
        assert expire_jobs(session) == 3
    assert status(task_id) is TaskStatus.FAILED


def test_jobs_in_hand_expire_after_a_day(restarts: Restarts) -> None:
    """FL-483, FL-487, FL-586: the printer is free for the next task then, and a late report changes nothing."""
    task_id = restarts.start()
    taken = restarts.take()
    with system_session() as session:
        assert expire_jobs(session) == 0
        for job in session.scalars(select(Job)):
            assert timedelta(hours=23, minutes=55) < job.expires - now() <= timedelta(hours=24)
            job.expires = now() - timedelta(seconds=1)
    with system_session() as session:
        assert expire_jobs(session) == 3
    assert restarts.end(taken, Report()) == 0
    assert statuses(task_id) == {"expired": 3}
    restarts.start()
    assert len(restarts.take()) == 3


GATES = [
    ({"agent_kind": AgentKind.LOCAL}, JobStatus.NOT_SUPPORTED, "The agent does not support the task."),
    ({"communication": Communication.NEEDS_CREDENTIALS}, JobStatus.FAILED, "The agent needs credentials"),
    ({"communication": Communication.SILENT}, JobStatus.NOT_COMMUNICATING, "The agent cannot reach the printer."),
]


@pytest.mark.parametrize(("values", "expected", "text"), GATES)
def test_gates(office: Installation, values: dict[str, object], expected: JobStatus, text: str) -> None:
    """FL-43, FL-497, FL-610…FL-616, TS-15, TS-16, TS-20: the others go on. FL-615: without credentials a job fails."""
    restarts = Restarts(office)
    restarts.printers += add_printers(restarts.home, 1, restarts.agent, **values)
    task_id = restarts.start()
    assert len(restarts.take()) == 3
    with tenant_session(restarts.home, read_only=True) as session:
        job = session.scalars(select(Job).where(Job.task_id == task_id).order_by(Job.id.desc())).first()
        assert job is not None
        assert job.status == expected
        assert job.reason is not None
        assert str(Message.model_validate(job.reason)).startswith(text)


def test_a_printer_that_is_known_to_be_silent_is_not_waited_for(
    restarts: Restarts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FL-498 (A-33): told at once, whether or not its agent calls in; one that falls silent later is waited for."""
    monkeypatch.setattr(execution, "AT_ONCE", 2)
    restarts.printers += add_printers(restarts.home, 5, restarts.agent, communication=Communication.SILENT)
    task_id = restarts.start()
    assert statuses(task_id) == {"pending": 3, "not_communicating": 5}
    with tenant_session(restarts.home) as session:
        session.get_one(Printer, restarts.printers[0]).communication = Communication.SILENT
    assert statuses(task_id) == {"pending": 3, "not_communicating": 5}
    later = restarts.start(starts=now() + timedelta(hours=1))
    assert statuses(later) == {"pending": 8}
    refresh = start_fleet_task(restarts.office.administrator, NewTask(TaskKind.REFRESH), restarts.printers)
    assert statuses(refresh) == {"pending": 8}


def test_a_deactivated_agent_gets_nothing(restarts: Restarts) -> None:
    with tenant_session(restarts.home) as session:
        session.get_one(Agent, restarts.agent).deactivated = now()
    task_id = restarts.start()
    assert restarts.take() == []
    assert status(task_id) is TaskStatus.NOT_COMMUNICATING


def test_our_worker_leaves_the_jobs_of_other_agents_alone(restarts: Restarts) -> None:
    task_id = restarts.start()
    with tenant_session(restarts.home) as session:
        assert take_jobs(session, for_worker(task_id), 10).orders == []
    assert statuses(task_id) == {"pending": 3}


def test_jobs_behind_others_are_started_when_those_end(office: Installation) -> None:
    """FL-501: the later task's own flow had nothing to do and has ended long ago."""
    home = office.administrator.organization_id
    printers = add_printers(home, 2)
    start_fleet_task(office.administrator, NewTask(TaskKind.RESTART), printers)
    later = unenrol(office, printers)
    with tenant_session(home) as session:
        restarting = [order.job_id for order in take_jobs(session, for_worker(_first(session)), 10).orders]
    run(office, later)
    assert statuses(later) == {"pending": 2}
    with system_session() as session:
        end_background_task(session, later)
        former = session.get_one(FleetTask, later).background_task_id
    with tenant_session(home) as session:
        end_jobs(session, [(job_id, Report()) for job_id in restarting])
    with system_session(read_only=True) as session:
        assert session.get_one(FleetTask, later).background_task_id != former
    run(office, later)
    assert statuses(later) == {"completed": 2}


def test_upkeep_starts_what_was_overlooked_once(office: Installation) -> None:
    task_id = unenrol(office, add_printers(office.administrator.organization_id, 1))
    assert keep_fleet_tasks.fn() == {"expired": 0, "started": 0, "overdue": 0, "cleared": 0}
    with system_session() as session:
        end_background_task(session, task_id)
    assert keep_fleet_tasks.fn() == {"expired": 0, "started": 1, "overdue": 0, "cleared": 0}
    assert keep_fleet_tasks.fn() == {"expired": 0, "started": 0, "overdue": 0, "cleared": 0}


def _first(session: Session) -> str:
    return session.scalars(select(FleetTask.id).order_by(FleetTask.created)).first() or ""


def end_background_task(session: Session, task_id: str) -> None:
    """As if the flow had found nothing to do."""
    background = session.get_one(BackgroundTask, session.get_one(FleetTask, task_id).background_task_id)
    background.state = TaskState.FINISHED
