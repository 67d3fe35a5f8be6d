"""Agents search real addresses, where simulated printers answer SNMP and HTTP, and enrol what they find (F-3)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.tenancy import system_session, tenant_session
from fleet.agents.built_in import built_in_agent
from fleet.agents.intervals import start_due_work
from fleet.agents.models import Agent
from fleet.agents.service import change_agent
from fleet.agents.settings import AgentSettings
from fleet.agents.snmp_profiles import SnmpSettings, create_profile
from fleet.printers.models import Communication, Printer
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.service import NewTask, start_fleet_task
from flows.fleet_task import work_on_printers
from printers_sim.device.account import new_account
from printers_sim.knobs import Behaviour
from printers_sim.profile import profiles
from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.snmp.agents import Access
from steps.printers.discover import ONLY_HTTP
from tests.support.installation import Installation, installed
from tests.support.simulation import running_simulation


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


@contextmanager
def printers(count: int = 4, **plan: Any) -> Iterator[Simulation]:
    with running_simulation(SimulationPlan(count=count, http_port=0, snmp_port=0, **plan)) as simulation:
        yield simulation


def search(actor: Actor, simulation: Simulation, **settings: Any) -> str:
    """Point the built-in agent at the simulation; returns its id."""
    wanted: dict[str, Any] = {
        "search": "advanced",
        "include": [f"{simulation.printers[0].address}-{simulation.printers[-1].address}"],
        "http_port": simulation.http_port,
        "snmp_port": simulation.snmp_port,
        "delay": 0,
    }
    with tenant_session(actor.organization_id) as session:
        agent = built_in_agent(session, actor.organization_id)
    change_agent(actor, agent.id, agent.name, "", AgentSettings.model_validate(wanted | settings))
    return agent.id


def discover(actor: Actor, agent_id: str) -> Job:
    task_id = start_fleet_task(actor, NewTask(TaskKind.DISCOVER), [agent_id])
    work(actor, task_id)
    with tenant_session(actor.organization_id, read_only=True) as session:
        job = session.scalars(select(Job).where(Job.task_id == task_id)).one()
        first_readings = session.scalars(select(FleetTask.id).where(FleetTask.finished.is_(None))).all()
    for each in first_readings:
        work(actor, each)
    return job


def work(actor: Actor, task_id: str) -> None:
    while work_on_printers.fn(actor.organization_id, task_id, resumes=True):
        pass


def finish_first_readings(actor: Actor) -> None:
    """A printer does one thing after the other (FL-501): what was started at enrolment comes first."""
    with tenant_session(actor.organization_id, read_only=True) as session:
        started = session.scalars(select(FleetTask.id).where(FleetTask.kind == TaskKind.REFRESH)).all()
    for task_id in started:
        work(actor, task_id)


def listed(actor: Actor) -> dict[str, Printer]:
    with tenant_session(actor.organization_id, read_only=True) as session:
        return {printer.serial_number: printer for printer in session.scalars(select(Printer))}


def test_a_search_enrols_who_answers_and_a_second_one_changes_nothing(office: Installation) -> None:
    with printers() as simulation:
        agent = search(office.administrator, simulation)
        first, again = discover(office.administrator, agent), discover(office.administrator, agent)
    found = listed(office.administrator)
    assert all(printer.last_refresh is not None for printer in found.values())
    assert {printer.serial: printer.model for printer in simulation.printers} == {
        serial: printer.model for serial, printer in found.items()
    }
    assert all(
        printer.ports == {"http": simulation.http_port, "snmp": simulation.snmp_port} for printer in found.values()
    )
    assert [printer.is_vendor for printer in found.values()] == [
        next(one.profile.is_manageable for one in simulation.printers if one.serial == serial) for serial in found
    ]
    assert first.result is not None
    assert again.result is not None
    assert (first.result["enrolled"], again.result["updated"]) == (4, 4)
    assert "enrolled" not in again.result
    assert {row["outcome"] for row in again.components} == {"completed"}


def test_excluded_addresses_are_not_even_asked(office: Installation) -> None:
    """FL-113: and so they do not come back either (FL-324)."""
    with printers(3) as simulation:
        excluded = simulation.printers[1]
        job = discover(office.administrator, search(office.administrator, simulation, exclude=[excluded.address]))
    assert job.result is not None
    assert job.result["probed"] == 2
    assert excluded.serial not in listed(office.administrator)


def test_silent_addresses_are_no_printers(office: Installation) -> None:
    with printers(3) as simulation:
        simulation.printers[0].behaviour = Behaviour.SILENT
        simulation.printers[0].knobs.offline = True
        discover(office.administrator, search(office.administrator, simulation))
    assert len(listed(office.administrator)) == 2


def test_secured_printers_are_enrolled_and_need_credentials(office: Installation) -> None:
    with printers(2, account=new_account("pin", secret="123456")) as simulation:
        discover(office.administrator, search(office.administrator, simulation))
    own = [printer for printer in listed(office.administrator).values() if printer.is_vendor]
    assert own
    assert {printer.communication for printer in own} == {Communication.NEEDS_CREDENTIALS}


def test_printers_are_asked_by_the_profile_of_the_search(office: Installation) -> None:
    """FL-112, FL-116: who has another community is not found by SNMP; the profile stays with the printer."""
    actor = office.administrator
    profile = create_profile(
        actor, SnmpSettings.model_validate({"name": "Ours", "community": "sesame", "timeout": 0.5})
    )
    with printers(2, profiles=third_party(), access=Access(read_community="sesame")) as simulation:
        job = discover(actor, search(actor, simulation))
        assert listed(actor) == {}
        assert {part["name"]: part["message"]["template"] for part in job.components} == {
            printer.address: ONLY_HTTP for printer in simulation.printers
        }
        discover(actor, search(actor, simulation, snmp_profile_id=profile))
    assert {printer.snmp_profile_id for printer in listed(actor).values()} == {profile}


def test_a_search_says_who_refuses_to_be_asked(office: Installation) -> None:
    """TS-29: an address with a printer that the profile's user may not ask is told, and not only passed over."""
    actor = office.administrator
    stranger = {"name": "Theirs", "version": "3", "user": "nobody", "timeout": 0.5}
    profile = create_profile(actor, SnmpSettings.model_validate(stranger))
    with printers(1, profiles=third_party()) as simulation:
        job = discover(actor, search(actor, simulation, snmp_profile_id=profile))
    assert listed(actor) == {}
    (part,) = job.components
    assert part["name"] == simulation.printers[0].address
    assert "refuses the SNMP user" in part["message"]["facts"]["reason"]


