"""Tasks over agents themselves: settings, versions, logs (F-14…F-16, F-18)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.messages import Message
from domain.organizations.models import now
from domain.tenancy import system_session, tenant_session
from fleet.agents.built_in import built_in_agent
from fleet.agents.history import agent_events
from fleet.agents.models import Agent, AgentKind
from fleet.agents.service import AgentChoice, create_fleet_agent, list_agents
from fleet.agents.settings import AgentSettings, settings_of
from fleet.agents.tasks import refresh_printers_of, start_agent_task
from fleet.printer_logs.models import CollectedLog
from fleet.printer_logs.service import list_logs
from fleet.tasks.execution import for_agent, take_jobs
from fleet.tasks.gates import AGENT_CANNOT
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.reporting import keep_reports
from fleet.tasks.service import NewTask
from fleet.tasks.status import JobStatus
from flows.fleet_task import work_on_printers
from steps.printer_work import Order, Outcome, Report
from tests.support.fleet import add_agent, add_printers
from tests.support.installation import Installation, installed


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


def local_agent(office: Installation, **values: object) -> str:
    home = office.administrator.organization_id
    facts = {"activated": now(), "last_contact": now(), "version": "2.1.0"}
    return add_agent(home, AgentKind.LOCAL, **(facts | values))


def taken(office: Installation, agent_id: str) -> list[Order]:
    with tenant_session(office.administrator.organization_id) as session:
        return take_jobs(session, for_agent(agent_id), 10).orders


def status(task_id: str) -> str:
    with system_session(read_only=True) as session:
        return str(session.get_one(FleetTask, task_id).status)


@pytest.mark.parametrize("kind", [AgentKind.LOCAL, AgentKind.PRINTER])
def test_settings_go_to_agents_that_communicate_and_fail_for_the_others(office: Installation, kind: AgentKind) -> None:
    """FL-104, FL-162, FL-164, F-14: the task completes with errors."""
    home = office.administrator.organization_id
    near = add_agent(home, kind, activated=now(), last_contact=now())
    far = add_agent(home, kind, activated=now())
    new = NewTask(TaskKind.AGENT_SETTINGS, {"log_level": "detailed", "polling_minutes": 30})
    task_id = start_agent_task(office.administrator, new, [near, far])
    (order,) = taken(office, near)
    keep_reports(office.administrator.organization_id, [(order.job_id, Report())])
    assert status(task_id) == "completed_with_errors"
    with system_session(read_only=True) as session:
        settings = [settings_of(session.get_one(Agent, one)) for one in (near, far)]
    assert [one.polling_minutes for one in settings] == [30, 180]
    assert settings[0].log_level.value == "detailed"


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        (AgentKind.PRINTER, TaskKind.AGENT_LOG),
        (AgentKind.NATIVE, TaskKind.AGENT_LOG),
        (AgentKind.NATIVE, TaskKind.UPDATE_AGENT),
        (AgentKind.LOCAL, TaskKind.UPDATE_LIBRARY),
    ],
)
def test_what_an_agent_of_that_kind_cannot_do_ends_at_once(
    office: Installation, kind: AgentKind, operation: TaskKind
) -> None:
    """FL-39, FL-42, FL-43: as not supported, however the agent communicates, and not for the other agents."""
    home = office.administrator.organization_id
    here = {"activated": now(), "last_contact": now()}
    ids = [add_agent(home, kind, **here), add_agent(home, kind), add_agent(home, AgentKind.FLEET, **here)]
    task_id = start_agent_task(office.administrator, NewTask(operation), ids)
    with system_session(read_only=True) as session:
        jobs = session.scalars(select(Job).where(Job.task_id == task_id).order_by(Job.id)).all()
        assert [job.status for job in jobs] == ["not_supported", "not_supported", "pending"]
        assert [job.reason and job.reason["template"] for job in jobs[:2]] == [AGENT_CANNOT] * 2


def test_an_agent_reports_the_version_that_it_has_afterwards(office: Installation) -> None:
    """FL-165, F-15, F-16: what is current already is said in a remark."""
    agent_id = local_agent(office)
    task_id = start_agent_task(office.administrator, NewTask(TaskKind.UPDATE_AGENT), [agent_id])
    (order,) = taken(office, agent_id)
    assert order.parameters == {"version": "2.2.0", "app": None, "package": None}, "there is no package for it here"
    keep_reports(office.administrator.organization_id, [(order.job_id, Report(facts={"version": "2.2.0"}))])
    with system_session(read_only=True) as session:
        assert session.get_one(Agent, agent_id).version == "2.2.0"
    assert status(task_id) == "completed"


def test_the_built_in_agent_is_current(office: Installation) -> None:
    actor = office.administrator
    with tenant_session(actor.organization_id) as session:
        agent_id = built_in_agent(session, actor.organization_id).id
    task_id = start_agent_task(actor, NewTask(TaskKind.UPDATE_LIBRARY), [agent_id])
    while work_on_printers.fn(actor.organization_id, task_id, resumes=True):
        pass
    assert status(task_id) == "completed_with_information"


def test_the_log_of_an_agent_is_kept_for_who_may_download_logs(office: Installation) -> None:
    """F-18, FL-137, FL-166: only what lies in the organization's own place; it is listed with the agent itself."""
    home = office.administrator.organization_id
    agent_id = local_agent(office)
    for key in (f"{home}/fleet/logs/1-a", f"{office.stranger.organization_id}/fleet/logs/1-a"):
        start_agent_task(office.administrator, NewTask(TaskKind.AGENT_LOG), [agent_id])
        (order,) = taken(office, agent_id)
        keep_reports(home, [(order.job_id, Report(facts={"file": key, "size": 12, "name": "agent-log.zip"}))])
    with system_session(read_only=True) as session:
        logs = session.scalars(select(CollectedLog)).all()
        jobs = session.scalars(select(Job).order_by(Job.id)).all()
    assert [log.object_key for log in logs] == [f"{home}/fleet/logs/1-a"]
    assert [job.result for job in jobs] == [{"log_id": logs[0].id}, None]
    other = add_agent(home, AgentKind.FLEET)
    listed = [list_logs(office.administrator, agent_id=one) for one in (agent_id, other)]
    assert [[(log.id, log.kind) for log in of_agent] for of_agent in listed] == [[(logs[0].id, "agent")], []]


