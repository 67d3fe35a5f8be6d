"""The agent protocol over HTTP: who may ask what, twice the same answer, and nothing of anybody else."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select

from domain.organizations.models import now
from domain.tenancy import system_session, tenant_session
from fleet.agents.activation import ROTATION, code_for_agent, generate_code, generate_local_code
from fleet.agents.models import ActivationCode, Agent, AgentKind
from fleet.agents.service import create_fleet_agent, deactivate_agent, delete_agent
from fleet.agents.settings import AgentSettings
from fleet.enrolment.native import claim_printer
from fleet.enrolment.pre_registration import enrolment_code, pre_register
from fleet.printers.models import MspStatus, Printer
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.service import NewTask, start_fleet_task
from portal_api import agent_callers
from portal_api.agent_callers import calling_agent
from portal_api.agent_protocol import create_agent_protocol
from tests.support.fleet import add_printers
from tests.support.installation import Installation

OPEN = {"/activations", "/enrolments", "/announcements", "/announcements/claim"}


@pytest.fixture(autouse=True)
def _no_attempts() -> None:
    agent_callers.attempts.clear()


class Caller:
    """An agent that calls in."""

    def __init__(self, client: httpx.Client, credential: str, agent_id: str = "") -> None:
        self.client, self.credential, self.id = client, credential, agent_id

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.credential}", **options.pop("headers", {})}
        return self.client.request(method, f"/agent/v1/{path}", headers=headers, **options)

    def orders(self, *in_hand: int) -> list[dict[str, Any]]:
        orders: list[dict[str, Any]] = self.ask("POST", "orders", json={"in_hand": in_hand}).json()["orders"]
        return orders

    def report(self, job_id: int, **values: Any) -> httpx.Response:
        return self.ask("POST", "reports", json={"reports": [{"job_id": job_id, "report": values}]})


def activated(client: httpx.Client, code: str, name: str = "host") -> httpx.Response:
    return client.post("/agent/v1/activations", json={"code": code, "name": name, "version": "2.1.18"})


@pytest.fixture
def agent(installation: Installation, anonymous: httpx.Client) -> Iterator[Caller]:
    """A fleet agent of the first organization, activated."""
    agent_id, code = create_fleet_agent(installation.administrator, "North", "", AgentSettings())
    told = activated(anonymous, code).json()
    yield Caller(anonymous, told["credential"], agent_id)
    with system_session() as session:
        session.delete(session.get_one(Agent, agent_id))


def test_every_route_but_those_by_which_one_is_activated_takes_a_credential(anonymous: httpx.Client) -> None:
    routes = [route for route in create_agent_protocol().routes if isinstance(route, APIRoute)]
    closed = [route for route in routes if route.path not in OPEN]
    assert {route.path for route in routes} - {route.path for route in closed} == OPEN
    assert closed
    for route in closed:
        assert calling_agent in {dependency.call for dependency in route.dependant.dependencies}
        (method,) = route.methods
        path = route.path.replace("{job_id}", "1").lstrip("/")
        for credential in ("", "made up"):
            agent_callers.attempts.clear()
            answer = Caller(anonymous, credential).ask(method, path, params={"key": "k", "name": "n"}, json={})
            assert (answer.status_code, answer.json()["code"]) == (401, "agent.credential_refused")


def test_a_fleet_agents_code_works_once_and_for_72_hours(installation: Installation, anonymous: httpx.Client) -> None:
    """FL-124, F-7: four outcomes that differ."""
    actor = installation.administrator
    agent_id, code = create_fleet_agent(actor, "Once", "", AgentSettings())
    assert activated(anonymous, code.lower().replace("-", " ")).status_code == 201
    assert activated(anonymous, code).json()["code"] == "agent.used_up_code"
    assert activated(anonymous, "AAAA-BBBB-CCCC-DDDD").json()["code"] == "agent.unknown_code"
    fresh = generate_code(actor, agent_id)
    assert activated(anonymous, code).json()["code"] == "agent.unknown_code"
    with system_session() as session:
        row = session.scalars(select(ActivationCode).where(ActivationCode.agent_id == agent_id)).one()
        assert timedelta(hours=71) < row.expires - now() <= timedelta(hours=72)
        row.expires = now() - timedelta(seconds=1)
    assert activated(anonymous, fresh).json()["code"] == "agent.expired_code"
    delete_agent(actor, agent_id)


def test_a_local_code_activates_as_many_agents_as_it_was_made_for(
    installation: Installation, anonymous: httpx.Client
) -> None:
    """FL-157."""
    code = generate_local_code(installation.administrator, 2)
    first, second, third = (activated(anonymous, code, "reception") for _ in range(3))
    assert [first.status_code, second.status_code, third.status_code] == [201, 201, 409]
    with tenant_session(installation.administrator.organization_id) as session:
        names = session.scalars(select(Agent.name).where(Agent.kind == AgentKind.LOCAL).order_by(Agent.name)).all()
    assert names == ["reception", "reception (2)"]


def test_guessing_codes_is_slowed_down(anonymous: httpx.Client) -> None:
    answers = [activated(anonymous, f"AAAA-BBBB-CCCC-{number:04}").status_code for number in range(40)]
    assert answers[0] == 404
    assert answers[-1] == 429


def test_orders_are_given_once_until_they_are_lost_and_reports_count_once(
    installation: Installation, agent: Caller
) -> None:
    """What the agent does not have of its orders it is given again; a report sent twice changes nothing."""
    actor = installation.administrator
    ids = add_printers(actor.organization_id, 2, agent.id)
    task_id = start_fleet_task(actor, NewTask(TaskKind.RESTART), ids)
    first = agent.orders()
    assert {order["operation"] for order in first} == {"restart"}
    jobs = [order["job_id"] for order in first]
    assert agent.orders(*jobs) == []
    assert [order["job_id"] for order in agent.orders(jobs[0])] == [jobs[1]]
    assert agent.report(jobs[0]).json() == {"taken": 1}
    assert agent.report(jobs[0], outcome="failed").json() == {"taken": 0}
    assert [order["job_id"] for order in agent.orders()] == [jobs[1]]
    assert agent.report(jobs[1]).json() == {"taken": 1}
    with system_session(read_only=True) as session:
        assert session.get_one(FleetTask, task_id).status == "completed"


def test_an_agent_waits_for_its_next_order(installation: Installation, agent: Caller) -> None:
    """FL-17: the long poll ends without an order, too."""
    answer = agent.ask("POST", "orders", json={"wait": 0.3})
    assert answer.json() == {"orders": []}


def test_orders_files_and_printers_of_others_do_not_exist(
    installation: Installation, anonymous: httpx.Client, agent: Caller
) -> None:
    """Isolation: another agent of the same organization, and one of another organization."""
    home, stranger = installation.administrator, installation.stranger
    start_fleet_task(home, NewTask(TaskKind.RESTART), add_printers(home.organization_id, 1, agent.id))
    (order,) = agent.orders()
    others = []
    for actor in (home, stranger):
        _, code = create_fleet_agent(actor, "Other", "", AgentSettings())
        others.append(Caller(anonymous, activated(anonymous, code).json()["credential"]))
    for other in others:
        assert other.orders() == []
        assert other.report(order["job_id"]).status_code == 404
        path = f"orders/{order['job_id']}"
        assert other.ask("GET", f"{path}/file", params={"key": "x"}).status_code == 404
        assert other.ask("PUT", f"{path}/log", params={"name": "n", "media_type": "text/plain"}).status_code == 404
        found = {"found": [{"address": "10.0.0.1", "serial_number": "PXC9"}], "job_id": order["job_id"]}
        assert other.ask("POST", "found", json=found).status_code == 404
        assert other.ask("GET", "printers").json() == {"printers": []}
    assert len(agent.ask("GET", "printers").json()["printers"]) == 1
    assert agent.ask("GET", f"orders/{order['job_id']}/file", params={"key": "x"}).status_code == 404


def test_what_an_agent_finds_by_itself_is_enrolled_in_its_organization_only(
    installation: Installation, agent: Caller
) -> None:
    """F-3, FL-175: the interval moves nothing away from others."""
    add_printers(installation.stranger.organization_id, 1, serial_number="PXC-ELSEWHERE")
    found = [
        {"address": "10.0.0.1", "serial_number": "PXC-NEW", "model": "PX C4150", "is_vendor": True},
        {"address": "10.0.0.2", "serial_number": "PXC-ELSEWHERE"},
    ]
    results = agent.ask("POST", "found", json={"found": found}).json()["results"]
    assert [one["result"] for one in results] == ["enrolled", "skipped"]
    with tenant_session(installation.administrator.organization_id) as session:
        assert session.scalars(select(Printer.agent_id).where(Printer.serial_number == "PXC-NEW")).one() == agent.id


def test_a_credential_is_replaced_in_time_and_the_former_one_ends_with_the_first_use_of_the_new(
    installation: Installation, agent: Caller
) -> None:
    """Rotation: an agent that never received the new one can go on with the old."""
    assert agent.ask("POST", "hello", json={}).json()["credential"] == ""
    with system_session() as session:
        session.get_one(Agent, agent.id).credential_made = now() - ROTATION
    lost = agent.ask("POST", "hello", json={}).json()["credential"]
    fresh = agent.ask("POST", "hello", json={}).json()["credential"]
    assert lost
    assert fresh not in (lost, "")
    new = Caller(agent.client, fresh)
    assert new.ask("GET", "printers").status_code == 200
    assert agent.ask("GET", "printers").status_code == 401
    assert Caller(agent.client, lost).ask("GET", "printers").status_code == 401
    with system_session(read_only=True) as session:
        row = session.get_one(Agent, agent.id)
        assert fresh not in (row.credential_hash, row.next_credential_hash)


def test_a_deactivated_agent_is_refused_and_its_printers_stay_silent(installation: Installation, agent: Caller) -> None:
    """FL-135, FL-141 (A-7)."""
    (printer_id,) = add_printers(installation.administrator.organization_id, 1, agent.id)
    deactivate_agent(installation.administrator, agent.id)
    assert agent.ask("POST", "hello", json={}).status_code == 401
    with system_session(read_only=True) as session:
        assert session.get_one(Printer, printer_id).communication == "not_communicating"


def test_an_agent_with_printers_of_the_programme_stays(installation: Installation, agent: Caller) -> None:
    """FL-18, FL-136, FL-477: it is neither deactivated nor deleted."""
    add_printers(installation.administrator.organization_id, 1, agent.id, msp=MspStatus.PENDING)
    for leave in (deactivate_agent, delete_agent):
        with pytest.raises(Exception, match="supplies programme"):
            leave(installation.administrator, agent.id)
    assert agent.ask("POST", "hello", json={}).status_code == 200


def test_a_printer_enrols_itself_with_the_code_of_its_organization(
    installation: Installation, anonymous: httpx.Client
) -> None:
    """F-5, FL-7, FL-147: it then takes its own orders, and cannot enrol others: such an agent has one printer."""
    actor = installation.administrator
    pre_register(actor, ["PXC-NATIVE"])
    printer = {"address": "10.0.0.3", "serial_number": "PXC-NATIVE", "firmware_level": "081.215", "is_vendor": True}
    asked = {"code": enrolment_code(actor), "kind": "native", "printer": printer}
    told = anonymous.post("/agent/v1/enrolments", json=asked)
    assert told.status_code == 201, told.text
    caller = Caller(anonymous, told.json()["credential"])
    assert [one["serial_number"] for one in caller.ask("GET", "printers").json()["printers"]] == ["PXC-NATIVE"]
    other = {"found": [{**printer, "serial_number": "PXC-OTHER"}]}
    assert caller.ask("POST", "found", json=other).json()["results"][0]["result"] == "skipped"


def test_a_printer_waits_until_its_code_is_typed(installation: Installation, anonymous: httpx.Client) -> None:
    """FL-151, FL-152."""
    printer = {"address": "10.0.0.4", "serial_number": "PXC-CODE", "firmware_level": "081.215", "is_vendor": True}
    announced = anonymous.post("/agent/v1/announcements", json={"code": "QWERTYUIP", "printer": printer}).json()
    ticket = {"ticket": announced["ticket"]}
    assert anonymous.post("/agent/v1/announcements/claim", json=ticket).status_code == 202
    claim_printer(installation.administrator, "QWERTYUIP")
    told = anonymous.post("/agent/v1/announcements/claim", json=ticket)
    assert told.status_code == 200
    assert Caller(anonymous, told.json()["credential"]).ask("POST", "hello", json={}).json()["kind"] == "native"


def test_a_search_on_demand_hands_in_parts_and_then_its_report(installation: Installation, agent: Caller) -> None:
    """F-3 by an agent that calls in: parts sent twice enrol once."""
    actor = installation.administrator
    task_id = start_fleet_task(actor, NewTask(TaskKind.DISCOVER), [agent.id])
    (order,) = agent.orders()
    assert order["operation"] == "discover"
    assert '"community": "public"' in order["secrets"]["snmp"]
    part = {"job_id": order["job_id"], "found": [{"address": "10.0.0.5", "serial_number": "PXC-PART"}]}
    assert [agent.ask("POST", "found", json=part).json()["results"][0]["result"] for _ in range(2)] == [
        "enrolled",
        "updated",
    ]
    agent.report(order["job_id"], facts={"found": [], "probed": 7})
    with system_session(read_only=True) as session:
        job = session.scalars(select(Job).where(Job.task_id == task_id)).one()
    assert job.result == {"enrolled": 1, "updated": 1, "probed": 7}
    assert len(job.components) == 1


def test_a_new_code_for_an_agent_ends_its_former_identity(installation: Installation, agent: Caller) -> None:
    with tenant_session(installation.administrator.organization_id) as session:
        row = session.get_one(Agent, agent.id)
        code = code_for_agent(session, row, installation.administrator.user_id)
    again = activated(agent.client, code).json()
    assert agent.ask("POST", "hello", json={}).status_code == 401
    assert Caller(agent.client, again["credential"]).ask("POST", "hello", json={}).json()["name"] == "North"


def test_readings_are_kept_of_own_printers_only(installation: Installation, agent: Caller) -> None:
    """F-11: those of others are passed over, what is malformed is refused."""
    home = installation.administrator.organization_id
    (own,), (other,) = add_printers(home, 1, agent.id), add_printers(home, 1)
    (foreign,) = add_printers(installation.stranger.organization_id, 1)
    silent = {"outcome": "not_communicating"}
    rows = [{"printer_id": one, "report": silent} for one in (own, other, foreign)]
    assert agent.ask("POST", "readings", json={"readings": rows}).json() == {"taken": 1}
    with system_session(read_only=True) as session:
        seen = [session.get_one(Printer, one).communication for one in (own, other, foreign)]
    assert seen == ["not_communicating", "communicating", "communicating"]
    malformed = {"facts": {"reading": {"supplies": "many"}}}
    refused = agent.ask("POST", "readings", json={"readings": [{"printer_id": own, "report": malformed}]})
    assert (refused.status_code, refused.json()["code"]) == (422, "agent.malformed_report")
