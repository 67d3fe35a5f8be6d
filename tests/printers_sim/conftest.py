"""A small fleet that is asked over its sockets."""

import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from printers_sim.device.account import new_account
from printers_sim.printer import SimulatedPrinter
from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.web.requests import Timing
from tests.support.simulation import device_address, running_simulation

ADMINISTRATOR = ("admin", "a right password")
Client = Callable[[str], httpx.Client]


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    """One printer of each model, with an administrator account."""
    account = new_account("user_password", *ADMINISTRATOR)
    plan = SimulationPlan(5, http_port=0, snmp_port=0, account=account, timing=Timing(restart=0.3, slow_answer=0.3))
    with running_simulation(plan) as running:
        yield running


@pytest.fixture
def client(simulation: Simulation) -> Iterator[Client]:
    """The administrator's connection to a printer of a profile."""
    opened: list[httpx.Client] = []

    def connect(profile: str) -> httpx.Client:
        base = f"{device_address(simulation, printer_of(simulation, profile))}/device/v1"
        opened.append(httpx.Client(base_url=base, auth=ADMINISTRATOR, timeout=10))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


def printer_of(simulation: Simulation, profile: str) -> SimulatedPrinter:
    """The printer of that profile."""
    return next(printer for printer in simulation.printers if printer.profile.name == profile)


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something that the simulation does by itself."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
