"""What people do with agents: list, create, change, deactivate and delete them (FL-49…FL-56, FL-107…FL-141)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, now
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND, system_session
from fleet.agents.activation import code_for_agent
from fleet.agents.built_in import built_in_agent, may_have_one
from fleet.agents.criteria import silence_printers_outside
from fleet.agents.models import Agent, AgentKind, SnmpProfile
from fleet.agents.settings import AgentSettings, keep_settings, settings_of
from fleet.agents.status import AgentStatus, statuses
from fleet.agents.versions import CurrentVersions, current_versions
from fleet.printers.models import Communication, Printer
from fleet.printers.scope import printer_scope
from steps.printers.agent_itself import LIBRARY_VERSION, VERSION

NAME_TAKEN = Fault(
    "agent.name_taken",
    409,
    N_("There is an agent named “{name}” already."),
    N_("Choose another name."),
    spec="FL-107",
)
NAME_MISSING = Fault("agent.name_missing", 422, N_("The agent has no name."), N_("Type a name."), spec="FL-107")
HAS_MANAGED = Fault(
    "agent.manages_programme",
    409,
    N_("The agent manages printers of the supplies programme: {printers}."),
    N_("Take these printers out of the programme first, or let another agent take them over."),
    spec="FL-477",
)
IS_BUILT_IN = Fault(
    "agent.is_built_in",
    409,
    N_("The built-in agent is a part of Pressroom and cannot be deactivated or deleted."),
    N_("Empty its search and set its intervals to 0 instead."),
)
LONGEST_NAME, LONGEST_DESCRIPTION = 255, 1000


@dataclass(frozen=True, slots=True)
class AgentView:
    """An agent as lists and pages show it."""

    id: str
    kind: AgentKind
    name: str
    description: str
    is_built_in: bool
    status: AgentStatus
    version: str
    library_version: str
    has_update: bool
    has_library_update: bool
    printers: int
    settings: AgentSettings
    host: dict[str, Any]
    created: datetime
    activated: datetime | None
    last_contact: datetime | None
    last_discovery: datetime | None


@dataclass(frozen=True, slots=True)
class AgentChoice:
    """Which agents a list shows; `search` is a part of the name (FL-336)."""

    kind: AgentKind | None = None
    status: AgentStatus | None = None
    has_update: bool | None = None
    has_library_update: bool | None = None
    search: str = ""


def list_agents(actor: Actor, choice: AgentChoice) -> list[AgentView]:
    """The organization's agents by name, the built-in one first."""
    actor.need(Permission.FLEET_VIEW)
    with actor.session() as session:
        if may_have_one(session.get_one(Organization, actor.organization_id)):
            built_in_agent(session, actor.organization_id)
        query = select(Agent).order_by(Agent.is_built_in.desc(), Agent.name, Agent.id)
        if choice.kind is not None:
            query = query.where(Agent.kind == choice.kind)
        views = _views(session, session.scalars(query).all())
    return [view for view in views if _is_chosen(view, choice)]


def list_agents_across(actor: Actor) -> list[tuple[str, AgentView]]:
    """Agents that can be updated in all organizations in reach, each with its organization's name (FL-57…FL-59)."""
    actor.need(Permission.FLEET_UPDATE_ACROSS)
    with printer_scope(actor, across=True) as scope:
        names = dict(scope.organizations)
    with system_session(read_only=True) as session:
        wanted = (Agent.organization_id.in_(names), Agent.kind != AgentKind.NATIVE, ~Agent.is_built_in)
        rows = session.scalars(select(Agent).where(*wanted).order_by(Agent.name, Agent.id)).all()
        found = zip(rows, _views(session, rows), strict=True)
        return sorted(((names[row.organization_id], view) for row, view in found), key=lambda one: one[0].casefold())


def get_agent(actor: Actor, agent_id: str) -> AgentView:
    """One agent; raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_VIEW)
    with actor.session(read_only=True) as session:
        return _views(session, [agent_row(session, agent_id)])[0]


def create_fleet_agent(actor: Actor, name: str, description: str, settings: AgentSettings) -> tuple[str, str]:
    """Make a fleet agent; returns its id and its activation code, which is shown only now. Raises `NAME_TAKEN`."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        agent = Agent(organization_id=actor.organization_id, kind=AgentKind.FLEET)
        _name(session, agent, name, description)
        _set(session, agent, settings)
        session.add(agent)
        session.flush()
        record(session, actor, "agent.created", "agent", agent.id, {"name": agent.name})
        return agent.id, code_for_agent(session, agent, actor.user_id or None)


