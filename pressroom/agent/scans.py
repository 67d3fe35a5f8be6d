"""Scanning for people at the agent's printers: the scanner's pages go to the disk, and from there to the cloud.

Whoever stands at the scanner is not kept waiting by a slow line, and losing the connection loses no page: each waits in
the agent's folder until the cloud has it. An agent that was killed in the middle hands in what it had; originals are
never pulled through again by themselves.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from uuid import uuid4

import structlog

from connectors.errors import INTERNAL, PressroomError
from connectors.escl.faults import STOPPED
from connectors.settings import get_settings
from pressroom.agent.cloud import ENDED, Cloud
from pressroom.agent.kept_scans import INTERRUPTED, KeptScan, ScanEnding, ScanOrder, kept_scans
from steps.scan_pages import scan_pages

log = structlog.get_logger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
LET_GO_SECONDS, LOOK_SECONDS = 10.0, 0.05
"""How long an agent that ends waits for scanners, so that they know that nobody wants the rest."""
MOST_REFUSALS = 8
LEAST_PIECE = 1 << 14
AGAIN = frozenset({"scan.wrong_offset", "scan.wrong_digest", "scan.too_many_pieces"})
"""After these a page is sent once more, from where the cloud says; after any other refusal it wants no more of it."""


@dataclass(slots=True)
class _AtWork:
    """A scan in hand: `stop` ends the scanner's job between two pages, `news` says that there is more on the disk."""

    kept: KeptScan
    stop: threading.Event
    news: asyncio.Event


class AgentScans:
    """The scans of one agent, kept below `folder`."""

    def __init__(self, folder: Path, cloud: Cloud) -> None:
        self._folder, self._cloud = folder, cloud
        self._in_hand: dict[str, asyncio.Task[None]] = {}
        self._threads: list[threading.Thread] = []

    def tasks(self) -> list[asyncio.Task[None]]:
        """What is in hand."""
        return list(self._in_hand.values())

    def resume(self) -> None:
        """Hand in what a former process has left: it will not get to the end of the originals any more."""
        for kept in kept_scans(self._folder):
            if kept.ending() is None:
                kept.end(INTERRUPTED)
            self._begin(kept, is_new=False)

    async def take_orders(self) -> None:
        """Wait for orders and begin them."""
        for order in await self._cloud.scan_orders(self._in_hand):
            if order.scan_id not in self._in_hand:
                self._begin(KeptScan.made(self._folder, order), is_new=True)

    async def stop(self) -> None:
        """Let go of everything, scanners too; what is on the disk is handed in by the next process."""
        tasks = self.tasks()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        deadline = time.monotonic() + LET_GO_SECONDS
        while any(thread.is_alive() for thread in self._threads) and time.monotonic() < deadline:
            await asyncio.sleep(LOOK_SECONDS)

    def _begin(self, kept: KeptScan, *, is_new: bool) -> None:
        scan_id = kept.order.scan_id
        task = asyncio.create_task(self._do(_AtWork(kept, threading.Event(), asyncio.Event()), is_new=is_new))
        self._in_hand[scan_id] = task
        task.add_done_callback(partial(self._forget, scan_id))

    def _forget(self, scan_id: str, _done: asyncio.Task[None]) -> None:
        self._in_hand.pop(scan_id, None)

    async def _do(self, work: _AtWork, *, is_new: bool) -> None:
        order = work.kept.order
        log.info("scan begun" if is_new else "scan resumed", scan_id=order.scan_id, batch=order.batch)
        try:
            if is_new:
                self._start_scanner(work)
            await self._deliver(work)
            work.kept.forget()
        except PressroomError as error:
            log.warning("the cloud wants no more of a scan", scan_id=order.scan_id, reason=error.message)
            work.stop.set()
            work.kept.forget()
        finally:
            work.stop.set()

    def _start_scanner(self, work: _AtWork) -> None:
        """A thread that dies with the process: a scanner may take minutes for a page."""
        loop = asyncio.get_running_loop()

        def tell() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(work.news.set)

        thread = threading.Thread(target=_pull, args=(work, tell), name=f"scan-{work.kept.order.scan_id}", daemon=True)
        thread.start()
        self._threads = [*(one for one in self._threads if one.is_alive()), thread]

    async def _deliver(self, work: _AtWork) -> None:
        """Send pages as they come, then the end. Raises what the cloud refuses."""
        kept = work.kept
        while True:
            work.news.clear()
            ending = kept.ending()  # before the pages are looked at: it is written after the last one
            for number, path in kept.pages():
                await self._send_page(kept.order, number, path)
                kept.sent(path)
            if ending is not None:
                await _insisting(partial(self._cloud.end_scan, kept.order, ending))
                log.info("scan done", scan_id=kept.order.scan_id, problem=ending.code)
                return
            await work.news.wait()

    async def _send_page(self, order: ScanOrder, number: int, path: Path) -> None:
        """Send a page, as often as the line breaks; what a bad line does not carry goes in ever smaller pieces.

        A line that carries something is not waited for long.
        """
        refusals, received, pause, most = 0, 0, FIRST_PAUSE, path.stat().st_size
        while True:
            try:
                known = await self._cloud.page_progress(order, number)
                if known.complete:
                    return
                pause = FIRST_PAUSE if known.received != received else pause
                received = known.received
                await self._cloud.send_page(order, number, path, known, most)
            except PressroomError as error:
                refusals += not error.transient
                most = max(most // 2, LEAST_PIECE)
                if not error.transient and (error.facts.get("code") not in AGAIN or refusals >= MOST_REFUSALS):
                    raise
                log.warning("a page waits for the cloud", again_in=pause, code=error.code)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)


def _pull(work: _AtWork, tell: Callable[[], None]) -> None:
    """Pull the originals through: each page is on the disk before the next one is asked for.

    Of pages that are too many together the first is kept: the cloud refuses it, and tells the person.
    """
    kept, order, ignored = work.kept, work.kept.order, set[str]()
    left = order.bytes_left
    code, facts = "", dict[str, str | int]()
    scan = replace(order.scan, ca_file=get_settings().fleet_ca_file)
    try:
        for number, path in enumerate(scan_pages(scan, kept.scratch, ignored), order.first_page):
            if work.stop.is_set():
                return
            left -= path.stat().st_size
            kept.keep(number, path)
            tell()
            if left < 0:
                break
    except PressroomError as error:
        code = error.code
        facts = {name: value if isinstance(value, int) else str(value)[:255] for name, value in error.facts.items()}
    except Exception:
        if work.stop.is_set():
            return  # its folder is gone: nobody wants the pages any more
        reference = uuid4().hex[:12]
        log.exception("a scan failed unexpectedly", reference=reference, scan_id=order.scan_id)
        code, facts = STOPPED.code, {"scanner": scan.label, "reason": f"{INTERNAL.code} {reference}"}
    if not work.stop.is_set():
        kept.end(ScanEnding(code, facts, sorted(ignored)))
        tell()


async def _insisting(work: Callable[[], Awaitable[object]]) -> None:
    """Do `work`, again as long as the cloud is away; raises what it refuses."""
    pause = FIRST_PAUSE
    while True:
        try:
            await work()
        except PressroomError as error:
            if not error.transient or error.fault is ENDED:
                raise
            log.warning("a scan waits for the cloud", again_in=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            return
