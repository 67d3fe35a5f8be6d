"""Looking for printers: who is there, how quickly, and how gently."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from connectors.printers.address_ranges import wanted_addresses
from connectors.printers.probing import found_by_snmp, probe
from connectors.printers.reading import Identity
from connectors.snmp import client as port_of
from connectors.snmp.client import Authentication, SnmpTarget
from connectors.snmp.message import Version
from printers_sim.printer import SimulatedPrinter, make_printer
from printers_sim.profile import profiles
from tests.support.snmp_agents import simulated, snmpd


@pytest.fixture(scope="module")
def fleet() -> Iterator[tuple[list[SimulatedPrinter], SnmpTarget]]:
    kinds = list(profiles().values())
    printers = [make_printer(number, kinds[number % len(kinds)]) for number in range(40)]
    with simulated(printers) as port:
        yield printers, SnmpTarget("", port, timeout=1.0, attempts=1)


async def each(addresses: Iterable[str]) -> AsyncIterator[str]:
    for address in addresses:
        yield address


def searched(target: SnmpTarget, addresses: Iterable[str], **limits: float) -> dict[str, Identity | None]:
    async def ask(address: str) -> Identity | None:
        return await found_by_snmp(replace(target, address=address))

    async def run() -> dict[str, Identity | None]:
        results = probe(each(addresses), ask, **limits)  # type: ignore[arg-type]
        return {address: identity async for address, identity in results}

    return asyncio.run(run())


def test_a_subnet_is_searched_within_the_patience_for_one_address(
    fleet: tuple[list[SimulatedPrinter], SnmpTarget],
) -> None:
    """254 addresses of which 40 answer, with a time-out of a second: one after the other they would take minutes."""
    printers, target = fleet
    began = time.monotonic()
    found = searched(target, wanted_addresses(["127.20.0.0/24"], []))
    assert time.monotonic() - began < 5
    assert len(found) == 254
    assert {address: one.serial_number for address, one in found.items() if one} == {
        printer.address: printer.serial for printer in printers
    }


def test_what_is_excluded_is_not_asked(fleet: tuple[list[SimulatedPrinter], SnmpTarget]) -> None:
    """FL-113."""
    _, target = fleet
    found = searched(target, wanted_addresses(["127.20.0.1-127.20.0.6"], ["127.20.0.2", "127.20.0.4/31"]))
    assert sorted(found) == ["127.20.0.1", "127.20.0.3", "127.20.0.6"]


def test_who_is_found_is_told_as_a_reading_tells(
    fleet: tuple[list[SimulatedPrinter], SnmpTarget],
) -> None:
    printers, target = fleet
    for printer in printers[:6]:
        identity = searched(target, [printer.address])[printer.address]
        assert identity is not None
        assert (identity.manufacturer, identity.model) == (printer.profile.make, printer.profile.model)
        assert (identity.firmware_level, identity.mac) == (printer.firmware, printer.mac.hex(":"))
        assert identity.is_colour is printer.profile.color


def test_the_network_has_its_pauses(fleet: tuple[list[SimulatedPrinter], SnmpTarget]) -> None:
    """FL-122: the delay lies between the beginnings of two probes."""
    moments: list[float] = []

    async def ask(address: str) -> None:
        moments.append(time.monotonic())

    async def run() -> None:
        async for _ in probe(each(map(str, range(10))), ask, delay=0.05):
            pass

    asyncio.run(run())
    assert all(later - earlier >= 0.045 for earlier, later in pairwise(moments))


def test_no_more_are_on_the_way_than_allowed() -> None:
    now = most = 0

    async def ask(address: str) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1

    async def run() -> int:
        return len([one async for one in probe(each(map(str, range(60))), ask, at_once=7)])

    assert asyncio.run(run()) == 60
    assert most == 7


def test_who_stops_searching_leaves_nothing_running() -> None:
    async def run() -> int:
        before = asyncio.all_tasks()

        async def ask(address: str) -> None:
            await asyncio.sleep(0 if address == "0" else 60)

        results = probe(each(map(str, range(20))), ask)
        async for _ in results:
            break
        await results.aclose()
        return len(asyncio.all_tasks() - before)

    assert asyncio.run(run()) == 0


def test_a_server_that_is_no_printer_is_not_found_and_one_that_refuses_is_told(tmp_path: Path) -> None:
    users = 'createUser reader SHA "a secret to sign"\nrouser reader auth\nrocommunity public\n'
    with snmpd(tmp_path, users) as port:
        target = SnmpTarget("127.0.0.1", port, timeout=1.0, attempts=1)
        assert searched(target, ["127.0.0.1"]) == {"127.0.0.1": None}
        wrong = replace(
            target,
            version=Version.V3,
            user="reader",
            authentication=Authentication.SHA1,
            authentication_password="another secret",
        )
        with pytest.raises(PressroomError) as caught:
            asyncio.run(found_by_snmp(wrong))
    assert caught.value.fault is port_of.SIGN_IN
