"""A line to a server on which answers can be held back, as when a network goes away after a request has arrived."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PIECE = 4096
LOOK_SECONDS = 0.1


@dataclass
class SilentLine:
    """The line at `address`; while `answers` is clear, requests arrive and answers do not come back."""

    address: str
    answers: threading.Event = field(default_factory=threading.Event)


@contextmanager
def silent_line(to: str) -> Iterator[SilentLine]:
    """A line to the server at the http address `to`, which lets answers through at first."""
    over, there = threading.Event(), urlsplit(to)
    assert there.hostname is not None

    def carry(near: socket.socket, far: socket.socket, *, is_answer: bool) -> None:
        try:
            while piece := near.recv(PIECE):
                while is_answer and not line.answers.wait(LOOK_SECONDS):
                    if over.is_set():
                        return
                far.sendall(piece)
        except OSError:
            return  # one of the two ends has gone
        finally:
            for end in (near, far):
                end.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LOOK_SECONDS)
        line = SilentLine(f"http://127.0.0.1:{server.getsockname()[1]}")
        line.answers.set()

        def listen() -> None:
            while not over.is_set():
                try:
                    near, _ = server.accept()
                except TimeoutError:
                    continue
                near.settimeout(None)
                far = socket.create_connection((there.hostname or "", there.port or 80))
                for one, other, is_answer in ((near, far, False), (far, near, True)):
                    threading.Thread(
                        target=carry, args=(one, other), kwargs={"is_answer": is_answer}, daemon=True
                    ).start()

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            yield line
        finally:
            over.set()
            line.answers.set()
            listener.join()
