"""What people do with background tasks: start them, watch them, read their log."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from connectors.messages import Message
from connectors.settings import get_settings
from domain.organizations.actor import PERSON_NEEDED, Actor
from domain.organizations.models import User, now
from domain.organizations.permissions import Permission
from domain.organizations.person_names import person_names
from domain.recorded_errors import ErrorView
from domain.tasks.models import BackgroundTask, TaskLine, TaskState
from domain.tasks.outbox import enqueue_task
from domain.tenancy import NOT_FOUND, system_session

FORGOTTEN_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as people see it. `starter` is empty for a person who is gone; a partner's person is named with it."""

    id: str
    kind: str
    title: Message
    state: TaskState
    done: int
    total: int
    starter_id: str
    starter: str
    result: dict[str, Any]
    summary: Message | None
    error: ErrorView | None
    created: datetime
    started: datetime | None
    finished: datetime | None


@dataclass(frozen=True, slots=True)
class TaskLineView:
    """One line of a task's log."""

    id: int
    number: int
    level: str
    message: Message
    at: datetime


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks a list shows; `before` is the `created` of the last one of the page before."""

    kind: str = ""
    state: TaskState | None = None
    before: datetime | None = None
    limit: int = 50


def start_task(
    session: Session, actor: Actor, kind: str, deployment: str, title: Message, parameters: Mapping[str, Any]
) -> str:
    """Put a task into the caller's transaction, to be done by `deployment` (flow/name) once that is committed.

    The flow gets `task_id` and reads the rest from the task, which it does as the actor counts then: raises
    `PERSON_NEEDED` for an application. Returns the task's id.
    """
    if actor.is_application:
        raise PERSON_NEEDED()
    return start_task_of(session, actor.organization_id, actor.user_id, kind, deployment, title, parameters)


def start_task_of(
    session: Session,
    organization_id: str,
    user_id: str | None,
    kind: str,
    deployment: str,
    title: Message,
    parameters: Mapping[str, Any],
    not_before: datetime | None = None,
) -> str:
    """As `start_task`, for somebody who is not there now, or nobody; `not_before`: the engine gets it only then."""
    task = BackgroundTask(
        organization_id=organization_id,
        kind=kind,
        deployment=deployment,
        title=title.model_dump(),
        parameters=dict(parameters),
        started_by=user_id,
        attempt=0,
    )
    session.add(task)
    session.flush()
    enqueue_task(session, task, not_before)
    return task.id


def list_tasks(actor: Actor, chosen: TaskFilter | None = None) -> list[TaskView]:
    """The actor's tasks, newest first; administrators see those of the whole organization."""
    chosen = chosen or TaskFilter()
    query = _seen_by(actor).order_by(BackgroundTask.created.desc(), BackgroundTask.id).limit(chosen.limit)
    if chosen.kind:
        query = query.where(BackgroundTask.kind == chosen.kind)
    if chosen.state is not None:
        query = query.where(BackgroundTask.state == chosen.state)
    if chosen.before is not None:
        query = query.where(BackgroundTask.created < chosen.before)
    with actor.session(read_only=True) as session:
        views = [_view(task, starter) for task, starter in session.execute(query)]
    return _with_visitors(actor, views)


def get_task(actor: Actor, task_id: str) -> TaskView:
    """One of the tasks that `list_tasks` shows; raises `NOT_FOUND`."""
    with actor.session(read_only=True) as session:
        found = session.execute(_seen_by(actor).where(BackgroundTask.id == task_id)).one_or_none()
        if found is None:
            raise NOT_FOUND(what="background task")
        view = _view(*found)
    return _with_visitors(actor, [view])[0]


def get_received_task(actor: Actor, task_id: str, kind: str) -> TaskView:
    """A task of that kind whose files are for the actor, as its starter or by `receivers` in its result.

    Raises `NOT_FOUND`.
    """
    query = select(BackgroundTask).where(BackgroundTask.id == task_id, BackgroundTask.kind == kind)
    with actor.session(read_only=True) as session:
        task = session.scalar(query)
        if task is None or not is_for(task, actor):
            raise NOT_FOUND(what="file")
        return _view(task, "")


def is_for(task: BackgroundTask, actor: Actor) -> bool:
    """Whether the files of a task are for the actor."""
    return actor.user_id in (task.started_by, *(task.result or {}).get("receivers", ()))


def task_lines(
    actor: Actor, task_id: str, after: int = 0, limit: int = 500, *, problems_only: bool = False
) -> list[TaskLineView]:
    """The task's log after the line of that id, in order; raises `NOT_FOUND`."""
    get_task(actor, task_id)
    query = select(TaskLine).where(TaskLine.task_id == task_id, TaskLine.id > after).order_by(TaskLine.id).limit(limit)
    if problems_only:
        query = query.where(TaskLine.level != "info")
    with actor.session(read_only=True) as session:
        return [
            TaskLineView(row.id, row.number, row.level, Message.model_validate(row.message), row.at)
            for row in session.scalars(query)
        ]


def forget_subject(session: Session, subject: str) -> None:
    """Take somebody who was deleted out of the logs of tasks; the lines stay, without who it was (AC-83)."""
    lines = session.scalars(select(TaskLine).where(TaskLine.subject == subject))
    for line in lines:
        facts = {name: "…" if value == subject else value for name, value in line.message["facts"].items()}
        line.subject, line.message = "", {**line.message, "facts": facts}


def forget_old_tasks() -> int:
    """Delete some tasks that ended longer ago than the retention time, with their logs; returns how many."""
    limit = now() - timedelta(days=get_settings().retention_days)
    with system_session() as session:
        query = select(BackgroundTask.id).where(BackgroundTask.finished < limit).limit(FORGOTTEN_AT_ONCE)
        found = session.scalars(query).all()
        session.execute(delete(BackgroundTask).where(BackgroundTask.id.in_(found)))
        return len(found)


def _seen_by(actor: Actor) -> Select[tuple[BackgroundTask, str]]:
    query = select(BackgroundTask, func.coalesce(User.name, "")).outerjoin(User, User.id == BackgroundTask.started_by)
    return query if actor.may(Permission.TASKS_VIEW) else query.where(BackgroundTask.started_by == actor.user_id)


def _view(task: BackgroundTask, starter: str) -> TaskView:
    return TaskView(
        task.id,
        task.kind,
        Message.model_validate(task.title),
        TaskState(task.state),
        task.done,
        task.total,
        task.started_by or "",
        starter,
        task.result or {},
        Message.model_validate(task.summary) if task.summary else None,
        ErrorView.of(task.error),
        task.created,
        task.started,
        task.finished,
    )


def _with_visitors(actor: Actor, views: list[TaskView]) -> list[TaskView]:
    """The views with the names of those starters who came from the partner."""
    names = person_names(actor.organization_id, {view.starter_id for view in views if not view.starter})
    return [view if view.starter else replace(view, starter=names.get(view.starter_id, "")) for view in views]
