"""Serving a local page beside other work of the same program."""

import contextlib
import socket
from collections.abc import Iterator, Sequence

import uvicorn
from starlette.types import ASGIApp

from connectors.errors import Fault
from connectors.messages import N_

PORTS_TAKEN = Fault(
    "local_page.ports_taken",
    409,
    N_("No port is free for the page: {ports}."),
    N_("End the program that uses it, or choose another port with --page-port."),
    spec="FL-126",
)
LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104 — only where somebody has allowed other computers


class PageServer(uvicorn.Server):
    """A server that leaves signals to the program it is part of."""

    def __init__(self, app: ASGIApp, *, with_signals: bool = False) -> None:
        self._with_signals = with_signals
        config = uvicorn.Config(app, log_config=None, lifespan="off", access_log=False, timeout_graceful_shutdown=1)
        super().__init__(config)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing is captured, unless the page is the whole program."""
        if self._with_signals:
            with super().capture_signals():
                yield
        else:
            yield


def page_socket(ports: Sequence[int], *, local_only: bool) -> socket.socket:
    """A socket on the first of these ports that is free (0: any); raises `PORTS_TAKEN`."""
    for port in ports:
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((LOOPBACK if local_only else EVERYWHERE, port))
        except OSError:
            one.close()
        else:
            one.listen()  # whoever is told the address may come at once
            return one
    raise PORTS_TAKEN(ports=", ".join(map(str, ports)))
