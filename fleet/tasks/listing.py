"""Fleet tasks and their jobs as people see them: lists with filters, progress, results with reasons (FL-480…FL-499).

A bulk task over several organizations is a row of its issuer's organization without jobs: its progress and status are
those of all its parts together (FL-60). Its parts are seen by those who may act across organizations.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from connectors.messages import Message
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.organizations.person_names import person_names
from domain.tenancy import NOT_FOUND
from fleet.printers.scope import Scope, printer_scope
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.status import JobStatus, TaskStatus, task_status
from steps.printer_work import ComponentResult

LARGEST_PAGE = 500


@dataclass(frozen=True, slots=True)
class FleetTaskFilter:
    """Which tasks a list shows. `before` is the key of the last one of the page before; `across`: all organizations.

    `waits`: only those whose start lies ahead (FL-309).
    """

    kind: TaskKind | None = None
    status: TaskStatus | None = None
    issuer_id: str = ""
    organization_id: str = ""
    before: tuple[str, str] | None = None
    limit: int = 50
    across: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True)
class FleetTaskView:
    """A task. `counts` are its jobs by status; `organization` is empty for a bulk task, which is of several (FL-481).

    `issuer` is empty for what a schedule of nobody, or somebody who is gone, has started. `licence_code` is that of a
    speed upgrade (FL-411).
    """

    id: str
    kind: TaskKind
    name: str
    status: TaskStatus
    counts: Mapping[JobStatus, int]
    issuer_id: str
    issuer: str
    organization_id: str
    organization: str
    is_bulk: bool
    is_stoppable: bool
    parent_id: str
    schedule_id: str
    created: datetime
    starts: datetime | None
    window_end: datetime | None
    finished: datetime | None
    licence_code: str

    @property
    def total(self) -> int:
        """How many jobs it has."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """How many of them have ended."""
        return sum(count for status, count in self.counts.items() if status.is_final)

    @property
    def key(self) -> tuple[str, str]:
        """Its place in the list."""
        return self.created.isoformat(), self.id


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs: of any of these statuses (FL-499), all where there is none; `after` is the id of the last one."""

    statuses: tuple[JobStatus, ...] = ()
    after: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class JobView:
    """What a task did, or does, with one printer or agent; `organization` is told for parts of a bulk task only."""

    id: int
    task_id: str
    organization: str
    printer_id: str
    subject: str
    status: JobStatus
    reason: Message | None
    warnings: tuple[Message, ...]
    remarks: tuple[Message, ...]
    components: tuple[ComponentResult, ...]
    created: datetime
    delivered: datetime | None
    finished: datetime | None


def list_fleet_tasks(actor: Actor, chosen: FleetTaskFilter | None = None) -> list[FleetTaskView]:
    """One page of tasks, newest first."""
    actor.need(Permission.FLEET_MANAGE)
    chosen = chosen or FleetTaskFilter()
    with printer_scope(actor, across=chosen.across) as scope:
        found = _page(scope, chosen)
    return _with_names(actor, found)


def get_fleet_task(actor: Actor, task_id: str) -> FleetTaskView:
    """One task of the organization that the actor works in; raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_MANAGE)
    with _session_of(actor, task_id) as (scope, task):
        view = _views(scope, [task])[0]
    return _with_names(actor, [view])[0]


def parts_of(actor: Actor, task_id: str) -> list[FleetTaskView]:
    """The tasks that carry a bulk task, one an organization, by the organizations' names; none of an ordinary task."""
    actor.need(Permission.FLEET_MANAGE)
    with _session_of(actor, task_id) as (scope, task):
        query = select(FleetTask).where(FleetTask.parent_id == task.id) if task.is_bulk else None
        parts = scope.session.scalars(query).all() if query is not None else []
        return sorted(_views(scope, parts), key=lambda part: part.organization.casefold())


