"""Taking jobs in, from whatever channel (F-1): who may, how large, where the content goes, and what is recorded.

A job is opened first and filled with its document then, at once or later (IPP's Create-Job and Send-Document). What a
document really is, and how many pages it has, is found out when it is prepared; at the door only its kind and size are.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.documents import media_types
from connectors.documents.file_names import safe_file_name
from connectors.documents.inspection_faults import EMPTY
from connectors.errors import Fault
from connectors.ipp.ticket import JobTicket
from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.print_quotas.own import check_may_print
from domain.printing.content import delete_content, keep_content
from domain.printing.formats import check_format
from domain.printing.jobs import WRONG_STATE, find_job, move
from domain.printing.models import PrintDefaults, PrintJob
from domain.printing.outbox import enqueue_preparation
from domain.printing.settings import print_settings
from domain.printing.states import JobSource, JobState
from domain.printing.views import JobView
from domain.recorded_errors import error_record
from domain.tenancy import new_id, system_session

MB = 1 << 20
TOO_LARGE = Fault(
    "print_job.too_large",
    413,
    N_("“{name}” has {size} MB; a print job may have {limit} MB."),
    N_("Split the document, or save it with smaller pictures. Administrators can raise PRESSROOM_PRINT_MAX_MB."),
    spec="PR-134",
)

NOTHING_CAME = Fault(
    "print_job.sign_in_timeout",
    408,
    N_("“{name}” was announced, but its document did not come within three minutes."),
    N_("Print it again, and sign in at once if you are asked to."),
    spec="PR-118",
)
OPEN_FOR = timedelta(minutes=3)
"""How long a job may be open without its document having come."""


@dataclass(frozen=True, slots=True)
class Client:
    """What a job was sent with, as far as it says so (PR-296). `user` is a name there, which proves nothing."""

    type: str = ""
    version: str = ""
    address: str = ""
    user: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A job that somebody hands in. `key` makes handing in repeatable: a second time, the first job is answered.

    `page_limit`: more pages are not accepted (guests, PR-152), besides the installation's own limit. `expires_latest`:
    the job is deleted then at the latest (PR-155).
    """

    name: str
    source: JobSource
    ticket: JobTicket = field(default_factory=JobTicket)
    client: Client = Client()
    key: str = ""
    description: str = ""
    page_limit: int | None = None
    expires_latest: datetime | None = None


def submit_file(actor: Actor, submission: Submission, path: Path) -> JobView:
    """Take the file at `path` in as a job of the actor, and have it prepared; the caller removes the file.

    Raises `ROLE_MISSING`, `EMPTY`, `TOO_LARGE` or `FORMAT_NOT_SUPPORTED`; nothing is kept then.
    """
    check_may_submit(actor, submission.source)
    with actor.session(read_only=True) as session:
        if (known := known_job(session, submission.key)) is not None:
            return JobView.of(known)
        is_stream = submission.source is JobSource.IPP  # print streams belong to it (PR-130)
        extra = is_stream or print_settings(session, actor.organization_id).jobs.extra_formats
    media_type = check_file(path, submission.name, extra=extra)
    job_id = new_id()
    try:
        original = keep_content(actor.organization_id, job_id, "original", path, submission.name, media_type)
        with actor.session() as session:
            job = open_job(session, actor, submission, JobState.CONVERTING, job_id)
            job.original, job.media_type, job.size = original.model_dump(), media_type, original.size
            session.flush()
            enqueue_preparation(session, actor.organization_id)
            return JobView.of(job)
    except Exception:
        delete_content(actor.organization_id, [job_id])
        raise


def open_job(
    session: Session, actor: Actor, submission: Submission, state: JobState, job_id: str | None = None
) -> PrintJob:
    """A new job of the actor, still without a document; what they chose comes over their defaults (PR-112)."""
    name = safe_file_name(submission.name)
    job = PrintJob(
        id=job_id or new_id(),
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        submission_key=submission.key or new_id(),
        name=name,
        description=submission.description,
        source=submission.source,
        state=state,
        ticket=submission.ticket.over(default_ticket(session, actor.user_id)).chosen(),
        client={
            "type": submission.client.type[:64],
            "version": submission.client.version[:64],
            "address": submission.client.address[:64],
            "user": submission.client.user[:255],
        },
        page_limit=submission.page_limit,
        expires_latest=submission.expires_latest,
    )
    session.add(job)
    session.flush()
    return job


