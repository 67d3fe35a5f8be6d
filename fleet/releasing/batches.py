"""Asking for a release at a printer, following it, and cancelling it (F-6).

Whoever asks gets an answer at once; the jobs are claimed in the same transaction that asks the engine, so that no
other printer can take them (PR-137).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.printing.evaluation import Changes
from domain.printing.jobs import move
from domain.printing.models import PrintJob, ReleaseAttempt, ReleaseBatch
from domain.printing.outbox import enqueue_release
from domain.printing.settings import JobSettings, print_settings
from domain.printing.states import RELEASABLE, BatchMode, BatchState, JobState
from domain.tenancy import NOT_FOUND, new_id
from fleet.releasing.features import Feature
from fleet.releasing.printers import ReleasePrinter, release_printer
from fleet.releasing.queue import ADAPTER_JOBS, ALREADY_CLAIMED, chosen_jobs, jobs_of_mode, need_release
from fleet.releasing.views import BatchView
from steps.ipp_delivery import MARK_LENGTH

MOST_JOBS = 500
NOTHING_TO_RELEASE = Fault(
    "print_release.nothing",
    409,
    N_("There is nothing to release."),
    N_("Send a document to your print queue first."),
)
FEATURE_DISABLED = Fault(
    "print_release.feature_disabled",
    403,
    N_("This is switched off in your organization, or the printer does not offer it: {feature}."),
    N_("Ask your administrator, or use another printer."),
    spec="PR-6",
)
KEEPING, CHANGING_COPIES, AUTO_RELEASING = N_("print and keep"), N_("change copies"), N_("auto-release")


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """What somebody wants printed, and how; `job_ids` count for `BatchMode.SELECTED`, the others take what fits.

    `origin` is where it was asked for: panel, compact, mobile_panel, portal or adapter. `limit`: most jobs of a swipe.
    """

    printer_id: str
    mode: BatchMode = BatchMode.SELECTED
    job_ids: Sequence[str] = ()
    changes: Changes = field(default_factory=Changes)
    keep: bool = False
    origin: str = "panel"
    limit: int = ADAPTER_JOBS

    @property
    def is_at_panel(self) -> bool:
        return self.origin == "panel"


def start_release(actor: Actor, request: ReleaseRequest) -> BatchView:
    """Claim the jobs and have them printed at the printer, one after the other.

    Raises `ROLE_MISSING`, `NOT_FOUND`, `NOTHING_TO_RELEASE`, `FEATURE_DISABLED` and the faults of `chosen_jobs`;
    nothing is claimed then.
    """
    need_release(actor)
    with actor.session() as session:
        printer = release_printer(session, request.printer_id)
        settings = print_settings(session, actor.organization_id).jobs
        _check_features(settings, printer, request)
        if request.mode is BatchMode.SELECTED:
            jobs = chosen_jobs(session, actor, request.job_ids, printer)
        else:
            jobs = jobs_of_mode(session, actor, request.mode, printer, request.limit)
        if not jobs:
            raise NOTHING_TO_RELEASE()
        batch = _new_batch(session, actor, request, printer, settings)
        attempts = [_claimed(session, batch, job, number, request) for number, job in enumerate(jobs[:MOST_JOBS])]
        facts = {"mode": request.mode.value, "origin": request.origin, "jobs": len(attempts)}
        record(session, actor, "print_job.released", "printer", printer.id, facts)
        enqueue_release(session, actor.organization_id, printer.id, batch.id, batch.grace_until)
        session.flush()
        return BatchView.of(batch, attempts)


def find_release(actor: Actor, batch_id: str) -> BatchView:
    """A release that the actor asked for; administrators of queues see everybody's. Raises `NOT_FOUND`."""
    with actor.session(read_only=True) as session:
        batch = _own_batch(session, actor, batch_id)
        return BatchView.of(batch, attempts_of(session, batch.id))


