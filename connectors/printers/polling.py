"""Many printers read at once, each reading handed on as it comes: memory stays constant however many there are.

A printer that does not answer waits by itself: it takes a place among those that are waited for, of which there are
many, never one among those that are read, of which there are as many as the processor can follow. Dead printers thus
add the time of one silent printer to the whole, not to each other. New printers are knocked at as old ones answer or
turn out to be slow, so that neither the network nor this process drowns in first answers.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType

from connectors.errors import PressroomError
from connectors.printers.reading import PrinterReading
from connectors.printers.snmp_reading import read_printer
from connectors.snmp.client import SnmpTarget

WAITED_FOR = 600
KNOCKED_AT = 96
PATIENCE = 0.25
"""The part of its time-out after which a printer that has not answered counts as slow."""
READ_AT_ONCE = 32
"""More do not make it faster: the answers would only wait in the sockets until the time-outs of their readers pass."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What came of one printer: a reading, or the fault that kept it from being read."""

    target: SnmpTarget
    reading: PrinterReading | None = None
    fault: PressroomError | None = None


async def poll(
    targets: Iterable[SnmpTarget], *, waited_for: int = WAITED_FOR, read_at_once: int = READ_AT_ONCE
) -> AsyncGenerator[Polled, None]:
    """Read all `targets`, which may be a generator; results come in the order in which they are ready."""
    left = iter(targets)
    knocks, turns = asyncio.Semaphore(KNOCKED_AT), asyncio.Semaphore(read_at_once)
    results: asyncio.Queue[Polled | None] = asyncio.Queue(maxsize=read_at_once)
    workers = [asyncio.create_task(_work(left, knocks, turns, results)) for _ in range(waited_for)]
    end = asyncio.create_task(_announce_end(workers, results))
    try:
        while (result := await results.get()) is not None:
            yield result
        await end
    finally:
        for task in (end, *workers):
            task.cancel()
        await asyncio.gather(end, *workers, return_exceptions=True)


class _Visit:
    """One printer's way: a knock until it answers or proves slow, then its turn to be read."""

    def __init__(self, knocks: asyncio.Semaphore, turns: asyncio.Semaphore, patience: float) -> None:
        self._knocks, self._turns = knocks, turns
        self._slow = asyncio.get_running_loop().call_later(patience, self.end_knock)
        self._is_knocking = True

    def end_knock(self) -> None:
        """Let the next one be knocked at; the second time this does nothing."""
        if self._is_knocking:
            self._is_knocking = False
            self._slow.cancel()
            self._knocks.release()

    async def __aenter__(self) -> None:
        self.end_knock()
        await self._turns.acquire()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._turns.release()


async def _work(
    left: Iterator[SnmpTarget],
    knocks: asyncio.Semaphore,
    turns: asyncio.Semaphore,
    results: asyncio.Queue[Polled | None],
) -> None:
    while True:
        await knocks.acquire()
        target = next(left, None)
        if target is None:
            knocks.release()
            return
        visit = _Visit(knocks, turns, target.timeout * PATIENCE)
        try:
            polled = Polled(target, reading=await read_printer(target, visit))
        except PressroomError as fault:
            polled = Polled(target, fault=fault)
        finally:
            visit.end_knock()
        await results.put(polled)


async def _announce_end(workers: list[asyncio.Task[None]], results: asyncio.Queue[Polled | None]) -> None:
    """Tell the reader that all is done, or that a worker broke, which `await end` then raises."""
    try:
        await asyncio.gather(*workers)
    finally:
        await results.put(None)
