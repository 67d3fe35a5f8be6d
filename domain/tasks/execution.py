"""What a worker records while it does a task: the lease, how far it is, the log, and how it ended.

As with runs, a worker that holds a task renews `lease_until`; a task whose lease has run out lost its worker and is
queued again, at most `max_attempts` times. Progress and log lines are written in the transaction of the work itself,
which names the lease: a worker that was overtaken cannot commit any more, and one that continues begins exactly after
what was done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.organizations.models import now
from domain.recorded_errors import error_record
from domain.tasks.models import BackgroundTask, TaskLine, TaskState
from domain.tasks.outbox import enqueue_task, queued_since
from domain.tenancy import system_session, tenant_session

WORKER_LOST = Fault(
    "task.worker_lost",
    500,
    N_("The worker was lost {times} times while it did this task."),
    N_("What was done until then is kept. Administrators: see the worker's log. Then start the task again."),
)
LEASE_LOST = Fault(
    "task.lease_lost",
    409,
    N_("Another worker has taken over this task."),
    N_("Nothing needs to be done: the other worker continues."),
)


@dataclass(frozen=True, slots=True)
class TaskWork:
    """A task as the worker that holds its lease sees it. `owner` names the lease; `done` parts are finished already."""

    task_id: str
    organization_id: str
    user_id: str
    owner: str
    kind: str
    parameters: Mapping[str, Any]
    done: int


def claim(task_id: str, owner: str) -> TaskWork | None:
    """Take the task's lease and mark it running; None where it has ended or another worker holds it."""
    with system_session() as session:
        task = session.scalar(select(BackgroundTask).where(BackgroundTask.id == task_id).with_for_update())
        if task is None or TaskState(task.state).is_final:
            return None
        if task.lease_until is not None and task.lease_until > now() and task.lease_owner != owner:
            return None
        task.state, task.started = TaskState.RUNNING, task.started or now()
        task.lease_owner, task.lease_until = owner, _lease_end()
        return TaskWork(
            task.id, task.organization_id, task.started_by or "", owner, task.kind, task.parameters, task.done
        )


def renew(work: TaskWork) -> None:
    """Show a sign of life; raises `LEASE_LOST` when overtaken."""
    with tenant_session(work.organization_id) as session:
        _write(session, work, lease_until=_lease_end())


def progress(session: Session, work: TaskWork, done: int, total: int) -> None:
    """Keep, in the transaction of the work, that `done` of `total` parts are finished; raises `LEASE_LOST`."""
    _write(session, work, done=done, total=total, lease_until=_lease_end())


def add_line(
    session: Session, work: TaskWork, message: Message, *, number: int = 0, level: str = "info", subject: str = ""
) -> None:
    """Add a line to the task's log, in the transaction of what it tells. `level` is info, warning or error."""
    session.add(
        TaskLine(
            organization_id=work.organization_id,
            task_id=work.task_id,
            number=number,
            level=level,
            message=message.model_dump(),
            subject=subject,
        )
    )


def finish(
    work: TaskWork,
    state: TaskState,
    result: Mapping[str, Any] | None = None,
    summary: Message | None = None,
    error: PressroomError | None = None,
) -> None:
    """End the task in `state` and give the lease back; raises `LEASE_LOST`."""
    with tenant_session(work.organization_id) as session:
        _write(
            session,
            work,
            state=state,
            finished=now(),
            result=dict(result) if result else None,
            summary=summary.model_dump() if summary else None,
            error=error_record(error) if error else None,
            lease_owner=None,
            lease_until=None,
        )


def release_lost(owner: str) -> list[str]:
    """A worker process died: queue the tasks again whose lease it held; returns their ids."""
    return _requeue(BackgroundTask.lease_owner == owner)


def requeue_expired() -> list[str]:
    """Queue the tasks again whose worker has shown no sign of life; returns their ids."""
    return _requeue(BackgroundTask.lease_until < now())


def unclaimed_tasks() -> list[tuple[str, str]]:
    """Tasks still queued although the engine got them longer than a lease ago: task id and flow run id."""
    limit = now() - timedelta(seconds=get_settings().lease_seconds)
    with system_session(read_only=True) as session:
        return queued_since(session, limit)


def requeue_unclaimed(task_id: str) -> bool:
    """Queue the task again if no worker has claimed it meanwhile; returns whether that was so."""
    return bool(_requeue(BackgroundTask.id == task_id, TaskState.QUEUED))


def _requeue(condition: ColumnElement[bool], state: TaskState = TaskState.RUNNING) -> list[str]:
    with system_session() as session:
        query = select(BackgroundTask).where(BackgroundTask.state == state, condition)
        lost = session.scalars(query.with_for_update(skip_locked=True)).all()
        for task in lost:
            task.lease_owner = task.lease_until = None
            task.lost_workers += 1
            task.attempt += 1
            if task.lost_workers >= get_settings().max_attempts:
                task.state, task.finished = TaskState.FAILED, now()
                task.error = error_record(WORKER_LOST(times=task.lost_workers))
            else:
                task.state = TaskState.QUEUED
                enqueue_task(session, task)
        return [task.id for task in lost]


def _write(session: Session, work: TaskWork, **values: object) -> None:
    owned = (BackgroundTask.id == work.task_id, BackgroundTask.lease_owner == work.owner)
    found = session.execute(update(BackgroundTask).where(*owned).values(**values).returning(BackgroundTask.id))
    if found.scalar_one_or_none() is None:
        raise LEASE_LOST()


def _lease_end() -> datetime:
    return now() + timedelta(seconds=get_settings().lease_seconds)
