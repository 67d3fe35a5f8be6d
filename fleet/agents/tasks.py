"""Tasks over agents that people start: settings of many, updates, logs (FL-164…FL-166, FL-137…FL-139)."""

from collections.abc import Sequence

from sqlalchemy import select

from connectors.messages import Message
from domain.organizations.actor import Actor
from fleet.agents.models import Agent
from fleet.agents.service import agent_row
from fleet.agents.status import is_silent
from fleet.printers.models import Printer
from fleet.tasks.execution import end_jobs
from fleet.tasks.gates import AGENT_SILENT
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import Job
from fleet.tasks.service import NewTask, start_fleet_task
from fleet.tasks.status import OPEN
from steps.printer_work import Outcome, Report


def refresh_printers_of(actor: Actor, agent_id: str) -> str:
    """Read all printers of an agent ahead of its interval (FL-134); returns the task's id.

    Raises `NOT_FOUND`, and `NOTHING_CHOSEN` where it has none.
    """
    with actor.session(read_only=True) as session:
        agent_row(session, agent_id)
        ids = list(session.scalars(select(Printer.id).where(Printer.agent_id == agent_id).order_by(Printer.id)))
    return start_fleet_task(actor, NewTask(TaskKind.REFRESH), ids)


def start_agent_task(actor: Actor, new: NewTask, agent_ids: Sequence[str]) -> str:
    """Start a task over agents; returns its id.

    Jobs of agents that do not communicate fail at once, so that the task completes with errors (FL-164).
    """
    task_id = start_fleet_task(actor, new, agent_ids)
    with actor.session() as session:
        query = select(Job.id, Agent).join(Agent, Agent.id == Job.agent_id)
        rows = session.execute(query.where(Job.task_id == task_id, Job.status.in_(OPEN))).all()
        failed = Report(outcome=Outcome.FAILED, reason=Message.of(AGENT_SILENT))
        end_jobs(session, [(job_id, failed) for job_id, agent in rows if is_silent(agent)])
    return task_id
