"""The sockets of raw printing, one for all printers: a connection is for the printer at whose address it came in."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from printers_sim.ipp.jobs import Job
from printers_sim.ipp.queue import LOOK_SECONDS, PrintQueue
from printers_sim.ipp.queues import PrintQueues
from printers_sim.knobs import Behaviour
from printers_sim.printer import SimulatedPrinter
from printers_sim.rendering.document import OCTETS, POSTSCRIPT

SILENCE_SECONDS = 30.0
"""A sender who says nothing for so long is cut off."""
LARGEST_DOCUMENT = 256 << 20
PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class RawCall:
    """A connection to one printer."""

    printer: SimulatedPrinter
    queue: PrintQueue
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def read(self) -> bytes:
        """The next piece; empty at the end, and where the sender has fallen silent."""
        try:
            return await asyncio.wait_for(self.reader.read(PIECE), SILENCE_SECONDS)
        except TimeoutError:
            return b""

    async def finished(self, job: Job) -> None:
        """Wait until a job is on paper, or will never be."""
        while not job.is_finished:
            await asyncio.sleep(LOOK_SECONDS)


Handler = Callable[[RawCall], Awaitable[None]]


def media_type_of(document: bytes) -> str:
    """PostScript says what it is; everything else is looked at when it is printed."""
    return POSTSCRIPT if document.startswith(b"%!") else OCTETS


class RawServer:
    """One listening socket; `switch` is the setting of printers that turns the protocol on, and how it is delivered."""

    def __init__(
        self,
        listener: socket.socket,
        printers: Mapping[str, SimulatedPrinter],
        queues: PrintQueues,
        switch: tuple[str, bool],
        handler: Handler,
    ) -> None:
        self._listener = listener
        self._printers = printers
        self._queues = queues
        self._switch = switch
        self._handler = handler
        self._calls: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Answer until it is cancelled."""
        server = await asyncio.start_server(self._called, sock=self._listener)
        try:
            await server.serve_forever()
        finally:
            for call in self._calls:
                call.cancel()
            await asyncio.gather(*self._calls, return_exceptions=True)

    def _called(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        printer = self._printers.get(writer.get_extra_info("sockname")[0])
        if printer is None or printer.is_away or not printer.device.settings.get(*self._switch):
            writer.transport.abort()
            return
        if printer.behaviour is Behaviour.SILENT:
            return
        call = asyncio.create_task(self._answered(RawCall(printer, self._queues.of(printer), reader, writer)))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _answered(self, call: RawCall) -> None:
        try:
            await self._handler(call)
            await call.writer.drain()
        except ConnectionError:
            return  # whoever sent it is gone: what came whole is printed all the same
        finally:
            call.writer.close()
