"""The jobs that a person can release, and whose they may be (PR-166, PR-167, PR-195)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.printing.delegates.service import is_delegate
from domain.printing.jobs import JOB_EXPIRED, WRONG_STATE
from domain.printing.models import PrintJob
from domain.printing.settings import PrintSettings, print_settings
from domain.printing.states import RELEASABLE, BatchMode, JobKind, JobState
from domain.tenancy import NOT_FOUND, tenant_session
from fleet.releasing.features import Feature
from fleet.releasing.printers import ReleasePrinter

ALREADY_CLAIMED = Fault(
    "print_job.already_claimed",
    409,
    N_("“{name}” is just being released at a printer."),
    N_("Wait until it is printed, or cancel it there."),
    spec="PR-137",
)
NOT_HERE = Fault(
    "print_job.not_releasable_here",
    409,
    N_("“{name}” cannot be released at this printer."),
    N_("It stays in its owner's print queue. Release it at a printer that can, or print it from its computer."),
    spec="PR-166",
)
COMING = frozenset({JobState.RECEIVING, JobState.CONVERTING})
"""In these a job is on its way into the queue."""
ADAPTER_JOBS = 10
"""Most jobs of one swipe at a release adapter, unless it is configured otherwise (PR-216)."""


def need_release(actor: Actor) -> None:
    """Raise `ROLE_MISSING` unless the actor may release jobs; guests and hybrid users may their own (PR-10)."""
    if not (actor.may(Permission.PRINT_GUEST) or actor.may(Permission.HYBRID_SUBMIT)):
        actor.need(Permission.PRINT_SUBMIT)


def oldest_first(settings: PrintSettings, printer: ReleasePrinter | None) -> bool:
    """Whether lists and auto-release begin with the oldest; a panel needs three apps for that (PR-55)."""
    return settings.jobs.oldest_first and (printer is None or Feature.OLDEST_FIRST in printer.features)


def releasable_jobs(
    session: Session, actor: Actor, printer: ReleasePrinter | None = None, owner_id: str = ""
) -> list[PrintJob]:
    """The jobs that can be released now, in the order in which they are shown (PR-195).

    The actor's own, or those of the person who made them their delegate (PR-170); raises `NOT_FOUND` for another.
    """
    owner_id = owner_id or actor.user_id
    if owner_id != actor.user_id and not is_delegate(session, actor.organization_id, owner_id, actor.user_id):
        raise NOT_FOUND(what="person")
    settings = print_settings(session, actor.organization_id)
    query = _living(select(PrintJob), RELEASABLE).where(PrintJob.user_id == owner_id)
    if printer is not None and Feature.FULL_PANEL not in printer.features:
        query = query.where(PrintJob.kind == JobKind.CLOUD)  # section 42: not listed there
    return list(session.scalars(_ordered(query, is_oldest_first=oldest_first(settings, printer))))


def jobs_of_mode(
    session: Session, actor: Actor, mode: BatchMode, printer: ReleasePrinter | None, limit: int = ADAPTER_JOBS
) -> list[PrintJob]:
    """The jobs that a release of everything takes: own ones that were never printed, in its order (F-6).

    Kept jobs are not printed by themselves again (PR-204); jobs whose content is elsewhere stay (PR-208, PR-215),
    but for those that a full panel releases when somebody signs in.
    """
    settings = print_settings(session, actor.organization_id)
    query = _living(select(PrintJob), {JobState.HELD}).where(PrintJob.user_id == actor.user_id)
    is_full = printer is not None and Feature.FULL_PANEL in printer.features
    kinds = (JobKind.CLOUD, JobKind.HYBRID) if mode is BatchMode.AUTO and is_full else (JobKind.CLOUD,)
    query = query.where(PrintJob.kind.in_(kinds))
    if mode is BatchMode.ADAPTER:  # the first that were submitted, whatever the setting (PR-216)
        return list(session.scalars(_ordered(query, is_oldest_first=True).limit(limit)))
    return list(session.scalars(_ordered(query, is_oldest_first=oldest_first(settings, printer))))


def chosen_jobs(
    session: Session, actor: Actor, job_ids: Collection[str], printer: ReleasePrinter | None = None
) -> list[PrintJob]:
    """The jobs of these ids, in that order: the actor's own, at a `printer` also those of whom they are a delegate.

    Raises `NOT_FOUND` for one that is not theirs, `ALREADY_CLAIMED`, `JOB_EXPIRED`, `WRONG_STATE` or `NOT_HERE`: a
    delegate needs the full release app and releases nothing that is not on the server (PR-166, PR-167); what is kept
    in the customer's network takes the full app too (PR-244).
    """
    found = {job.id: job for job in session.scalars(select(PrintJob).where(PrintJob.id.in_(set(job_ids))))}
    return [_checked(session, found.get(job_id), actor, printer) for job_id in dict.fromkeys(job_ids)]


def _checked(session: Session, job: PrintJob | None, actor: Actor, printer: ReleasePrinter | None) -> PrintJob:
    if job is None or (job.user_id != actor.user_id and printer is None):
        raise NOT_FOUND(what="print job")
    if job.user_id != actor.user_id and printer is not None:
        if not is_delegate(session, job.organization_id, job.user_id, actor.user_id):
            raise NOT_FOUND(what="print job")
        if Feature.FULL_PANEL not in printer.features:
            raise NOT_HERE(name=job.name)
    if job.state in (JobState.RELEASING, JobState.PRINTING, JobState.STOPPED):
        raise ALREADY_CLAIMED(name=job.name)
    if job.state == JobState.EXPIRED or (job.expires_at is not None and job.expires_at <= now()):
        raise JOB_EXPIRED(name=job.name)
    if job.state not in RELEASABLE:
        raise WRONG_STATE(name=job.name, state=str(job.state))
    if job.kind != JobKind.CLOUD and not _may_have_hybrid(job, actor, printer):
        raise NOT_HERE(name=job.name)
    return job


def _may_have_hybrid(job: PrintJob, actor: Actor, printer: ReleasePrinter | None) -> bool:
    is_own = job.kind == JobKind.HYBRID and job.user_id == actor.user_id
    return is_own and (printer is None or Feature.FULL_PANEL in printer.features)


@dataclass(frozen=True, slots=True)
class QueueNews:
    """How a queue stands: `mark` differs as soon as a job has come, gone or changed; `coming` are being prepared."""

    mark: str
    coming: int


def queue_news(organization_id: str, owner_ids: Collection[str]) -> Mapping[str, QueueNews]:
    """How the queues of these people stand, with one query for all of them: panels follow their lists by it."""
    states = RELEASABLE | COMING
    alive = PrintJob.expires_at.is_(None) | (PrintJob.expires_at > now())
    query = select(PrintJob.user_id, PrintJob.state, func.count(), func.max(PrintJob.changed))
    query = query.where(PrintJob.user_id.in_(owner_ids), PrintJob.state.in_(states), alive)
    rows: dict[str, list[tuple[JobState, int, datetime]]] = {owner_id: [] for owner_id in owner_ids}
    with tenant_session(organization_id, read_only=True) as session:
        for owner_id, state, count, changed in session.execute(query.group_by(PrintJob.user_id, PrintJob.state)):
            rows[owner_id].append((JobState(state), count, changed))
    return {owner_id: _news(of_owner) for owner_id, of_owner in rows.items()}


def _news(rows: Sequence[tuple[JobState, int, datetime]]) -> QueueNews:
    marks = sorted(f"{state.value} {count} {changed.isoformat()}" for state, count, changed in rows)
    return QueueNews(", ".join(marks), sum(count for state, count, _ in rows if state in COMING))


def _living(query: Select[tuple[PrintJob]], states: Collection[JobState]) -> Select[tuple[PrintJob]]:
    alive = PrintJob.expires_at.is_(None) | (PrintJob.expires_at > now())
    return query.where(PrintJob.state.in_(states), alive)


def _ordered(query: Select[tuple[PrintJob]], *, is_oldest_first: bool) -> Select[tuple[PrintJob]]:
    if is_oldest_first:
        return query.order_by(PrintJob.submitted, PrintJob.number)
    return query.order_by(PrintJob.submitted.desc(), PrintJob.number.desc())
