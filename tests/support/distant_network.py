"""A line to a server that is far away: everything takes its time there and back, in the order in which it was sent."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

PIECE = 65536
START_SECONDS = 10


@dataclass(frozen=True)
class _Way:
    """One direction of a connection. Pieces are on their way at the same time, as in a long cable."""

    seconds: float

    async def carry(self, from_: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        arriving = asyncio.create_task(self._arrive(under_way, to))
        clock = asyncio.get_running_loop().time
        piece = b"begin"
        while piece:
            with suppress(ConnectionError):
                piece = await from_.read(PIECE)
            under_way.put_nowait((clock() + self.seconds, piece))
        await arriving

    async def _arrive(self, under_way: asyncio.Queue[tuple[float, bytes]], to: asyncio.StreamWriter) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due, piece = await under_way.get()
            await asyncio.sleep(due - clock())
            with suppress(ConnectionError):
                if not piece:
                    to.close()
                    return
                to.write(piece)
                await to.drain()


@contextmanager
def distant(port: int, to_port: int, round_trip: float) -> Iterator[None]:
    """127.0.0.1:`port` leads to 127.0.0.1:`to_port`; there and back takes `round_trip` seconds."""
    loop, is_open = asyncio.new_event_loop(), threading.Event()
    way = _Way(round_trip / 2)

    async def connect(near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        far_in, far_out = await asyncio.open_connection("127.0.0.1", to_port)
        await asyncio.gather(way.carry(near_in, far_out), way.carry(far_in, near_out))

    async def serve(over: asyncio.Event) -> None:
        server = await asyncio.start_server(connect, "127.0.0.1", port)
        is_open.set()
        await over.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    over = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(over),), name="distant network")
    thread.start()
    try:
        assert is_open.wait(START_SECONDS), "the line does not open"
        yield
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(START_SECONDS)
        loop.close()
