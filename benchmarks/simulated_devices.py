"""Simulated printers of one model with their management API, in a process of their own.

`with simulated_devices(1000) as port:` — the printers are at `printers_sim.printer.address_of(0 … 999)`.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.web.requests import Timing

ROOT = Path(__file__).parent.parent
PROFILE = "color-mfp"


@contextmanager
def simulated_devices(count: int) -> Iterator[int]:
    """The HTTP port of `count` printers."""
    command = [sys.executable, "-m", "benchmarks.simulated_devices", str(count)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(20)


def serve(count: int) -> None:
    """Answer until the process is told to end."""
    plan = SimulationPlan(count, (PROFILE,), http_port=0, snmp_port=0, timing=Timing(restart=0.5))
    simulation = Simulation(plan)
    signal.signal(signal.SIGTERM, lambda _number, _frame: simulation.stop())
    asyncio.run(simulation.serve(lambda: print(simulation.http_port, flush=True)))


if __name__ == "__main__":
    serve(int(sys.argv[1]))
