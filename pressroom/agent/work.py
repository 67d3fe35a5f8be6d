"""The agent at work: polls for orders, carries them out side by side, hands in reports, and keeps its intervals.

Losing the connection loses nothing: reports wait on the disk, orders that were taken are done meanwhile, and after a
kill the cloud gives again what was in hand. Steps look at the printer before they change it.
"""

import asyncio
import contextlib
import platform
import socket
import time
import zipfile
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import uuid4

import structlog

from connectors.errors import INTERNAL, PressroomError
from pressroom.agent.cloud import ENDED, NO_ROUTE, Cloud
from pressroom.agent.files import AgentFiles
from pressroom.agent.intervals import Intervals
from pressroom.agent.scans import AgentScans
from pressroom.agent.state import AgentFolder
from pressroom.agent.updates import UPDATES, ProgramUpdates, SelfUpdates, StartAgain
from pressroom.agent.versions import Versions
from steps.agent_packages import own_target
from steps.found_printers import FoundPrinter
from steps.printer_registry import printer_steps
from steps.printer_work import Order, Report, carry_out
from steps.printers.agent_itself import VERSION

log = structlog.get_logger(__name__)

IN_FLIGHT = 50
HELLO_SECONDS = 60.0
REPORTS_AT_ONCE = 50
PART = 400
SCANNING_KIND = "fleet"
"""Agents of this kind reach the scanners of their network; printers with an agent of their own scan by themselves."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
LAST_ORDERS_SECONDS = 900.0
"""How long an agent that starts again in another version waits for what it has in hand."""


def host_facts() -> dict[str, str]:
    """What is told of the system that the agent runs on (FL-140)."""
    return {
        "name": socket.gethostname(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "target": own_target(),
    }


class AgentWork:
    """One agent with its folder and its connection; `run` works until cancelled, or raises `ENDED` or `StartAgain`.

    `version` and `updates` are those of the program itself unless others are given (agents on printers).
    """

    def __init__(
        self,
        folder: AgentFolder,
        cloud: Cloud,
        intervals: Intervals,
        version: str = VERSION,
        updates: SelfUpdates | None = None,
    ) -> None:
        self._folder, self._cloud, self._intervals, self._version = folder, cloud, intervals, version
        self._updates = updates or ProgramUpdates(Versions(folder.path), cloud)
        self._in_hand: dict[int, asyncio.Task[None]] = {}
        self._scans = AgentScans(folder.scans, cloud)
        self._news = asyncio.Event()
        self._starts_again = asyncio.Event()
        self._hurry = asyncio.Event()
        self.last_contact: float | None = None

    def poll_now(self) -> None:
        """Say hello and keep the intervals at once (FL-102); orders are waited for all the time."""
        self._intervals.hurry()
        self._hurry.set()

    async def run(self) -> None:
        """Work."""
        loops = [self._say_hello, self._take_orders, self._hand_in]
        if self._cloud.identity.kind == SCANNING_KIND:
            self._scans.resume()
            loops.append(self._take_scans)
        try:
            async with asyncio.TaskGroup() as group:
                for one in loops:
                    group.create_task(_patiently(one))
                group.create_task(self._keep_intervals())
                group.create_task(self._start_again())
        finally:
            await self._scans.stop()

    async def _start_again(self) -> None:
        """Another version was installed: finish what is in hand, hand it in, and make place."""
        await self._starts_again.wait()
        if others := [*self._in_hand.values(), *self._scans.tasks()]:
            await asyncio.wait(others, timeout=LAST_ORDERS_SECONDS)
        raise StartAgain

    async def _say_hello(self) -> None:
        told = await self._cloud.hello(self._version, self._updates.library_version(), host_facts())
        self._updates.reached_cloud()
        self.last_contact = time.time()
        self._intervals.told(told)
        self._folder.log_level(str(told.settings["log_level"]))
        self._hurry.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), HELLO_SECONDS)

    async def _take_orders(self) -> None:
        if self._starts_again.is_set():
            await asyncio.Event().wait()  # the next version takes them
        if len(self._in_hand) >= IN_FLIGHT:
            await asyncio.wait(self._in_hand.values(), return_when=asyncio.FIRST_COMPLETED)
            return
        known = set(self._in_hand) | self._folder.reported()
        for order in await self._cloud.orders(known, IN_FLIGHT - len(self._in_hand)):
            if order.job_id in known:
                continue
            task = asyncio.create_task(self._do(order))
            self._in_hand[order.job_id] = task
            task.add_done_callback(partial(self._forget, order.job_id))

    async def _take_scans(self) -> None:
        if self._starts_again.is_set():
            await asyncio.Event().wait()  # the next version takes them
        await self._scans.take_orders()

    def _forget(self, job_id: int, _done: asyncio.Task[None]) -> None:
        self._in_hand.pop(job_id, None)

    async def _do(self, order: Order) -> None:
        files = AgentFiles(self._cloud, order.job_id, self._folder.files)
        log.info("order begun", job_id=order.job_id, operation=order.operation)
        report = await self._carried_out(order, files)
        if report is None:
            files.forget()
            self._starts_again.set()
            log.info("another version is to be started", job_id=order.job_id)
            return
        if order.operation == "discover":
            report = await self._with_found_handed_in(order, report)
        self._folder.keep_report(order.job_id, report)
        files.forget()
        self._news.set()
        log.info("order done", job_id=order.job_id, outcome=report.outcome.value)

    async def _carried_out(self, order: Order, files: AgentFiles) -> Report | None:
        """The report; None where another version of the agent is to go on with the order."""
        while True:
            try:
                if order.operation == "agent_log":
                    return await self._hand_over_log(files)
                if order.operation in UPDATES:
                    others = len(self._in_hand) > 1
                    return await self._updates.carry_out(order, files, has_other_work=others)
                if order.operation == "refresh" and order.printer and self._cloud.identity.kind == "local":
                    return await self._intervals.usb.read(order.printer.serial_number)
                report = await carry_out(order, files, printer_steps())
            except PressroomError as error:
                if error.fault is not NO_ROUTE:
                    return Report.of(error)
            except Exception:
                reference = uuid4().hex[:12]
                log.exception("an order failed unexpectedly", reference=reference, job_id=order.job_id)
                return Report.of(INTERNAL(reference=reference))
            else:
                if report.facts.get("code") != NO_ROUTE.code:
                    return report
            await asyncio.sleep(FIRST_PAUSE)  # the cloud was away while a file was fetched: the order goes on later

    async def _hand_over_log(self, files: AgentFiles) -> Report:
        """The agent's log as a ZIP (F-18, FL-166)."""
        packed = self._folder.files / "log.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for log_file in self._folder.logs():
                archive.write(log_file, log_file.name)
        key = await files.keep(packed, "agent-log.zip", "application/zip")
        facts = {"file": key, "name": "agent-log.zip", "media_type": "application/zip", "size": packed.stat().st_size}
        return Report(facts=facts)

    async def _with_found_handed_in(self, order: Order, report: Report) -> Report:
        """Many found printers go in parts before the report (requests are small)."""
        found = [FoundPrinter.model_validate(one) for one in report.facts.get("found", [])]
        for start in range(0, len(found), PART):
            await _insisting(partial(self._cloud.found, found[start : start + PART], order.job_id))
        return report.model_copy(update={"facts": {**report.facts, "found": []}})

    async def _hand_in(self) -> None:
        waiting = self._folder.reports(REPORTS_AT_ONCE)
        if not waiting:
            self._news.clear()
            await self._news.wait()
            return
        try:
            await self._cloud.report(waiting)
        except PressroomError as error:
            if error.transient or error.fault is ENDED:
                raise
            await self._hand_in_one_by_one(waiting)
            return
        for job_id in waiting:
            self._folder.forget_report(job_id)

    async def _hand_in_one_by_one(self, waiting: dict[int, Report]) -> None:
        """One of them is refused (its order is gone): the others must not wait for it."""
        for job_id, report in waiting.items():
            try:
                await self._cloud.report({job_id: report})
            except PressroomError as error:
                if error.transient or error.fault is ENDED:
                    raise
                log.warning("the cloud does not take a report", job_id=job_id, reason=error.message)
            self._folder.forget_report(job_id)

    async def _keep_intervals(self) -> None:
        while True:
            await _patiently_once(lambda: self._intervals.work(self._cloud))
            await asyncio.sleep(1.0)


async def _patiently(work: Callable[[], Awaitable[None]]) -> None:
    """Repeat `work`; while the cloud is away, with growing pauses. Raises `ENDED`."""
    pause = FIRST_PAUSE
    while True:
        began = time.monotonic()
        try:
            await work()
            pause = FIRST_PAUSE
        except PressroomError as error:
            if error.fault is ENDED:
                raise
            log.warning("the cloud did not answer as it should", code=error.code, again_in=round(pause, 1))
            await asyncio.sleep(pause)
            pause = FIRST_PAUSE if time.monotonic() - began > LONGEST_PAUSE * 2 else min(pause * 2, LONGEST_PAUSE)


async def _patiently_once(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except PressroomError as error:
        if error.fault is ENDED:
            raise
        log.warning("the agent's own work has to wait", code=error.code)


async def _insisting(work: Callable[[], Awaitable[object]]) -> None:
    """Do `work`, again as long as the cloud is away; what it refuses is passed over, for it is told in the log."""
    pause = FIRST_PAUSE
    while True:
        try:
            await work()
        except PressroomError as error:
            if not error.transient:
                log.warning("the cloud does not take what was found", reason=error.message)
                return
            log.warning("what was found waits for the cloud", again_in=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            return
