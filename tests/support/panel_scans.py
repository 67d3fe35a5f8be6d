"""A printer that carries out the scan orders that wait for it, without its network."""

import io
from datetime import timedelta

from PIL import Image, ImageDraw
from sqlalchemy import update

from domain.organizations.models import now
from domain.scanning.models import ScanJob
from domain.scanning.orders import Problem, ScanOrder, end_batch, take_order
from domain.scanning.pages import Piece, receive_piece
from domain.tenancy import tenant_session


def scanned_page(number: int) -> bytes:
    """A small page as scanners send them."""
    page = Image.new("L", (425, 550), 245)
    ImageDraw.Draw(page).text((40, 60), f"Page {number} of the contract", fill=20)
    content = io.BytesIO()
    page.save(content, "JPEG", dpi=(50, 50))
    return content.getvalue()


def carry_out(organization_id: str, printer_id: str, pages: int = 1, problem: Problem | None = None) -> ScanOrder:
    """Scan so many pages for the order that waits."""
    order = take_order(organization_id, printer_id)
    assert order is not None, "no order waits"
    send_pages(organization_id, printer_id, order, pages, problem)
    return order


def send_pages(
    organization_id: str, printer_id: str, order: ScanOrder, pages: int = 1, problem: Problem | None = None
) -> None:
    """Scan so many pages for an order."""
    for number in range(order.first_page, order.first_page + pages):
        content = scanned_page(number)
        piece = Piece(order.scan_id, number, 0, len(content))
        assert receive_piece(organization_id, printer_id, piece, io.BytesIO(content)).is_complete
    end_batch(organization_id, printer_id, order.scan_id, order.batch, problem)


def fall_silent(organization_id: str) -> None:
    """The time in which printers must do something has passed."""
    with tenant_session(organization_id) as session:
        session.execute(update(ScanJob).where(ScanJob.due.is_not(None)).values(due=now() - timedelta(seconds=1)))
