"""Handing a fleet task to our own worker, and again when jobs of it that had to wait can be done now."""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from connectors.messages import Message
from domain.organizations.models import now
from domain.tasks.models import BackgroundTask, TaskState
from domain.tasks.service import start_task_of
from fleet.agents.models import Agent
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.status import JobStatus

OURS = [kind.value for kind, facts in KINDS.items() if facts.in_records]
"""Kinds whose jobs our own worker does whatever the agent."""


def start_work(session: Session, task: FleetTask) -> None:
    """Ask our own worker to do what there is to do of the task, from its start on."""
    facts = KINDS[TaskKind(task.kind)]
    task.background_task_id = start_task_of(
        session,
        task.organization_id,
        task.issuer_id,
        "fleet",
        facts.deployment,
        Message.of(facts.title),
        {"fleet_task_id": task.id},
        not_before=task.starts,
    )


def start_waiting(session: Session, which: ColumnElement[bool]) -> int:
    """Start the work of tasks again that have pending jobs for our worker among `which` and nobody at work.

    A job waits behind an earlier one of its printer (FL-501), whose task may end long after its own.
    Returns how many tasks were started.
    """
    built_in = select(Agent.id).where(Agent.is_built_in)
    waiting = (
        select(Job.task_id)
        .join(FleetTask, FleetTask.id == Job.task_id)
        .outerjoin(BackgroundTask, BackgroundTask.id == FleetTask.background_task_id)
        .where(which, Job.status == JobStatus.PENDING)
        .where(or_(FleetTask.kind.in_(OURS), Job.agent_id.in_(built_in)))
        .where(or_(FleetTask.starts.is_(None), FleetTask.starts <= now()))
        .where(or_(BackgroundTask.id.is_(None), BackgroundTask.state.not_in((TaskState.QUEUED, TaskState.RUNNING))))
        .distinct()
    )
    tasks = session.scalars(select(FleetTask).where(FleetTask.id.in_(session.scalars(waiting).all()))).all()
    for task in tasks:
        start_work(session, task)
    return len(tasks)
