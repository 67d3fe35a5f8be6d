"""Scanned pages as they are sent: whole, or in pieces with Content-Range (RFC 9110 §14.4).

What has come of an upload that breaks off is kept, and the next goes on there. Printers and agents send alike.
"""

import base64
import binascii
import re
from tempfile import SpooledTemporaryFile
from typing import Annotated, BinaryIO, cast

from fastapi import Path, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from connectors.documents.inspection import DAMAGED_FILE, EMPTY, TOO_MANY_PAGES, TOO_MANY_PIXELS
from connectors.documents.scanned_page import PAGE_FORMAT
from connectors.documents.streams import write_piece
from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.settings import get_settings
from domain.scanning import pages
from domain.scanning.finishing import TOO_LARGE
from domain.scanning.jobs import WRONG_STATE
from domain.scanning.pages import (
    TOO_MANY_PIECES,
    WRONG_DIGEST,
    WRONG_NUMBER,
    WRONG_OFFSET,
    PageProgress,
    Piece,
)

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
PAGE_FAULTS = (TOO_LARGE, TOO_MANY_PAGES, TOO_MANY_PIXELS, PAGE_FORMAT, EMPTY, DAMAGED_FILE)
"""What is wrong with a page itself: sending it again would not help."""
UPLOAD_FAULTS = (
    BAD_RANGE, BAD_DIGEST, WRONG_STATE, WRONG_NUMBER, WRONG_OFFSET, WRONG_DIGEST, TOO_MANY_PIECES, *PAGE_FAULTS
)  # fmt: skip
"""What an upload may be refused with."""
IN_MEMORY = 1 << 20
RANGE = re.compile(r"bytes (\d{1,12})-(\d{1,12})/(\d{1,12})")
SHA256_BYTES = 32
PrinterKey = tuple[str, str]
"""The organization and id of a printer."""
ScanId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Number = Annotated[int, Path(ge=1, le=100_000)]


class PageProgressPublic(BaseModel):
    """How much of a page is here. `complete`: it was looked at and counts."""

    received: int
    total: int
    complete: bool

    @classmethod
    def of(cls, progress: PageProgress) -> "PageProgressPublic":
        return cls(received=progress.received, total=progress.total, complete=progress.is_complete)


async def take_page(request: Request, printer: PrinterKey, scan_id: str, number: int) -> PageProgressPublic:
    """A page, or a piece of it, of a scan at the printer. Its size is checked before the first byte is taken.

    Raises `UPLOAD_FAULTS`, `NOT_FOUND` or `ENDED_SCAN`.
    """
    try:
        piece, length = _announced(request, scan_id, number)
        progress = await run_in_threadpool(pages.check_piece, *printer, piece)
        if not progress.is_complete:
            return PageProgressPublic.of(await _received(request, printer, piece, length, progress))
    except PressroomError:
        await _let_go(request)
        raise
    await _let_go(request)
    return PageProgressPublic.of(progress)


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
    request: Request, printer: PrinterKey, piece: Piece, length: int, known: PageProgress
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
        return await run_in_threadpool(pages.receive_piece, *printer, piece, target, known)


async def _let_go(request: Request) -> None:
    """Read what still comes: a client that sends would not read the answer. How much it may be is bounded further
    out."""
    try:
        async for _ in request.stream():
            continue
    except (ClientDisconnect, RuntimeError):  # it has gone, or all of it was read
        return
