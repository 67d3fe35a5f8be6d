"""The module of the agent that keeps the loopback printers (PR-332)."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from pressroom.local_page.server import LOOPBACK, PageServer, page_socket
from pressroom.workstation.folder import WorkstationFolder
from pressroom.workstation.loopback.access import Access, keep_access, kept_access
from pressroom.workstation.loopback.delivery import NAME, Delivery
from pressroom.workstation.loopback.endpoint import Endpoint
from pressroom.workstation.loopback.jobs import JobBook
from pressroom.workstation.loopback.queues import LoopbackQueue, queues_of
from pressroom.workstation.modules import Workstation

PORTS_TRIED = 50
"""So many ports from the usual one on, on a computer with agents of several people."""
LOOK_SECONDS = 1.0
PORT_TAKEN = N_("Port {port} is taken by another program: printers are not there.")


class LoopbackPrinters:
    """Printers at 127.0.0.1 for the ways that the person may print by; none with the port 0 in the configuration."""

    name, mode = NAME, ""

    async def run(self, workstation: Workstation) -> None:
        """Work until cancelled."""
        wanted = workstation.configuration.listener_port_settings.loopback_port
        if not wanted:
            await asyncio.Event().wait()
        with ExitStack() as stack:
            common = stack.enter_context(_common_socket(workstation.folder, wanted))
            access = keep_access(workstation.folder, common.getsockname()[1])
            sockets = [common, *(stack.enter_context(one) for one in _own_sockets(workstation))]
            await self._serve(workstation, access, sockets)

    async def _serve(self, workstation: Workstation, access: Access, sockets: list[socket.socket]) -> None:
        delivery: Delivery | None = None

        def wake() -> None:
            if delivery is not None:
                delivery.wake()

        def queues() -> dict[str, LoopbackQueue]:
            return queues_of(workstation.told.answer, workstation.configuration)

        book = JobBook(workstation.folder, workstation.told.user_id, wake)
        delivery = Delivery(workstation, book)
        endpoint = Endpoint(book, access, queues, f"{workstation.cloud.portal}/print-queue")
        server = PageServer(endpoint.app)
        serving = asyncio.create_task(server.serve(sockets))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(delivery.run())
                group.create_task(_tell_queues(workstation))
                await asyncio.shield(serving)
        finally:
            server.should_exit = True
            await serving


async def _tell_queues(workstation: Workstation) -> None:
    """Have the portal know which queues there are (PR-331)."""
    while True:
        names = [queue.name for queue in queues_of(workstation.told.answer, workstation.configuration).values()]
        if names != workstation.queues.get(NAME, []):
            workstation.queues[NAME] = names
            workstation.check_in_now()
        await asyncio.sleep(LOOK_SECONDS)


def _common_socket(folder: WorkstationFolder, wanted: int) -> socket.socket:
    """At the port of last time, as queues of the system point there; at first the first that is free.

    Raises `PORTS_TAKEN`.
    """
    known = kept_access(folder)
    moved = known is None or not wanted <= known.port < wanted + PORTS_TRIED
    ports = range(wanted, min(wanted + PORTS_TRIED, 65_536)) if known is None or moved else [known.port]
    return page_socket(ports, local_only=True)


def _own_sockets(workstation: Workstation) -> Iterator[socket.socket]:
    """Ports of direct queues; one that is taken is told and passed over (PR-314)."""
    for entry in workstation.configuration.direct_print_settings.print_settings:
        try:
            yield page_socket([entry.loopback_port], local_only=True)
        except PressroomError:
            workstation.notes[NAME] = str(Message.of(PORT_TAKEN, port=entry.loopback_port))


def address_of(queue: LoopbackQueue, port: int) -> str:
    """Where the print system of this computer finds a printer."""
    return f"ipp://{LOOPBACK}:{port}/ipp/print/{queue.path}"
