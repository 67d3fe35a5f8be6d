"""Who does not communicate, counted for a card (FL-249)."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from fleet.agents.models import Agent
from fleet.agents.status import SILENT_AFTER, AgentStatus, statuses
from fleet.printers.filters import PrinterFilter
from fleet.printers.listing import PrinterCount, count_printers
from fleet.printers.models import Communication, Printer

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class CommunicationFaults:
    """How many printers and agents do not communicate, and how many agents need credentials."""

    silent_printers: PrinterCount
    silent_agents: int
    agents_needing_credentials: int


def communication_faults(actor: Actor) -> CommunicationFaults:
    """Those of the organization now (FL-248, FL-249)."""
    actor.need(Permission.FLEET_VIEW)
    with actor.session(read_only=True) as session:
        agents = _agents_by_status(session)
    return CommunicationFaults(
        count_printers(actor, PrinterFilter(communication=(Communication.SILENT,))),
        agents[AgentStatus.SILENT],
        agents[AgentStatus.NEEDS_CREDENTIALS],
    )


def _agents_by_status(session: Session) -> Counter[AgentStatus]:
    """The agents that may have a fault; those that called in just now and have no printer that refuses are left out."""
    refused = select(Printer.agent_id).where(Printer.communication == Communication.NEEDS_CREDENTIALS)
    is_late = or_(Agent.last_contact.is_(None), Agent.last_contact < now() - SILENT_AFTER)
    query = select(Agent).where(
        Agent.activated.is_not(None), Agent.deactivated.is_(None), or_(is_late, Agent.id.in_(refused))
    )
    found = session.scalars(query).all()
    parts = (found[start : start + AT_ONCE] for start in range(0, len(found), AT_ONCE))
    return Counter(status for part in parts for status in statuses(session, part).values())
