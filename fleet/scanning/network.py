"""Whose scanners are reached by whom over the network, and what an order means in a scanner's terms."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.escl import faults
from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.models import Organization
from domain.scanning.models import ScanJob
from domain.scanning.orders import ScanOrder
from domain.scanning.settings import SIZES_MM, ScanSettings
from domain.tenancy import tenant_session
from fleet.agents.built_in import may_have_one
from fleet.agents.models import Agent, AgentKind
from fleet.agents.status import is_silent
from fleet.printers.models import Printer
from steps.scan_pages import NetworkScan

PATH = "/eSCL"
AGENT_AWAY = Fault(
    "scan.agent_away",
    503,
    N_("The agent through which {scanner} is reached does not call in."),
    N_("Try again later. Administrators: look whether the agent's host is on and connected."),
    transient=True,
)


def is_left_to_agent(organization_id: str, scan_id: str) -> bool:
    """Whether a fleet agent that calls in has the printer in its network, and takes the order by itself (FL-15)."""
    with tenant_session(organization_id, read_only=True) as session:
        query = select(Agent).join(Printer, Printer.agent_id == Agent.id)
        agent = session.scalar(query.join(ScanJob, ScanJob.printer_id == Printer.id).where(ScanJob.id == scan_id))
        return agent is not None and _calls_in(agent) and not is_silent(agent)


def network_scan(organization_id: str, order: ScanOrder) -> NetworkScan:
    """The order for the worker, which reaches its own network only.

    Raises `AGENT_AWAY` for a printer whose fleet agent is silent, and `NO_SCANNER` for one that nobody reaches.
    """
    with tenant_session(organization_id, read_only=True) as session:
        printer = session.get(Printer, order.printer_id)
        if printer is None:
            raise faults.NO_SCANNER(scanner="–")
        agent = session.get(Agent, printer.agent_id) if printer.agent_id else None
        if agent is not None and _calls_in(agent):
            raise AGENT_AWAY(scanner=_label(printer))
        if not _is_ours(session, agent, printer):
            raise faults.NO_SCANNER(scanner=_label(printer))
        return scan_at(printer, order)


def scan_at(printer: Printer, order: ScanOrder) -> NetworkScan:
    """What is to be scanned at the printer, for whoever is in its network."""
    settings = order.settings or ScanSettings(resolution=300)
    return NetworkScan(
        address=_address(printer),
        label=_label(printer),
        page_limit=order.bytes_left,
        source=settings.source,
        two_sided=settings.sides != "one_sided",
        color=settings.color_mode,
        resolution=settings.resolution,
        size_mm=SIZES_MM.get(settings.original_size),
        content=settings.content_type,
        contrast=settings.contrast if isinstance(settings.contrast, int) else 0,
        ca_file=get_settings().fleet_ca_file,
    )


def _calls_in(agent: Agent) -> bool:
    return agent.kind == AgentKind.FLEET and not agent.is_built_in


def _is_ours(session: Session, agent: Agent | None, printer: Printer) -> bool:
    """Whether the built-in agent manages it: no other network is reached from here (FL-15)."""
    organization = session.get_one(Organization, printer.organization_id)
    return agent is not None and agent.is_built_in and may_have_one(organization)


def _label(printer: Printer) -> str:
    return printer.name or printer.host_name or printer.serial_number


def _address(printer: Printer) -> str:
    """Its eSCL root: by HTTPS where it is managed by that, else by HTTP."""
    host = f"[{printer.address}]" if ":" in printer.address else printer.address
    ports = printer.ports or {}
    if secure := ports.get("https"):
        return f"https://{host}:{secure}{PATH}"
    return f"http://{host}:{ports.get('http', 80)}{PATH}"
