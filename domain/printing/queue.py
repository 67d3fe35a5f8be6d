"""Print queues as people see them: their own, or another person's for administrators (PR-105, PR-106, PR-114)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.organizations.actor import Actor
from domain.organizations.models import User, UserStatus, now, shown_name
from domain.organizations.permissions import Permission
from domain.printing.jobs import find_job
from domain.printing.models import PrintJob
from domain.printing.settings import print_settings
from domain.printing.states import AT_PRINTER, INCOMING, RELEASABLE, JobState
from domain.printing.views import JobView
from domain.tenancy import NOT_FOUND

LARGEST_PAGE = 200
IN_QUEUE = INCOMING | RELEASABLE | AT_PRINTER
"""States of jobs that their owner still has to do with."""
REFUSED = frozenset({JobState.REJECTED, JobState.FAILED})
REFUSED_SHOWN = timedelta(days=1)
"""How long a job that was not accepted stands in the queue with its reason, unless it is deleted."""


class QueueSort(StrEnum):
    """What a queue can be sorted by."""

    SUBMITTED = "submitted"
    NAME = "name"
    PAGES = "pages"
    SIZE = "size"
    EXPIRES = "expires"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which jobs of a queue are listed. `user_id`: whose queue, empty for the actor's own; `search` looks at names and
    descriptions. `descending` None: as the organization wants it (PR-31). `after` is the key of the last job before.
    """

    user_id: str = ""
    search: str = ""
    states: frozenset[JobState] = frozenset()
    sort: QueueSort = QueueSort.SUBMITTED
    descending: bool | None = None
    after: tuple[str, str] | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class QueueOwner:
    """Somebody who has a queue, and how many jobs are in it."""

    user_id: str
    name: str
    email: str
    jobs: int


def list_queue(actor: Actor, chosen: QueueFilter | None = None) -> list[JobView]:
    """The jobs of a queue; raises `ROLE_MISSING`, `NOT_FOUND`."""
    chosen = chosen or QueueFilter()
    with actor.session(read_only=True) as session:
        owner_id = queue_owner(session, actor, chosen.user_id)
        descending = chosen.descending
        if descending is None:
            oldest_first = print_settings(session, actor.organization_id).jobs.oldest_first
            descending = chosen.sort is QueueSort.SUBMITTED and not oldest_first
        column = _SORTED[chosen.sort]
        query = select(PrintJob).where(PrintJob.user_id == owner_id, shown_in_queue(), *_conditions(chosen))
        if chosen.after is not None:
            key = tuple_(column, PrintJob.number)
            last = tuple_(*_last(chosen.sort, chosen.after))
            query = query.where(key < last if descending else key > last)
        order = [column.desc(), PrintJob.number.desc()] if descending else [column, PrintJob.number]
        found = session.scalars(query.order_by(*order).limit(min(chosen.limit, LARGEST_PAGE)))
        return [JobView.of(job) for job in found]


def key_of_job(job: JobView, sort: QueueSort) -> tuple[str, str]:
    """The key by which the page after this job is asked for."""
    value = {
        QueueSort.SUBMITTED: job.submitted.isoformat(),
        QueueSort.NAME: job.name,
        QueueSort.PAGES: str(job.pages or 0),
        QueueSort.SIZE: str(job.size),
        QueueSort.EXPIRES: (job.expires_at or job.submitted).isoformat(),
    }[sort]
    return value, str(job.number)


def get_job(actor: Actor, job_id: str) -> JobView:
    """One job of the actor, or of anybody for administrators; raises `NOT_FOUND`."""
    with actor.session(read_only=True) as session:
        return JobView.of(own_job(session, actor, job_id))


def own_job(session: Session, actor: Actor, job_id: str) -> PrintJob:
    """The job's row, if the actor may work with it; else it does not exist for them, as what was deleted or expired."""
    job = find_job(session, job_id)
    if not _may_see(actor, job) or _is_gone(job):
        raise NOT_FOUND(what="print job")
    return job


def queue_owner(session: Session, actor: Actor, user_id: str = "") -> str:
    """Whose queue is meant: the actor's own, or that of somebody else for who may manage queues (PR-106)."""
    if not user_id or user_id == actor.user_id:
        actor.need(Permission.PRINT_OWN_QUEUE)
        return actor.user_id
    actor.need(Permission.PRINT_QUEUES_MANAGE)
    user = session.get(User, user_id)
    if user is None or user.organization_id != actor.organization_id or user.status == UserStatus.DELETED:
        raise NOT_FOUND(what="person")
    return user_id


