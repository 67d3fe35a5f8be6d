"""Many printers read at once, each reading handed on as it comes: memory stays constant however many there are.

A printer that does not answer waits by itself: it takes a place among those that are knocked at, of which there are
many, never one among those that are read, of which there are as many as the processor can follow. Dead printers thus
add the time of one silent printer to the whole, not to each other.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import dataclass

from connectors.errors import PressroomError
from connectors.printers.reading import PrinterReading
from connectors.printers.snmp_reading import read_printer
from connectors.snmp.client import SnmpTarget

KNOCKED_AT = 600
READ_AT_ONCE = 32
"""More do not make it faster: the answers would only wait in the sockets until the time-outs of their readers pass."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What came of one printer: a reading, or the fault that kept it from being read."""

    target: SnmpTarget
    reading: PrinterReading | None = None
    fault: PressroomError | None = None


async def poll(
    targets: Iterable[SnmpTarget], *, knocked_at: int = KNOCKED_AT, read_at_once: int = READ_AT_ONCE
) -> AsyncGenerator[Polled, None]:
    """Read all `targets`, which may be a generator; results come in the order in which they are ready."""
    left = iter(targets)
    turns = asyncio.Semaphore(read_at_once)
    results: asyncio.Queue[Polled | None] = asyncio.Queue(maxsize=read_at_once)
    workers = [asyncio.create_task(_work(left, turns, results)) for _ in range(knocked_at)]
    end = asyncio.create_task(_announce_end(workers, results))
    try:
        while (result := await results.get()) is not None:
            yield result
        await end
    finally:
        for task in (end, *workers):
            task.cancel()
        await asyncio.gather(end, *workers, return_exceptions=True)


async def _work(left: Iterator[SnmpTarget], turns: asyncio.Semaphore, results: asyncio.Queue[Polled | None]) -> None:
    for target in left:
        try:
            polled = Polled(target, reading=await read_printer(target, turns))
        except PressroomError as fault:
            polled = Polled(target, fault=fault)
        await results.put(polled)


async def _announce_end(workers: list[asyncio.Task[None]], results: asyncio.Queue[Polled | None]) -> None:
    """Tell the reader that all is done, or that a worker broke, which `await end` then raises."""
    try:
        await asyncio.gather(*workers)
    finally:
        await results.put(None)
