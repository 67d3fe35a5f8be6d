"""Send: a draft becomes an ordinary run, once, however often the button is touched (SC-128, SC-115)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from domain.organizations.actor import Actor
from domain.panel_solutions.drafts import DraftView, being_sent
from domain.panel_solutions.parts import delete_parts, joined
from domain.panel_solutions.printers import PanelPrinter, check_panel, check_printer
from domain.panel_solutions.scans import forget_scan, handed_in_as, scan_of
from domain.runs.models import ClientType, Run
from domain.runs.service import HandIn, start_run
from domain.runs.views import RunView
from domain.scanning.finishing import fetched_file, finish_scan
from domain.scanning.settings import FileFormat
from domain.solutions.service import get_solution


def send_draft(actor: Actor, printer: PanelPrinter, draft_id: str, whole: Path | None = None) -> RunView:
    """Start the run at this printer, or return the one that an earlier Send started.

    `whole` is a local copy of the document, which then need not be put together of its parts.
    Whatever is raised, the scan stays: the faults of `start_run`, `check_panel`, `check_printer` and `joined`,
    those of scans, `BEING_SENT`, and `NOT_FOUND` for a draft or a solution that is gone.
    """
    with being_sent(actor, draft_id) as draft:
        run = _started(actor, draft) or _start(actor, printer, draft, whole)
    delete_parts(actor.organization_id, draft_id)
    forget_scan(actor, draft)
    return run


def _started(actor: Actor, draft: DraftView) -> RunView | None:
    with actor.session(read_only=True) as session:
        run = session.scalar(select(Run).where(Run.id == draft.id, Run.user_id == actor.user_id))
        return RunView.of(run) if run else None


def _start(actor: Actor, printer: PanelPrinter, draft: DraftView, whole: Path | None) -> RunView:
    check_panel(actor, printer)
    check_printer(get_solution(actor, draft.solution_id).definition, printer)
    with _document(actor, draft, whole) as (path, name):
        hand_in = HandIn(
            path,
            name,
            ClientType.PRINTER,
            printer=printer.of_run,
            based_on=draft.solution_version,
            run_id=draft.id,
            scanned_as_docx=draft.file.format is FileFormat.DOCX,
        )
        return start_run(actor, draft.solution_id, hand_in, draft.overrides)


@contextmanager
def _document(actor: Actor, draft: DraftView, whole: Path | None) -> Iterator[tuple[Path, str]]:
    """The file that is handed in, and its name."""
    scan = scan_of(actor, draft)
    if whole is not None and whole.stat().st_size == draft.received == draft.total:
        yield whole, draft.file.name
        return
    if scan is None:
        with joined(draft) as path:
            yield path, draft.file.name
        return
    finish_scan(actor, scan.id, handed_in_as(scan, draft.file.format), draft.file.name)
    with fetched_file(actor, scan.id) as (document, path):
        yield path, document.name
