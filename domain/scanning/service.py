"""What people do with scans: start one at a printer, look at it, scan the next page, have its file made, cancel it.

A scan belongs to who started it and to nobody else. It outlives the session at the printer: until its time has passed
its pages are kept, whatever becomes of the session, the printer or the network (SCAN-117).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.documents.document import Document
from connectors.documents.store import MISSING
from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import get_settings
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.scanning.content import delete_scans, scan_store
from domain.scanning.jobs import (
    FETCH_WITHIN,
    WRONG_STATE,
    end_overdue,
    expiry,
    find_scan,
    living_scan,
    move,
    not_ended,
    pages_of,
    view_of,
)
from domain.scanning.models import ScanJob, ScanPage
from domain.scanning.outbox import enqueue_network_scan
from domain.scanning.settings import ScanSettings
from domain.scanning.states import AT_PRINTER, PurposeKind, ScanState
from domain.scanning.views import ScanView
from domain.scanning.ways import way_of
from domain.tenancy import NOT_FOUND

MB = 1 << 20
BUSY = Fault(
    "scan.printer_busy",
    409,
    N_("The printer is just scanning for somebody."),
    N_("Wait until it is done, then scan again."),
)
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a scan is for: a solution or a destination, by its id. `limit`: most bytes of the file, if fewer than the
    installation takes (SC-99, SCAN-122).
    """

    kind: PurposeKind
    reference: str = ""
    limit: int | None = None

    @property
    def permission(self) -> Permission:
        return Permission.SOLUTIONS_RUN if self.kind is PurposeKind.SOLUTION else Permission.SCAN_USE

    @property
    def size_limit(self) -> int:
        most = get_settings().scan_max_mb * MB
        return most if self.limit is None else min(most, self.limit)


def start_scan(actor: Actor, printer_id: str, settings: ScanSettings | None, purpose: Purpose) -> ScanView:
    """Have the printer scan what lies in it; with `settings` None as it usually does (SCAN-80).

    A printer that asks for its orders gets this one then; any other is scanned by our worker over the network.

    Raises `ROLE_MISSING`, or `BUSY` while the printer scans for anybody.
    """
    actor.need(purpose.permission)
    with actor.session() as session:
        at_printer = select(ScanJob).where(ScanJob.printer_id == printer_id, ScanJob.state.in_(AT_PRINTER))
        if any(not end_overdue(session, other) for other in session.scalars(at_printer)):
            raise BUSY()
        scan = ScanJob(
            organization_id=actor.organization_id,
            user_id=actor.user_id,
            printer_id=printer_id,
            way=way_of(session, printer_id),
            state=ScanState.WAITING,
            purpose=purpose.kind,
            reference=purpose.reference,
            size_limit=purpose.size_limit,
            settings=settings.model_dump(mode="json") if settings else None,
            due=now() + FETCH_WITHIN,
            expires_at=expiry(),
        )
        session.add(scan)
        session.flush()
        enqueue_network_scan(session, scan)
        record(session, actor, "scan.started", "scan", scan.id, {"printer": printer_id, "for": purpose.kind.value})
        return view_of(session, scan)


def scan_view(actor: Actor, scan_id: str) -> ScanView:
    """The actor's scan as it is now; raises `NOT_FOUND`."""
    with actor.session(read_only=True) as session:
        scan = own_scan(session, actor, scan_id)
        if scan.due is None or scan.due > now():
            return ScanView.of(scan, pages_of(session, scan.id))
    with actor.session() as session:
        scan = own_scan(session, actor, scan_id)
        end_overdue(session, scan)
        return view_of(session, scan)


def own_scans(actor: Actor, printer_id: str = "") -> list[ScanView]:
    """The actor's scans of which something is kept, newest first; with `printer_id` those of one printer."""
    query = select(ScanJob).where(ScanJob.user_id == actor.user_id, ScanJob.state.in_(not_ended()))
    if printer_id:
        query = query.where(ScanJob.printer_id == printer_id)
    with actor.session(read_only=True) as session:
        scans = session.scalars(query.order_by(ScanJob.created.desc()).limit(MOST_LISTED)).all()
        pages: dict[str, list[ScanPage]] = {scan.id: [] for scan in scans}
        of_scans = select(ScanPage).where(ScanPage.scan_id.in_(pages)).order_by(ScanPage.scan_id, ScanPage.number)
        for page in session.scalars(of_scans):
            pages[page.scan_id].append(page)
        return [ScanView.of(scan, pages[scan.id]) for scan in scans]


def scan_next(actor: Actor, scan_id: str, settings: ScanSettings | None = None) -> ScanView:
    """Scan more originals into the same scan, with other `settings` if they are given (SCAN-89, SCAN-113).

    Raises `NOT_FOUND`, `ENDED_SCAN`, or `WRONG_STATE` while the printer still scans.
    """
    with actor.session() as session:
        scan = own_scan(session, actor, scan_id)
        end_overdue(session, living_scan(session, scan_id))
        chosen = scan.settings if settings is None else settings.model_dump(mode="json")
        batch, state = scan.batch + 1, ScanState(scan.state)
        values = {"batch": batch, "settings": chosen, "problem": None, "way": way_of(session, scan.printer_id)}
        times = {"due": now() + FETCH_WITHIN, "expires_at": expiry()}
        if not move(session, scan_id, [ScanState.READY], ScanState.WAITING, **values, **times):
            raise WRONG_STATE(state=state.value)
        session.refresh(scan)
        enqueue_network_scan(session, scan)
        return view_of(session, scan)


def cancel_scan(actor: Actor, scan_id: str) -> None:
    """End a scan and delete what is kept of it; for one that has ended already nothing happens. Raises `NOT_FOUND`."""
    with actor.session() as session:
        scan = own_scan(session, actor, scan_id)
        state = ScanState(scan.state)
        if state.is_ended:
            return
        move(session, scan_id, not_ended(), ScanState.CANCELLED, content_deleted=now(), documents=[])
        if state is not ScanState.FINISHED:
            record(session, actor, "scan.cancelled", "scan", scan_id, {"pages": len(pages_of(session, scan_id))})
    delete_scans(actor.organization_id, [scan_id])


@contextmanager
def open_preview(actor: Actor, scan_id: str, number: int) -> Iterator[tuple[Document, BinaryIO]]:
    """A small picture (JPEG) of a page that has come (SCAN-82); raises `NOT_FOUND`, `ENDED_SCAN` or `MISSING`."""
    with actor.session(read_only=True) as session:
        own_scan(session, actor, scan_id)
        living_scan(session, scan_id)
        page = session.scalar(select(ScanPage).where(ScanPage.scan_id == scan_id, ScanPage.number == number))
        if page is None or page.preview is None:
            raise MISSING()
        preview = Document.model_validate(page.preview)
    with scan_store().open(preview.key, preview.sha256) as stream:
        yield preview, stream


def own_scan(session: Session, actor: Actor, scan_id: str) -> ScanJob:
    """The scan if it is the actor's; raises `NOT_FOUND`."""
    scan = find_scan(session, scan_id)
    if scan.user_id != actor.user_id:
        raise NOT_FOUND(what="scan")
    return scan
