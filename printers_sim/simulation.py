"""A running simulation: its printers, and one process that answers for all of them."""

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors.snmp.ber import Oid
from printers_sim.announcement import Announcer
from printers_sim.device.account import Account
from printers_sim.fleet import Fleet
from printers_sim.ipp.queues import PrintQueues
from printers_sim.printer import address_of
from printers_sim.profile import find_profile, profiles
from printers_sim.raw import line_printer
from printers_sim.raw.raw_port import print_stream
from printers_sim.raw.servers import RawServer
from printers_sim.scanner.apps import ScanApps
from printers_sim.snmp.agents import Access, SnmpAgents
from printers_sim.snmp.recording import read_recording
from printers_sim.store import StateStore
from printers_sim.use import OfficeUse
from printers_sim.web.certificate import server_context
from printers_sim.web.ports import Ports
from printers_sim.web.requests import Timing
from printers_sim.web.server import listening, web_server
from printers_sim.web.site import Site

HTTP_PORT = 8631
HTTPS_PORT = 8643
SNMP_PORT = 8161
RAW_PORT = 8910
LPR_PORT = 8515
Task = asyncio.Task[None]
LATE_SECONDS = 0.1
KEEP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class SimulationPlan:
    """What to simulate. Port 0 takes a free one; printers take the profiles in turn, recordings come after them.

    Without a `folder` nothing outlives the simulation; without an `https_port` there is no HTTPS, without a `raw_port`
    or an `lpr_port` no printing by those. `pages_per_hour` is what each printer prints by itself.
    """

    count: int
    profiles: Sequence[str] = ()
    seed: int = 0
    http_port: int = HTTP_PORT
    snmp_port: int = SNMP_PORT
    account: Account = field(default_factory=Account)
    access: Access = field(default_factory=Access)
    timing: Timing = field(default_factory=Timing)
    recordings: Sequence[Path] = ()
    folder: Path | None = None
    pages_per_hour: int = 0
    announce: bool = False
    https_port: int | None = None
    raw_port: int | None = None
    lpr_port: int | None = None


class Simulation:
    """The printers and the sockets of a plan; `serve` answers until `stop` is called."""

    def __init__(self, plan: SimulationPlan) -> None:
        """Raises `ProfileError`, `RecordingError`, `SnapshotError`, `InUse`, and `OSError` for a taken port."""
        self.plan = plan
        chosen = [find_profile(name) for name in plan.profiles] or list(profiles().values())
        self.recorded: Mapping[str, Mapping[Oid, bytes]] = {
            address_of(plan.count + place): read_recording(path) for place, path in enumerate(plan.recordings)
        }
        with ExitStack() as undone:
            store = StateStore(plan.folder) if plan.folder is not None else None
            if store is not None:
                undone.callback(store.close)
            self.fleet = Fleet(list(islice(cycle(chosen), plan.count)), plan.seed, plan.account, store)
            self.printers = self.fleet.printers
            self._agents = SnmpAgents(self.printers, plan.access, plan.snmp_port, self.recorded, plan.timing.restart)
            undone.callback(self._agents.server.close)
            folder = plan.folder or Path(undone.enter_context(TemporaryDirectory(prefix="pressroom-sim-")))
            self.queues = PrintQueues(folder, plan.timing.page)
            self.scans = ScanApps(self.printers)
            plain, secure = _listening(plan.http_port, undone), None
            if plan.https_port is not None:
                secure = _listening(plan.https_port, undone)
            raw = None if plan.raw_port is None else _listening(plan.raw_port, undone)
            lpr = None if plan.lpr_port is None else _listening(plan.lpr_port, undone)
            self._closing = undone.pop_all()
        self._use = OfficeUse(self.printers, plan.pages_per_hour, plan.seed)
        self.snmp_port = self._agents.server.port
        self.http_port: int = plain.getsockname()[1]
        self.https_port: int | None = secure.getsockname()[1] if secure else None
        self.raw_port: int | None = raw.getsockname()[1] if raw else None
        self.lpr_port: int | None = lpr.getsockname()[1] if lpr else None
        self._raw_servers: list[RawServer] = []
        for listener, switch, handler in (
            (raw, ("network.raw_port_enabled", True), print_stream),
            (lpr, ("network.lpd_enabled", False), line_printer.answer),
        ):
            if listener is not None:
                self._raw_servers.append(RawServer(listener, self.fleet.by_address, self.queues, switch, handler))
        site = Site(self.fleet, self.queues, self.scans, plan.timing, Ports(self.http_port, self.https_port))
        self._servers = [(web_server(site, self.fleet.by_address), plain)]
        if secure is not None:
            self._servers.append((web_server(site, self.fleet.by_address, server_context()), secure))

    async def serve(self, ready: Callable[[], None] = lambda: None) -> None:
        """Answer until `stop`; `ready` is called as soon as everything answers."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._agents.server.fileno(), self._agents.server.serve_waiting)
        work = [self._send_late(), self._keep_changes(), self._use.go_on(), self.scans.run(), self._tell(ready)]
        work += [server.serve() for server in self._raw_servers]
        if self.plan.announce:
            work.append(Announcer(self.printers, self.http_port, self.https_port).run())
        servers = [asyncio.create_task(server.serve([listener])) for server, listener in self._servers]
        others = [asyncio.create_task(one) for one in work]
        try:
            await _until_ended(servers, others)
        finally:
            self.stop()
            for task in others:
                task.cancel()
            await asyncio.gather(*servers, *others, return_exceptions=True)
            await self.queues.stop()
            await self.scans.stop()
            loop.remove_reader(self._agents.server.fileno())
            self.fleet.keep_all()
            self._closing.close()

    def stop(self) -> None:
        """End `serve`; may be called from another thread or a signal handler."""
        for server, _ in self._servers:
            server.should_exit = True

    async def _tell(self, ready: Callable[[], None]) -> None:
        for server, _ in self._servers:
            await server.listens.wait()
        ready()

    async def _send_late(self) -> None:
        while True:
            self._agents.send_late()
            await asyncio.sleep(LATE_SECONDS)

    async def _keep_changes(self) -> None:
        """What changes by itself, or by SNMP, is kept soon; what is changed over HTTP, before the answer."""
        while True:
            self.fleet.keep_all()
            await asyncio.sleep(KEEP_SECONDS)


def _listening(port: int, undone: ExitStack) -> socket.socket:
    listener = listening(port)
    undone.callback(listener.close)
    return listener


async def _until_ended(servers: Sequence[Task], others: Sequence[Task]) -> None:
    """Wait for the end of a server, or for the first failure of anything; raises what it was."""
    waiting = {*servers, *others}
    while waiting.issuperset(servers):
        ended, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
