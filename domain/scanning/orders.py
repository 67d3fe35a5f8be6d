"""What printers ask and tell about scans: which order waits for them, and how a batch ended."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from domain.organizations.models import now
from domain.recorded_errors import error_record
from domain.scanning.content import delete_keys
from domain.scanning.finishing import TOO_LARGE
from domain.scanning.jobs import (
    PRINTER_LOST,
    SIGN_WITHIN,
    end_overdue,
    expiry,
    find_scan,
    living_scan,
    move,
    pages_of,
    resume_lost,
)
from domain.scanning.models import ScanJob, ScanPage
from domain.scanning.service import MB
from domain.scanning.settings import ScanSettings
from domain.scanning.states import AT_PRINTER, ScanState, ScanWay
from domain.scanning.views import settings_of
from domain.scanning.ways import note_asked
from domain.tenancy import NOT_FOUND, system_session, tenant_session

JAM = Fault(
    "scan.jam",
    409,
    N_("An original is jammed in the feeder."),
    N_("Take it out, put it back with those that follow it, and scan them as next pages."),
)
EMPTY_TRAY = Fault(
    "scan.no_original",
    409,
    N_("There is nothing to scan in the printer."),
    N_("Put the original into the feeder or on the glass, then scan again."),
)
COVER_OPEN = Fault(
    "scan.cover_open", 409, N_("The cover of the feeder is open."), N_("Close it, then scan the remaining pages.")
)
SCANNER_BUSY = Fault(
    "scan.scanner_busy",
    409,
    N_("The scanner is in use by something else, such as a copy."),
    N_("Wait until it is done, then scan again."),
)
STOPPED = Fault(
    "scan.stopped",
    409,
    N_("The scan was stopped at the printer."),
    N_("The pages that came are kept. Scan the missing ones as next pages, or send what there is."),
)
SCANNER_FAILED = Fault(
    "scan.scanner_failed",
    502,
    N_("The scanner reports an error."),
    N_("Look at the printer's panel. The pages that came are kept."),
)


class Problem(StrEnum):
    """Why a printer ended a batch early."""

    JAM = "jam"
    NO_ORIGINAL = "no_original"
    COVER_OPEN = "cover_open"
    BUSY = "busy"
    STOPPED = "stopped"
    TOO_LARGE = "too_large"
    FAILED = "failed"


PROBLEMS = {
    Problem.JAM: JAM,
    Problem.NO_ORIGINAL: EMPTY_TRAY,
    Problem.COVER_OPEN: COVER_OPEN,
    Problem.BUSY: SCANNER_BUSY,
    Problem.STOPPED: STOPPED,
    Problem.TOO_LARGE: TOO_LARGE,
    Problem.FAILED: SCANNER_FAILED,
}
MOST_IGNORED = 20


@dataclass(frozen=True, slots=True)
class ScanOrder:
    """What a printer is to scan now. Pages are numbered from `first_page`; all of them may have `bytes_left`."""

    scan_id: str
    printer_id: str
    batch: int
    first_page: int
    settings: ScanSettings | None
    bytes_left: int


def printers_with_orders() -> set[tuple[str, str]]:
    """Organization and id of every printer for which an order waits; cheap, for long polls."""
    with system_session(read_only=True) as session:
        waiting = select(ScanJob.organization_id, ScanJob.printer_id).where(ScanJob.state == ScanState.WAITING)
        return set(session.execute(waiting).tuples())


def take_order(organization_id: str, printer_id: str, in_hand: Collection[str] = ()) -> ScanOrder | None:
    """The oldest order that waits for the printer, which asks for it by itself and has it then.

    One that it once got and does not have (`in_hand`) is given again while no page of it has come; with pages, the
    printer was restarted in the middle, and the batch ends with `PRINTER_LOST`.
    """
    at_printer = ScanJob.state.in_(AT_PRINTER) & (ScanJob.printer_id == printer_id)
    with tenant_session(organization_id) as session:
        note_asked(session, printer_id)
        query = select(ScanJob).where(at_printer).order_by(ScanJob.created, ScanJob.id)
        for scan in session.scalars(query.with_for_update()).all():
            if scan.id in in_hand or end_overdue(session, scan):
                continue
            if (order := _taken(session, scan, ScanWay.DEVICE)) is not None:
                return order
    return None


def take_for_agent(session: Session, printers: Select[tuple[str]], in_hand: Collection[str]) -> list[ScanOrder]:
    """The orders at `printers` (ids) that the agent in their network is to carry out; it has them then.

    Those that it has already (`in_hand`) have shown a sign of life by that; others are as in `take_order`.
    """
    at_printer = ScanJob.state.in_(AT_PRINTER) & ScanJob.way.in_([ScanWay.NETWORK, ScanWay.AGENT])
    query = select(ScanJob).where(at_printer, ScanJob.printer_id.in_(printers)).order_by(ScanJob.created, ScanJob.id)
    taken = []
    for scan in session.scalars(query.with_for_update()).all():
        if scan.id in in_hand:
            if scan.state == ScanState.SCANNING:
                scan.due = now() + SIGN_WITHIN
        elif not end_overdue(session, scan) and (order := _taken(session, scan, ScanWay.AGENT)) is not None:
            taken.append(order)
    return taken


def take_for_network(organization_id: str, scan_id: str) -> ScanOrder | None:
    """An order that our worker is to carry out; None where the printer has it already, or it was cancelled."""
    with tenant_session(organization_id) as session:
        scan = find_scan(session, scan_id, lock=True)
        if scan.state != ScanState.WAITING or end_overdue(session, scan):
            return None
        return _begun(session, scan, ScanWay.NETWORK)


def end_batch(
    organization_id: str,
    printer_id: str,
    scan_id: str,
    batch: int,
    problem: Problem | PressroomError | None = None,
    ignored: Collection[str] = (),
) -> ScanState:
    """The printer is done with a batch; said twice it changes nothing. Returns the state of the scan then.

    `problem` is why it ended early, in the printer's word or as our worker met it.

    Pages that have not come as a whole are dropped. Raises `NOT_FOUND` or `ENDED_SCAN`.
    """
    with tenant_session(organization_id) as session:
        scan = scan_at(session, printer_id, scan_id)
        if scan.batch != batch or (scan.state != ScanState.SCANNING and not resume_lost(session, scan)):
            return ScanState(scan.state)
        left = _close(session, scan, problem, ignored)
    delete_keys(left)
    return ScanState.READY


def scan_at(session: Session, printer_id: str, scan_id: str, *, lock: bool = False) -> ScanJob:
    """The scan, if it is one of this printer's; raises `NOT_FOUND` or `ENDED_SCAN`."""
    scan = living_scan(session, scan_id, lock=lock)
    if scan.printer_id != printer_id:
        raise NOT_FOUND(what="scan")
    return scan


