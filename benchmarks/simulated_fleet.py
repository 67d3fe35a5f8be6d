"""A simulated fleet in a process of its own, so that it neither lends its processor time nor its memory.

`with simulated_fleet(1000) as port:` — the printers are at `printers_sim.printer.address_of(0 … 999)`.
"""

import signal
import sys
from contextlib import AbstractContextManager
from itertools import cycle, islice

from benchmarks.own_process import serving
from printers_sim.printer import make_printer
from printers_sim.profile import profiles
from printers_sim.snmp.agents import Access, SnmpAgents


def simulated_fleet(count: int) -> AbstractContextManager[int]:
    """The SNMP port of `count` printers of all models in turn."""
    return serving("benchmarks.simulated_fleet", count)


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
