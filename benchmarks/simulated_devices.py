"""Simulated printers of one model with their management API, in a process of their own.

`with simulated_devices(1000) as port:` — the printers are at `printers_sim.printer.address_of(0 … 999)`.
"""

import asyncio
import signal
import sys
from contextlib import AbstractContextManager

from benchmarks.own_process import serving
from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.web.requests import Timing

PROFILE = "color-mfp"


def simulated_devices(count: int) -> AbstractContextManager[int]:
    """The HTTP port of `count` printers."""
    return serving("benchmarks.simulated_devices", count)


def serve(count: int) -> None:
    """Answer until the process is told to end."""
    plan = SimulationPlan(count, (PROFILE,), http_port=0, snmp_port=0, timing=Timing(restart=0.5))
    simulation = Simulation(plan)
    signal.signal(signal.SIGTERM, lambda _number, _frame: simulation.stop())
    asyncio.run(simulation.serve(lambda: print(simulation.http_port, flush=True)))


if __name__ == "__main__":
    serve(int(sys.argv[1]))
