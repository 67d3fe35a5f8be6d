"""Contact with agents, as their printers feel it: lost with an agent that is silent, and restored (FL-169, FL-170)."""

from collections.abc import Iterator

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from domain.organizations.models import now
from domain.tenancy import system_session
from fleet.agents.criteria import printers_within
from fleet.agents.models import Agent, AgentKind
from fleet.agents.status import SILENT_AFTER, is_silent
from fleet.printers.models import Communication, Printer
from fleet.tasks.kinds import TaskKind
from fleet.tasks.service import NewTask, add_fleet_task

AT_ONCE = 500
ON_PRINTERS = frozenset({AgentKind.NATIVE, AgentKind.PRINTER})


def heard_from(session: Session, agent: Agent) -> None:
    """The agent calls in. After a silence its printers are in contact again, in a session of its organization.

    An agent on a printer is the printer itself. Fleet agents are asked to read theirs, as some may be silent for
    reasons of their own; local agents tell what is at their ports by themselves.
    """
    was_silent = is_silent(agent)
    agent.last_contact = now()
    if not was_silent:
        return
    silent = [one for one in printers_within(session, agent) if one.communication == Communication.SILENT]
    if agent.kind in ON_PRINTERS:
        for printer in silent:
            printer.communication, printer.last_contact = Communication.COMMUNICATING, now()
    elif agent.kind == AgentKind.FLEET and silent:
        add_fleet_task(session, agent.organization_id, None, NewTask(TaskKind.REFRESH), [one.id for one in silent])


def silence_printers() -> int:
    """Printers of agents that have fallen silent do not communicate any more; returns how many those are."""
    count = 0
    with system_session() as session:
        for part in _silent_agents(session):
            theirs = update(Printer).where(
                Printer.agent_id.in_(part), Printer.communication == Communication.COMMUNICATING
            )
            lost = theirs.values(communication=Communication.SILENT).returning(Printer.id)
            count += len(session.scalars(lost).all())
    return count


def _silent_agents(session: Session) -> Iterator[list[str]]:
    """The ids of the silent agents that still have printers in contact, some at a time."""
    late = or_(Agent.last_contact.is_(None), Agent.last_contact < now() - SILENT_AFTER)
    has_printers = select(Printer.id).where(
        Printer.agent_id == Agent.id, Printer.communication == Communication.COMMUNICATING
    )
    query = select(Agent).where(
        Agent.activated.is_not(None), Agent.deactivated.is_(None), ~Agent.is_built_in, late, has_printers.exists()
    )
    ids = [agent.id for agent in session.scalars(query) if is_silent(agent)]
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]
