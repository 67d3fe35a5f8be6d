"""Which printers a fleet agent still looks after: those within the criteria of its search (FL-113, FL-170)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.printers.address_ranges import Entries
from fleet.agents.models import Agent, AgentKind
from fleet.agents.settings import AgentSettings, Search, settings_of
from fleet.printers.models import Communication, Printer


class Criteria:
    """The criteria of one agent.

    What is excluded is outside, and in an advanced search whatever no entry covers. Where host names are included, and
    in a search of the local network, only a search can tell: printers count as within then.
    """

    def __init__(self, settings: AgentSettings) -> None:
        self._include, self._exclude = Entries(settings.include), Entries(settings.exclude)
        self._names_all = settings.search is Search.ADVANCED and not self._include.has_names

    def cover(self, printer: Printer) -> bool:
        """Whether the agent looks after the printer."""
        if self._exclude.covers(printer.address) or (printer.host_name and self._exclude.covers(printer.host_name)):
            return False
        return self._include.covers(printer.address) or not self._names_all


def printers_within(session: Session, agent: Agent) -> list[Printer]:
    """The agent's printers that it reads by itself; the other kinds of agents have no criteria."""
    printers = session.scalars(select(Printer).where(Printer.agent_id == agent.id).order_by(Printer.id)).all()
    if agent.kind != AgentKind.FLEET:
        return list(printers)
    criteria = Criteria(settings_of(agent))
    return [printer for printer in printers if criteria.cover(printer)]


def silence_printers_outside(session: Session, agent: Agent) -> None:
    """Printers whose address was taken out of the criteria stay in the list, not communicating (FL-170)."""
    if agent.kind != AgentKind.FLEET:
        return
    criteria = Criteria(settings_of(agent))
    for printer in session.scalars(select(Printer).where(Printer.agent_id == agent.id)):
        if not criteria.cover(printer):
            printer.communication = Communication.SILENT
