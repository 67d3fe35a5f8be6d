"""Looking for printers in a subnet of which most addresses are silent, with a time-out of one second."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

from benchmarks.fleet_parts import FleetOptions, at_most
from benchmarks.simulated_fleet import simulated_fleet
from connectors.printers.address_ranges import wanted_addresses
from connectors.printers.probing import found_by_snmp, probe
from connectors.printers.reading import Identity
from connectors.snmp.client import SnmpTarget

SUBNET, PRINTERS = "127.20.0.0/24", 60
DELAY = 0.01
"""Seconds between two probes. With the 250 ms of FL-122 the pauses alone would take a minute."""
TARGETS = {"discovery_24_s": at_most(5.0)}


def measure(options: FleetOptions) -> Mapping[str, float]:
    """How long a /24 takes; it is always searched whole."""
    with simulated_fleet(PRINTERS) as port:
        began = time.perf_counter()
        asked, found = asyncio.run(_search(SnmpTarget("", port, timeout=1.0, attempts=1)))
        seconds = time.perf_counter() - began
    assert (asked, found) == (254, PRINTERS), (asked, found)
    print(f"{SUBNET}: {found} printers among {asked} addresses, {DELAY * 1000:.0f} ms between probes")
    return {"discovery_24_s": seconds}


async def _search(target: SnmpTarget) -> tuple[int, int]:
    async def ask(address: str) -> Identity | None:
        return await found_by_snmp(replace(target, address=address))

    results = [one async for _, one in probe(_addresses(), ask, delay=DELAY)]
    return len(results), sum(one is not None for one in results)


async def _addresses() -> AsyncIterator[str]:
    for address in wanted_addresses([SUBNET], []):
        yield address
