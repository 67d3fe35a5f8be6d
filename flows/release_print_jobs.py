"""How held jobs come out of a printer (F-5, F-6): one flow run carries out every release that waits at the printer.

A Prefect task for each release; its jobs are printed one after the other, and nobody waits for the engine in between.
A job that takes its time is not watched all the time: after some seconds the release is parked and taken up again soon,
so that printers that stand still, or print for an hour, keep no process from the next person.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

import structlog
from prefect import flow, task

from connectors.errors import INTERNAL, PressroomError
from connectors.ipp.ticket import JobTicket
from connectors.logs import bind
from connectors.settings import get_settings
from domain.organizations.models import now
from domain.printing.content import job_store
from fleet.releasing import execution, usage
from fleet.releasing.at_nodes import follow_at_node, is_at_node, release_from_nodes
from fleet.releasing.execution import LEASE_LOST, AttemptWork, BatchWork
from flows.lease import Lease, lease_owner
from steps.ipp_delivery import Sight
from steps.print_release import End, Outcome, ReleaseOrder, deliver, resume

FOLLOWED_SECONDS = 3.0
PAUSE = timedelta(seconds=4)
"""So long one job is watched without a break, and so long the break is."""
LEAST_LOOK = 1.5
"""Seconds in which a job that goes on after all is seen to."""

log = structlog.get_logger(__name__)


@flow(name="release-print-jobs", validate_parameters=False, persist_result=False)
def release_print_jobs(organization_id: str, printer_id: str) -> int:
    """Carry out what waits at the printer; returns how many releases there were."""
    total = 0
    while (work := execution.take_batch(organization_id, printer_id, lease_owner())) is not None:
        release_batch(work)
        total += 1
    return total


@flow(name="settle-print-usage", validate_parameters=False, persist_result=False)
def settle_print_usage() -> int:
    """Write down from the intent what was printed where the printer has not reported it in time (F-7)."""
    total = 0
    while count := usage.settle_missing_reports():
        total += count
    return total


@task(name="release-batch", persist_result=False)
def release_batch(work: BatchWork) -> str:
    """Print the jobs of one release, one after the other; one that fails does not keep the others (F-6)."""
    with (
        bind(batch_id=work.batch_id, organization_id=work.organization_id),
        Lease(f"release-{work.batch_id[:8]}", partial(execution.renew, work)) as lease,
    ):
        while (attempt := execution.next_attempt(work)) is not None:
            try:
                with bind(job_id=attempt.job_id):
                    _release(work, attempt, _Watch(work, attempt, lease))
            except _LookLater:
                execution.delete_printed(work)
                execution.park(work, PAUSE)
                return "parked"
        execution.delete_printed(work)
        return execution.finish_batch(work).value


class _LookLater(Exception):
    """The job is at the printer and takes its time."""


class _Watch:
    """Keeps what happens to one job; looks are kept only when something changed."""

    def __init__(self, work: BatchWork, attempt: AttemptWork, lease: Lease) -> None:
        self._work, self._attempt, self._lease = work, attempt, lease
        self._last: object = None
        self._began = time.monotonic()
        self.has_sent = bool(attempt.protocol)

    def sending(self, protocol: str, ticket: JobTicket) -> None:
        self._lease.check()
        execution.mark_sending(self._work, self._attempt, protocol, ticket)
        self.has_sent = True

    def taken(self, printer_job: int) -> None:
        execution.mark_taken(self._work, self._attempt, printer_job)

    def seen(self, sight: Sight) -> None:
        self._lease.check()
        shown = (sight.job, sight.trouble.code if sight.trouble else "")
        if shown != self._last:
            execution.note_sight(self._work, self._attempt, sight)
            self._last = shown
        if time.monotonic() - self._began > FOLLOWED_SECONDS and not self.is_cancelled():
            raise _LookLater

    def is_cancelled(self) -> bool:
        self._lease.check()
        return execution.is_cancelled(self._work)

    def unreachable(self, trouble: PressroomError) -> None:
        log.warning("a printer with a job cannot be asked", code=trouble.code)
        if _patience(self._attempt) > 0:
            raise _LookLater


def _release(work: BatchWork, attempt: AttemptWork, watch: _Watch) -> None:
    """Print one job, or take it up where a lost worker left it, and record how that ended."""
    with _scratch(attempt.job_id) as folder:
        try:
            outcome = _carried_out(work, attempt, folder, watch)
        except PressroomError as error:
            if error.fault is LEASE_LOST:
                raise
            log.warning("a print job could not be released", code=error.code)
            execution.refuse_attempt(work, attempt, error, is_failure=watch.has_sent)
            return
        except _LookLater:
            raise
        except Exception:
            reference = uuid4().hex[:12]
            log.exception("releasing a print job failed unexpectedly", reference=reference)
            if not watch.has_sent:
                execution.refuse_attempt(work, attempt, INTERNAL(reference=reference), is_failure=True)
                return
            if not attempt.protocol:
                raise  # whoever takes over asks the printer what became of it
            outcome = Outcome(End.UNKNOWN)
    execution.end_attempt(work, attempt, outcome)


def _carried_out(work: BatchWork, attempt: AttemptWork, folder: Path, watch: _Watch) -> Outcome:
    if attempt.printable is None:
        is_given = is_at_node(attempt.protocol)
        return follow_at_node(work, attempt, watch) if is_given else release_from_nodes(work, attempt, watch)
    order = _order(work, attempt, folder)
    return resume(order, attempt.protocol, watch) if attempt.protocol else deliver(order, watch)


def _order(work: BatchWork, attempt: AttemptWork, folder: Path) -> ReleaseOrder:
    settings = get_settings()
    return ReleaseOrder(
        printer=attempt.printer.delivery,
        mark=attempt.mark,
        name=attempt.name,
        user=work.user_name,
        ticket=attempt.ticket,
        media_type=attempt.media_type,
        fetch=partial(_fetched, attempt, folder),
        scratch=folder,
        timeout_seconds=max(LEAST_LOOK, _patience(attempt)),
        ca_file=settings.ipp_ca_file,
    )


def _patience(attempt: AttemptWork) -> float:
    """How many seconds the printer may still stand."""
    stood = (now() - attempt.since).total_seconds() if attempt.since is not None else 0.0
    return max(0.0, get_settings().print_timeout_seconds - stood)


def _fetched(attempt: AttemptWork, folder: Path) -> Path:
    printable = attempt.printable
    assert printable is not None, "a node fetches hybrid jobs"
    path = folder / f"printable{Path(printable.name).suffix.lower()}"
    job_store().fetch(printable.key, path, printable.sha256)
    return path


@contextmanager
def _scratch(job_id: str) -> Iterator[Path]:
    root = get_settings().scratch_folder
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix=f"{job_id[:8]}-release-", dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
