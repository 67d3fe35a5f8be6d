"""The template: a process in which everything is loaded, and from which the warm processes are forked.

Libraries and models are most of a warm process's memory and nearly all of the time that its start takes. A forked
process shares them until it writes to them, and is warm as soon as it has reached the engine. The worker loads them
before anything else and forks the template, which from then on only forks: a fork copies one thread, and every lock as
it happens to be, so that only a process without threads, connections and runs of its own can be copied safely.

The worker sends its orders as messages. One with a descriptor asks for a process that serves flow runs on it, and is
answered by its process id; one with a process id asks to end that process, and is answered by its exit code.
"""

import asyncio
import contextlib
import ctypes
import gc
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import structlog

from flows.worker.child import child_main, load_flow
from flows.worker.processes import end_with, name_process

log = structlog.get_logger(__name__)

MESSAGE_BYTES = 32
M_MMAP_THRESHOLD = -3
LARGE_PIECE = 128 << 10
LIBRARIES = ("pytesseract", "pypdfium2", "pikepdf", "docx", "PIL.Image")
"""What steps import only when they run, so that the portal does not."""
ONE_THREAD = {"OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Keeps libraries of numbers from starting threads."""


class TemplateLost(RuntimeError):
    """The template has ended, and with it all processes that were forked from it."""


class Template:
    """The worker's end of the template. It is forked when this is made: before the worker has any thread."""

    def __init__(self, flows: Mapping[str, Any]) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._turn = asyncio.Lock()
        with theirs:
            self._pid = _forked(lambda worker: _obey(theirs, worker, flows), closing=self._orders)
        self._orders.setblocking(False)

    async def fork(self, pipe: socket.socket) -> int:
        """The id of a new process that serves flow runs on `pipe`, which is closed here; raises `TemplateLost`."""
        with pipe:
            return int(await self._ask("fork", pipe.fileno()))

    async def end_process(self, pid: int) -> str:
        """The exit code of a process of this template, which is killed where it still lives; raises `TemplateLost`."""
        return await self._ask(str(pid))

    async def _ask(self, order: str, *descriptors: int) -> str:
        async with self._turn:
            answer = b""
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                socket.send_fds(self._orders, [order.encode()], descriptors)
                answer = await asyncio.get_running_loop().sock_recv(self._orders, MESSAGE_BYTES)
        if not answer:
            raise TemplateLost("the process from which the worker's processes are forked has ended")
        return answer.decode()

    def end(self) -> None:
        """Stop the template at once, and with it its processes; their runs are resumed through their leases."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        self._orders.close()


def load(entrypoints: Sequence[str]) -> dict[str, Any]:
    """Load all that runs need and a fork may share; returns the flows by their entrypoints.

    Raises `RuntimeError` where a step's `preload` leaves a thread running.
    """
    from steps.registry import step_kinds

    os.environ.update(ONE_THREAD)
    _return_large_pieces()
    flows = {entrypoint: load_flow(entrypoint) for entrypoint in entrypoints}
    for module in LIBRARIES:
        import_module(module)
    _check_threads("the libraries")
    for kind in step_kinds().values():
        _ = kind.task
        if kind.preload is not None:
            kind.preload()
            _check_threads(f"`preload` of the step {kind.name!r}")
    gc.collect()
    gc.freeze()  # or the first collection in each process would write to all that is shared
    return flows


def _return_large_pieces() -> None:
    """Keep glibc returning pieces of memory of this size, such as pictures, to the system as soon as they are freed.

    By itself it raises the limit to the largest piece that was ever freed (mallopt(3)): one large page, and a process
    keeps more than 100 MB for good.
    """
    ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_PIECE)


def _check_threads(left_by: str) -> None:
    """Threads that only a library knows count too."""
    count = len(list(Path("/proc/self/task").iterdir()))
    if count > 1:
        raise RuntimeError(
            f"{left_by} left {count - 1} threads running, which a fork would lose; "
            "what needs them belongs in the step's `warm`"
        )


def _forked(work: Callable[[int], None], closing: socket.socket) -> int:
    """The id of a new process that closes `closing`, does `work`, given the id of this process, and ends."""
    parent = os.getpid()
    if pid := os.fork():
        return pid
    status = 1
    try:
        closing.close()
        work(parent)
        status = 0
    except Exception:
        log.exception("a process of the worker ended")
    finally:
        os._exit(status)


def _obey(orders: socket.socket, worker: int, flows: Mapping[str, Any]) -> None:
    """The template's life: until the worker's end of `orders` closes, or it dies."""
    end_with(worker)
    name_process("press-template")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        order, descriptors, _, _ = socket.recv_fds(orders, MESSAGE_BYTES, 1)
        if descriptors:
            with Connection(descriptors[0]) as pipe:
                answer = _forked(lambda template: child_main(pipe, template, dict(flows)), closing=orders)
        elif order:
            answer = _end(int(order))
        else:
            return
        orders.send(str(answer).encode())


def _end(pid: int) -> int:
    """The exit code of a child, which is killed where it still lives: negative, the signal that ended it."""
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)
