"""Many printers read at once: all come, dead ones cost nobody else time, and nothing piles up."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from connectors.printers import polling
from connectors.printers.polling import Polled, poll
from connectors.snmp import client as port_of
from connectors.snmp.client import SnmpTarget
from printers_sim.printer import Behaviour, SimulatedPrinter, address_of, make_printer
from printers_sim.profile import profiles
from tests.support.snmp_agents import simulated

FLEET = 120


@pytest.fixture(scope="module")
def fleet() -> Iterator[tuple[list[SimulatedPrinter], int]]:
    kinds = list(profiles().values())
    printers = [make_printer(number, kinds[number % len(kinds)]) for number in range(FLEET)]
    with simulated(printers) as port:
        yield printers, port


def polled(targets: Iterator[SnmpTarget], **limits: int) -> list[Polled]:
    async def run() -> list[Polled]:
        return [result async for result in poll(targets, **limits)]

    return asyncio.run(run())


def test_every_printer_is_read_and_every_silent_one_named(fleet: tuple[list[SimulatedPrinter], int]) -> None:
    printers, port = fleet
    printers[3].behaviour, printers[7].behaviour = Behaviour.SILENT, Behaviour.WRONG_COMMUNITY
    try:
        asked = FLEET + 4  # four addresses without a printer
        results = polled(SnmpTarget(address_of(number), port, timeout=1.0, attempts=1) for number in range(asked))
    finally:
        printers[3].behaviour = printers[7].behaviour = Behaviour.NONE
    read = {result.target.address: result.reading for result in results if result.reading is not None}
    silent = {result.target.address for result in results if result.fault is not None}
    assert len(results) == asked
    assert silent == {address_of(number) for number in (3, 7, *range(FLEET, asked))}
    assert all(result.fault.fault is port_of.NO_ANSWER for result in results if result.fault is not None)
    assert {address: one.identity.serial_number for address, one in read.items()} == {
        printer.address: printer.serial for printer in printers if printer.address not in silent
    }


def test_the_dead_wait_side_by_side_and_hold_up_nobody(fleet: tuple[list[SimulatedPrinter], int]) -> None:
    """Forty dead printers before the living ones: the living do not wait for them, all dead wait at the same time."""
    _, port = fleet
    timeout = 2.0
    order = [*range(FLEET, FLEET + 40), *range(FLEET)]
    arrivals: list[tuple[bool, float]] = []

    async def run() -> None:
        began = time.monotonic()
        targets = (SnmpTarget(address_of(number), port, timeout=timeout, attempts=1) for number in order)
        async for result in poll(targets, read_at_once=8):
            arrivals.append((result.reading is not None, time.monotonic() - began))

    asyncio.run(run())
    assert [is_read for is_read, _ in arrivals] == [True] * FLEET + [False] * 40
    assert arrivals[-1][1] < timeout * 3  # forty one after the other would take eighty seconds


def test_targets_are_taken_as_they_are_needed(fleet: tuple[list[SimulatedPrinter], int]) -> None:
    _, port = fleet
    taken = 0

    def targets() -> Iterator[SnmpTarget]:
        nonlocal taken
        for number in range(FLEET):
            taken += 1
            yield SnmpTarget(address_of(number), port, timeout=5.0)

    async def run() -> list[int]:
        ahead = []
        given = 0
        async for _ in poll(targets(), waited_for=5, read_at_once=2):
            given += 1
            ahead.append(taken - given)
        return ahead

    ahead = asyncio.run(run())
    assert len(ahead) == FLEET
    assert max(ahead) <= 5 + 2 + 1


def test_who_stops_listening_leaves_nothing_running(fleet: tuple[list[SimulatedPrinter], int]) -> None:
    _, port = fleet

    async def run() -> int:
        before = asyncio.all_tasks()
        results = poll(SnmpTarget(address_of(number), port) for number in range(FLEET))
        async for _ in results:
            break
        await results.aclose()
        return len(asyncio.all_tasks() - before)

    assert asyncio.run(run()) == 0


def test_a_mistake_of_ours_is_not_taken_for_a_dead_printer(
    fleet: tuple[list[SimulatedPrinter], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(polling, "read_printer", broken)
    with pytest.raises(ZeroDivisionError):
        polled(iter([SnmpTarget("127.20.0.1", fleet[1])]))
