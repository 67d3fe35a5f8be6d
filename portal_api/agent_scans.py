"""Scans at printers behind fleet agents, at /agent/v1: orders by long poll, pages that may come in pieces, the end."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, StringConstraints, TypeAdapter

from connectors.errors import PressroomError
from fleet.scanning import agent_orders
from fleet.scanning.agent_orders import AgentScan, BatchEnd
from portal_api.agent_callers import Caller
from portal_api.order_watch import OrderWatches
from portal_api.scan_uploads import PAGE_FAULTS, Number, PageProgressPublic, ScanId, take_page
from steps.scan_pages import NetworkScan

router = APIRouter()
LONGEST_WAIT = 60.0
MOST_IN_HAND = 200
Batch = Annotated[int, Query(ge=1, le=1_000_000)]
Name = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,32}$")]
Text = Annotated[str, StringConstraints(max_length=255)]
watches = OrderWatches(agent_orders.agents_with_orders)
_scans = TypeAdapter(NetworkScan)


class ScansWanted(BaseModel):
    """A long poll: `in_hand` are the scans that the agent is at; `wait` in seconds."""

    in_hand: list[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]] = Field([], max_length=MOST_IN_HAND)
    wait: float = Field(0, ge=0, le=LONGEST_WAIT)


class ScanEnd(BaseModel):
    """The scanner is done with a batch. `code` and `facts` are the fault that ended it early, if one did."""

    batch: int = Field(ge=1, le=1_000_000)
    code: str = Field("", max_length=64)
    facts: dict[Name, Text | int] = Field({}, max_length=8)
    ignored: list[Name] = Field([], max_length=20)


@router.post("/scan-orders")
async def scan_orders(request: Request, caller: Caller, wanted: ScansWanted) -> dict[str, Any]:
    """The orders that wait at printers of the agent; waits up to `wait` seconds for the first one."""
    found = await run_in_threadpool(agent_orders.take_orders, caller, wanted.in_hand)
    if not found and wanted.wait and await watches.here().wait(_key(caller), wanted.wait, request):
        found = await run_in_threadpool(agent_orders.take_orders, caller, wanted.in_hand)
    return {"orders": [_told(one) for one in found]}


@router.get("/scans/{scan_id}/pages/{number}")
def scan_page(caller: Caller, scan_id: ScanId, number: Number, batch: Batch) -> PageProgressPublic:
    """How much of a page has come, after an upload that broke off; refused where no more of it is wanted."""
    return PageProgressPublic.of(agent_orders.page_progress(caller, scan_id, batch, number))


@router.put("/scans/{scan_id}/pages/{number}")
async def put_scan_page(
    request: Request, caller: Caller, scan_id: ScanId, number: Number, batch: Batch
) -> PageProgressPublic:
    """A page (JPEG or PNG), or a piece of it. One that is no page, or one too many, ends the batch."""
    printer_id = await run_in_threadpool(agent_orders.printer_of_scan, caller, scan_id, batch)
    try:
        return await take_page(request, (caller.organization_id, printer_id), scan_id, number)
    except PressroomError as error:
        if error.fault in PAGE_FAULTS:
            await run_in_threadpool(agent_orders.refuse_page, caller, scan_id, batch, error)
        raise


@router.post("/scans/{scan_id}/end")
def end_scan(caller: Caller, scan_id: ScanId, end: ScanEnd) -> dict[str, str]:
    """All pages of a batch have come, or no more will; said twice it counts once."""
    told = BatchEnd(end.batch, end.code, end.facts, end.ignored)
    return {"state": agent_orders.end_scan(caller, scan_id, told).value}


def _key(caller: Caller) -> tuple[str, str]:
    return caller.organization_id, caller.id


def _told(one: AgentScan) -> dict[str, Any]:
    """The order as the agent gets it; whose certificate is trusted is the agent's own affair."""
    return {
        "scan_id": one.order.scan_id,
        "batch": one.order.batch,
        "first_page": one.order.first_page,
        "bytes_left": one.order.bytes_left,
        "scan": _scans.dump_python(one.scan, mode="json", exclude={"ca_file"}),
    }
