"""Taking pages in, piece by piece: an upload that breaks off goes on where it stopped.

A page says at its first piece how large it is, so that one that would make the scan too large is refused before it
comes (SCAN-122). Each piece is kept sealed as soon as it is here, so that any process of the portal can go on with it.
When the last one has come the page is looked at: it counts only then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from connectors.documents.inspection_faults import TOO_MANY_PAGES
from connectors.documents.media_types import JPEG, PNG, UNKNOWN
from connectors.documents.scanned_page import ScannedPage, look_at_page
from connectors.documents.streams import digest_of
from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.models import now
from domain.scanning.content import delete_keys, join_parts, keep_file, keep_part, scratch_folder
from domain.scanning.finishing import TOO_LARGE
from domain.scanning.jobs import SIGN_WITHIN, WRONG_STATE, expiry, living_scan, pages_of, resume_lost
from domain.scanning.models import ScanJob, ScanPage
from domain.scanning.orders import scan_at
from domain.scanning.service import MB
from domain.scanning.states import ScanState
from domain.tenancy import tenant_session

WRONG_OFFSET = Fault(
    "scan.wrong_offset",
    409,
    N_("The page is not continued where it stopped: {received} bytes of it are here."),
    N_("Ask how much has come and go on from there, or begin the page anew at 0."),
)
TOO_MANY_PIECES = Fault(
    "scan.too_many_pieces",
    413,
    N_("The page comes in too many pieces."),
    N_("Begin it anew at 0 and send it in larger pieces."),
)
WRONG_NUMBER = Fault(
    "scan.wrong_number",
    409,
    N_("Page {number} does not come next."),
    N_("Send the pages in order, beginning with {first}."),
)
WRONG_DIGEST = Fault(
    "scan.wrong_digest",
    422,
    N_("The page is not what the printer meant to send: its checksum differs."),
    N_("Send it again."),
)
MOST_PIECES = 100


@dataclass(frozen=True, slots=True)
class Piece:
    """Where a piece belongs: from byte `start` of a page of `total` bytes. `sha256` is of the whole page, if known."""

    scan_id: str
    number: int
    start: int
    total: int
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class PageProgress:
    """How much of a page is here; `is_complete` once it was looked at."""

    received: int
    total: int
    is_complete: bool


NOTHING = PageProgress(0, 0, is_complete=False)


def page_progress(organization_id: str, printer_id: str, scan_id: str, number: int) -> PageProgress:
    """How much of a page has come; raises `NOT_FOUND` or `ENDED_SCAN`."""
    with tenant_session(organization_id, read_only=True) as session:
        scan_at(session, printer_id, scan_id)
        page = _page(pages_of(session, scan_id), number)
        return _progress(page) if page else NOTHING


def check_piece(organization_id: str, printer_id: str, piece: Piece) -> PageProgress:
    """Whether the piece may come, before it does; for a page that is complete already, its progress says so.

    Raises `NOT_FOUND`, `ENDED_SCAN`, `WRONG_STATE`, `WRONG_NUMBER`, `WRONG_OFFSET`, `TOO_MANY_PIECES`,
    `TOO_MANY_PAGES` or `TOO_LARGE`.
    """
    with tenant_session(organization_id) as session:
        scan = scan_at(session, printer_id, piece.scan_id)
        page = _checked(session, scan, piece)
        scan.due = now() + SIGN_WITHIN
        return _progress(page) if page else NOTHING


def receive_piece(
    organization_id: str, printer_id: str, piece: Piece, source: BinaryIO, known: PageProgress = NOTHING
) -> PageProgress:
    """Keep what has come of a piece, which may be less than was meant to; the last one completes the page.

    `known` is what `check_piece` said: where another request has gone on with the page meanwhile, this one is refused.

    Raises what `check_piece` raises; for a complete page that is no page the faults of `look_at_page` or
    `WRONG_DIGEST`: it has to be sent anew then.
    """
    key, size = keep_part(organization_id, piece.scan_id, source, UNKNOWN)
    try:
        added = _add(organization_id, printer_id, piece, known.received, (key, size))
    except BaseException:
        delete_keys([key])
        raise
    if added is None:  # the page was completed by another request meanwhile
        delete_keys([key])
        return PageProgress(piece.total, piece.total, is_complete=True)
    dropped, parts = added
    delete_keys(dropped)
    if piece.start + size < piece.total:
        return PageProgress(piece.start + size, piece.total, is_complete=False)
    return _complete(organization_id, piece, parts)


def receive_page(organization_id: str, printer_id: str, scan_id: str, number: int, path: Path) -> PageProgress:
    """Take a whole page in at once; raises what `receive_piece` raises."""
    with path.open("rb") as source:
        sha256, size = digest_of(source)
        piece = Piece(scan_id, number, 0, size, sha256)
        known = check_piece(organization_id, printer_id, piece)
        return known if known.is_complete else receive_piece(organization_id, printer_id, piece, source, known)


def _checked(session: Session, scan: ScanJob, piece: Piece) -> ScanPage | None:
    pages = pages_of(session, scan.id)
    page = _page(pages, piece.number)
    if page is not None and page.document is not None:
        if page.total != piece.total or page.batch != scan.batch:
            raise WRONG_NUMBER(number=piece.number, first=_next(pages))
        return page
    if scan.state != ScanState.SCANNING and not resume_lost(session, scan):
        raise WRONG_STATE(state=str(scan.state))
    if page is None and piece.number != _next(pages):
        raise WRONG_NUMBER(number=piece.number, first=_next(pages))
    received = page.received if page else 0
    if piece.start not in (0, received) or (page is not None and piece.start and piece.total != page.total):
        raise WRONG_OFFSET(received=received)
    if page is not None and piece.start and len(page.parts) >= MOST_PIECES:
        raise TOO_MANY_PIECES()
    if piece.number > get_settings().max_pages:
        raise TOO_MANY_PAGES(name="scan", limit=get_settings().max_pages)
    size = piece.total + sum(other.received for other in pages if other is not page)
    if size > scan.size_limit:
        raise TOO_LARGE(size=f"{size / MB:.1f}", limit=scan.size_limit // MB)
    return page


def _add(
    organization_id: str, printer_id: str, piece: Piece, known: int, part: tuple[str, int]
) -> tuple[Sequence[str], Sequence[str]] | None:
    """Note a piece that is kept; returns the keys of pieces that it makes superfluous, and those of the page.

    None where the page is complete already.
    """
    with tenant_session(organization_id) as session:
        scan = scan_at(session, printer_id, piece.scan_id, lock=True)
        page = _checked(session, scan, piece)
        if page is not None and page.document is not None:
            return None
        if page is not None and page.received != known:
            raise WRONG_OFFSET(received=page.received)
        if page is None:
            page = ScanPage(
                scan_id=scan.id, number=piece.number, batch=scan.batch, total=piece.total, parts=[], received=0
            )
            session.add(page)
        dropped = [one for one, _ in page.parts] if not piece.start else []
        page.parts = [*([] if dropped else page.parts), list(part)]
        page.received, page.total = piece.start + part[1], piece.total
        scan.due, scan.expires_at = now() + SIGN_WITHIN, expiry()
        session.flush()
        return dropped, [one for one, _ in page.parts]


def _complete(organization_id: str, piece: Piece, parts: Sequence[str]) -> PageProgress:
    """Look at a page of which everything has come; what is no page is forgotten, so that it can be sent anew."""
    name = f"{piece.number}"
    with scratch_folder(piece.scan_id) as folder:
        path = folder / "page"
        join_parts(parts, path)
        try:
            _check_digest(path, piece)
            looked = look_at_page(path, name, folder, get_settings())
        except PressroomError:
            _forget(organization_id, piece, parts)
            delete_keys(parts)
            raise
        extension = {JPEG: "jpg", PNG: "png"}[looked.media_type]
        kept = [
            keep_file(organization_id, piece.scan_id, path, f"{name}.{extension}", looked.media_type),
            keep_file(organization_id, piece.scan_id, looked.preview, f"{name}.jpg", JPEG),
        ]
    try:
        _note(organization_id, piece, parts, looked, [one.model_dump() for one in kept])
    except PressroomError:
        delete_keys([one.key for one in kept])
        raise
    delete_keys(parts)
    return PageProgress(piece.total, piece.total, is_complete=True)


def _note(
    organization_id: str, piece: Piece, parts: Sequence[str], looked: ScannedPage, kept: list[dict[str, Any]]
) -> None:
    """Write down a page that was looked at; raises `ENDED_SCAN`, or `WRONG_OFFSET` where it was begun anew."""
    with tenant_session(organization_id) as session:
        living_scan(session, piece.scan_id, lock=True)
        page = _page(pages_of(session, piece.scan_id), piece.number)
        if page is None or [key for key, _ in page.parts] != list(parts):
            raise WRONG_OFFSET(received=page.received if page else 0)
        page.document, page.preview = kept
        page.width, page.height, page.dpi, page.parts = looked.width, looked.height, looked.dpi, []


def _forget(organization_id: str, piece: Piece, parts: Sequence[str]) -> None:
    with tenant_session(organization_id) as session:
        page = _page(pages_of(session, piece.scan_id), piece.number)
        if page is not None and [key for key, _ in page.parts] == list(parts):
            session.delete(page)


def _check_digest(path: Path, piece: Piece) -> None:
    with path.open("rb") as source:
        sha256, _ = digest_of(source)
    if piece.sha256 and sha256 != piece.sha256:
        raise WRONG_DIGEST()


def _page(pages: Sequence[ScanPage], number: int) -> ScanPage | None:
    return next((page for page in pages if page.number == number), None)


def _next(pages: Sequence[ScanPage]) -> int:
    """The number of the page that comes next: the first that is not complete."""
    return next((page.number for page in pages if page.document is None), len(pages) + 1)


def _progress(page: ScanPage) -> PageProgress:
    return PageProgress(page.received, page.total, is_complete=page.document is not None)
