"""Where our worker reaches a printer's scanner, and what an order means in its terms."""

from sqlalchemy.orm import Session

from connectors.escl import faults
from connectors.settings import get_settings
from domain.organizations.models import Organization
from domain.scanning.orders import ScanOrder
from domain.scanning.settings import SIZES_MM, ScanSettings
from domain.tenancy import tenant_session
from fleet.agents.built_in import may_have_one
from fleet.agents.models import Agent
from fleet.printers.models import Printer
from steps.scan_pages import NetworkScan

PATH = "/eSCL"


def network_scan(organization_id: str, order: ScanOrder) -> NetworkScan:
    """The order for the worker. Raises `NO_SCANNER` for a printer that is gone, or not in the worker's own network."""
    settings = order.settings or ScanSettings(resolution=300)
    contrast = settings.contrast if isinstance(settings.contrast, int) else 0
    with tenant_session(organization_id, read_only=True) as session:
        printer = session.get(Printer, order.printer_id)
        if printer is None:
            raise faults.NO_SCANNER(scanner="–")
        label = printer.name or printer.host_name or printer.serial_number
        if not _is_ours(session, printer):
            raise faults.NO_SCANNER(scanner=label)
        return NetworkScan(
            address=_address(printer),
            label=label,
            page_limit=order.bytes_left,
            source=settings.source,
            two_sided=settings.sides != "one_sided",
            color=settings.color_mode,
            resolution=settings.resolution,
            size_mm=SIZES_MM.get(settings.original_size),
            content=settings.content_type,
            contrast=contrast,
            ca_file=get_settings().fleet_ca_file,
        )


def _is_ours(session: Session, printer: Printer) -> bool:
    """Whether the built-in agent manages it: no other network is reached from here (FL-15)."""
    agent = session.get(Agent, printer.agent_id) if printer.agent_id else None
    organization = session.get_one(Organization, printer.organization_id)
    return agent is not None and agent.is_built_in and may_have_one(organization)


def _address(printer: Printer) -> str:
    """Its eSCL root: by HTTPS where it is managed by that, else by HTTP."""
    host = f"[{printer.address}]" if ":" in printer.address else printer.address
    ports = printer.ports or {}
    if secure := ports.get("https"):
        return f"https://{host}:{secure}{PATH}"
    return f"http://{host}:{ports.get('http', 80)}{PATH}"