def list_jobs(actor: Actor, task_id: str, chosen: JobFilter | None = None) -> list[JobView]:
    """One page of a task's jobs, in the order of creation; of a bulk task those of all its parts."""
    actor.need(Permission.FLEET_MANAGE)
    chosen = chosen or JobFilter()
    with _session_of(actor, task_id) as (scope, task):
        query = select(Job).where(_of_task(task), Job.id > chosen.after).order_by(Job.id)
        if chosen.statuses:
            query = query.where(Job.status.in_(chosen.statuses))
        jobs = scope.session.scalars(query.limit(min(chosen.limit, LARGEST_PAGE)))
        return [_job(scope, job, names=task.is_bulk) for job in jobs]


def every_job(actor: Actor, task_id: str, chosen: JobFilter) -> Iterator[JobView]:
    """All jobs that the filter lets through, a page at a time."""
    chosen = replace(chosen, after=0, limit=LARGEST_PAGE)
    while found := list_jobs(actor, task_id, chosen):
        yield from found
        chosen = replace(chosen, after=found[-1].id)


def issuers(actor: Actor) -> dict[str, str]:
    """Who has started tasks of the organization, by id, with their names; for the choice of a filter."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session(read_only=True) as session:
        ids = {issuer for issuer in session.scalars(select(FleetTask.issuer_id).distinct()) if issuer}
    names = person_names(actor.organization_id, ids)
    return dict(sorted(names.items(), key=lambda item: item[1].casefold()))


def _page(scope: Scope, chosen: FleetTaskFilter) -> list[FleetTaskView]:
    """Tasks are read on until the page is full: the status of bulk tasks is known only once they are read."""
    found: list[FleetTaskView] = []
    while len(found) < chosen.limit:
        tasks = scope.session.scalars(_matching(scope, chosen).limit(chosen.limit)).all()
        views = _views(scope, tasks)
        found += [view for view in views if chosen.status in (None, view.status)]
        if len(tasks) < chosen.limit:
            break
        chosen = replace(chosen, before=views[-1].key)
    return found[: chosen.limit]


def _matching(scope: Scope, chosen: FleetTaskFilter) -> Select[tuple[FleetTask]]:
    query = select(FleetTask).where(FleetTask.organization_id.in_(scope.ids))
    if chosen.kind:
        query = query.where(FleetTask.kind == chosen.kind.value)
    if chosen.status:
        query = query.where(or_(FleetTask.status == chosen.status.value, FleetTask.is_bulk))
    if chosen.waits:
        query = query.where(FleetTask.starts > now(), FleetTask.finished.is_(None))
    if chosen.issuer_id:
        query = query.where(FleetTask.issuer_id == chosen.issuer_id)
    if chosen.organization_id:
        query = query.where(FleetTask.organization_id == chosen.organization_id, ~FleetTask.is_bulk)
    if chosen.before:
        at, last = datetime.fromisoformat(chosen.before[0]), chosen.before[1]
        earlier = or_(FleetTask.created < at, and_(FleetTask.created == at, FleetTask.id < last))
        query = query.where(FleetTask.created <= at, earlier)
    return query.order_by(FleetTask.created.desc(), FleetTask.id.desc())


def _views(scope: Scope, tasks: Sequence[FleetTask]) -> list[FleetTaskView]:
    sums = _sums(scope.session, [task.id for task in tasks])
    return [_view(scope, task, sums.get(task.id, _Sum())) for task in tasks]


@dataclass(slots=True)
class _Sum:
    """What the jobs of a task, or of all parts of a bulk task, come to."""

    counts: dict[JobStatus, int] | None = None
    warnings: bool = False
    remarks: bool = False

    def add(self, status: JobStatus, count: int, *, warnings: bool, remarks: bool) -> None:
        self.counts = {**(self.counts or {}), status: (self.counts or {}).get(status, 0) + count}
        self.warnings, self.remarks = self.warnings or warnings, self.remarks or remarks


def _sums(session: Session, task_ids: Sequence[str]) -> dict[str, _Sum]:
    owner = func.coalesce(FleetTask.parent_id, FleetTask.id)
    found: dict[str, _Sum] = {}
    for shown in (FleetTask.id, owner):
        query = (
            select(
                shown,
                Job.status,
                func.count(),
                func.max(cast(Job.has_warnings, Integer)),
                func.max(cast(Job.has_remarks, Integer)),
            )
            .join(Job, Job.task_id == FleetTask.id)
            .where(FleetTask.id.in_(task_ids) if shown is FleetTask.id else FleetTask.parent_id.in_(task_ids))
            .group_by(shown, Job.status)
        )
        for task_id, status, count, warnings, remarks in session.execute(query):
            found.setdefault(task_id, _Sum()).add(
                JobStatus(status), count, warnings=bool(warnings), remarks=bool(remarks)
            )
    return found


def _view(scope: Scope, task: FleetTask, total: _Sum) -> FleetTaskView:
    counts, kind = total.counts or {}, TaskKind(task.kind)
    status = TaskStatus(task.status)
    if task.is_bulk:
        status = task_status(counts, warnings=total.warnings, remarks=total.remarks)
    return FleetTaskView(
        id=task.id,
        kind=kind,
        name=task.name,
        status=status,
        counts=counts,
        issuer_id=task.issuer_id or "",
        issuer="",
        organization_id="" if task.is_bulk else task.organization_id,
        organization="" if task.is_bulk else scope.organizations.get(task.organization_id, ""),
        is_bulk=task.is_bulk,
        is_stoppable=KINDS[kind].is_stoppable and bool(counts.get(JobStatus.PENDING)),
        parent_id=task.parent_id or "",
        schedule_id=task.schedule_id or "",
        created=task.created,
        starts=task.starts,
        window_end=task.window_end,
        finished=task.finished,
        licence_code=str(task.parameters["code"]) if kind is TaskKind.SPEED_UPGRADE and not task.is_bulk else "",
    )


def _of_task(task: FleetTask) -> ColumnElement[bool]:
    if not task.is_bulk:
        return Job.task_id == task.id
    return Job.task_id.in_(select(FleetTask.id).where(FleetTask.parent_id == task.id))


@contextmanager
def _session_of(actor: Actor, task_id: str) -> Iterator[tuple[Scope, FleetTask]]:
    """A look at one task of the actor's organization, and at all organizations where it is a bulk task."""
    with printer_scope(actor) as scope:
        task = scope.session.scalar(select(FleetTask).where(FleetTask.id == task_id))
        if task is None:
            raise NOT_FOUND(what="task")
        if not (task.is_bulk and actor.may(Permission.FLEET_ALL_ORGANIZATIONS)):
            yield scope, task
            return
    with printer_scope(actor, across=True) as scope:
        yield scope, scope.session.get_one(FleetTask, task_id)


