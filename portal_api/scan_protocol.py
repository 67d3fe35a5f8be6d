"""What printers ask at /device/v1 to scan for people: orders by long poll, pages that may come in pieces, the end.

A printer shows its own key, or the credential of its agent, as for opening its panel.
"""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, StringConstraints

from domain.scanning import orders, pages
from domain.scanning.jobs import ENDED_SCAN
from domain.scanning.orders import Problem
from domain.scanning.settings import ScanSettings
from domain.scanning.states import ScanState
from domain.tenancy import NOT_FOUND
from fleet.panels.identity import PRINTER_REFUSED
from portal_api.order_watch import OrderWatches
from portal_api.panel.device import CallingPrinter
from portal_api.problems import documented
from portal_api.scan_uploads import UPLOAD_FAULTS, Number, PageProgressPublic, ScanId, take_page

router = APIRouter(tags=["scanning at printers"])
LONGEST_WAIT = 60.0
order_watches = OrderWatches(orders.printers_with_orders)
Name = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,32}$")]
REFUSALS = (PRINTER_REFUSED, NOT_FOUND, ENDED_SCAN)


class OrderWanted(BaseModel):
    """A long poll: `in_hand` are the scans that the printer is at; `wait` in seconds."""

    in_hand: list[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]] = Field([], max_length=20)
    wait: float = Field(0, ge=0, le=LONGEST_WAIT)


class ScanOrderPublic(BaseModel):
    """What is to be scanned now: one go, whose pages are numbered from `first_page`."""

    scan_id: str
    batch: int
    first_page: int
    settings: ScanSettings | None = Field(description="Without them the printer scans as it usually does (SCAN-80).")
    bytes_left: int = Field(description="What all pages of it may have together.")


class OrderAnswer(BaseModel):
    """An order, or none so far."""

    order: ScanOrderPublic | None = None


class BatchEnd(BaseModel):
    """The printer is done with a batch; `ignored` names settings that it cannot do (SCAN-81)."""

    batch: int = Field(ge=1, le=1_000_000)
    problem: Problem | None = None
    ignored: list[Name] = Field([], max_length=20)


class BatchEnded(BaseModel):
    """How the scan stands now."""

    state: ScanState


@router.post("/scan-orders", operation_id="fetch_scan_order", responses=documented(PRINTER_REFUSED))
async def fetch_scan_order(request: Request, caller: CallingPrinter, wanted: OrderWanted) -> OrderAnswer:
    """The order that waits for the printer; waits up to `wait` seconds for one."""
    key = caller.organization_id, caller.printer_id
    order = await run_in_threadpool(orders.take_order, *key, wanted.in_hand)
    if order is None and wanted.wait and await order_watches.here().wait(key, wanted.wait, request):
        order = await run_in_threadpool(orders.take_order, *key, wanted.in_hand)
    if order is None:
        return OrderAnswer()
    public = ScanOrderPublic(
        scan_id=order.scan_id,
        batch=order.batch,
        first_page=order.first_page,
        settings=order.settings,
        bytes_left=order.bytes_left,
    )
    return OrderAnswer(order=public)


@router.get("/scans/{scan_id}/pages/{number}", operation_id="get_scan_page", responses=documented(*REFUSALS))
def get_scan_page(caller: CallingPrinter, scan_id: ScanId, number: Number) -> PageProgressPublic:
    """How much of a page has come, after an upload that broke off."""
    progress = pages.page_progress(caller.organization_id, caller.printer_id, scan_id, number)
    return PageProgressPublic.of(progress)


@router.put(
    "/scans/{scan_id}/pages/{number}",
    operation_id="put_scan_page",
    responses=documented(*REFUSALS, *UPLOAD_FAULTS),
    openapi_extra={"requestBody": {"content": {"image/jpeg": {}, "image/png": {}}, "required": True}},
)
async def put_scan_page(
    request: Request, caller: CallingPrinter, scan_id: ScanId, number: Number
) -> PageProgressPublic:
    """A page (JPEG or PNG), or a piece of it. Its size is checked before the first byte is taken."""
    return await take_page(request, (caller.organization_id, caller.printer_id), scan_id, number)


@router.post("/scans/{scan_id}/end", operation_id="end_scan_batch", responses=documented(*REFUSALS))
def end_scan_batch(caller: CallingPrinter, scan_id: ScanId, end: BatchEnd) -> BatchEnded:
    """All pages of a batch have come, or no more will; said twice it counts once."""
    state = orders.end_batch(caller.organization_id, caller.printer_id, scan_id, end.batch, end.problem, end.ignored)
    return BatchEnded(state=state)
