"""A printer as the Solution Center needs to know it: its app, model, firmware, equipment and address (SC-22, SC-26)."""

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.organizations.models import Organization
from domain.panel_solutions.printers import LOWEST_FIRMWARE, PanelPrinter
from domain.tenancy import NOT_FOUND
from fleet.capabilities.levels import is_at_least
from fleet.capabilities.models_table import model_facts
from fleet.printers.models import Printer, PrinterApp, PrinterReadingRow
from fleet.releasing.printers import ipp_addresses

SOLUTION_APP = "solution-center"
"""The id of the panel app, the same on every model (FL-283)."""


def solution_printer(session: Session, named: str) -> PanelPrinter:
    """The printer of that id or serial number in the session's organization; raises `NOT_FOUND`."""
    is_it = or_(Printer.id == named, Printer.serial_number == named)
    app = (PrinterApp.printer_id == Printer.id) & (PrinterApp.app_id == SOLUTION_APP) & PrinterApp.is_started.is_(True)
    query = (
        select(Printer, PrinterApp.version, PrinterReadingRow.reading["device"])
        .outerjoin(PrinterApp, app)
        .outerjoin(PrinterReadingRow, PrinterReadingRow.printer_id == Printer.id)
        .where(is_it)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NOT_FOUND(what="printer")
    printer, version, device = found
    equipment: dict[str, Any] = device or {}
    return PanelPrinter(
        id=printer.id,
        name=printer.name or printer.host_name or printer.serial_number,
        time_zone=printer.time_zone or session.get_one(Organization, printer.organization_id).time_zone,
        model=printer.model,
        firmware=printer.firmware_level,
        address=ipp_addresses(printer.address, dict(printer.ports or {}))[0] if printer.address else "",
        is_supported_model=model_facts(printer.model).can("solution_center"),
        has_new_firmware=is_at_least(printer.firmware_level, LOWEST_FIRMWARE) if printer.firmware_level else None,
        has_app=version is not None,
        has_ocr_licence=equipment.get("ocr_licence"),
        has_hard_disk=equipment.get("hard_disk"),
    )
