"""A node at work: it asks for orders and carries them out, tells how it is, and compares what it holds (PR-256).

Threads, as what it does waits for printers and other nodes: one asks for orders, one keeps the intervals, a few carry
out. Losing the portal loses nothing; a node that the portal knows no more deletes what it holds.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from connectors.errors import PressroomError
from pressroom.workstation import VERSION
from pressroom.workstation.cloud import SIGNED_OUT
from pressroom.workstation.node.copying import Receiver, hand_over
from pressroom.workstation.node.identity import NodeIdentity
from pressroom.workstation.node.journal import Journal
from pressroom.workstation.node.keys import certificate_request, listening_context
from pressroom.workstation.node.listener import Listener
from pressroom.workstation.node.portal import NodePortal
from pressroom.workstation.node.printer_trust import PrinterTrust
from pressroom.workstation.node.releasing import Releases
from pressroom.workstation.node.store import NodeStore
from steps.node_work import CopyOrder, DeleteOrder, NodeOrder

log = structlog.get_logger(__name__)

AT_ONCE = 8
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
MOST_TOLD = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where the node works: its folder, by what it knows printers, the addresses that it has when it tells them, where
    it listens, its intervals.

    `listen` None: it takes no copies, as workstations do. `status` and `clean_up` say how many seconds to wait next.
    """

    folder: Path
    trust: PrinterTrust
    addresses: Callable[[], Sequence[str]] = tuple
    listen: tuple[str, int] | None = None
    reserve: int | None = None
    status: Callable[[], float] = lambda: 60.0
    clean_up: Callable[[], float] = lambda: 1800.0


class NodeWork:
    """One node with its identity; `run` works until `stop` is set, or the portal knows it no more."""

    def __init__(self, place: Place, identity: NodeIdentity, portal: NodePortal, stop: threading.Event) -> None:
        self._place, self._identity, self._portal, self._stop = place, identity, portal, stop
        self.store = NodeStore(place.folder / "jobs", place.reserve)
        self._journal = Journal(place.folder / "releases")
        self._releases = Releases(self.store, self._journal, portal, stop, place.trust.context)
        self._in_hand: set[str] = set()
        self._lock = threading.Lock()
        self._port = 0
        self.is_ended = False

    def run(self) -> None:
        """Work."""
        if self._place.listen is None:
            self._work(None)
            return
        context = listening_context(self._identity.keys, self.store.scratch)
        with Listener(self._place.listen, context, Receiver(self.store, self._portal)) as listener:
            self._port = listener.port
            self._work(listener)

    def _work(self, listener: Listener | None) -> None:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="node") as pool:
            for order_id, entry in self._journal.entries().items():
                self._begin(pool, order_id, partial(self._releases.take_up, order_id, entry))
            loops = (
                (self._tell_status, self._place.status),
                (self._compare, self._place.clean_up),
                (lambda: self._renew(listener), lambda: 3600.0),
            )
            threading.Thread(target=self._take_orders, args=(pool,), daemon=True).start()
            for loop in loops:
                threading.Thread(target=self._repeat, args=loop, daemon=True).start()
            self._stop.wait()  # what waits for the portal's answer is left to itself; what is at a printer is not
        if self.is_ended:
            self.store.clear()

    def _take_orders(self, pool: ThreadPoolExecutor) -> None:
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            try:
                for order in self._portal.orders(self._known()):
                    if self._stop.is_set():
                        return  # told again when the node is back
                    self._begin(pool, order.id, partial(self._do, order))
            except PressroomError as error:
                self._check_ended(error)
                log.warning("the portal was not asked for orders", code=error.code)
                self._stop.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                pause = FIRST_PAUSE

    def _begin(self, pool: ThreadPoolExecutor, order_id: str, work: Callable[[], None]) -> None:
        with self._lock:
            if order_id in self._in_hand:
                return
            self._in_hand.add(order_id)

        def carry_out() -> None:
            try:
                work()
            except PressroomError as error:
                self._check_ended(error)
                log.warning("an order was not carried out", order_id=order_id, code=error.code)
            except Exception:
                log.exception("an order failed unexpectedly", order_id=order_id)
            finally:
                with self._lock:
                    self._in_hand.discard(order_id)

        pool.submit(carry_out)

    def _do(self, order: NodeOrder) -> None:
        if order.release is not None:
            self._releases.carry_out(order.id, order.release)
        if order.copy_job is not None:
            self._copy(order.id, order.copy_job)
        if order.delete is not None:
            self._delete(order.id, order.delete)

    def _copy(self, order_id: str, order: CopyOrder) -> None:
        failed: PressroomError | None = None
        try:
            hand_over(order, self.store, self._identity.keys)
        except PressroomError as error:
            log.warning("a copy was not handed over", code=error.code)
            failed = error
        self._portal.copied(order_id, failed)

    def _delete(self, order_id: str, order: DeleteOrder) -> None:
        for job_id in order.job_ids:
            self.store.delete(job_id)
        self._portal.deleted(order_id)

    def _tell_status(self) -> None:
        self._portal.status(
            {
                "addresses": list(self._place.addresses()),
                "port": self._port,
                "free": self.store.free(),
                "reserve": self.store.reserve(),
                "version": VERSION,
            }
        )

    def _compare(self) -> None:
        held = {job_id: one.sha256 for job_id, one in self.store.inventory().items() if job_id not in self._unnamed()}
        for job_id in self._portal.inventory(dict(list(held.items())[:MOST_TOLD])):
            self.store.delete(job_id)
        if overdue := self.store.forget_overdue():
            log.info("jobs that nobody asked for any more are deleted", jobs=len(overdue))

    def _unnamed(self) -> frozenset[str]:
        """Folders of jobs that the portal does not know yet."""
        return frozenset()

    def _renew(self, listener: Listener | None) -> None:
        keys = self._identity.keys
        if not keys.is_ending:
            return
        certificate, authority = self._portal.certificate(certificate_request(keys.key))
        self._identity = self._identity.with_certificate(certificate, authority)
        self._identity.keep()
        if listener is not None:
            listener.renew(listening_context(self._identity.keys, self.store.scratch))

    def _repeat(self, work: Callable[[], None], pause: Callable[[], float]) -> None:
        wait = FIRST_PAUSE
        while not self._stop.is_set():
            try:
                work()
            except PressroomError as error:
                self._check_ended(error)
                log.warning("the portal was not told", code=error.code)
                self._stop.wait(wait)
                wait = min(wait * 2, LONGEST_PAUSE)
            else:
                wait = FIRST_PAUSE
                self._stop.wait(pause())

    def _known(self) -> set[str]:
        with self._lock:
            return self._in_hand | set(self._journal.entries())

    def _check_ended(self, error: PressroomError) -> None:
        if error.fault is SIGNED_OUT:
            log.warning("this node is registered no more: what it held is deleted")
            self.is_ended = True
            self._stop.set()
