"""Tasks in the outbox: handing one to the engine, and finding those that it has had for too long."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.messages import Message
from domain.outbox.service import enqueue, flow_runs_with, last_hand_overs
from domain.tasks.models import BackgroundTask, TaskState


def enqueue_task(session: Session, task: BackgroundTask, not_before: datetime | None = None) -> None:
    """Ask the engine to do `task`; each attempt has a key of its own. The flow run is named without personal data."""
    enqueue(
        session,
        task.organization_id,
        task.deployment,
        key=f"task/{task.id}/{task.attempt}",
        name=Message.model_validate(task.title).template,
        parameters={"task_id": task.id},
        tags=[f"task:{task.kind}"],
        not_before=not_before,
    )


def flow_runs_of(session: Session, task_ids: list[str]) -> list[str]:
    """Ids of the engine's flow runs that these tasks were handed to."""
    return flow_runs_with(session, "task_id", task_ids)


def queued_since(session: Session, limit: datetime) -> list[tuple[str, str]]:
    """Queued tasks whose latest hand-over was before `limit`: task id and flow run id."""
    handed = last_hand_overs("task_id", limit)
    query = (
        select(BackgroundTask.id, handed.c.flow_run_id)
        .join(handed, handed.c.value == BackgroundTask.id)
        .where(BackgroundTask.state == TaskState.QUEUED)
        .limit(100)
    )
    return [(task, flow_run) for task, flow_run in session.execute(query) if flow_run]
