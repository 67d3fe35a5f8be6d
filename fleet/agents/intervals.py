"""The intervals of agents whose work our own worker does: when they search and when they read (FL-119, FL-120)."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.organizations.models import Organization, OrganizationStatus, now
from domain.tenancy import system_session
from fleet.agents.criteria import printers_within
from fleet.agents.models import Agent
from fleet.agents.settings import AgentSettings, Search, settings_of
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.service import NewTask, add_fleet_task
from fleet.tasks.status import OPEN


def start_due_work() -> int:
    """Start the searches and readings of built-in agents that are due; returns how many tasks were started.

    An agent that has not finished the last one is left alone.
    """
    with system_session(read_only=True) as session:
        query = (
            select(Agent.id)
            .join(Organization, Organization.id == Agent.organization_id)
            .where(Agent.is_built_in, Agent.deactivated.is_(None), Organization.status == OrganizationStatus.ACTIVE)
        )
        agents = session.scalars(query).all()
    return sum(_start(agent_id) for agent_id in agents)


def is_due(last: datetime | None, minutes: int) -> bool:
    """Whether an interval of so many minutes has passed; 0 minutes: never."""
    return minutes > 0 and (last is None or now() - last >= timedelta(minutes=minutes))


def searches(settings: AgentSettings) -> bool:
    """Whether there is anything to search: the built-in agent searches nothing that nobody named."""
    return settings.search is Search.ADVANCED and bool(settings.include)


def _start(agent_id: str) -> int:
    with system_session() as session:
        agent = session.get(Agent, agent_id)
        if agent is None:
            return 0
        settings = settings_of(agent)
        started = 0
        if searches(settings) and is_due(agent.last_discovery, settings.discovery_minutes):
            started += _begin(session, agent, TaskKind.DISCOVER, [agent.id])
        is_to_read = is_due(agent.last_refresh, settings.refresh_minutes)
        if is_to_read and (ids := [printer.id for printer in printers_within(session, agent)]):
            started += _begin(session, agent, TaskKind.REFRESH, ids)
        return started


def _begin(session: Session, agent: Agent, kind: TaskKind, ids: list[str]) -> int:
    running = (
        select(Job.id)
        .join(FleetTask, FleetTask.id == Job.task_id)
        .where(Job.agent_id == agent.id, Job.status.in_(OPEN), FleetTask.kind == kind, FleetTask.issuer_id.is_(None))
        .limit(1)
    )
    if session.scalar(running) is not None:
        return 0
    if kind is TaskKind.DISCOVER:
        agent.last_discovery = now()
    else:
        agent.last_refresh = now()
    add_fleet_task(session, agent.organization_id, None, NewTask(kind), ids)
    return 1
