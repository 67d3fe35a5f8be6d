"""Looking for printers at many addresses: who answers, and who it is, with few packets and few of them on the way.

A network is not flooded: `delay` lies between the beginnings of two probes (FL-122), and no more than `at_once` wait
for an answer at a time. Most addresses of a subnet are silent; they wait side by side, so that a search takes the
delays and the patience with one silent address, not with each.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from typing import TypeVar

from connectors.errors import PressroomError
from connectors.printers.reading import Identity
from connectors.printers.snmp_reading import NOT_A_PRINTER, identify_printer
from connectors.snmp import client as port_of
from connectors.snmp.client import SnmpTarget

Found = TypeVar("Found")

AT_ONCE = 512
"""Probes on the way: the sockets that a process may have open, with room for others."""


async def probe(
    addresses: AsyncIterable[str],
    ask: Callable[[str], Awaitable[Found]],
    *,
    delay: float = 0.0,
    at_once: int = AT_ONCE,
) -> AsyncGenerator[tuple[str, Found], None]:
    """What `ask` finds at each address, as soon as it is known; `delay` in seconds. `addresses` may be endless."""
    free = asyncio.Semaphore(at_once)
    found: asyncio.Queue[tuple[str, Found] | None] = asyncio.Queue(maxsize=at_once)

    async def one(address: str) -> None:
        try:
            await found.put((address, await ask(address)))
        finally:
            free.release()

    async def all_of_them() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                async for address in addresses:
                    await free.acquire()
                    group.create_task(one(address))
                    await asyncio.sleep(delay)
        finally:
            await found.put(None)

    work = asyncio.create_task(all_of_them())
    try:
        while (result := await found.get()) is not None:
            yield result
        await work
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def found_by_snmp(target: SnmpTarget) -> Identity | None:
    """Who answers there over SNMP; None where nobody does or it is no printer.

    Raises `SIGN_IN`, `BAD_ANSWER` and `REFUSED`: somebody is there who cannot be asked in this way.
    """
    try:
        return await identify_printer(target)
    except PressroomError as fault:
        if fault.fault in (port_of.NO_ANSWER, NOT_A_PRINTER):
            return None
        raise
