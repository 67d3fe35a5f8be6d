"""The status of an agent as lists show it (A-1): from its activation, its last contact, its tasks and its printers."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.messages import N_
from domain.organizations.models import now
from fleet.agents.models import ActivationCode, Agent, AgentKind
from fleet.agents.settings import settings_of
from fleet.printers.models import Communication, Printer
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.status import OPEN

SILENT_AFTER = timedelta(minutes=5)
"""A fleet agent keeps a connection open, so that this much silence means that it is gone."""


class AgentStatus(StrEnum):
    """FL-56 (A-1)."""

    COMMUNICATING = "communicating"
    SILENT = "not_communicating"
    NEEDS_CREDENTIALS = "needs_credentials"
    NOT_ACTIVATED = "not_activated"
    ACTIVATION_EXPIRED = "activation_expired"
    UPDATING = "updating"
    DEACTIVATED = "deactivated"


STATUS_TITLES = {
    AgentStatus.COMMUNICATING: N_("Communicating"),
    AgentStatus.SILENT: N_("Not communicating"),
    AgentStatus.NEEDS_CREDENTIALS: N_("Needs credentials"),
    AgentStatus.NOT_ACTIVATED: N_("Not activated"),
    AgentStatus.ACTIVATION_EXPIRED: N_("Activation expired"),
    AgentStatus.UPDATING: N_("Updating"),
    AgentStatus.DEACTIVATED: N_("Deactivated"),
}


def is_silent(agent: Agent) -> bool:
    """Whether an activated agent has not called in for longer than it should."""
    if agent.is_built_in:
        return False
    patience = SILENT_AFTER
    if agent.kind in (AgentKind.PRINTER, AgentKind.LOCAL):
        patience += timedelta(minutes=settings_of(agent).polling_minutes)
    return agent.last_contact is None or now() - agent.last_contact > patience


def statuses(session: Session, agents: Sequence[Agent]) -> Mapping[str, AgentStatus]:
    """The status of each agent by its id."""
    ids = [agent.id for agent in agents]
    updating = set(
        session.scalars(
            select(Job.agent_id)
            .join(FleetTask, FleetTask.id == Job.task_id)
            .where(Job.agent_id.in_(ids), Job.status.in_(OPEN), FleetTask.kind == TaskKind.UPDATE_AGENT)
        )
    )
    wanting = set(
        session.scalars(
            select(Printer.agent_id)
            .where(Printer.agent_id.in_(ids), Printer.communication == Communication.NEEDS_CREDENTIALS)
            .distinct()
        )
    )
    latest = select(ActivationCode.agent_id, func.max(ActivationCode.expires)).where(ActivationCode.agent_id.in_(ids))
    valid = {agent for agent, expires in session.execute(latest.group_by(ActivationCode.agent_id)) if expires > now()}
    return {agent.id: _status(agent, updating, wanting, valid) for agent in agents}


def _status(agent: Agent, updating: set[str | None], wanting: set[str | None], valid: set[str | None]) -> AgentStatus:
    if agent.deactivated is not None:
        return AgentStatus.DEACTIVATED
    if agent.activated is None:
        return AgentStatus.NOT_ACTIVATED if agent.id in valid else AgentStatus.ACTIVATION_EXPIRED
    if agent.id in updating:
        return AgentStatus.UPDATING
    if is_silent(agent):
        return AgentStatus.SILENT
    return AgentStatus.NEEDS_CREDENTIALS if agent.id in wanting else AgentStatus.COMMUNICATING
