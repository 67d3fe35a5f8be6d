"""Jobs whose time has passed, and the history that is kept no longer (F-9, F-10, PR-173…PR-181)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from domain.organizations.models import Organization, now
from domain.printing.models import (
    PrintJob,
    PrintRelease,
    PrintRemoval,
    PrintSubmission,
    ReleaseBatch,
)
from domain.printing.removal import remove_content
from domain.printing.settings import PrintSettings, print_settings
from domain.printing.states import FINAL, RELEASABLE, JobKind, JobState
from domain.tenancy import system_session, tenant_session
from domain.workstation_printing.dropping import drop_copies

BATCH = 500
FACTS_KEPT = timedelta(days=730)
"""How long facts for reports stay, whatever the history period is (PR-181)."""


def expire_due_jobs() -> int:
    """End a batch of jobs whose time has passed and delete their content; returns how many (F-9).

    Jobs at a printer are left alone until their attempt ends (PR-177).
    """
    with system_session() as session:
        due = select(PrintJob.number).where(PrintJob.state.in_(RELEASABLE), PrintJob.expires_at <= now()).limit(BATCH)
        numbers = session.scalars(due.with_for_update(skip_locked=True)).all()
        if not numbers:
            return 0
        ready = PrintJob.number.in_(numbers) & PrintJob.state.in_(RELEASABLE)
        unprinted = select(
            PrintJob.organization_id,
            PrintJob.id,
            PrintJob.user_id,
            PrintJob.expires_at,
            func.coalesce(PrintJob.pages, 0),
        ).where(ready, PrintJob.state == JobState.HELD)
        facts = session.execute(unprinted).all()
        ended = update(PrintJob).where(ready).values(state=JobState.EXPIRED, changed=now())
        gone = session.execute(ended.returning(PrintJob.organization_id, PrintJob.id, PrintJob.kind)).all()
        if facts:
            names = ("organization_id", "job_id", "user_id", "removed", "pages")
            rows = [{**dict(zip(names, fact, strict=True)), "how": "expired"} for fact in facts]
            session.execute(insert(PrintRemoval), rows)
        for row in gone:
            if row.kind == JobKind.HYBRID:
                drop_copies(session, row.organization_id, [row.id])
    _remove_all((row.organization_id, row.id) for row in gone)
    return len(gone)


def remove_left_content() -> int:
    """Delete a batch of contents of ended jobs that a crash has left; returns how many."""
    with system_session(read_only=True) as session:
        old = now() - timedelta(minutes=5)
        left = select(PrintJob.organization_id, PrintJob.id).where(
            PrintJob.content_deleted.is_(None), PrintJob.state.in_(FINAL), PrintJob.changed < old
        )
        found = session.execute(left.limit(BATCH)).all()
    _remove_all((row.organization_id, row.id) for row in found)
    return len(found)


def recalculate_expiry(session: Session, organization_id: str) -> int:
    """Bring the jobs that wait to the retention that counts now, shorter or longer; returns how many (PR-176).

    What a guest's PIN caps stays capped. Call it in the transaction that changes the settings, or after it.
    """
    settings = print_settings(session, organization_id)
    last, count = 0, 0
    while True:
        query = select(PrintJob).where(PrintJob.state.in_(RELEASABLE), PrintJob.number > last)
        jobs = session.scalars(query.order_by(PrintJob.number).limit(BATCH)).all()
        if not jobs:
            return count
        released = _last_releases(session, [job.id for job in jobs if job.state == JobState.KEPT])
        for job in jobs:
            job.expires_at = expiry_of(job, settings, released.get(job.id))
        last, count = jobs[-1].number, count + len(jobs)
        session.flush()
        session.expunge_all()


def expiry_of(job: PrintJob, settings: PrintSettings, released: datetime | None = None) -> datetime:
    """When the job is deleted: `released` for kept ones is their last release; capped by `expires_latest` (PR-155)."""
    if job.state == JobState.KEPT:
        end = (released or job.changed) + settings.jobs.retention_released.length
    else:
        end = job.submitted + settings.jobs.retention_unreleased.length
    return min(end, job.expires_latest) if job.expires_latest is not None else end


def purge_history(organization_id: str) -> int:
    """Forget ended jobs that the history shows no more, and facts that are two years old; returns how many (F-10)."""
    with tenant_session(organization_id) as session:
        limit = now() - print_settings(session, organization_id).jobs.history_period.length
        ended = select(PrintJob.number).where(
            PrintJob.state.in_(FINAL), PrintJob.changed < limit, PrintJob.content_deleted.is_not(None)
        )
        numbers = session.scalars(ended.limit(BATCH)).all()
        session.execute(delete(PrintJob).where(PrintJob.number.in_(numbers)))
        session.execute(delete(ReleaseBatch).where(ReleaseBatch.ended < limit))
        old = now() - FACTS_KEPT
        session.execute(delete(PrintSubmission).where(PrintSubmission.submitted < old))
        session.execute(delete(PrintRelease).where(PrintRelease.released < old))
        session.execute(delete(PrintRemoval).where(PrintRemoval.removed < old))
        return len(numbers)


def organizations() -> list[str]:
    """The ids of all organizations."""
    with system_session(read_only=True) as session:
        return list(session.scalars(select(Organization.id)))


def _last_releases(session: Session, job_ids: list[str]) -> dict[str, datetime]:
    if not job_ids:
        return {}
    last = select(PrintRelease.job_id, func.max(PrintRelease.released)).where(PrintRelease.job_id.in_(job_ids))
    return dict(session.execute(last.group_by(PrintRelease.job_id)).tuples().all())


def _remove_all(found: Iterable[tuple[str, str]]) -> None:
    by_organization: dict[str, list[str]] = defaultdict(list)
    for organization_id, job_id in found:
        by_organization[organization_id].append(job_id)
    for organization_id, job_ids in by_organization.items():
        remove_content(organization_id, job_ids)
