"""A scan with the camera as an original: of a print job, or of whatever takes a file."""

from connectors.documents.file_names import safe_file_name
from domain.camera_scans.keeping import scanned_pdf
from domain.camera_scans.service import delete_scan
from domain.organizations.actor import Actor
from domain.printing.states import JobSource
from domain.printing.submission import Submission, submit_file
from domain.printing.views import JobView
from domain.runs.models import ClientType
from domain.runs.planning import Overrides
from domain.runs.service import HandIn, start_run
from domain.runs.views import RunView


def print_scan(actor: Actor, scan_id: str, name: str) -> JobView:
    """Put the scan as a PDF of that name into the actor's print queue, and forget it here.

    Pressing twice makes one job. Raises `NOT_FOUND`, `NO_PAGES` and the faults of `submit_file`; the scan stays then.
    """
    with scanned_pdf(actor, scan_id) as path:
        job = submit_file(actor, Submission(pdf_name(name), JobSource.MOBILE, key=f"camera-scan-{scan_id}"), path)
    delete_scan(actor, scan_id)
    return job


def run_scan(
    actor: Actor, scan_id: str, solution_id: str, name: str, given: Overrides, *, dry_run: bool = False
) -> RunView:
    """Run a solution with the scan as a PDF of that name, for a program, and forget it here.

    Raises `NOT_FOUND`, `NO_PAGES` and the faults of `start_run`; the scan stays then.
    """
    with scanned_pdf(actor, scan_id) as path:
        run = start_run(actor, solution_id, HandIn(path, pdf_name(name), ClientType.API, dry_run=dry_run), given)
    delete_scan(actor, scan_id)
    return run


def pdf_name(name: str) -> str:
    """A file name for the PDF."""
    name = safe_file_name(name.strip() or "scan")
    return name if name.lower().endswith(".pdf") else f"{name}.pdf"
