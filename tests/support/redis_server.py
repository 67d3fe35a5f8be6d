"""A real Redis server for tests, from Debian's package, on a free port of 127.0.0.1."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as NotYet

from benchmarks.installation import free_port

READY_SECONDS = 30


@contextmanager
def running_redis(folder: Path) -> Iterator[str]:
    """Start a server that keeps nothing on disk; yields its address."""
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    server = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
    try:
        _wait_ready(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(10)


def _wait_ready(port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    with Redis(host="127.0.0.1", port=port) as client:
        while True:
            try:
                client.ping()
            except NotYet:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return
