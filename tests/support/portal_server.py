"""The portal on a real socket of 127.0.0.1, for what only a real server shows: streams, uploads, broken connections."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

START_SECONDS = 30


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
