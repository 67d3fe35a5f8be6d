"""The scan of a draft: begun, gone on with, and looked at (SC-128, SCAN-113)."""

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.panel_solutions.drafts import SENT_ALREADY, DraftView, find_draft, own_draft
from domain.panel_solutions.printers import PanelPrinter, check_panel
from domain.runs.planning import size_limit
from domain.scanning.service import Purpose, cancel_scan, scan_next, scan_view, start_scan
from domain.scanning.settings import FileFormat, ScanSettings
from domain.scanning.states import PurposeKind
from domain.scanning.views import ScanView
from domain.solutions.service import get_solution
from domain.tenancy import NOT_FOUND


def scan_original(actor: Actor, printer: PanelPrinter, draft_id: str, source: str = "auto") -> ScanView:
    """Have the printer scan what lies in it, as the first pages of the draft or the next ones.

    Raises `NOT_FOUND`, `SENT_ALREADY`, the faults of `check_panel`, and those of `start_scan` and `scan_next`.
    """
    check_panel(actor, printer)
    draft = find_draft(actor, draft_id)
    if draft.is_sent:
        raise SENT_ALREADY(solution=draft.solution_name)
    settings = ScanSettings.of(draft.file.settings, file_format=draft.file.format, source=source)
    before = scan_of(actor, draft)
    if before is not None and not before.state.is_ended:
        return scan_next(actor, before.id, settings)
    limit = size_limit(get_solution(actor, draft.solution_id).definition)
    scan = start_scan(actor, printer.id, settings, Purpose(PurposeKind.SOLUTION, draft.solution_id, limit))
    with actor.session() as session:
        row = own_draft(session, actor, draft_id, lock=True)
        row.scan_id, row.changed = scan.id, now()
    return scan


def scan_of(actor: Actor, draft: DraftView) -> ScanView | None:
    """The draft's scan as it is now; None where there is none (any more)."""
    if not draft.scan_id:
        return None
    try:
        return scan_view(actor, draft.scan_id)
    except PressroomError as error:
        if error.fault is not NOT_FOUND:
            raise
        return None


def forget_scan(actor: Actor, draft: DraftView) -> None:
    """Delete the pages of the draft's scan for good, if there are any."""
    if scan_of(actor, draft) is not None:
        cancel_scan(actor, draft.scan_id)


def handed_in_as(scan: ScanView, chosen: FileFormat) -> FileFormat:
    """The format of the file that a run gets. A JPEG holds one page: several are handed in as a PDF."""
    return FileFormat.PDF if chosen is FileFormat.JPEG and len(scan.complete_pages) > 1 else chosen
