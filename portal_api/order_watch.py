"""Long polls for scan orders: one look at the records for all that wait, so that 500 printers cost what one does."""

import asyncio
from collections.abc import Callable, Set
from weakref import WeakKeyDictionary

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from connectors.errors import PressroomError

LOOK_SECONDS = 0.3
Key = tuple[str, str]
"""The organization and id of a printer, or of an agent."""


class OrderWatch:
    """Wakes the long polls of one event loop; `look` says for whom orders wait."""

    def __init__(self, look: Callable[[], Set[Key]]) -> None:
        self._look_up = look
        self._waiting: dict[Key, set[asyncio.Future[bool]]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def wait(self, key: Key, seconds: float, request: Request) -> bool:
        """Whether an order came for `key` within that time."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, set()).add(future)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        gone = asyncio.create_task(_disconnected(request))
        try:
            done, _ = await asyncio.wait({future, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return future in done and future.result()
        finally:
            gone.cancel()
            self._waiting[key].discard(future)
            if not self._waiting[key]:
                del self._waiting[key]

    async def _look(self) -> None:
        """Look while anybody waits. When the records cannot be read all are woken: each finds out by itself why."""
        while self._waiting:
            try:
                found = await run_in_threadpool(self._look_up)
            except PressroomError:
                found = set(self._waiting)
            for key in found & self._waiting.keys():
                for future in self._waiting[key]:
                    if not future.done():
                        future.set_result(True)
            await asyncio.sleep(LOOK_SECONDS)


class OrderWatches:
    """The watches of a process for one kind of caller: one for each of its event loops."""

    def __init__(self, look: Callable[[], Set[Key]]) -> None:
        self._look = look
        self._watches: WeakKeyDictionary[asyncio.AbstractEventLoop, OrderWatch] = WeakKeyDictionary()

    def here(self) -> OrderWatch:
        """That of the running loop."""
        return self._watches.setdefault(asyncio.get_running_loop(), OrderWatch(self._look))


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue
