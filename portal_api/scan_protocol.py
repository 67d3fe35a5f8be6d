"""What printers ask at /device/v1 to scan for people: orders by long poll, pages that may come in pieces, the end.

A printer shows its own key, or the credential of its agent, as for opening its panel. A page is sent by one PUT, or by
several with Content-Range (RFC 9110 §14.4): what has come of one that breaks off is kept, and the next goes on there.
"""

import asyncio
import base64
import binascii
import re
from tempfile import SpooledTemporaryFile
from typing import Annotated, BinaryIO, cast
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, StringConstraints
from starlette.requests import ClientDisconnect

from connectors.documents.inspection import DAMAGED_FILE, EMPTY, TOO_MANY_PAGES, TOO_MANY_PIXELS
from connectors.documents.scanned_page import PAGE_FORMAT
from connectors.documents.streams import write_piece
from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.settings import get_settings
from domain.scanning import orders, pages
from domain.scanning.finishing import TOO_LARGE
from domain.scanning.jobs import ENDED_SCAN, WRONG_STATE
from domain.scanning.orders import Problem
from domain.scanning.pages import (
    TOO_MANY_PIECES,
    WRONG_DIGEST,
    WRONG_NUMBER,
    WRONG_OFFSET,
    PageProgress,
    Piece,
)
from domain.scanning.settings import ScanSettings
from domain.scanning.states import ScanState
from domain.tenancy import NOT_FOUND
from fleet.panels.identity import PRINTER_REFUSED, ProvedPrinter
from portal_api.panel.device import CallingPrinter
from portal_api.problems import documented

router = APIRouter(tags=["scanning at printers"])
BAD_RANGE = Fault(
    "scan.bad_range",
    400,
    N_("It is not clear which part of the page this is."),
    N_("Send Content-Range with the first and last byte and the size of the page, or all of it with Content-Length."),
)
BAD_DIGEST = Fault(
    "scan.bad_digest",
    400,
    N_("The checksum of the page cannot be read."),
    N_("Send Repr-Digest with sha-256 (RFC 9530), or leave it out."),
)
LONGEST_WAIT = 60.0
LOOK_SECONDS = 0.3
IN_MEMORY = 1 << 20
RANGE = re.compile(r"bytes (\d{1,12})-(\d{1,12})/(\d{1,12})")
SHA256_BYTES = 32
Key = tuple[str, str]
"""The organization and id of a printer."""
ScanId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Number = Annotated[int, Path(ge=1, le=100_000)]
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


class PageProgressPublic(BaseModel):
    """How much of a page is here. `complete`: it was looked at and counts."""

    received: int
    total: int
    complete: bool

    @classmethod
    def of(cls, progress: PageProgress) -> "PageProgressPublic":
        return cls(received=progress.received, total=progress.total, complete=progress.is_complete)


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
    if order is None and wanted.wait and await order_watch().wait(key, wanted.wait, request):
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
    responses=documented(
        *REFUSALS, BAD_RANGE, BAD_DIGEST, WRONG_STATE, WRONG_NUMBER, WRONG_OFFSET, WRONG_DIGEST, TOO_MANY_PIECES,
        TOO_LARGE, TOO_MANY_PAGES, TOO_MANY_PIXELS, PAGE_FORMAT, EMPTY, DAMAGED_FILE,
    ),
    openapi_extra={"requestBody": {"content": {"image/jpeg": {}, "image/png": {}}, "required": True}},
)  # fmt: skip
async def put_scan_page(
    request: Request, caller: CallingPrinter, scan_id: ScanId, number: Number
) -> PageProgressPublic:
    """A page (JPEG or PNG), or a piece of it. Its size is checked before the first byte is taken."""
    try:
        piece, length = _announced(request, scan_id, number)
        progress = await run_in_threadpool(pages.check_piece, caller.organization_id, caller.printer_id, piece)
        if not progress.is_complete:
            return PageProgressPublic.of(await _received(request, caller, piece, length, progress))
    except PressroomError:
        await _let_go(request)
        raise
    await _let_go(request)
    return PageProgressPublic.of(progress)


