"""A simulated fleet in a process of its own, so that it neither lends its processor time nor its memory.

`with simulated_fleet(1000) as port:` — the printers are at `printers_sim.printer.address_of(0 … 999)`.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

from printers_sim.printer import make_printer
from printers_sim.profile import profiles
from printers_sim.snmp.agents import Access, SnmpAgents

ROOT = Path(__file__).parent.parent


@contextmanager
def simulated_fleet(count: int) -> Iterator[int]:
    """The SNMP port of `count` printers of all models in turn."""
    command = [sys.executable, "-m", "benchmarks.simulated_fleet", str(count)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)


def serve(count: int) -> None:
    """Answer until the process is told to end."""
    kinds = islice(cycle(profiles().values()), count)
    agents = SnmpAgents([make_printer(number, kind) for number, kind in enumerate(kinds)], Access(), 0)
    over: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: over.append(number))
    print(agents.server.port, flush=True)
    agents.server.serve_until(lambda: bool(over))
    agents.server.close()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