def third_party() -> list[str]:
    return [name for name, profile in profiles().items() if not profile.is_manageable][:1]


def test_unenrolled_printers_come_back_at_the_next_search(office: Installation) -> None:
    """FL-172, FL-324."""
    actor = office.administrator
    with printers(2) as simulation:
        agent = search(actor, simulation)
        discover(actor, agent)
        finish_first_readings(actor)
        gone = [printer.id for printer in listed(actor).values()][:1]
        work(actor, start_fleet_task(actor, NewTask(TaskKind.UNENROL), gone))
        assert len(listed(actor)) == 1
        discover(actor, agent)
    assert len(listed(actor)) == 2


def test_two_organizations_in_one_network_do_not_take_from_each_other_by_themselves(office: Installation) -> None:
    """FL-175: the interval moves nothing; a search that somebody starts does."""
    with printers(2) as simulation:
        mine, theirs = (search(one, simulation) for one in (office.administrator, office.stranger))
        discover(office.administrator, mine)
        assert start_due_work() > 0
        with system_session(read_only=True) as session:
            own = FleetTask.organization_id == office.stranger.organization_id
            task_id = session.scalars(select(FleetTask.id).where(own, FleetTask.kind == TaskKind.DISCOVER)).one()
        work(office.stranger, task_id)
        assert (len(listed(office.administrator)), len(listed(office.stranger))) == (2, 0)
        discover(office.stranger, theirs)
    assert (len(listed(office.administrator)), len(listed(office.stranger))) == (0, 2)


def test_the_interval_of_the_search_starts_it_once(office: Installation) -> None:
    """FL-119."""
    with printers(1) as simulation:
        agent = search(office.administrator, simulation, discovery_minutes=60, refresh_minutes=0)
    assert start_due_work() == 1
    assert start_due_work() == 0
    with system_session() as session:
        task_id = session.scalars(select(FleetTask.id)).one()
    work(office.administrator, task_id)
    assert start_due_work() == 0
    with system_session() as session:
        session.get_one(Agent, agent).last_discovery = now() - timedelta(minutes=61)
    assert start_due_work() == 1
    with system_session(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(FleetTask)) == 2
