"""One's own jobs as programs of computers and phones see them: by number, by state, deleted (PR-323, PR-328).

Other people's jobs are not there, whatever may be done with them in the portal.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.printing.content import delete_content
from domain.printing.jobs import WRONG_STATE, move
from domain.printing.models import PrintJob, PrintRemoval
from domain.printing.states import FINAL, INCOMING, RELEASABLE, JobState
from domain.printing.submission import Submission, check_may_submit, close_unfilled, open_job
from domain.printing.views import JobView
from domain.tenancy import NOT_FOUND

MOST_LISTED = 1000
DELETABLE = INCOMING | RELEASABLE
AT_PRINTER = Fault(
    "print_job.at_printer",
    409,
    N_("The job “{name}” is at a printer already."),
    N_("Cancel it at the printer's panel."),
    spec="PR-136",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which jobs: in `states`, sent in the name `user` said by the client (None: any), from number `first` on."""

    states: Collection[JobState]
    user: str | None = None
    first: int = 1
    limit: int = MOST_LISTED


def open_own_job(actor: Actor, submission: Submission) -> JobView:
    """A new job of the actor, whose document is to come; raises `ROLE_MISSING`."""
    check_may_submit(actor, submission.source)
    with actor.session() as session:
        return JobView.of(open_job(session, actor, submission, JobState.RECEIVING))


def keep_open(actor: Actor, job_id: str) -> None:
    """The document of an open job is on its way: it is waited for a while longer (PR-325)."""
    with actor.session() as session:
        still = update(PrintJob).where(PrintJob.id == job_id, PrintJob.state == JobState.RECEIVING)
        session.execute(still.values(changed=now()))


def close_own_job(actor: Actor, job_id: str) -> None:
    """The client sends nothing more: a job without a document is ended, any other stays as it is."""
    with actor.session() as session:
        close_unfilled(session, job_id)


def own_job(actor: Actor, number: int) -> JobView:
    """The actor's own job of that number; raises `NOT_FOUND`."""
    actor.need(Permission.PRINT_OWN_QUEUE)
    with actor.session(read_only=True) as session:
        return JobView.of(_own(session, actor, number))


def own_jobs(actor: Actor, wanted: Wanted) -> list[JobView]:
    """The actor's own jobs: those that are ended newest first, else oldest first."""
    actor.need(Permission.PRINT_OWN_QUEUE)
    conditions: list[ColumnElement[bool]] = [
        PrintJob.user_id == actor.user_id, PrintJob.state.in_(wanted.states), PrintJob.number >= wanted.first
    ]  # fmt: skip
    if wanted.user is not None:
        conditions.append(PrintJob.client["user"].as_string() == wanted.user)
    is_ended = set(wanted.states) <= FINAL
    query = select(PrintJob).where(*conditions).limit(min(wanted.limit, MOST_LISTED))
    with actor.session(read_only=True) as session:
        rows = session.scalars(query.order_by(PrintJob.number.desc() if is_ended else PrintJob.number))
        return [JobView.of(job) for job in rows]


def count_own_jobs(actor: Actor, states: Collection[JobState]) -> int:
    """How many jobs of the actor are in these states."""
    query = select(func.count()).select_from(PrintJob)
    with actor.session(read_only=True) as session:
        return session.scalar(query.where(PrintJob.user_id == actor.user_id, PrintJob.state.in_(states))) or 0


def cancel_own_jobs(actor: Actor, numbers: Sequence[int]) -> None:
    """Delete these jobs of the actor for good, all or none of them.

    Raises `NOT_FOUND`, `AT_PRINTER`, or `WRONG_STATE` for one that is ended; its number is in the error's facts.
    """
    actor.need(Permission.PRINT_OWN_QUEUE)
    with actor.session() as session:
        jobs = [_own(session, actor, number) for number in numbers]
        for job in jobs:
            moved = move(session, job.id, list(DELETABLE), JobState.CANCELED, content_deleted=now())
            if not moved:
                session.refresh(job)
                fault = WRONG_STATE if JobState(job.state).is_final else AT_PRINTER
                raise fault(name=job.name, state=str(job.state), number=job.number)
            session.add(PrintRemoval(job_id=job.id, user_id=job.user_id, how="deleted", pages=job.pages or 0))
        ids = [job.id for job in jobs]
    delete_content(actor.organization_id, ids)


def _own(session: Session, actor: Actor, number: int) -> PrintJob:
    query = select(PrintJob).where(PrintJob.number == number, PrintJob.user_id == actor.user_id)
    job = session.scalar(query)
    if job is None:
        raise NOT_FOUND(what="print job")
    return job
