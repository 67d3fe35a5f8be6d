"""The agent as a program: its own page beside its work, which begins when it is activated and again when it is set."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from connectors.errors import PressroomError
from pressroom.agent.cloud import Cloud
from pressroom.agent.intervals import Intervals
from pressroom.agent.silent_activation import activate_silently
from pressroom.agent.state import AgentFolder
from pressroom.agent.updates import ProgramUpdates, StartAgain
from pressroom.agent.versions import Versions
from pressroom.agent.work import AgentWork
from pressroom.local_page.server import PORTS_TAKEN, PageServer, page_socket

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the command line says: USB printers, the host's address, proxy and authority, ports for the page."""

    usb: Path | None = None
    host: str = "127.0.0.1"
    proxy: str = ""
    ca_file: Path | None = None
    page_ports: Sequence[int] = ()


@dataclass(slots=True)
class State:
    """How the agent stands, for its page. `reached` is when the cloud last answered, in seconds of the clock."""

    reached: float | None = None
    refused: tuple[str, str] | None = None
    searches_now: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class _ToldOfContact(ProgramUpdates):
    """As its parent, and the page learns when the cloud has answered."""

    def __init__(self, versions: Versions, cloud: Cloud, state: State) -> None:
        super().__init__(versions, cloud)
        self._state = state

    def reached_cloud(self) -> None:
        super().reached_cloud()
        self._state.reached = time.time()


class AgentProgram:
    """The whole of it; `run` works until cancelled, and raises `StartAgain` or what ends an agent."""

    def __init__(self, folder: AgentFolder, around: Surroundings) -> None:
        self.folder, self.around, self.state = folder, around, State()

    async def run(self) -> None:
        """Serve the page and work. Without a page an agent that is not activated raises `NOT_ACTIVATED`."""
        page = asyncio.create_task(self._serve()) if self.around.page_ports else None
        try:
            await self._work()
        finally:
            if page is not None:
                page.cancel()
                await asyncio.gather(page, return_exceptions=True)

    async def _work(self) -> None:
        await self._activate_silently()
        while True:
            self.state.changed.clear()
            if self.around.page_ports and not self.folder.is_activated():
                await self.state.changed.wait()
                continue
            work = asyncio.create_task(self._work_once())
            changed = asyncio.create_task(self.state.changed.wait())
            try:
                await asyncio.wait((work, changed), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (work, changed):
                    task.cancel()
                results = await asyncio.gather(work, return_exceptions=True)
            self._tell(results[0])

    async def _activate_silently(self) -> None:
        """By the file of a roll-out (FL-159). Where that fails, the page still can."""
        proxy = self.folder.own_settings().proxy or self.around.proxy
        try:
            await activate_silently(self.folder, proxy, self.around.ca_file)
        except PressroomError as error:
            if not self.around.page_ports:
                raise
            log.warning("the agent was not activated by its file", code=error.code, reason=error.message)

    async def _work_once(self) -> None:
        identity = self.folder.identity()
        proxy = self.folder.own_settings().proxy or self.around.proxy
        intervals = Intervals(identity.kind, self.around.usb, self.around.host)
        if self.state.searches_now:
            self.state.searches_now = False
            intervals.search_now()
        async with Cloud(self.folder, identity, proxy, self.around.ca_file) as cloud:
            updates = _ToldOfContact(Versions(self.folder.path), cloud, self.state)
            await AgentWork(self.folder, cloud, intervals, updates=updates).run()

    def _tell(self, result: BaseException | None) -> None:
        """Raise what ends the program; a changed setting only begins the work anew."""
        if result is None or isinstance(result, asyncio.CancelledError):
            return
        if isinstance(result, BaseExceptionGroup):
            if result.subgroup(StartAgain):
                raise StartAgain from result
            known = result.subgroup(PressroomError)
            raise known.exceptions[0] if known else result
        raise result

    async def _serve(self) -> None:
        """The page, again after somebody has let other computers in or shut them out."""
        from pressroom.agent.page import agent_page

        while True:
            local_only = self.folder.own_settings().local_only
            reopen = asyncio.Event()
            app = agent_page(self, reopen.set)
            try:
                one = page_socket(self.around.page_ports, local_only=local_only)
            except PressroomError as error:
                if error.fault is not PORTS_TAKEN:
                    raise
                log.warning("the agent has no page of its own", reason=error.message)
                return
            log.warning("the agent's own page is open", address=f"http://localhost:{one.getsockname()[1]}/")
            server = PageServer(app)
            serving = asyncio.create_task(server.serve(sockets=[one]))
            try:
                await asyncio.wait((serving, asyncio.create_task(reopen.wait())), return_when=asyncio.FIRST_COMPLETED)
            finally:
                server.should_exit = True
                with contextlib.suppress(asyncio.CancelledError):
                    await serving
                one.close()
