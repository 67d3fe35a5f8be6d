"""A portal that dies by SIGKILL at a chosen moment of a request: a real process on a real socket.

Moments are the first write of every transaction, both sides of its commit, and just before an answer leaves. What a
portal loads is loaded once, by a process that serves nobody (`main`); each is forked from it, so that the next one is
there at once. Portals have the settings that their test has.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import uvicorn
from sqlalchemy.orm import configure_mappers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.support.kill_points import KillPoints, counting

DIES_AT = "pressroom-test-dies-at"
DIED = (httpx.RemoteProtocolError, httpx.ReadError, httpx.ConnectError, httpx.WriteError)
"""What a client sees of it."""
DEATH_SECONDS = 20.0


class MortalApp:
    """The application; a request with the header `DIES_AT` kills it at that moment, if it has so many."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        named = dict(scope.get("headers", ())).get(DIES_AT.encode())
        if named is None:
            await self._app(scope, receive, send)
            return
        points = KillPoints(int(named), lambda: os.kill(os.getpid(), signal.SIGKILL), each_write=False, thread=None)

        async def answering(message: Message) -> None:
            if message["type"] == "http.response.start":
                points.moment()
            await send(message)

        with counting(points):
            await self._app(scope, receive, answering)


@dataclass
class Portals:
    """One portal after the other, each at an address of its own; `deaths` counts those that were killed."""

    loader: "subprocess.Popen[str]"
    url: str = ""
    deaths: int = 0

    def begin(self) -> None:
        """Fork a portal; it is reached at `url` from now on."""
        self.url = f"http://127.0.0.1:{self._ask('fork')}"

    def survives(self, moment: int, client: httpx.Client, request: httpx.Request) -> httpx.Response | None:
        """The answer; None where the portal died of it at that moment, and another one has begun."""
        request.headers[DIES_AT] = str(moment)
        try:
            return client.send(request)
        except DIED:
            assert self._ask("bury") == signal.SIGKILL, "it died of something else, or not at all"
            self.deaths += 1
            self.begin()
            return None

    def _ask(self, word: str) -> int:
        assert self.loader.stdin is not None
        assert self.loader.stdout is not None
        self.loader.stdin.write(f"{word}\n")
        self.loader.stdin.flush()
        return int(self.loader.stdout.readline())


@contextmanager
def mortal_portals() -> Iterator[Portals]:
    """Portals with the settings of this process, the first of which has begun."""
    loader = subprocess.Popen(
        [sys.executable, "-m", "tests.support.dying_portal"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    portals = Portals(loader)
    try:
        portals.begin()
        yield portals
    finally:
        assert loader.stdin is not None
        loader.stdin.close()  # the portal that is left ends with it
        loader.wait(30)


def main() -> None:
    """Do what stdin says until it ends: fork a portal and tell its port, or tell of which signal the portal died."""
    from portal_api.app import create_service

    app = MortalApp(create_service())
    configure_mappers()
    asyncio.run(_asked_once(app))
    portal = 0
    for word in sys.stdin:
        if word.strip() == "bury":
            print(_signal_of_death(portal), flush=True)
            portal = 0
            continue
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            portal = os.fork()
            if portal == 0:
                _serve(app, listener)
            print(listener.getsockname()[1], flush=True)
    if portal:
        os.kill(portal, signal.SIGTERM)
        os.waitpid(portal, 0)


async def _asked_once(app: MortalApp) -> None:
    """What the application puts together at its first request is there before the portals are forked."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        (await client.get("/healthz")).raise_for_status()


def _signal_of_death(portal: int) -> int:
    """0 where it still lives after a while."""
    deadline = time.monotonic() + DEATH_SECONDS
    while time.monotonic() < deadline:
        found, status = os.waitpid(portal, os.WNOHANG)
        if found:
            return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        time.sleep(0.01)
    return 0


def _serve(app: ASGIApp, listener: socket.socket) -> None:
    config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listener])
    os._exit(0)


if __name__ == "__main__":
    main()
