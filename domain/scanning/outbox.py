"""Scans over the network in the outbox: scanners that do not ask for orders themselves are scanned by our worker."""

from sqlalchemy.orm import Session

from domain.outbox.service import enqueue
from domain.scanning.models import ScanJob
from domain.scanning.states import ScanWay

NETWORK_SCAN = "scan-pages/scan-pages"


def enqueue_network_scan(session: Session, scan: ScanJob) -> None:
    """Ask the engine to scan the present batch, once; nothing to do where the printer asks for its orders itself."""
    if scan.way == ScanWay.NETWORK:
        enqueue(
            session,
            scan.organization_id,
            NETWORK_SCAN,
            key=f"scan-pages/{scan.id}/{scan.batch}",
            name="scan",
            parameters={"organization_id": scan.organization_id, "scan_id": scan.id},
            tags=[f"printer:{scan.printer_id}"],
        )
