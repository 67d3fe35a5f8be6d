"""The daily look into the catalogue of firmware (F-27, FL-303), and collected logs whose time has passed."""

from prefect import flow
from sqlalchemy import select

from domain.tenancy import system_session
from fleet.firmware.offers import refresh_offers
from fleet.printer_logs.service import forget_logs
from fleet.printers.models import Printer


@flow(name="check-firmware", persist_result=False)
def check_firmware() -> dict[str, int]:
    """Compare every printer with the catalogue; returns how many printers have an update."""
    with system_session(read_only=True) as session:
        organizations = session.scalars(select(Printer.organization_id).distinct()).all()
    return {"printers_with_update": sum(refresh_offers(organization_id) for organization_id in organizations)}


@flow(name="forget-printer-logs", persist_result=False)
def forget_printer_logs() -> int:
    """Delete collected logs older than the retention time; returns how many."""
    return forget_logs()
