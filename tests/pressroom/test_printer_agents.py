"""Printers that enrol themselves and then do what they are told, against a portal on a socket (F-5, FL-142…FL-154)."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.tenancy import system_session, tenant_session
from fleet.agents.models import AgentKind
from fleet.enrolment.native import UNKNOWN_CODE, claim_printer
from fleet.enrolment.pre_registration import enrolment_code, pre_register
from fleet.printers.models import Printer
from fleet.printers.targets import access_of
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask
from fleet.tasks.service import NewTask, start_fleet_task
from flows.fleet_task import work_on_printers
from portal_api.app import create_service
from pressroom.printer_agents import PrinterAgents, serve_with_agents
from printers_sim.device.account import new_account
from printers_sim.device.enrolment import is_iot_capable
from printers_sim.device.state import PRINTER_AGENT, InstalledApp
from printers_sim.printer import SimulatedPrinter
from printers_sim.simulation import Simulation, SimulationPlan
from tests.support.installation import Installation, installed
from tests.support.portal_server import serving
from tests.support.simulation import device_address

PATIENCE = 60


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "cloud") as one:
        yield one


@pytest.fixture
def cloud(office: Installation) -> Iterator[str]:
    with serving(create_service(office.settings)) as url:
        yield url


@pytest.fixture
def simulation(cloud: str, tmp_path: Path) -> Iterator[Simulation]:
    """Printers with their agents at work."""
    running = Simulation(SimulationPlan(count=8, http_port=0, snmp_port=0))
    agents = PrinterAgents(running, tmp_path / "agents", cloud)
    ready = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(serve_with_agents(running, agents, ready.set)))
    thread.start()
    try:
        assert ready.wait(30)
        yield running
    finally:
        running.stop()
        thread.join()


def until(happened: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (result := happened()):
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
    return result


def capable(simulation: Simulation) -> SimulatedPrinter:
    return next(printer for printer in simulation.printers if is_iot_capable(printer))


def at_device(simulation: Simulation, printer: SimulatedPrinter, method: str, path: str, **options: Any) -> Any:
    answer = httpx.request(
        method, f"{device_address(simulation, printer)}/device/v1/{path}", trust_env=False, **options
    )
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def enrolled(serial: str) -> Printer | None:
    with system_session(read_only=True) as session:
        return session.scalar(select(Printer).where(Printer.serial_number == serial))


def task_status(task_id: str) -> str:
    with system_session(read_only=True) as session:
        return str(session.get_one(FleetTask, task_id).status)


def enter_code(simulation: Simulation, printer: SimulatedPrinter, code: str) -> None:
    at_device(simulation, printer, "PUT", "enrolment", json={"communication": True})
    at_device(simulation, printer, "PUT", "enrolment", json={"code": code})


def test_a_pre_registered_printer_enrols_and_works(office: Installation, simulation: Simulation) -> None:
    """FL-146, FL-147, FL-17: by the code; it then polls for orders, does them on itself and reports."""
    printer, actor = capable(simulation), office.administrator
    pre_register(actor, [printer.serial])
    enter_code(simulation, printer, enrolment_code(actor))
    row = until(lambda: enrolled(printer.serial), "the printer did not enrol")
    assert row.agent_kind == AgentKind.NATIVE
    assert at_device(simulation, printer, "GET", "enrolment")["state"] == "enrolled"
    message = NewTask(TaskKind.NOTIFY_PANEL, {"message": "service_scheduled"})
    task_id = start_fleet_task(actor, message, [row.id])
    until(lambda: task_status(task_id) == "completed", "the order was not carried out")
    assert at_device(simulation, printer, "GET", "panel-message")["text"]


def test_a_printers_code_is_typed_in_the_portal(office: Installation, simulation: Simulation) -> None:
    """FL-151, FL-152: and a printer that is unenrolled in the portal leaves by itself."""
    printer, actor = capable(simulation), office.administrator
    at_device(simulation, printer, "PUT", "enrolment", json={"communication": True})
    code = at_device(simulation, printer, "GET", "enrolment-code")["code"]
    until(lambda: _claimed(office, code), "the printer did not announce itself")
    row = until(lambda: enrolled(printer.serial), "the printer did not enrol")
    task_id = start_fleet_task(actor, NewTask(TaskKind.REFRESH), [row.id])
    until(lambda: task_status(task_id).startswith("completed"), "the printer was not read")
    fresh = enrolled(printer.serial)
    assert fresh is not None
    assert fresh.life_pages is not None


def _claimed(office: Installation, code: str) -> bool:
    """Whether the printer has announced its code by now."""
    try:
        return bool(claim_printer(office.administrator, code))
    except PressroomError as error:
        if error.fault is not UNKNOWN_CODE:
            raise
        return False


def test_the_organizations_code_does_nothing_at_a_printer_that_is_not_pre_registered(
    office: Installation, simulation: Simulation
) -> None:
    """FL-154 (A-9): the printer says so and forgets the code."""
    printer = capable(simulation)
    enter_code(simulation, printer, enrolment_code(office.administrator))
    until(lambda: at_device(simulation, printer, "GET", "enrolment")["state"] == "none", "the code was not refused")
    assert enrolled(printer.serial) is None
    history = httpx.get(f"{device_address(simulation, printer)}/device/v1/logs/history", trust_env=False).text
    assert "is not pre-registered" in history


def test_a_printer_that_is_unenrolled_leaves_when_it_next_says_hello(
    office: Installation, simulation: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FL-618: the agent is told when it next connects."""
    monkeypatch.setattr("pressroom.agent.work.HELLO_SECONDS", 0.3)
    printer, actor = capable(simulation), office.administrator
    pre_register(actor, [printer.serial])
    enter_code(simulation, printer, enrolment_code(actor))
    row = until(lambda: enrolled(printer.serial), "the printer did not enrol")
    task_id = start_fleet_task(actor, NewTask(TaskKind.UNENROL), [row.id])

    def unenrolled() -> bool:
        """The job waits behind the first reading, which the printer does by itself (FL-501)."""
        work_on_printers.fn(actor.organization_id, task_id, resumes=True)
        return task_status(task_id) == "completed"

    until(unenrolled, "the printer was not unenrolled")
    until(lambda: at_device(simulation, printer, "GET", "enrolment")["state"] == "none", "the printer did not leave")
    assert enrolled(printer.serial) is None


