"""A worker that is killed in the middle of a firmware update over many printers: it ends, and none is updated twice.

Once over a thousand printers, as fleets are; else over a few, which is the same code in less time.
"""

import time
from collections.abc import Callable, Iterator, Sequence

import psutil
import pytest
from sqlalchemy import func, select, update

from benchmarks.installation import RunningInstallation, running_installation
from domain.tenancy import tenant_session
from fleet.firmware.service import add_image
from fleet.firmware.updates import FirmwareUpdate, start_update
from fleet.printers.models import Printer
from fleet.tasks.execution import counts_of, status_of
from fleet.tasks.models import Job
from fleet.tasks.status import JobStatus, TaskStatus
from printers_sim.packages import firmware_image
from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.web.requests import Timing
from tests.support.fleet import add_simulated
from tests.support.simulation import running_simulation

FEW, MANY = 240, 1000
AT_A_TIME = 60
OLD, NEW = "081.215", "230.500"
SECONDS = 500.0


class Fleet:
    """Some of the simulated printers, enrolled in the running installation, all with the same old firmware."""

    def __init__(self, installation: RunningInstallation, simulation: Simulation, ids: Sequence[str]) -> None:
        self.installation, self.ids, self.count = installation, ids, len(ids)
        self.actor = installation.administrator
        self.printers = simulation.printers[: self.count]
        for printer in self.printers:
            printer.firmware, printer.device.firmware_updates = OLD, 0

    @property
    def updated(self) -> int:
        """How many printers have taken an image."""
        return sum(printer.device.firmware_updates > 0 for printer in self.printers)

    def wait(self, condition: Callable[[], bool]) -> None:
        """Until it is so."""
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"{self.updated} printers were updated"
            time.sleep(0.02)

    def status(self, task_id: str) -> TaskStatus:
        """Where the task is."""
        with tenant_session(self.actor.organization_id, read_only=True) as session:
            return status_of(session, task_id)

    def assert_each_once(self, task_id: str) -> None:
        """Every printer has the new level, has taken one image, and has one job that is completed."""
        self.wait(lambda: self.status(task_id).is_final)
        assert [printer.device.firmware_updates for printer in self.printers] == [1] * self.count
        assert {printer.firmware for printer in self.printers} == {NEW}
        with tenant_session(self.actor.organization_id, read_only=True) as session:
            assert counts_of(session, task_id) == {JobStatus.COMPLETED: self.count}
            assert session.scalar(select(func.count()).select_from(Job).where(Job.task_id == task_id)) == self.count
            levels = select(Printer.firmware_level).where(Printer.id.in_(self.ids))
            assert session.scalars(levels).all() == [NEW] * self.count
        assert self.status(task_id) is TaskStatus.COMPLETED


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    plan = SimulationPlan(MANY, ["color-mfp"], http_port=0, snmp_port=0, timing=Timing(restart=1.5))
    with running_simulation(plan) as simulation:
        yield simulation


@pytest.fixture(scope="module")
def installation(simulation: Simulation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstallation]:
    folder = tmp_path_factory.mktemp("fleet")
    processes = {"worker_processes": "1", "fleet_processes": "1", "print_processes": "0"}
    with running_installation(
        folder / "home", lease_seconds="3", fleet_in_flight=str(AT_A_TIME), **processes
    ) as running:
        image = folder / "image.fls"
        image.write_bytes(firmware_image(NEW, ["PX C4150"]))
        add_image(running.administrator, image, "image.fls")
        yield running


@pytest.fixture(scope="module")
def enrolled(installation: RunningInstallation, simulation: Simulation) -> Sequence[str]:
    """The printers' ids, in the order of the simulation."""
    return add_simulated(installation.administrator.organization_id, simulation)


@pytest.fixture
def fleet(
    request: pytest.FixtureRequest, installation: RunningInstallation, simulation: Simulation, enrolled: Sequence[str]
) -> Fleet:
    count: int = request.param
    with tenant_session(installation.administrator.organization_id) as session:
        session.execute(update(Printer).values(firmware_level=OLD))
    return Fleet(installation, simulation, enrolled[:count])


def below(installation: RunningInstallation) -> list[psutil.Process]:
    """The processes of the worker."""
    process = installation.part("worker").process
    assert process is not None
    return psutil.Process(process.pid).children(recursive=True)


@pytest.mark.parametrize("fleet", [FEW, pytest.param(MANY, marks=pytest.mark.slow)], indirect=True)
def test_no_printer_is_updated_twice_when_its_worker_is_killed(fleet: Fleet) -> None:
    """F-26: some printers restart, some are done and not reported, and some wait, when whoever does it is killed."""
    task_id = start_update(fleet.actor, fleet.ids, FirmwareUpdate())
    fleet.wait(lambda: AT_A_TIME < fleet.updated < fleet.count - AT_A_TIME)
    process = fleet.installation.part("worker").process
    assert process is not None
    children = below(fleet.installation)
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    assert fleet.updated < fleet.count
    fleet.installation.part("worker").start()
    fleet.assert_each_once(task_id)


@pytest.mark.parametrize("fleet", [FEW], indirect=True)
def test_no_printer_is_updated_twice_when_the_process_of_its_task_is_killed(fleet: Fleet) -> None:
    """The worker lives on and has the task done by another process."""
    task_id = start_update(fleet.actor, fleet.ids, FirmwareUpdate())
    fleet.wait(lambda: 0 < fleet.updated < AT_A_TIME)
    working = [one for one in below(fleet.installation) if one.name() == "press-run"]
    assert working
    for one in working:
        one.kill()
    fleet.assert_each_once(task_id)