def test_what_was_asked_of_an_agent_is_its_event_history(office: Installation) -> None:
    """FL-140: what, when, for how long, how it ended and why, newest first; what its printers did is not in it."""
    agent_id = local_agent(office)
    add_printers(office.administrator.organization_id, 1, agent_id)
    refresh_printers_of(office.administrator, agent_id)
    tasks = []
    for kind in (TaskKind.AGENT_LOG, TaskKind.UPDATE_AGENT):
        tasks.append(start_agent_task(office.administrator, NewTask(kind), [agent_id]))
    orders = taken(office, agent_id)
    refused = Report(outcome=Outcome.FAILED, reason=Message.of("There is no room for the log."))
    (log,) = [order for order in orders if order.operation == "agent_log"]
    keep_reports(office.administrator.organization_id, [(log.job_id, refused)])
    newest, before = agent_events(office.administrator, agent_id)
    assert (newest.kind, newest.status, newest.ended) == (TaskKind.UPDATE_AGENT, JobStatus.IN_PROGRESS, None)
    assert (before.kind, before.status, str(before.reason)) == (
        TaskKind.AGENT_LOG,
        JobStatus.FAILED,
        str(refused.reason),
    )
    assert before.ended is not None
    assert before.at <= before.ended
    assert [newest.task_id, before.task_id] == tasks[::-1]
    assert [one.id for one in agent_events(office.administrator, agent_id, newest.id)] == [before.id]
    with pytest.raises(PressroomError):
        agent_events(office.stranger, agent_id)


def test_all_printers_of_an_agent_are_read_ahead_of_its_interval(office: Installation) -> None:
    """FL-134: those of other agents are not."""
    home = office.administrator.organization_id
    agent_id = add_agent(home)
    own = add_printers(home, 3, agent_id)
    add_printers(home, 2)
    task_id = refresh_printers_of(office.administrator, agent_id)
    with system_session(read_only=True) as session:
        assert set(session.scalars(select(Job.printer_id).where(Job.task_id == task_id))) == set(own)


@pytest.mark.parametrize(("search", "found"), [("ware", ["Warehouse"]), (" HOUSE ", ["Lodging house", "Warehouse"])])
def test_agents_are_found_by_a_part_of_their_name(office: Installation, search: str, found: list[str]) -> None:
    """FL-336."""
    for name in ("Warehouse", "Lodging house", "Harbour"):
        create_fleet_agent(office.administrator, name, "", AgentSettings())
    assert [one.name for one in list_agents(office.administrator, AgentChoice(search=search))] == found
