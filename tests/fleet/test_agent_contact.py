"""Printers lose contact with an agent that falls silent or looks elsewhere, and regain it (FL-169, FL-170, FL-174)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from domain.organizations.models import now
from domain.tenancy import system_session
from fleet.agents.activation import CallingAgent
from fleet.agents.calls import Told, greet, own_printers
from fleet.agents.contact import silence_printers
from fleet.agents.intervals import start_due_work
from fleet.agents.models import Agent, AgentKind
from fleet.agents.service import change_agent, deactivate_agent
from fleet.agents.settings import AgentSettings, keep_settings, settings_of
from fleet.printers.models import Communication, Printer
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.service import NewTask, start_fleet_task
from fleet.tasks.status import JobStatus
from tests.support.fleet import add_agent, add_printers
from tests.support.installation import Installation, installed

FIRST, SECOND = "127.80.0.1", "127.80.0.2"
ADVANCED: dict[str, Any] = {"search": "advanced", "include": ["127.80.0.0/24"]}
SILENT, HERE = Communication.SILENT, Communication.COMMUNICATING


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


def with_printers(
    office: Installation, kind: AgentKind, number: int = 2, *, ago: float = 600.0
) -> tuple[str, list[str]]:
    """An activated agent that called in so many seconds ago, and printers that communicate."""
    home = office.administrator.organization_id
    agent_id = add_agent(home, kind, activated=now(), last_contact=now() - timedelta(seconds=ago))
    return agent_id, add_printers(home, number, agent_id)


def states(ids: list[str]) -> list[Communication]:
    with system_session(read_only=True) as session:
        return [Communication(session.get_one(Printer, one).communication) for one in ids]


def calling(office: Installation, agent_id: str, kind: AgentKind) -> CallingAgent:
    return CallingAgent(agent_id, office.administrator.organization_id, kind)


@pytest.mark.parametrize(
    ("kind", "ago", "expected"),
    [
        (AgentKind.FLEET, 60, HERE),
        (AgentKind.FLEET, 600, SILENT),
        (AgentKind.NATIVE, 600, SILENT),
        (AgentKind.PRINTER, 600, HERE),  # it polls every three hours
        (AgentKind.PRINTER, 4 * 3600, SILENT),
        (AgentKind.LOCAL, 4 * 3600, SILENT),
    ],
)
def test_printers_of_a_silent_agent_do_not_communicate(
    office: Installation, kind: AgentKind, ago: int, expected: Communication
) -> None:
    """FL-170: and what is asked of them from now on ends at once (A-33)."""
    _, ids = with_printers(office, kind, ago=ago)
    assert silence_printers() == (2 if expected is SILENT else 0)
    assert states(ids) == [expected] * 2
    assert silence_printers() == 0
    if expected is SILENT and kind is not AgentKind.LOCAL:
        task_id = start_fleet_task(office.administrator, NewTask(TaskKind.RESTART), ids)
        with system_session(read_only=True) as session:
            ended = session.scalars(select(Job.status).where(Job.task_id == task_id)).all()
        assert ended == ["not_communicating"] * 2


def test_the_built_in_agent_and_those_that_wait_for_credentials_are_left_alone(office: Installation) -> None:
    ids = add_printers(office.administrator.organization_id, 1)
    _agent_id, others = with_printers(office, AgentKind.FLEET, 1)
    with system_session() as session:
        session.get_one(Printer, others[0]).communication = Communication.NEEDS_CREDENTIALS
    silence_printers()
    assert states([*ids, *others]) == [HERE, Communication.NEEDS_CREDENTIALS]


@pytest.mark.parametrize("kind", [AgentKind.NATIVE, AgentKind.PRINTER])
def test_a_printer_that_calls_in_again_is_in_contact(office: Installation, kind: AgentKind) -> None:
    """FL-169: the agent on a printer is the printer."""
    agent_id, ids = with_printers(office, kind, 1, ago=4 * 3600)
    silence_printers()
    greet(calling(office, agent_id, kind), Told("2.2.0", "", {}))
    assert states(ids) == [HERE]


def test_a_fleet_agent_that_is_back_reads_the_printers_that_were_lost(office: Installation) -> None:
    """FL-169: some of them may be silent for reasons of their own, so they are asked; others are not."""
    agent_id, ids = with_printers(office, AgentKind.FLEET, 3)
    silence_printers()
    with system_session() as session:
        session.get_one(Printer, ids[2]).communication = HERE
    for _ in range(2):
        greet(calling(office, agent_id, AgentKind.FLEET), Told("2.2.0", "", {}))
    with system_session(read_only=True) as session:
        (task,) = session.scalars(select(FleetTask)).all()
        assert (task.kind, task.issuer_id) == ("refresh", None)
        assert set(session.scalars(select(Job.printer_id))) == set(ids[:2])


def test_an_agent_is_told_all_that_is_set_for_it(office: Installation) -> None:
    """FL-131: criteria, intervals, log level and delay."""
    agent_id, _ = with_printers(office, AgentKind.FLEET)
    wanted = AgentSettings.model_validate(
        ADVANCED | {"discovery_minutes": 30, "refresh_minutes": 15, "log_level": "detailed", "delay": 400}
    )
    change_agent(office.administrator, agent_id, "North", "The northern hall", wanted)
    told = greet(calling(office, agent_id, AgentKind.FLEET), Told())
    assert (told.name, told.settings) == ("North", wanted.model_dump(mode="json"))
    assert told.search is not None
    assert (list(told.search.include), told.search.delay) == (ADVANCED["include"], 400)


def test_the_interval_of_the_readings_starts_them_once(office: Installation) -> None:
    """FL-120."""
    home = office.administrator.organization_id
    add_printers(home, 2)
    assert (start_due_work(), start_due_work()) == (1, 0)
    with system_session() as session:
        for job in session.scalars(select(Job)):
            job.status, job.finished = JobStatus.COMPLETED, now()
    assert start_due_work() == 0
    with system_session() as session:
        agent = session.scalars(select(Agent).where(Agent.is_built_in, Agent.organization_id == home)).one()
        agent.last_refresh = now() - timedelta(minutes=settings_of(agent).refresh_minutes + 1)
    assert start_due_work() == 1


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (ADVANCED, [HERE, HERE]),
        (ADVANCED | {"exclude": [SECOND]}, [HERE, SILENT]),
        (ADVANCED | {"exclude": ["second.example.com"]}, [HERE, SILENT]),
        (ADVANCED | {"include": [f"{SECOND}-127.80.0.9"]}, [SILENT, HERE]),
        (ADVANCED | {"include": [SECOND, "hall.example.com"]}, [HERE, HERE]),  # it may be the first one's name
        ({"search": "local", "include": [SECOND]}, [HERE, HERE]),
        ({"search": "local", "exclude": [SECOND]}, [HERE, SILENT]),
    ],
    ids=str,
)
def test_what_is_taken_out_of_the_criteria_does_not_communicate(
    office: Installation, settings: dict[str, Any], expected: list[Communication]
) -> None:
    """FL-170, FL-131: the printers stay in the list, and the agent reads the others only, by its interval too."""
    home = office.administrator.organization_id
    agent_id, ids = with_printers(office, AgentKind.FLEET, ago=0)
    with system_session() as session:
        for one, address, name in zip(ids, (FIRST, SECOND), ("first", "second.example.com"), strict=True):
            printer = session.get_one(Printer, one)
            printer.address, printer.host_name = address, name
    change_agent(office.administrator, agent_id, "North", "", AgentSettings.model_validate(settings))
    assert states(ids) == expected
    read = [one.id for one in own_printers(calling(office, agent_id, AgentKind.FLEET))]
    within = [one for one, state in zip(ids, expected, strict=True) if state is HERE]
    assert sorted(read) == sorted(within)
    with system_session() as session:
        agent = session.get_one(Agent, agent_id)
        agent.is_built_in = True
        keep_settings(agent, AgentSettings.model_validate(settings | {"discovery_minutes": 0}))
    assert start_due_work() == 1
    with system_session(read_only=True) as session:
        assert set(session.scalars(select(Job.printer_id).where(Job.organization_id == home))) == set(within)


def test_printers_of_a_deactivated_agent_do_not_communicate(office: Installation) -> None:
    """FL-170, A-7."""
    agent_id, ids = with_printers(office, AgentKind.LOCAL, ago=0)
    deactivate_agent(office.administrator, agent_id)
    assert states(ids) == [SILENT, SILENT]