def _taken(session: Session, scan: ScanJob, way: ScanWay) -> ScanOrder | None:
    if scan.state == ScanState.WAITING:
        return _begun(session, scan, way)
    if scan.way != way:
        return None
    if any(page.batch == scan.batch for page in pages_of(session, scan.id)):
        move(session, scan.id, [ScanState.SCANNING], ScanState.READY, problem=error_record(PRINTER_LOST()))
        return None
    return _order(session, scan)


def _begun(session: Session, scan: ScanJob, way: ScanWay) -> ScanOrder:
    values = {"due": now() + SIGN_WITHIN, "expires_at": expiry(), "way": way}
    move(session, scan.id, [ScanState.WAITING], ScanState.SCANNING, **values)
    return _order(session, scan)


def _order(session: Session, scan: ScanJob) -> ScanOrder:
    pages = pages_of(session, scan.id)
    size = sum(page.received for page in pages)
    first = max((page.number for page in pages), default=0) + 1
    return ScanOrder(scan.id, scan.printer_id, scan.batch, first, settings_of(scan), max(0, scan.size_limit - size))


def _close(
    session: Session, scan: ScanJob, problem: Problem | PressroomError | None, ignored: Collection[str]
) -> list[str]:
    unfinished = [page for page in pages_of(session, scan.id) if page.document is None]
    keys = [key for page in unfinished for key, _ in page.parts]
    session.execute(delete(ScanPage).where(ScanPage.id.in_([page.id for page in unfinished])))
    limit = scan.size_limit // MB
    reason = PROBLEMS[problem](size=f"> {limit}", limit=limit) if isinstance(problem, Problem) else problem
    names = sorted({*map(str, scan.ignored), *list(ignored)[:MOST_IGNORED]})
    move(
        session,
        scan.id,
        [ScanState.SCANNING],
        ScanState.READY,
        problem=error_record(reason) if reason else None,
        ignored=names,
        expires_at=expiry(),
    )
    return keys
