"""What becomes of jobs of the loopback printers: each goes the way of its queue, one after the other (PR-332).

To the cloud queue as `printctl submit` sends it, kept here while the portal is away; into the hybrid queue sealed here
(F-17); at a printer as `printctl direct submit` prints it, by the rules of offline printing while the portal is away
(section 28). Nothing is done twice after a kill: what a printer may have is not sent again.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from connectors.errors import Fault, PressroomError
from connectors.ipp.jobs import JobState
from connectors.messages import N_, Message
from pressroom.workstation.loopback.jobs import JobBook, LoopbackJob
from pressroom.workstation.loopback.queues import CLOUD, HYBRID, LoopbackQueue, queues_of
from pressroom.workstation.modules import WAITING, Workstation
from pressroom.workstation.node.direct import NOT_ASKED, DirectPrinting, Wanted
from pressroom.workstation.node.hybrid import ensure_node, kept_portal, spool_of
from pressroom.workstation.node.usage import Print
from pressroom.workstation.submitting import Sending, submit
from steps.print_release import End, Outcome

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

NAME = "loopback printers"
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
PRINTER_PATIENCE = 600.0
"""Seconds that a printer which cannot be reached is tried again."""
WAITS = N_("“{name}” waits: {reason}")
REFUSED = N_("“{name}” was not printed: {reason}")
WITHOUT_PORTAL = N_("“{name}” was printed while the portal is away, which hears of it later.")
KEPT_HERE = N_("“{name}” waits on this computer until you release it at a printer.")
Way = Callable[[LoopbackJob, LoopbackQueue, Path], Awaitable[None]]
GONE = Fault(
    "workstation.loopback_queue_gone",
    404,
    N_("You cannot print there from this workstation any more."),
    N_("“printctl printers” lists the printers that there are."),
)
NOT_KNOWN = Fault(
    "workstation.print_not_known",
    409,
    N_("It is not known whether it was printed."),
    N_("Look at the printer before you print it again."),
    spec="PR-344",
)


class Delivery:
    """Carries out the jobs in the book; `wake` is called when there is a new one."""

    def __init__(self, workstation: Workstation, book: JobBook) -> None:
        self._workstation, self._book = workstation, book
        self._loop, self._new = asyncio.get_running_loop(), asyncio.Event()
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._noted = ""

    def wake(self) -> None:
        """Look for jobs; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._new.set)

    async def run(self) -> None:
        """Work until cancelled: queues beside each other, jobs of one queue in their order."""
        self._new.set()
        async with asyncio.TaskGroup() as group:
            while True:
                await self._new.wait()
                self._new.clear()
                for queue in {job.queue for job in self._book.jobs() if job.waits} - self._busy():
                    self._at_work[queue] = group.create_task(self._deliver_all(queue))

    def _busy(self) -> set[str]:
        return {queue for queue, task in self._at_work.items() if not task.done()}

    async def _deliver_all(self, queue: str) -> None:
        while job := next((one for one in self._book.jobs() if one.queue == queue and one.waits), None):
            await self._deliver(job)
        self.wake()  # one may have come between the last look and the end of this task

    async def _deliver(self, job: LoopbackJob) -> None:
        """Try until it is done, refused or cancelled."""
        pause, since = FIRST_PAUSE, time.monotonic()
        while self._book.job(job.number).waits:
            try:
                await self._deliver_once(self._book.job(job.number))
            except PressroomError as error:
                is_patient = job.queue in (CLOUD, HYBRID) or time.monotonic() - since < PRINTER_PATIENCE
                if not (error.transient and is_patient):
                    self._refuse(job, error)
                    return
                log.warning("a job of a loopback printer waits", code=error.code)
                self._book.move(job.number, JobState.HELD, "resources-are-not-ready", error.message, begun=False)
                self._note_waiting(job, error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception:
                log.exception("a job of a loopback printer has failed")
                self._book.move(job.number, JobState.ABORTED, "aborted-by-system", "The agent's log tells why.")
        self._note_end(job)

    async def _deliver_once(self, job: LoopbackJob) -> None:
        queue = queues_of(self._workstation.told.answer, self._workstation.configuration).get(job.queue)
        if queue is None:
            raise GONE()
        if job.begun:
            raise NOT_KNOWN()
        self._book.move(job.number, JobState.PROCESSING, "job-outgoing")
        document = self._book.store.scratch / str(job.number)
        try:
            await asyncio.to_thread(self._book.open, job, document)
            await self._way(queue)(job, queue, document)
        finally:
            document.unlink(missing_ok=True)

    def _way(self, queue: LoopbackQueue) -> Way:
        return {CLOUD: self._to_cloud, HYBRID: self._to_hybrid}.get(queue.mode, self._to_printer)

    async def _to_cloud(self, job: LoopbackJob, _queue: LoopbackQueue, document: Path) -> None:
        sending = Sending(document, job.name, job.ticket, "print_client")
        made = await submit(self._workstation.folder, self._workstation.cloud, sending, lambda _done, _all: None)
        log.info("document sent", job_id=made["id"])
        self._workstation.on_sent(made)
        self._done(job, "It waits in your print queue.")

    async def _to_hybrid(self, job: LoopbackJob, _queue: LoopbackQueue, document: Path) -> None:
        spool = spool_of(self._workstation.folder)
        local_id = hashlib.sha256(job.key.encode()).hexdigest()[:32]
        await asyncio.to_thread(spool.add, document, job.name, job.ticket, local_id)
        self._workstation.on_notice(str(Message.of(KEPT_HERE, name=job.name)))
        self._done(job, "It waits on this computer.")

    async def _to_printer(self, job: LoopbackJob, queue: LoopbackQueue, document: Path) -> None:
        folder, configuration = self._workstation.folder, self._workstation.configuration
        await ensure_node(folder, configuration, self._workstation.cloud)
        wanted = Wanted(document, job.name, queue.printer, job.ticket, queue.mode)
        self._book.move(job.number, JobState.PROCESSING, "job-printing", begun=True)

        def is_cancelled() -> bool:
            return self._book.job(job.number).state is JobState.CANCELED

        def print_it() -> tuple[Outcome, Print | None]:
            with kept_portal(folder, configuration) as (portal, _user_id):
                return DirectPrinting(folder, portal).print(wanted, is_cancelled)

        outcome, entry = await asyncio.to_thread(print_it)
        if outcome.end is End.PRINTED and entry is not None and entry.policy == NOT_ASKED:
            self._workstation.on_notice(str(Message.of(WITHOUT_PORTAL, name=job.name)))
        match outcome.end:
            case End.PRINTED:
                self._done(job, "It was printed.")
            case End.CANCELLED:
                self._book.move(job.number, JobState.CANCELED, "job-canceled-at-device")
            case End.UNKNOWN:
                self._refuse(job, NOT_KNOWN())
            case End.FAILED:
                self._refuse(job, outcome.error or NOT_KNOWN())

    def _done(self, job: LoopbackJob, message: str) -> None:
        self._book.move(job.number, JobState.COMPLETED, "job-completed-successfully", message)
        self._workstation.notes[NAME] = ""

    def _refuse(self, job: LoopbackJob, error: PressroomError) -> None:
        log.warning("a job of a loopback printer was refused", code=str(error.facts.get("code", error.code)))
        reason = str(error.facts.get("reason", error.message))
        self._book.move(job.number, JobState.ABORTED, "aborted-by-system", reason)
        self._workstation.notes[NAME] = str(Message.of(REFUSED, name=job.name, reason=reason))
        self._noted = ""

    def _note_waiting(self, job: LoopbackJob, error: PressroomError) -> None:
        """Have the person know that a job waits; in the cloud queue with all that are behind it."""
        if job.queue == CLOUD:
            count = sum(one.queue == CLOUD for one in self._book.jobs() if one.waits)
            note = Message.of(WAITING, count=count)
        else:
            note = Message.of(WAITS, name=job.name, reason=error.message)
        self._workstation.notes[NAME], self._noted = str(note), job.queue

    def _note_end(self, job: LoopbackJob) -> None:
        """Nothing waits in the job's queue any more, or not for the reason that was told."""
        if self._noted == job.queue:
            self._workstation.notes[NAME], self._noted = "", ""
