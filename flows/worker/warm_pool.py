"""A pool of warm processes: each takes one flow run at a time and is replaced when it dies."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection

import structlog

from flows.worker.template import Template, TemplateLost

log = structlog.get_logger(__name__)

REPLACE_PAUSE = 5.0
"""Seconds between two tries to replace a process that will not start."""

Answer = tuple[str, str | None]
"""What a process says: ("ready" | "done", None), ("failed", reason) or ("died", exit code)."""


class DiedEarly(RuntimeError):
    """A process died before it was warm."""


class WarmProcess:
    """One forked process and the pipe to it."""

    def __init__(self, template: Template, pid: int, pipe: Connection) -> None:
        self._template, self.pid, self._pipe = template, pid, pipe
        self._answers: asyncio.Queue[Answer | None] = asyncio.Queue()
        self._gone, self._turn = asyncio.Event(), asyncio.Lock()
        self._exit_code: str | None = None
        asyncio.get_running_loop().add_reader(pipe.fileno(), self._hear)

    @property
    def is_gone(self) -> bool:
        return self._gone.is_set()

    async def run(self, entrypoint: str, flow_run: dict[str, object]) -> Answer:
        """What the process says after the flow run, or that it died."""
        if not self.is_gone:
            with contextlib.suppress(BrokenPipeError):  # which is heard, too
                self._pipe.send((entrypoint, flow_run))
        return await self.answer()

    async def answer(self) -> Answer:
        """The process's next message, or that it died."""
        return await self._answers.get() or ("died", await self.ended())

    async def ended(self) -> str:
        """The exit code, once the process has ended."""
        await self._gone.wait()
        async with self._turn:
            if self._exit_code is None:
                self._exit_code = await self._template.end_process(self.pid)
        return self._exit_code

    def _hear(self) -> None:
        try:
            self._answers.put_nowait(self._pipe.recv())
        except (EOFError, ConnectionResetError):
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())
            self._pipe.close()
            self._gone.set()
            self._answers.put_nowait(None)


class WarmPool:
    """`size` warm processes, forked from `template`; a dead one is replaced."""

    def __init__(self, template: Template, size: int) -> None:
        self._template, self._size = template, size
        self._processes: list[WarmProcess] = []
        self._idle: asyncio.Queue[WarmProcess] = asyncio.Queue()

    async def start(self) -> None:
        """Return when every process is warm; raises `RuntimeError` where the template or one of them dies before."""
        for _ in range(self._size):
            self._processes.append(await self._warm_process())

    async def keep(self) -> None:
        """Hold the processes ready, and replace those that die, until cancelled. Raises `TemplateLost` (in a group)."""
        try:
            async with asyncio.TaskGroup() as places:
                for process in self._processes:
                    places.create_task(self._keep_place(process))
        except* TemplateLost:
            log.error("the worker's template has ended; the worker ends too and must be started again")  # noqa: TRY400
            raise

    async def run(
        self, entrypoint: str, flow_run: dict[str, object], may_begin: Callable[[], Awaitable[bool]]
    ) -> tuple[int, Answer] | None:
        """Run one flow run in an idle process; returns the process's id and what it answered.

        `may_begin` is asked once a process is idle; where it says no, nothing is run and None is returned.
        """
        while (process := await self._idle.get()).is_gone:
            continue  # another one takes its place
        try:
            if not await may_begin():
                return None
            return process.pid, await process.run(entrypoint, flow_run)
        finally:
            self._idle.put_nowait(process)

    async def _keep_place(self, process: WarmProcess) -> None:
        while True:
            self._idle.put_nowait(process)
            reason = await process.ended()
            log.warning("a worker process ended and is replaced", pid=process.pid, exit_code=reason)
            process = await self._replacement()

    async def _replacement(self) -> WarmProcess:
        while True:
            try:
                return await self._warm_process()
            except DiedEarly as error:
                log.warning("a worker process could not be replaced; trying again", reason=str(error))
            await asyncio.sleep(REPLACE_PAUSE)

    async def _warm_process(self) -> WarmProcess:
        """A new one. Raises `DiedEarly`, `TemplateLost`."""
        ours, theirs = socket.socketpair()
        with ours:
            pid = await self._template.fork(theirs)
            process = WarmProcess(self._template, pid, Connection(ours.detach()))
        kind, reason = await process.answer()
        if kind != "ready":
            raise DiedEarly(f"a worker process ended while it started (exit code {reason})")
        return process