def change_agent(actor: Actor, agent_id: str, name: str, description: str, settings: AgentSettings) -> None:
    """Change name and settings; agents that call in get them with their next answer (FL-131).

    Printers that it does not look after any more do not communicate from now on (FL-170).
    """
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        agent = agent_row(session, agent_id)
        if not agent.is_built_in:
            _name(session, agent, name, description)
        _set(session, agent, settings)
        silence_printers_outside(session, agent)
        record(session, actor, "agent.changed", "agent", agent.id, {"name": agent.name})


def deactivate_agent(actor: Actor, agent_id: str) -> None:
    """Take its credential away; its printers stay, not communicating (A-7). Raises `HAS_MANAGED`, `IS_BUILT_IN`."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        agent = _leaving(session, agent_id)
        agent.deactivated, agent.credential_hash, agent.next_credential_hash = now(), None, None
        record(session, actor, "agent.deactivated", "agent", agent.id, {"name": agent.name})


def delete_agent(actor: Actor, agent_id: str) -> None:
    """Delete it; its printers stay until they are unenrolled or taken over (A-7). Raises as `deactivate_agent`."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        agent = _leaving(session, agent_id)
        record(session, actor, "agent.deleted", "agent", agent.id, {"name": agent.name})
        session.delete(agent)


def agent_row(session: Session, agent_id: str) -> Agent:
    """The agent in a session of its organization; raises `NOT_FOUND`."""
    agent = session.scalar(select(Agent).where(Agent.id == agent_id))
    if agent is None:
        raise NOT_FOUND(what="agent")
    return agent


def _is_chosen(view: AgentView, choice: AgentChoice) -> bool:
    return (
        choice.status in (None, view.status)
        and choice.has_update in (None, view.has_update)
        and choice.has_library_update in (None, view.has_library_update)
        and choice.search.strip().casefold() in view.name.casefold()
    )


def _views(session: Session, agents: Sequence[Agent]) -> list[AgentView]:
    counted = select(Printer.agent_id, func.count()).where(Printer.agent_id.in_([agent.id for agent in agents]))
    printers = {agent: count for agent, count in session.execute(counted.group_by(Printer.agent_id))}  # noqa: C416
    by_id = statuses(session, agents)
    current = {one: current_versions(one) for one in {agent.organization_id for agent in agents}}
    return [
        _view(agent, by_id[agent.id], printers.get(agent.id, 0), current[agent.organization_id]) for agent in agents
    ]


def _view(agent: Agent, status: AgentStatus, printers: int, current: CurrentVersions) -> AgentView:
    version = VERSION if agent.is_built_in else agent.version
    library = LIBRARY_VERSION if agent.is_built_in else agent.library_version
    is_fleet = agent.kind == AgentKind.FLEET
    return AgentView(
        id=agent.id,
        kind=AgentKind(agent.kind),
        name=agent.name,
        description=agent.description,
        is_built_in=agent.is_built_in,
        status=status,
        version=version,
        library_version=library if is_fleet else "",
        has_update=not agent.is_built_in and current.is_newer(AgentKind(agent.kind), version),
        has_library_update=is_fleet and not agent.is_built_in and current.is_newer_library(library),
        printers=printers,
        settings=settings_of(agent),
        host=agent.host,
        created=agent.created,
        activated=agent.activated,
        last_contact=agent.last_contact,
        last_discovery=agent.last_discovery,
    )


def _name(session: Session, agent: Agent, name: str, description: str) -> None:
    chosen = " ".join(name.split())[:LONGEST_NAME]
    if not chosen:
        raise NAME_MISSING()
    taken = select(Agent.id).where(Agent.kind == agent.kind, Agent.name == chosen, Agent.id != (agent.id or ""))
    if session.scalar(taken) is not None:
        raise NAME_TAKEN(name=chosen)
    agent.name, agent.description = chosen, description.strip()[:LONGEST_DESCRIPTION]


def _set(session: Session, agent: Agent, settings: AgentSettings) -> None:
    wanted = settings.snmp_profile_id
    if wanted and session.scalar(select(SnmpProfile.id).where(SnmpProfile.id == wanted)) is None:
        raise NOT_FOUND(what="SNMP profile")
    keep_settings(agent, settings)


def _leaving(session: Session, agent_id: str) -> Agent:
    agent = agent_row(session, agent_id)
    if agent.is_built_in:
        raise IS_BUILT_IN()
    printers = session.scalars(select(Printer).where(Printer.agent_id == agent_id)).all()
    if managed := [printer.serial_number for printer in printers if printer.msp is not None]:
        raise HAS_MANAGED(printers=", ".join(managed[:20]))
    for printer in printers:
        printer.communication = Communication.SILENT
    return agent