@router.post("/scans/{scan_id}/end", operation_id="end_scan_batch", responses=documented(*REFUSALS))
def end_scan_batch(caller: CallingPrinter, scan_id: ScanId, end: BatchEnd) -> BatchEnded:
    """All pages of a batch have come, or no more will; said twice it counts once."""
    state = orders.end_batch(caller.organization_id, caller.printer_id, scan_id, end.batch, end.problem, end.ignored)
    return BatchEnded(state=state)


class OrderWatch:
    """Wakes long polls: one look at the records for all that wait, so that 500 printers cost what one does."""

    def __init__(self) -> None:
        self._waiting: dict[Key, set[asyncio.Future[bool]]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def wait(self, key: Key, seconds: float, request: Request) -> bool:
        """Whether an order came for the printer within that time."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, set()).add(future)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        gone = asyncio.create_task(_disconnected(request))
        try:
            done, _ = await asyncio.wait({future, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return future in done and future.result()
        finally:
            gone.cancel()
            self._waiting[key].discard(future)
            if not self._waiting[key]:
                del self._waiting[key]

    async def _look(self) -> None:
        """Look while anybody waits. When the records cannot be read all are woken: each finds out by itself why."""
        while self._waiting:
            try:
                found = await run_in_threadpool(orders.printers_with_orders)
            except PressroomError:
                found = set(self._waiting)
            for key in found & self._waiting.keys():
                for future in self._waiting[key]:
                    if not future.done():
                        future.set_result(True)
            await asyncio.sleep(LOOK_SECONDS)


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, OrderWatch] = WeakKeyDictionary()


def order_watch() -> OrderWatch:
    """The watch of this process (of its event loop)."""
    return _watches.setdefault(asyncio.get_running_loop(), OrderWatch())


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue


def _announced(request: Request, scan_id: str, number: int) -> tuple[Piece, int]:
    """Where the piece belongs and how many bytes it is to have; raises `BAD_RANGE` or `BAD_DIGEST`."""
    given, length = request.headers.get("content-range"), request.headers.get("content-length", "")
    digest = _digest(request.headers.get("repr-digest", ""))
    if given is None:
        if not length.isdecimal():
            raise BAD_RANGE()
        return Piece(scan_id, number, 0, int(length), digest), int(length)
    found = RANGE.fullmatch(given.strip())
    if found is None:
        raise BAD_RANGE()
    first, last, total = map(int, found.groups())
    if not first <= last < total or (length.isdecimal() and int(length) != last - first + 1):
        raise BAD_RANGE()
    return Piece(scan_id, number, first, total, digest), last - first + 1


def _digest(header: str) -> str:
    """The SHA-256 in hex that Repr-Digest gives, or nothing."""
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "sha-256":
            try:
                digest = base64.b64decode(value.strip(":"), validate=True)
            except binascii.Error as error:
                raise BAD_DIGEST() from error
            if len(digest) != SHA256_BYTES:
                raise BAD_DIGEST()
            return digest.hex()
    return ""


async def _received(
    request: Request, caller: ProvedPrinter, piece: Piece, length: int, known: PageProgress
) -> PageProgress:
    """Take the body in. When the connection breaks, what has come is kept."""
    folder = get_settings().scratch_folder
    folder.mkdir(parents=True, exist_ok=True)
    with SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(folder)) as spool:
        target, came = cast(BinaryIO, spool), 0
        try:
            async for block in request.stream():
                came += len(block)
                if came > length:
                    raise BAD_RANGE()
                await run_in_threadpool(write_piece, target, block)
        except ClientDisconnect:
            if not came:
                return pages.NOTHING
        target.seek(0)
        return await run_in_threadpool(
            pages.receive_piece, caller.organization_id, caller.printer_id, piece, target, known
        )


async def _let_go(request: Request) -> None:
    """Read what still comes: a client that sends would not read the answer. How much it may be is bounded further
    out."""
    try:
        async for _ in request.stream():
            continue
    except (ClientDisconnect, RuntimeError):  # it has gone, or all of it was read
        return
