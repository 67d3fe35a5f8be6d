"""The portal on a real socket of 127.0.0.1, for what only a real server shows: streams, uploads, broken connections."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from benchmarks.installation import free_port

START_SECONDS = 300


@contextmanager
def serving_pages(port: int = 0) -> Iterator[str]:
    """The address of the whole portal, pages included, served by a process with this process's settings.

    Pages need one: what they are served by is one object a process, and once it has served, no other test can begin.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "uvicorn", "portal_api.app:create_app", "--factory", "--port", str(port)]
    process = subprocess.Popen([*command, "--log-level", "warning"], env=dict(os.environ))
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def serving(app: FastAPI, port: int = 0, certificate: tuple[Path, Path] | None = None) -> Iterator[str]:
    """The address of `app` while it is served by uvicorn in a thread; with a `port`, at the same address as before.

    With a `certificate` and its key, by https.
    """
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        chain, key = certificate or (None, None)
        config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1, ssl_certfile=chain, ssl_keyfile=key)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            _wait_until_started(server, thread)
            yield f"http{'s' if certificate else ''}://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the portal did not start")
        time.sleep(0.02)


def _wait_until_healthy(address: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(address, timeout=2, trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the portal did not start")
