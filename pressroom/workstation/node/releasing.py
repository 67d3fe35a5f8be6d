"""Printing a job that the node holds, for somebody who stands at the printer (F-19), once whatever crashes.

Before the first byte goes, the portal must agree that this node prints it, and that is written down here. After a crash
the printer is asked for the job by its mark; nothing is sent again (PR-344).
"""

import shutil
import ssl
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import structlog

from connectors.errors import PressroomError
from connectors.ipp.ticket import JobTicket
from pressroom.workstation.node.journal import Entry, Journal
from pressroom.workstation.node.portal import NodePortal
from pressroom.workstation.node.store import NodeStore
from steps.ipp_delivery import Sight
from steps.node_work import NODE_TROUBLE, EndTold, FaultTold, ReleaseOrder, SightTold
from steps.print_release import End, Outcome, deliver, resume
from steps.print_release import ReleaseOrder as Delivery

log = structlog.get_logger(__name__)

TELL_SECONDS = 3.0
"""The portal hears at least so often how a job stands."""
ASK_AGAIN_SECONDS = 2.0


class _AskAgain(Exception):
    """The printer that has the job cannot be asked just now."""


Tls = Callable[[str], ssl.SSLContext]
"""How the printer at an `ipps` address is spoken to."""


class Releases:
    """Carries out orders to print."""

    def __init__(self, store: NodeStore, journal: Journal, portal: NodePortal, stop: threading.Event, tls: Tls) -> None:
        self._store, self._journal, self._portal, self._stop, self._tls = store, journal, portal, stop, tls

    def carry_out(self, order_id: str, order: ReleaseOrder) -> None:
        """Print the job and keep how that ended until the portal knows."""
        watch = _Watch(order_id, order, self._journal, self._portal)
        folder = Path(mkdtemp(dir=self._store.scratch))
        try:
            with _SignsOfLife(order_id, self._portal):
                outcome = deliver(self._delivery(order, folder, partial(self._opened, order, folder)), watch)
        except PressroomError as error:
            log.warning("a job could not be printed", order_id=order_id, code=error.code)
            outcome = Outcome(End.FAILED, 0, 0, error)
        except Exception as error:
            log.exception("printing a job failed unexpectedly", order_id=order_id)
            # Once a byte may have gone, it is not known what became of it; before that, nothing was printed.
            reason = NODE_TROUBLE(reason=type(error).__name__)
            outcome = Outcome(End.UNKNOWN if watch.has_begun else End.FAILED, error=reason)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self._ended(order_id, Entry(order, watch.protocol, EndTold.of(outcome)))

    def take_up(self, order_id: str, entry: Entry) -> None:
        """Go on with a release that this node had begun before it ended."""
        if entry.end is not None:
            self._tell(order_id, entry.end)
            return
        watch = _Watch(order_id, entry.order, self._journal, self._portal, entry.protocol)
        deadline = time.monotonic() + entry.order.timeout_seconds
        folder = Path(mkdtemp(dir=self._store.scratch))
        try:
            while True:
                watch.may_ask_again = time.monotonic() < deadline
                try:
                    outcome = resume(self._delivery(entry.order, folder, _never), entry.protocol, watch)
                    break
                except _AskAgain:
                    if self._stop.wait(ASK_AGAIN_SECONDS):
                        return
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self._ended(order_id, Entry(entry.order, entry.protocol, EndTold.of(outcome)))

    def _delivery(self, order: ReleaseOrder, folder: Path, fetch: Callable[[], Path]) -> Delivery:
        return Delivery(
            printer=order.printer.address,
            mark=order.mark,
            name=order.name,
            user=order.user,
            ticket=order.ticket,
            media_type=order.media_type,
            fetch=fetch,
            scratch=folder,
            timeout_seconds=order.timeout_seconds,
            tls=self._tls,
        )

    def _opened(self, order: ReleaseOrder, folder: Path) -> Path:
        path = folder / f"printable{Path(order.name).suffix.lower()}"
        self._store.open_sealed(order.job_id, order.key.get_secret_value(), path)
        return path

    def _ended(self, order_id: str, entry: Entry) -> None:
        assert entry.end is not None
        self._journal.keep(order_id, entry)
        self._tell(order_id, entry.end)

    def _tell(self, order_id: str, end: EndTold) -> None:
        """Tell the portal, again and again: what was printed is to be accounted for."""
        while True:
            try:
                self._portal.end(order_id, end)
            except PressroomError as error:
                if error.transient:
                    if self._stop.wait(ASK_AGAIN_SECONDS):
                        return
                    continue
                log.warning("the portal does not take the end of a release", order_id=order_id, code=error.code)
            self._journal.forget(order_id)
            return


class _SignsOfLife:
    """Tells the portal at once, and every few seconds, that this node is at work on an order."""

    def __init__(self, order_id: str, portal: NodePortal) -> None:
        self._order_id, self._portal = order_id, portal
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"order-{order_id[:8]}", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._ended.set()

    def _keep(self) -> None:
        while True:
            try:
                self._portal.progress(self._order_id, None)
            except PressroomError as error:
                log.info("the portal did not hear that an order is worked on", code=error.code)
            if self._ended.wait(TELL_SECONDS):
                return


class _Watch:
    """Tells the portal what happens to one job, and hears whether it is to be cancelled."""

    def __init__(
        self, order_id: str, order: ReleaseOrder, journal: Journal, portal: NodePortal, protocol: str = ""
    ) -> None:
        self._order_id, self._order, self._journal, self._portal = order_id, order, journal, portal
        self._told: SightTold | None = None
        self._at, self._printer_job, self._is_cancelled = 0.0, 0, False
        self.protocol = protocol
        self.may_ask_again = False

    @property
    def has_begun(self) -> bool:
        return bool(self.protocol)

    def sending(self, protocol: str, ticket: JobTicket) -> None:
        """Raises `REFUSED` where the portal has asked somebody else meanwhile: then nothing is sent."""
        self._journal.keep(self._order_id, Entry(self._order, protocol))
        try:
            self._portal.begin(self._order_id, protocol, ticket)
        except PressroomError:
            self._journal.forget(self._order_id)
            raise
        self.protocol = protocol

    def taken(self, printer_job: int) -> None:
        self._printer_job = printer_job
        self._tell(SightTold(printer_job=printer_job))

    def seen(self, sight: Sight) -> None:
        told = SightTold(
            printer_job=self._printer_job or sight.job.id,
            state=int(sight.job.state),
            impressions=sight.job.impressions,
            sheets=sight.job.sheets,
            trouble=FaultTold.of(sight.trouble) if sight.trouble is not None else None,
        )
        if told != self._told or time.monotonic() - self._at > TELL_SECONDS:
            self._tell(told)

    def is_cancelled(self) -> bool:
        return self._is_cancelled

    def unreachable(self, trouble: PressroomError) -> None:
        log.warning("a printer with a job cannot be asked", code=trouble.code)
        if self.may_ask_again:
            raise _AskAgain

    def _tell(self, told: SightTold) -> None:
        """The job is at the printer: that the portal does not hear of it stops nothing."""
        self._told, self._at = told, time.monotonic()
        try:
            self._is_cancelled = self._portal.progress(self._order_id, told) or self._is_cancelled
        except PressroomError as error:
            log.warning("the portal was not told how a job stands", order_id=self._order_id, code=error.code)


def _never() -> Path:
    raise AssertionError("what was begun is not sent again")
