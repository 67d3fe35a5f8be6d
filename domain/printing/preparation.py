"""What a worker records while it prepares jobs: which it has, what came out, and why one was refused (F-2, F-3).

A worker that takes a job holds its lease; one that is lost lets it run out, and the sweep has the job prepared again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from connectors.documents.document import Document
from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.models import User, now
from domain.printing.content import delete_content
from domain.printing.jobs import find_job, move
from domain.printing.models import PrintJob, PrintSubmission
from domain.printing.outbox import enqueue_preparation
from domain.printing.settings import PrintSettings, print_settings
from domain.printing.states import JobState
from domain.recorded_errors import error_record
from domain.tenancy import system_session, tenant_session

PREPARATION_FAILED = Fault(
    "print_job.preparation_failed",
    500,
    N_("“{name}” could not be prepared for printing, although it was tried {times} times."),
    N_("Send it again as PDF. Administrators: see the worker's log."),
)
MOST_TRIES = 6
"""The first try and five more (class T of PR-346)."""
FIRST_PAUSE = timedelta(seconds=2)
STALE = timedelta(seconds=15)
"""After this time a job that nobody has taken was missed."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job that the worker `owner` has taken to prepare it."""

    organization_id: str
    job_id: str
    owner: str
    name: str
    original: Document
    page_limit: int
    measures_pages: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """What came out: what printers get, a picture of the first page, and what is known of the pages."""

    printable: Document
    pages: int
    is_color: bool
    sides: str
    preview: Document | None = None


def take_waiting(organization_id: str, owner: str, limit: int) -> list[Waiting]:
    """Take up to `limit` jobs that nobody is preparing, oldest first."""
    with tenant_session(organization_id) as session:
        settings = print_settings(session, organization_id)
        free = or_(PrintJob.lease_until.is_(None), PrintJob.lease_until < now())
        found = select(PrintJob.number).where(PrintJob.state == JobState.CONVERTING, free)
        chosen = found.order_by(PrintJob.submitted, PrintJob.number).limit(limit).with_for_update(skip_locked=True)
        numbers = list(session.scalars(chosen))
        if not numbers:
            return []
        session.execute(
            update(PrintJob)
            .where(PrintJob.number.in_(numbers))
            .values(lease_owner=owner, lease_until=_lease_end(), attempts=PrintJob.attempts + 1)
        )
        jobs = session.scalars(select(PrintJob).where(PrintJob.number.in_(numbers)).order_by(PrintJob.number))
        return [_waiting(job, owner, settings) for job in jobs]


def renew(organization_id: str, owner: str) -> None:
    """Show a sign of life for all jobs that the worker has."""
    with tenant_session(organization_id) as session:
        mine = (PrintJob.state == JobState.CONVERTING) & (PrintJob.lease_owner == owner)
        session.execute(update(PrintJob).where(mine).values(lease_until=_lease_end()))


def hold(waiting: Waiting, prepared: Prepared) -> bool:
    """Put a prepared job into its owner's queue; False when it was deleted or taken over meanwhile."""
    with tenant_session(waiting.organization_id) as session:
        job = _own(session, waiting)
        if job is None:
            return False
        settings = print_settings(session, waiting.organization_id)
        moved = move(
            session,
            job.id,
            [JobState.CONVERTING],
            JobState.HELD,
            printable=prepared.printable.model_dump(),
            preview=prepared.preview.model_dump() if prepared.preview else None,
            pages=prepared.pages,
            is_color=prepared.is_color,
            sides=prepared.sides,
            held=now(),
            expires_at=_expiry(job, settings),
            lease_owner=None,
            lease_until=None,
        )
        session.refresh(job)
        session.add(submission_fact(session, job, settings))
        return moved


def refuse(waiting: Waiting, error: PressroomError) -> None:
    """End a job that cannot be printed; its content is deleted, why is kept for its owner."""
    _end(waiting, JobState.REJECTED, error)