def _job(scope: Scope, job: Job, *, names: bool) -> JobView:
    return JobView(
        id=job.id,
        task_id=job.task_id,
        organization=scope.organizations.get(job.organization_id, "") if names else "",
        printer_id=job.printer_id or "",
        subject=job.subject,
        status=JobStatus(job.status),
        reason=Message.model_validate(job.reason) if job.reason else None,
        warnings=_messages(job.warnings),
        remarks=_messages(job.remarks),
        components=tuple(ComponentResult.model_validate(one) for one in job.components),
        created=job.created,
        delivered=job.delivered,
        finished=job.finished,
    )


def _messages(kept: Iterable[Any]) -> tuple[Message, ...]:
    return tuple(Message.model_validate(one) for one in kept)


def _with_names(actor: Actor, views: list[FleetTaskView]) -> list[FleetTaskView]:
    """The views with the names of who started them, as people of each task's organization may read them."""
    wanted: dict[str, set[str]] = {}
    for view in views:
        wanted.setdefault(view.organization_id or actor.home_organization_id, set()).add(view.issuer_id)
    names: dict[str, str] = {}
    for organization_id, ids in wanted.items():
        names |= person_names(organization_id, ids)
    return [replace(view, issuer=names.get(view.issuer_id, "")) for view in views]