# --- the agent's page at the printer


def with_printer_agent(simulation: Simulation) -> SimulatedPrinter:
    """A printer whose firmware is too old for a native agent: the printer agent is an app on it (FL-70)."""
    printer = next(one for one in simulation.printers if one.profile.name == "color-mfp")
    printer.firmware = "074.120"
    printer.device.apps[PRINTER_AGENT] = InstalledApp(PRINTER_AGENT, "Printer agent", "1.4.2")
    return printer


def at_page(simulation: Simulation, printer: SimulatedPrinter, **form: str) -> str:
    """The agent's page, after a button of it was pressed."""
    address = f"{device_address(simulation, printer)}/apps/printer-agent"
    with httpx.Client(trust_env=False, follow_redirects=True, timeout=30) as browser:
        answer = browser.post(address, data=form) if form else browser.get(address)
    return answer.text


def enrolled_by_page(office: Installation, simulation: Simulation, printer: SimulatedPrinter) -> Printer:
    pre_register(office.administrator, [printer.serial])
    enter_code(simulation, printer, enrolment_code(office.administrator))
    row: Printer = until(lambda: enrolled(printer.serial), "the printer did not enrol")
    until(lambda: printer.agent, "the agent did not begin to work")
    return row


def test_a_printer_agent_enrols_and_works(office: Installation, simulation: Simulation) -> None:
    """The app calls out as the native agent does; stopped, it does nothing (TS-18)."""
    printer = with_printer_agent(simulation)
    assert "disabled: communication with the cloud is off" in at_page(simulation, printer)
    row = enrolled_by_page(office, simulation, printer)
    assert (row.agent_kind, printer.device.printer_agent) == (AgentKind.PRINTER, "1.4.2")
    message = NewTask(TaskKind.NOTIFY_PANEL, {"message": "service_scheduled"})
    task_id = start_fleet_task(office.administrator, message, [row.id])
    until(lambda: task_status(task_id) == "completed", "the order was not carried out")
    printer.device.apps[PRINTER_AGENT].is_started = False
    until(lambda: printer.agent is None, "the agent did not stop")
    assert "stopped" in at_page(simulation, printer)


