"""What was asked of an agent, and what became of it: its event history (FL-140)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from connectors.messages import Message
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from fleet.agents.service import agent_row
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.status import JobStatus

LARGEST_PAGE = 200
OF_AGENTS = tuple(kind.value for kind, facts in KINDS.items() if facts.on_agents)


@dataclass(frozen=True, slots=True)
class AgentEventView:
    """One line: which task asked for what, when it began and ended, how it ended, and why where it was not done."""

    id: int
    task_id: str
    kind: TaskKind
    status: JobStatus
    reason: Message | None
    at: datetime
    ended: datetime | None


def agent_events(actor: Actor, agent_id: str, before: int | None = None, limit: int = 50) -> list[AgentEventView]:
    """The tasks over the agent itself, newest first; `before` is the id of the last event of the page before.

    What was done to its printers stands in their own histories. Raises `NOT_FOUND`.
    """
    actor.need(Permission.FLEET_VIEW)
    with actor.session(read_only=True) as session:
        agent_row(session, agent_id)
        query = select(Job, FleetTask.kind).join(FleetTask, FleetTask.id == Job.task_id)
        query = query.where(Job.agent_id == agent_id, Job.printer_id.is_(None), FleetTask.kind.in_(OF_AGENTS))
        if before is not None:
            query = query.where(Job.id < before)
        rows = session.execute(query.order_by(Job.id.desc()).limit(min(limit, LARGEST_PAGE))).tuples().all()
        return [_event(job, TaskKind(kind)) for job, kind in rows]


def _event(job: Job, kind: TaskKind) -> AgentEventView:
    return AgentEventView(
        id=job.id,
        task_id=job.task_id,
        kind=kind,
        status=JobStatus(job.status),
        reason=Message.model_validate(job.reason) if job.reason else None,
        at=job.delivered or job.created,
        ended=job.finished,
    )
