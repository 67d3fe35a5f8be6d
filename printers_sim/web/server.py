"""One listening socket for all printers, on the loopback device only; printers that are gone refuse, silent ones wait.

The protocol looks at the printer before each piece of data: so a printer that restarts or falls silent also does so on
connections that are open.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from printers_sim.knobs import Behaviour
from printers_sim.printer import SimulatedPrinter
from printers_sim.snmp.server import SO_BINDTODEVICE

BACKLOG = 4096
CONTROL_ADDRESS = "127.0.0.1"
"""Where the operator controls the simulation; printers have other addresses."""


def listening(port: int) -> socket.socket:
    """A socket for every loopback address; the port may be 0."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, b"lo\0")
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("0.0.0.0", port))  # noqa: S104 — every loopback address, held to the device above
    listener.listen(BACKLOG)
    return listener


class WebServer(uvicorn.Server):
    """uvicorn without signal handlers: the simulation is ended by its owner, who is told when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self.listens.set()

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Leave signals to the command."""
        return nullcontext()


def web_server(site: Any, printers: Mapping[str, SimulatedPrinter], tls: ssl.SSLContext | None = None) -> WebServer:
    """The server for `site`, by HTTPS with `tls`; the caller serves it and lets it end (`should_exit`)."""
    config = uvicorn.Config(
        site,
        http=protocol_of(printers, "network.http_enabled" if tls is None else "network.https_enabled"),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=2,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
    )
    return WebServer(config)


def protocol_of(printers: Mapping[str, SimulatedPrinter], switch: str) -> type[asyncio.Protocol]:
    """uvicorn's HTTP protocol, for printers that may be gone or silent, or have it turned off (setting `switch`)."""

    class PrinterProtocol(HttpToolsProtocol):
        """A connection to one printer."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            """Whom is it for? There is nobody at an address without a printer, or when the printer is away."""
            super().connection_made(transport)
            self._address = transport.get_extra_info("sockname")[0]
            if self._is_nobody():
                transport.abort()

        def data_received(self, data: bytes) -> None:
            """A printer that has gone drops the connection; a silent one reads on and says nothing."""
            if self._is_nobody():
                self.transport.abort()
            elif self._address == CONTROL_ADDRESS or printers[self._address].behaviour is not Behaviour.SILENT:
                super().data_received(data)

        def _is_nobody(self) -> bool:
            if self._address == CONTROL_ADDRESS:
                return False
            printer = printers.get(self._address)
            return printer is None or printer.is_away or printer.device.settings.get(switch) is False

    return PrinterProtocol
