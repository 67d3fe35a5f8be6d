"""A pool of warm processes: each takes one flow run at a time and is replaced when it dies."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

import structlog

from flows.worker.child import child_main

log = structlog.get_logger(__name__)

REPLACE_PAUSE = 5.0
"""Seconds between two tries to replace a process that will not start."""

Answer = tuple[str, str | None]
"""What a process says: ("ready" | "done", None), ("failed", reason) or ("died", exit code)."""


class WarmProcess:
    """One spawned process and the pipe to it."""

    def __init__(self, worker: str, preload: tuple[str, ...]) -> None:
        context = get_context("spawn")
        self.pipe: Connection
        self.pipe, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(
            target=child_main, args=(theirs, worker, os.getpid(), preload), daemon=True
        )
        self.process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        return self.process.pid or 0

    async def answer(self) -> Answer:
        """The process's next message, or that it died."""
        loop = asyncio.get_running_loop()
        heard: asyncio.Future[Answer] = loop.create_future()

        def on_message() -> None:
            if not heard.done():
                try:
                    heard.set_result(self.pipe.recv())
                except (EOFError, ConnectionResetError):
                    self.process.join(1)
                    heard.set_result(("died", str(self.process.exitcode)))

        loop.add_reader(self.pipe.fileno(), on_message)
        try:
            return await heard
        finally:
            loop.remove_reader(self.pipe.fileno())

    def end(self) -> None:
        """Stop the process at once; its runs are resumed through their leases."""
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.pipe.close()


class WarmPool:
    """`size` warm processes; a dead one is replaced."""

    def __init__(self, worker: str, size: int, preload: tuple[str, ...]) -> None:
        self._worker, self._preload = worker, preload
        self._processes = [WarmProcess(worker, preload) for _ in range(size)]
        self._idle: asyncio.Queue[WarmProcess] = asyncio.Queue()
        self._replacing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Return when every process is warm; raises `RuntimeError` for one that dies before."""
        for process in self._processes:
            kind, reason = await process.answer()
            if kind != "ready":
                raise RuntimeError(f"a worker process ended while it started (exit code {reason})")
            self._idle.put_nowait(process)

    async def run(
        self, entrypoint: str, flow_run: dict[str, object], may_begin: Callable[[], Awaitable[bool]]
    ) -> tuple[int, Answer] | None:
        """Run one flow run in an idle process; returns the process's id and what it answered.

        `may_begin` is asked once a process is idle; where it says no, nothing is run and None is returned.
        """
        process = await self._idle.get()
        answer: Answer = ("refused", None)
        try:
            if not await may_begin():
                return None
            answer = await self._answer_to(process, entrypoint, flow_run)
        finally:
            if answer[0] == "died":
                task = asyncio.create_task(self._replace(process))
                self._replacing.add(task)
                task.add_done_callback(self._replacing.discard)
            else:
                self._idle.put_nowait(process)
        return process.pid, answer

    async def _answer_to(self, process: WarmProcess, entrypoint: str, flow_run: dict[str, object]) -> Answer:
        try:
            process.pipe.send((entrypoint, flow_run))
        except BrokenPipeError:
            return "died", "broken pipe"
        return await process.answer()

    async def _replace(self, dead: WarmProcess) -> None:
        place = self._processes.index(dead)
        while True:
            self._processes[place].end()
            self._processes[place] = fresh = WarmProcess(self._worker, self._preload)
            kind, reason = await fresh.answer()
            if kind == "ready":
                self._idle.put_nowait(fresh)
                return
            log.error("a worker process could not be replaced; trying again", outcome=kind, reason=reason)
            await asyncio.sleep(REPLACE_PAUSE)

    def stop(self) -> None:
        """End every process."""
        for task in self._replacing:
            task.cancel()
        for process in self._processes:
            process.end()
