"""Simulated printers on sockets of this process, for tests that need a fleet."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from printers_sim.printer import SimulatedPrinter
from printers_sim.simulation import Simulation, SimulationPlan

READY_SECONDS = 30


def device_address(simulation: Simulation, printer: SimulatedPrinter) -> str:
    """Where the printer's web server is."""
    return f"http://{printer.address}:{simulation.http_port}"


@contextmanager
def running_simulation(plan: SimulationPlan) -> Iterator[Simulation]:
    """Serve the plan in a thread; give ports 0 to get free ones."""
    simulation = Simulation(plan)
    ready = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(simulation.serve(ready.set)), name="simulation")
    thread.start()
    try:
        assert ready.wait(READY_SECONDS), "the simulation did not start"
        yield simulation
    finally:
        simulation.stop()
        thread.join()
