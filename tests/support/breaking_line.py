"""A line to a printer that breaks in the middle of what is sent, as when somebody pulls the plug."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PIECE = 4096
LOOK_SECONDS = 0.1


@contextmanager
def breaking_line(address: str, port: int, after: int) -> Iterator[int]:
    """The port on 127.0.0.1 that leads to `address`; every connection breaks after `after` octets towards it."""
    over = threading.Event()
    threads: list[threading.Thread] = []

    def back(near: socket.socket, far: socket.socket) -> None:
        try:
            while piece := far.recv(PIECE):
                near.sendall(piece)
        except OSError:
            pass  # the line is broken

    def carry(near: socket.socket) -> None:
        with near, socket.create_connection((address, port)) as far:
            answers = threading.Thread(target=back, args=(near, far))
            answers.start()
            left = after
            while left > 0 and (piece := near.recv(min(PIECE, left))):
                far.sendall(piece)
                left -= len(piece)
            for end in (near, far):
                end.shutdown(socket.SHUT_RDWR)
            answers.join()

    def listen() -> None:
        while not over.is_set():
            try:
                near, _ = server.accept()
            except TimeoutError:
                continue
            near.settimeout(None)
            threads.append(threading.Thread(target=carry, args=(near,)))
            threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LOOK_SECONDS)
        listener = threading.Thread(target=listen)
        listener.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            listener.join()
            for thread in threads:
                thread.join(5)
