"""What the enrolment tool asks of the portal: which printers are known, the printer agent to install (FL-91…FL-95)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from fleet.agents.models import AgentKind
from fleet.panel_apps.catalogue import CatalogueApp, catalogue_for
from fleet.printers.models import Printer
from steps.printers.apps import PRINTER_AGENT

NO_PRINTER_AGENT = Fault(
    "enrolment.no_printer_agent",
    404,
    N_("The catalogue of apps has no printer agent for the app framework {framework}."),
    N_("Add the package of the printer agent to the catalogue of apps, then enrol the printer again."),
    spec="FL-70",
)
MOST_AT_ONCE = 1000
SCOPES = (
    Permission.OWN_ACCOUNT,
    Permission.FLEET_VIEW,
    Permission.FLEET_ENROL,
    Permission.FLEET_ENROL_FOR_CUSTOMERS,
    Permission.FLEET_MANAGE,
)
"""What a person lets the tool do for them."""


@dataclass(frozen=True, slots=True)
class KnownPrinter:
    """A printer that is enrolled in the organization, and by which kind of agent it is managed."""

    id: str
    serial_number: str
    agent_kind: AgentKind


def known_printers(actor: Actor, serials: Sequence[str]) -> list[KnownPrinter]:
    """Which of these serial numbers are enrolled here; what is enrolled elsewhere is not told."""
    actor.need(Permission.FLEET_ENROL)
    query = select(Printer.id, Printer.serial_number, Printer.agent_kind)
    with actor.session(read_only=True) as session:
        rows = session.execute(query.where(Printer.serial_number.in_(list(serials)[:MOST_AT_ONCE]))).tuples()
        return [KnownPrinter(printer, serial, AgentKind(kind)) for printer, serial, kind in rows]


def printer_agent_package(actor: Actor, framework: str) -> CatalogueApp:
    """The newest printer agent that runs on that framework; raises `NO_PRINTER_AGENT`."""
    actor.need(Permission.FLEET_ENROL)
    newest = catalogue_for(actor.organization_id).newest(PRINTER_AGENT, framework)
    if newest is None:
        raise NO_PRINTER_AGENT(framework=framework)
    return newest