def list_queue_owners(actor: Actor, search: str = "", limit: int = 50) -> list[QueueOwner]:
    """Who has jobs; with `search` also who has none. By name."""
    actor.need(Permission.PRINT_QUEUES_MANAGE)
    with actor.session(read_only=True) as session:
        jobs = func.count(PrintJob.number)
        held = and_(PrintJob.user_id == User.id, shown_in_queue())
        query = select(User, jobs).outerjoin(PrintJob, held) if search else select(User, jobs).join(PrintJob, held)
        for word in search.casefold().split():
            query = query.where(User.search_key.contains(word, autoescape=True))
        query = query.where(User.organization_id == actor.organization_id, User.status != UserStatus.DELETED)
        query = query.group_by(User.id).order_by(User.name_key, User.id).limit(min(limit, LARGEST_PAGE))
        return [QueueOwner(user.id, shown_name(user), _address(user), count) for user, count in session.execute(query)]


def _address(user: User) -> str:
    """Guests have none (PR-158)."""
    return "" if user.status == UserStatus.GUEST else user.email


def owner_of_queue(actor: Actor, user_id: str = "") -> QueueOwner:
    """Whose queue it is, with how many jobs; raises `ROLE_MISSING`, `NOT_FOUND`."""
    with actor.session(read_only=True) as session:
        user = session.get_one(User, queue_owner(session, actor, user_id))
        own = (PrintJob.user_id == user.id) & shown_in_queue()
        jobs = session.scalar(select(func.count()).select_from(PrintJob).where(own)) or 0
        return QueueOwner(user.id, shown_name(user), user.email, jobs)


def shown_in_queue() -> ColumnElement[bool]:
    """The condition of jobs that a queue shows: not ended, not expired (PR-177); refused ones for a day."""
    waits = and_(PrintJob.state.in_(INCOMING | RELEASABLE), or_(PrintJob.expires_at.is_(None), _still_lasts()))
    refused = and_(PrintJob.state.in_(REFUSED), PrintJob.changed > now() - REFUSED_SHOWN)
    return or_(waits, PrintJob.state.in_(AT_PRINTER), refused)


def _still_lasts() -> ColumnElement[bool]:
    return PrintJob.expires_at > now()


def _is_gone(job: PrintJob) -> bool:
    """Whether the job was deleted or has expired, whether or not a sweep has seen that."""
    is_over = job.expires_at is not None and job.expires_at <= now()
    return job.state in (JobState.CANCELED, JobState.EXPIRED) or (job.state in INCOMING | RELEASABLE and is_over)


def _may_see(actor: Actor, job: PrintJob) -> bool:
    if job.user_id == actor.user_id:
        return actor.may(Permission.PRINT_OWN_QUEUE)
    return actor.may(Permission.PRINT_QUEUES_MANAGE)


def _conditions(chosen: QueueFilter) -> Collection[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for word in chosen.search.split()[:10]:
        found.append(
            or_(PrintJob.name.icontains(word, autoescape=True), PrintJob.description.icontains(word, autoescape=True))
        )
    if chosen.states:
        found.append(PrintJob.state.in_(chosen.states))
    return found


_SORTED: dict[QueueSort, InstrumentedAttribute[Any] | ColumnElement[Any]] = {
    QueueSort.SUBMITTED: PrintJob.submitted,
    QueueSort.NAME: PrintJob.name,
    QueueSort.PAGES: func.coalesce(PrintJob.pages, 0),
    QueueSort.SIZE: PrintJob.size,
    QueueSort.EXPIRES: func.coalesce(PrintJob.expires_at, PrintJob.submitted),
}


def _last(sort: QueueSort, after: tuple[str, str]) -> Sequence[Any]:
    """The typed key of the last job of the page before; raises `ValueError` for what is none."""
    value, number = after
    if sort in (QueueSort.SUBMITTED, QueueSort.EXPIRES):
        return datetime.fromisoformat(value), int(number)
    return (value if sort is QueueSort.NAME else int(value)), int(number)