def try_again(waiting: Waiting, error: PressroomError) -> None:
    """After a fault that may pass: once more after a pause that doubles, at last `PREPARATION_FAILED`."""
    with tenant_session(waiting.organization_id) as session:
        job = _own(session, waiting)
        if job is None:
            return
        if job.attempts < MOST_TRIES:
            later = now() + FIRST_PAUSE * 2 ** (job.attempts - 1)
            job.reason, job.lease_owner, job.lease_until = error_record(error), None, later
            enqueue_preparation(session, waiting.organization_id, not_before=later)
            return
        times = job.attempts
    _end(waiting, JobState.FAILED, PREPARATION_FAILED(name=waiting.name, times=times))


def release_lost(owner: str) -> list[str]:
    """A worker process died: have the jobs prepared again that it had; returns their ids."""
    return _requeue(PrintJob.lease_owner == owner)


def requeue_missed() -> list[str]:
    """Have jobs prepared that no worker has: missed, or lost with their worker; returns their ids."""
    unseen = PrintJob.lease_until.is_(None) & (PrintJob.changed < now() - STALE)
    return _requeue(or_(PrintJob.lease_until < now(), unseen))


def _requeue(condition: ColumnElement[bool]) -> list[str]:
    with system_session() as session:
        lost = update(PrintJob).where(PrintJob.state == JobState.CONVERTING, condition)
        freed = lost.values(lease_owner=None, lease_until=None, changed=now())
        rows = session.execute(freed.returning(PrintJob.id, PrintJob.organization_id)).all()
        for organization_id in {row.organization_id for row in rows}:
            enqueue_preparation(session, organization_id)
        return [row.id for row in rows]


def _waiting(job: PrintJob, owner: str, settings: PrintSettings) -> Waiting:
    limit = get_settings().print_max_pages
    return Waiting(
        organization_id=job.organization_id,
        job_id=job.id,
        owner=owner,
        name=job.name,
        original=Document.model_validate(job.original),
        page_limit=min(limit, job.page_limit or limit),
        measures_pages=settings.policies.page_analysis == "measure",
    )


def _own(session: Session, waiting: Waiting) -> PrintJob | None:
    job = find_job(session, waiting.job_id, lock=True)
    return job if job.state == JobState.CONVERTING and job.lease_owner == waiting.owner else None


def _end(waiting: Waiting, state: JobState, error: PressroomError) -> None:
    with tenant_session(waiting.organization_id) as session:
        if _own(session, waiting) is None:
            return
        ended: dict[str, Any] = {"lease_owner": None, "lease_until": None, "content_deleted": now()}
        move(session, waiting.job_id, [JobState.CONVERTING], state, reason=error_record(error), **ended)
    delete_content(waiting.organization_id, [waiting.job_id])


def _expiry(job: PrintJob, settings: PrintSettings) -> datetime:
    """When an unreleased job is deleted; never after `expires_latest`, such as a guest's PIN sets it (PR-155)."""
    end = job.submitted + settings.jobs.retention_unreleased.length
    return min(end, job.expires_latest) if job.expires_latest else end


def submission_fact(session: Session, job: PrintJob, settings: PrintSettings) -> PrintSubmission:
    """The fact that the job was handed in (PR-296)."""
    owner = session.get_one(User, job.user_id)
    return PrintSubmission(
        organization_id=job.organization_id,
        job_id=job.id,
        user_id=job.user_id,
        department=owner.department,
        cost_center=owner.cost_center,
        source=job.source,
        kind=job.kind,
        client_type=str(job.client.get("type", "")),
        client_version=str(job.client.get("version", "")),
        submitted=job.submitted,
        file_name=job.name if settings.jobs.keep_filename_for_reporting else "",
        media_type=job.media_type,
        pages=job.pages or 0,
        is_color=bool(job.is_color),
        sides=job.sides,
        paper=str(job.ticket.get("media", "")),
        size=job.size,
    )


def _lease_end() -> datetime:
    return now() + timedelta(seconds=get_settings().lease_seconds)
