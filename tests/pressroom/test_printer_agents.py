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
from domain.tenancy import system_session
from fleet.agents.models import AgentKind
from fleet.enrolment.native import UNKNOWN_CODE, claim_printer
from fleet.enrolment.pre_registration import enrolment_code, pre_register
from fleet.printers.models import Printer
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask
from fleet.tasks.service import NewTask, start_fleet_task
from flows.fleet_task import work_on_printers
from portal_api.app import create_service
from pressroom.printer_agents import PrinterAgents, serve_with_agents
from printers_sim.device.enrolment import is_iot_capable
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
    """FL-147, FL-17: it then polls for orders, does them on itself and reports."""
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