def cancel_release(actor: Actor, batch_id: str) -> BatchView:
    """Stop a release: jobs that have not begun go back at once, one that is being printed is cancelled at the printer.

    One that has ended is no fault. Raises `NOT_FOUND`.
    """
    with actor.session() as session:
        batch = _own_batch(session, actor, batch_id, lock=True)
        if not BatchState(batch.state).is_final:
            batch.cancel_requested = True
            if batch.lease_owner is None and batch.state == BatchState.WAITING_CANCEL:
                batch.grace_until = now()
            enqueue_release(session, actor.organization_id, batch.printer_id, f"{batch.id}/cancel/{new_id()[:8]}")
            record(session, actor, "print_job.release_cancelled", "printer", batch.printer_id, {})
        session.flush()
        return BatchView.of(batch, attempts_of(session, batch.id))


def attempts_of(session: Session, batch_id: str) -> list[tuple[ReleaseAttempt, PrintJob]]:
    """The attempts of a release in their order, each with its job."""
    query = (
        select(ReleaseAttempt, PrintJob)
        .join(PrintJob, PrintJob.id == ReleaseAttempt.job_id)
        .where(ReleaseAttempt.batch_id == batch_id)
        .order_by(ReleaseAttempt.position)
    )
    return [(attempt, job) for attempt, job in session.execute(query)]


def _check_features(settings: JobSettings, printer: ReleasePrinter, request: ReleaseRequest) -> None:
    """Only a panel is bound by its app's version; a phone offers what the organization does."""
    offered = printer.features if request.is_at_panel else frozenset(Feature)
    if request.keep and not (settings.print_and_keep_enabled and Feature.PRINT_AND_KEEP in offered):
        raise FEATURE_DISABLED(feature=KEEPING)
    if request.changes.copies is not None and not (settings.change_copies_enabled and Feature.CHANGE_COPIES in offered):
        raise FEATURE_DISABLED(feature=CHANGING_COPIES)
    if request.mode is BatchMode.AUTO and not (settings.auto_release_enabled and Feature.AUTO_RELEASE in offered):
        raise FEATURE_DISABLED(feature=AUTO_RELEASING)


def _new_batch(
    session: Session, actor: Actor, request: ReleaseRequest, printer: ReleasePrinter, settings: JobSettings
) -> ReleaseBatch:
    waits = request.mode is BatchMode.AUTO and settings.auto_release_grace_seconds > 0
    grace = now() + timedelta(seconds=settings.auto_release_grace_seconds) if waits else None
    batch = ReleaseBatch(
        id=new_id(),
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        printer_id=printer.id,
        printer=printer.snapshot,
        mode=request.mode,
        state=BatchState.WAITING_CANCEL if waits else BatchState.RUNNING,
        origin=request.origin,
        grace_until=grace,
        cancel_requested=False,
        created=now(),
    )
    session.add(batch)
    session.flush()
    return batch


def _claimed(
    session: Session, batch: ReleaseBatch, job: PrintJob, position: int, request: ReleaseRequest
) -> tuple[ReleaseAttempt, PrintJob]:
    came_from = JobState(job.state)
    if not move(session, job.id, RELEASABLE, JobState.RELEASING, reason=None):
        raise ALREADY_CLAIMED(name=job.name)
    session.refresh(job)
    attempt_id = new_id()
    attempt = ReleaseAttempt(
        id=attempt_id,
        organization_id=batch.organization_id,
        batch_id=batch.id,
        job_id=job.id,
        position=position,
        came_from=came_from,
        changes=request.changes.model_dump(mode="json", exclude_none=True),
        keep=request.keep,
        forced=[],
        mark=attempt_id[:MARK_LENGTH],
        claimed=now(),
    )
    session.add(attempt)
    session.flush()
    return attempt, job


def _own_batch(session: Session, actor: Actor, batch_id: str, *, lock: bool = False) -> ReleaseBatch:
    query = select(ReleaseBatch).where(ReleaseBatch.id == batch_id)
    batch = session.scalar(query.with_for_update() if lock else query)
    sees_all = actor.may(Permission.PRINT_QUEUES_MANAGE)
    if batch is None or not (sees_all or batch.user_id == actor.user_id):
        raise NOT_FOUND(what="release")
    return batch
