"""Looking scans up, moving them from one state to the next, and ending what was waited for too long."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.models import now
from domain.recorded_errors import error_record
from domain.scanning.models import ScanJob, ScanPage
from domain.scanning.states import ENDED, FOLLOWING, ScanState
from domain.scanning.views import ScanView
from domain.tenancy import NOT_FOUND

ENDED_SCAN = Fault(
    "scan.ended",
    410,
    N_("This scan was cancelled, or its time has passed; its pages are deleted."),
    N_("Scan the original again."),
)
WRONG_STATE = Fault(
    "scan.wrong_state",
    409,
    N_("The scan is not in a state for this: {state}."),
    N_("Wait until the printer is done with the pages, or cancel the scan."),
)
PRINTER_SILENT = Fault(
    "scan.printer_silent",
    504,
    N_("The printer has not begun to scan."),
    N_("Look whether the printer is switched on and connected, then scan again."),
)
PRINTER_LOST = Fault(
    "scan.printer_lost",
    504,
    N_("The printer stopped sending in the middle of the scan."),
    N_("The pages that came are kept. Scan the missing ones as next pages, or send what there is."),
)
UNFINISHED = Fault(
    "scan.unfinished",
    500,
    N_("Making the file of the scan was interrupted."),
    N_("The pages are kept: send the scan again."),
)
OVERDUE = {
    ScanState.WAITING: PRINTER_SILENT,
    ScanState.SCANNING: PRINTER_LOST,
    ScanState.ASSEMBLING: UNFINISHED,
}
FETCH_WITHIN = timedelta(seconds=60)
"""How long a printer may take to fetch an order."""
SIGN_WITHIN = timedelta(seconds=120)
"""How long a printer that scans may be silent."""
ASSEMBLE_WITHIN = timedelta(minutes=10)


def find_scan(session: Session, scan_id: str, *, lock: bool = False) -> ScanJob:
    """The scan of that id in the session's organization; raises `NOT_FOUND`."""
    query = select(ScanJob).where(ScanJob.id == scan_id)
    scan = session.scalar(query.with_for_update() if lock else query)
    if scan is None:
        raise NOT_FOUND(what="scan")
    return scan


def living_scan(session: Session, scan_id: str, *, lock: bool = False) -> ScanJob:
    """`find_scan`, unless nothing is kept of it any more: raises `ENDED_SCAN`."""
    scan = find_scan(session, scan_id, lock=lock)
    if ScanState(scan.state).is_ended:
        raise ENDED_SCAN()
    return scan


def pages_of(session: Session, scan_id: str) -> list[ScanPage]:
    """The pages of a scan in order."""
    return list(session.scalars(select(ScanPage).where(ScanPage.scan_id == scan_id).order_by(ScanPage.number)))


def view_of(session: Session, scan: ScanJob) -> ScanView:
    """The scan with its pages, as it is now."""
    session.flush()
    session.refresh(scan)
    return ScanView.of(scan, pages_of(session, scan.id))


def move(session: Session, scan_id: str, sources: Collection[ScanState], target: ScanState, **values: Any) -> bool:
    """Bring the scan into `target` if it is in one of `sources`, in one statement; whether it was.

    Of several that try at once, one succeeds. A step that the table of states does not know is a mistake in the code.
    """
    assert all(target in FOLLOWING[source] for source in sources), f"{sources} → {target}"
    changed = session.execute(
        update(ScanJob)
        .where(ScanJob.id == scan_id, ScanJob.state.in_(sources))
        .values(**{"state": target, "changed": now(), "due": None} | values)
        .returning(ScanJob.id)
    )
    return changed.first() is not None


def expiry() -> datetime:
    """When a scan that is touched now is deleted."""
    return now() + timedelta(hours=get_settings().scan_kept_hours)


def end_overdue(session: Session, scan: ScanJob) -> bool:
    """Bring a scan for which something was waited too long back to its person, with the reason; whether it was so."""
    state = ScanState(scan.state)
    if state not in OVERDUE or scan.due is None or scan.due > now():
        return False
    moved = move(session, scan.id, [state], ScanState.READY, problem=error_record(OVERDUE[state]()))
    session.refresh(scan)
    return moved


def takes_pages(scan: ScanJob) -> bool:
    """Whether pages of the present batch may still come: the printer scans, or was only thought lost."""
    return scan.state == ScanState.SCANNING or _is_lost(scan.state, (scan.problem or {}).get("code"))


def is_thought_lost(scan: ScanView) -> bool:
    """Whether its printer has gone silent: its pages come still if it shows itself again (SCAN-117)."""
    return _is_lost(scan.state, scan.problem.code if scan.problem is not None else None)


def resume_lost(session: Session, scan: ScanJob) -> bool:
    """Let a scan go on whose printer was thought lost and shows itself again; whether it does (SCAN-117).

    Nothing goes on where the person has sent the pages, or has asked for the next ones meanwhile.
    """
    if scan.state == ScanState.SCANNING or not takes_pages(scan):
        return False
    moved = move(session, scan.id, [ScanState.READY], ScanState.SCANNING, due=now() + SIGN_WITHIN, problem=None)
    session.refresh(scan)
    return moved


def _is_lost(state: ScanState, code: str | None) -> bool:
    return state == ScanState.READY and code == PRINTER_LOST.code


def not_ended() -> list[ScanState]:
    """All states in which something is kept."""
    return [state for state in ScanState if state not in ENDED]