def fill_job(actor: Actor, job_id: str, path: Path, name: str = "") -> JobView:
    """Give an open job of the actor its document and have it prepared.

    Raises `NOT_FOUND`, `EMPTY`, `TOO_LARGE`, `FORMAT_NOT_SUPPORTED`, or `WRONG_STATE` when it is not waited for.
    """
    with actor.session(read_only=True) as session:
        job = find_job(session, job_id)
        name = name or job.name
        if job.user_id != actor.user_id or job.state != JobState.RECEIVING:
            raise WRONG_STATE(name=job.name, state=str(job.state))
    media_type = check_file(path, name)
    original = keep_content(actor.organization_id, job_id, "original", path, name, media_type)
    with actor.session() as session:
        filled = move(
            session,
            job_id,
            [JobState.RECEIVING],
            JobState.CONVERTING,
            original=original.model_dump(),
            media_type=media_type,
            size=original.size,
        )
        if filled:
            enqueue_preparation(session, actor.organization_id)
        found = find_job(session, job_id)
        session.refresh(found)
        view = JobView.of(found)
    if not filled:
        delete_content(actor.organization_id, [job_id])
        raise WRONG_STATE(name=view.name, state=view.state.value)
    return view


def check_may_submit(actor: Actor, source: JobSource) -> None:
    """Raise `ROLE_MISSING` unless the actor may print to the cloud queue; guests may by e-mail (PR-10, PR-162).

    Raises `PRINTING_DISABLED` where the actor's print quota has a month without any printing (PR-80).
    """
    if not (source is JobSource.EMAIL and actor.may(Permission.PRINT_GUEST)):
        actor.need(Permission.PRINT_SUBMIT)
    check_may_print(actor)


def check_file(path: Path, name: str, *, extra: bool = True) -> str:
    """The media type of a file that may be printed; raises `EMPTY`, `TOO_LARGE` or `FORMAT_NOT_SUPPORTED`.

    Without `extra` only the formats of PR-127 are taken (PR-129).
    """
    size, limit = path.stat().st_size, get_settings().print_max_mb
    if not size:
        raise EMPTY(name=name)
    if size > limit * MB:
        raise TOO_LARGE(name=name, size=f"{size / MB:.1f}", limit=limit)
    return check_format(media_types.media_type_of(path, name), name, extra=extra)


def known_job(session: Session, key: str) -> PrintJob | None:
    """The job that was handed in under this key, if it was."""
    return session.scalar(select(PrintJob).where(PrintJob.submission_key == key)) if key else None


def default_ticket(session: Session, user_id: str) -> JobTicket:
    """What the person's incoming jobs get where they choose nothing (PR-111)."""
    row = session.get(PrintDefaults, user_id)
    return JobTicket.model_validate(row.ticket) if row is not None else JobTicket()


def close_unfilled(session: Session, job_id: str) -> bool:
    """Drop an open job whose document never came (PR-118, PR-325); whether it was still open."""
    sources = [JobState.AWAITING_AUTH, JobState.RECEIVING]
    job = find_job(session, job_id)
    reason = error_record(NOTHING_CAME(name=job.name))
    return move(session, job_id, sources, JobState.REJECTED, reason=reason, content_deleted=now())


def drop_overdue() -> list[str]:
    """Drop the open jobs of everybody whose document or sign-in did not come in time; returns their ids (PR-325)."""
    waiting = PrintJob.state.in_([JobState.AWAITING_AUTH, JobState.RECEIVING])
    with system_session() as session:
        overdue = session.scalars(select(PrintJob.id).where(waiting, PrintJob.changed < now() - OPEN_FOR))
        return [job_id for job_id in overdue if close_unfilled(session, job_id)]
