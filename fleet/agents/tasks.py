"""Tasks over agents that people start: settings of many, updates, logs (FL-164…FL-166, FL-137…FL-139)."""

from collections.abc import Sequence

from sqlalchemy import select

from connectors.messages import Message
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from fleet.agents.models import Agent
from fleet.agents.service import agent_row
from fleet.agents.status import is_silent
from fleet.printers.models import Printer
from fleet.tasks.execution import end_jobs
from fleet.tasks.gates import AGENT_SILENT, agent_refusals
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import Job
from fleet.tasks.service import NewTask, start_fleet_task
from fleet.tasks.status import OPEN, JobStatus
from steps.printer_work import Outcome, Report


def refresh_printers_of(actor: Actor, agent_id: str) -> str:
    """Read all printers of an agent ahead of its interval (FL-134); returns the task's id.

    Raises `NOT_FOUND`, and `NOTHING_CHOSEN` where it has none.
    """
    return start_fleet_task(actor, NewTask(TaskKind.REFRESH), printers_of(actor, [agent_id]))


def printers_of(actor: Actor, agent_ids: Sequence[str]) -> list[str]:
    """The ids of the printers that these agents manage; raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_VIEW)
    with actor.session(read_only=True) as session:
        for agent_id in agent_ids:
            agent_row(session, agent_id)
        return list(session.scalars(select(Printer.id).where(Printer.agent_id.in_(agent_ids)).order_by(Printer.id)))


def start_agent_task(actor: Actor, new: NewTask, agent_ids: Sequence[str]) -> str:
    """Start a task over agents; returns its id.

    Jobs end at once where nobody has to call in for it: those of agents whose kind cannot do it are not supported
    (FL-39…FL-42), those of agents that do not communicate fail, so that the task completes with errors (FL-164).
    """
    task_id = start_fleet_task(actor, new, agent_ids)
    with actor.session() as session:
        query = select(Job.id, Agent).join(Agent, Agent.id == Job.agent_id)
        rows = session.execute(query.where(Job.task_id == task_id, Job.status.in_(OPEN))).all()
        ended = [(job_id, report) for job_id, agent in rows if (report := _ends_at_once(new.kind, agent)) is not None]
        end_jobs(session, ended)
    return task_id


def _ends_at_once(kind: TaskKind, agent: Agent) -> Report | None:
    for refusal in agent_refusals(kind, agent):
        if refusal.status is JobStatus.NOT_SUPPORTED:
            return Report(outcome=Outcome.NOT_SUPPORTED, reason=refusal.reason)
    return Report(outcome=Outcome.FAILED, reason=Message.of(AGENT_SILENT)) if is_silent(agent) else None
