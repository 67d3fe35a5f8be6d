"""Print queues as people see them: their own, or another person's for administrators (PR-105, PR-106, PR-114)."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.organizations.actor import Actor
from domain.organizations.models import User, UserStatus, now, shown_name
from domain.organizations.permissions import Permission
from domain.printing.jobs import find_job
from domain.printing.models import PrintJob
from domain.printing.queue_pages import LARGEST_PAGE, QueueFilter, QueueSort, page_of_queue, shown_in_queue
from domain.printing.settings import print_settings
from domain.printing.states import AT_PRINTER, INCOMING, RELEASABLE, JobState
from domain.printing.views import JobView
from domain.tenancy import NOT_FOUND

IN_QUEUE = INCOMING | RELEASABLE | AT_PRINTER
"""States of jobs that their owner still has to do with."""


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
        jobs = page_of_queue(session, owner_id, chosen, descending=descending)
        return [JobView.of(job) for job in jobs]


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
        count = func.count().label("jobs")
        held = select(PrintJob.user_id, count).where(shown_in_queue()).group_by(PrintJob.user_id).subquery()
        query = select(User, func.coalesce(held.c.jobs, 0))
        query = query.join(held, held.c.user_id == User.id, isouter=bool(search))
        for word in search.casefold().split():
            query = query.where(User.search_key.contains(word, autoescape=True))
        query = query.where(User.organization_id == actor.organization_id, User.status != UserStatus.DELETED)
        query = query.order_by(User.name_key, User.id).limit(min(limit, LARGEST_PAGE))
        return [QueueOwner(user.id, shown_name(user), _address(user), jobs) for user, jobs in session.execute(query)]


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


def _is_gone(job: PrintJob) -> bool:
    """Whether the job was deleted or has expired, whether or not a sweep has seen that."""
    is_over = job.expires_at is not None and job.expires_at <= now()
    return job.state in (JobState.CANCELED, JobState.EXPIRED) or (job.state in INCOMING | RELEASABLE and is_over)


def _may_see(actor: Actor, job: PrintJob) -> bool:
    if job.user_id == actor.user_id:
        return actor.may(Permission.PRINT_OWN_QUEUE)
    return actor.may(Permission.PRINT_QUEUES_MANAGE)
