"""Scans at printers that do not ask for orders themselves, and what scans need now and then: their end."""

from uuid import uuid4

import structlog
from prefect import flow, task

from connectors.errors import INTERNAL, PressroomError
from connectors.logs import bind
from domain.scanning import expiry, orders
from domain.scanning.content import scratch_folder
from domain.scanning.orders import ScanOrder
from domain.scanning.pages import receive_page
from fleet.scanning.network import is_left_to_agent, network_scan
from steps.scan_pages import scan_pages as pages_of_scanner

log = structlog.get_logger(__name__)


@flow(name="scan-pages", validate_parameters=False, persist_result=False)
def scan_pages(organization_id: str, scan_id: str) -> int:
    """Scan what the person has put into a printer, over the network; returns how many pages came.

    Nothing where the printer has fetched the order itself, or a fleet agent in its network does. A flow run that is
    repeated finds the order taken: what its worker was lost with comes back to the person, for nobody else may pull
    originals through.
    """
    if is_left_to_agent(organization_id, scan_id):
        return 0
    order = orders.take_for_network(organization_id, scan_id)
    return scan_batch(organization_id, order) if order is not None else 0


@task(name="scan-batch", persist_result=False)
def scan_batch(organization_id: str, order: ScanOrder) -> int:
    """One batch; whatever goes wrong is told the person, and the pages that came stay."""
    count, ignored, problem = 0, set[str](), None
    with bind(scan_id=order.scan_id, organization_id=organization_id), scratch_folder(order.scan_id) as folder:
        try:
            for path in pages_of_scanner(network_scan(organization_id, order), folder, ignored):
                receive_page(organization_id, order.printer_id, order.scan_id, order.first_page + count, path)
                path.unlink()
                count += 1
        except PressroomError as error:
            problem = error
        except Exception:
            reference = uuid4().hex[:12]
            log.exception("a scan failed unexpectedly", reference=reference)
            problem = INTERNAL(reference=reference)
        _end(organization_id, order, problem, ignored)
    return count


@flow(name="expire-scans", persist_result=False)
def expire_scans() -> int:
    """Delete scans that nobody has touched for long, and what is left of ended ones; returns how many expired."""
    expired = 0
    while count := expiry.expire_due_scans():
        expired += count
    while expiry.remove_left_content():
        continue
    orphans = sum(expiry.delete_orphans(organization_id) for organization_id in expiry.organizations())
    expiry.forget_ended()
    log.info("scans expired", scans=expired, orphans=orphans)
    return expired


def _end(organization_id: str, order: ScanOrder, problem: PressroomError | None, ignored: set[str]) -> None:
    try:
        orders.end_batch(organization_id, order.printer_id, order.scan_id, order.batch, problem, ignored)
    except PressroomError as error:
        log.info("the scan was ended meanwhile", scan_id=order.scan_id, code=error.code)