def test_the_agents_page_has_buttons_once_the_printer_is_enrolled(office: Installation, simulation: Simulation) -> None:
    """FL-102, TS-19: without a finished enrolment there is nothing to test."""
    printer = with_printer_agent(simulation)
    before = at_page(simulation, printer)
    assert "Test agent connection" not in before
    assert "The enrolment is not complete" in before
    assert "The enrolment is not complete" in at_page(simulation, printer, what="test")
    enrolled_by_page(office, simulation, printer)
    after = at_page(simulation, printer)
    for button in ("Poll now", "Test agent connection", "Update credentials"):
        assert f">{button}</button>" in after
    assert "running" in after


def test_the_connection_is_tested_in_three_ways(office: Installation, simulation: Simulation) -> None:
    """FL-103: the way to the cloud, the sign-in to the printer, the rights there."""
    printer = capable(simulation)
    enrolled_by_page(office, simulation, printer)
    assert at_page(simulation, printer, what="test").count("in order") == 3
    printer.device.settings["security.firmware_updates"] = False
    assert "rights are turned off at the printer: firmware updates" in at_page(simulation, printer, what="test")
    printer.device.settings.clear()


def test_the_agent_polls_when_it_is_told_to(
    office: Installation, simulation: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FL-102: the next hello would come in a minute."""
    monkeypatch.setattr("pressroom.agent.work.HELLO_SECONDS", 3600.0)
    printer = capable(simulation)
    enrolled_by_page(office, simulation, printer)
    agent = printer.agent
    assert agent is not None
    first = until(agent.last_contact, "the agent did not say hello")
    assert "looks for requests" in at_page(simulation, printer, what="poll")
    until(lambda: (agent.last_contact() or 0) > first, "the agent did not poll")


def test_credentials_that_are_given_at_the_printer_reach_the_cloud(
    office: Installation, simulation: Simulation
) -> None:
    """FL-102: tried on the printer first; what it does not accept is not kept."""
    printer = capable(simulation)
    row = enrolled_by_page(office, simulation, printer)
    printer.device.account = new_account("pin", "", "471147")
    administrator = httpx.BasicAuth("", "471147")
    address = f"{device_address(simulation, printer)}/apps/printer-agent"
    with httpx.Client(trust_env=False, auth=administrator, timeout=30) as browser:
        assert "does not accept the agent" in browser.post(address, data={"what": "test"}).text
        form = {"what": "credentials", "authentication_type": "pin", "user_name": ""}
        assert "does not accept these credentials" in browser.post(address, data={**form, "password": "1111"}).text
        assert access_of(fresh(printer)).secret.get_secret_value() == ""
        assert "signs in with these" in browser.post(address, data={**form, "password": "471147"}).text
        assert browser.post(address, data={"what": "test"}).text.count("in order") == 3
    assert access_of(fresh(printer)).secret.get_secret_value() == "471147"
    with tenant_session(office.administrator.organization_id, read_only=True) as session:
        actions = set(session.scalars(select(AuditEvent.action).where(AuditEvent.target_id == row.id)))
    assert "printer.credentials_given" in actions


def fresh(printer: SimulatedPrinter) -> Printer:
    row = enrolled(printer.serial)
    assert row is not None
    return row
