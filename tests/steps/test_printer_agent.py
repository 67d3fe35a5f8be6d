"""Updating the printer agent at a simulated printer: only while nothing stands in the way (FL-105, F-15)."""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.errors import PressroomError
from printers_sim.device.account import new_account
from printers_sim.device.state import InstalledApp
from printers_sim.packages import app_package
from printers_sim.printer import SimulatedPrinter
from printers_sim.simulation import Simulation, SimulationPlan
from steps.printer_agent import update_printer_agent
from steps.printer_work import Access, AuthenticationType, FileReference, Order, Outcome, PrinterTarget, Report
from steps.printers.apps import PRINTER_AGENT
from tests.support.simulation import running_simulation

USER, SECRET = "admin", "a right password"
BEFORE, AFTER = "3.0.1", "3.2.0"


class Folder:
    """The files of an order: one package."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "printer-agent.fls"
        self._path.write_bytes(app_package(PRINTER_AGENT, "Printer agent", AFTER))

    @property
    def package(self) -> FileReference:
        """How an order names the package."""
        content = self._path.read_bytes()
        return FileReference(
            key="package", name=self._path.name, size=len(content), sha256=hashlib.sha256(content).hexdigest()
        )

    async def fetch(self, reference: FileReference) -> Path:
        assert reference == self.package
        return self._path

    async def keep(self, path: Path, name: str, media_type: str) -> str:
        raise AssertionError("an update hands nothing over")


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    account = new_account("user_password", USER, SECRET)
    with running_simulation(SimulationPlan(1, ("color-mfp",), http_port=0, snmp_port=0, account=account)) as running:
        yield running


@pytest.fixture
def printer(simulation: Simulation) -> SimulatedPrinter:
    """With an older agent, idle and without errors."""
    (one,) = simulation.printers
    one.knobs.busy, one.knobs.unresolved_error = False, ""
    one.device.apps[PRINTER_AGENT] = InstalledApp(PRINTER_AGENT, "Printer agent", BEFORE)
    return one


def update(
    simulation: Simulation, printer: SimulatedPrinter, files: Folder, *, has_other_work: bool = False, **values: Any
) -> Report:
    access = Access(type=AuthenticationType.USER_PASSWORD, user=USER, secret=SecretStr(SECRET))
    target = PrinterTarget(
        address=printer.address,
        serial_number=printer.serial,
        http_port=simulation.http_port,
        is_vendor=True,
        access=access,
    )
    parameters = {"version": AFTER, "app": files.package.model_dump(mode="json")} | values
    order = Order(job_id=1, operation="update_agent", printer=target, parameters=parameters)
    return asyncio.run(update_printer_agent(order, files, has_other_work=has_other_work))


def installed(printer: SimulatedPrinter) -> str:
    return printer.device.apps[PRINTER_AGENT].version


def test_a_printer_that_is_ready_gets_the_newer_agent_once(
    simulation: Simulation, printer: SimulatedPrinter, tmp_path: Path
) -> None:
    files = Folder(tmp_path)
    assert update(simulation, printer, files) == Report(facts={"version": AFTER})
    assert installed(printer) == AFTER
    again = update(simulation, printer, files)
    assert [str(remark) for remark in again.remarks] == [f"It is at the current version already: {AFTER}."]


@pytest.mark.parametrize(
    ("knobs", "has_other_work", "code"),
    [
        ({"unresolved_error": "Paper jam in tray 2"}, False, "printer_agent.unresolved_errors"),
        ({}, True, "printer_agent.pending_jobs"),
        ({"busy": True}, False, "printer_agent.in_use"),
    ],
)
def test_it_waits_while_something_stands_in_the_way(
    simulation: Simulation,
    printer: SimulatedPrinter,
    tmp_path: Path,
    knobs: dict[str, Any],
    has_other_work: bool,
    code: str,
) -> None:
    for name, value in knobs.items():
        setattr(printer.knobs, name, value)
    with pytest.raises(PressroomError) as refused:
        update(simulation, printer, Folder(tmp_path), has_other_work=has_other_work)
    assert refused.value.code == code
    assert installed(printer) == BEFORE


def test_without_a_package_that_fits_it_is_not_supported(
    simulation: Simulation, printer: SimulatedPrinter, tmp_path: Path
) -> None:
    report = update(simulation, printer, Folder(tmp_path), app=None)
    assert report.outcome is Outcome.NOT_SUPPORTED
    assert installed(printer) == BEFORE
