"""A scan with the camera as an original: of a print job, or of whatever takes a file."""

from connectors.documents.file_names import safe_file_name
from domain.camera_scans.keeping import scanned_pdf
from domain.camera_scans.service import delete_scan
from domain.organizations.actor import Actor
from domain.printing.states import JobSource
from domain.printing.submission import Submission, submit_file
from domain.printing.views import JobView


def print_scan(actor: Actor, scan_id: str, name: str) -> JobView:
    """Put the scan as a PDF of that name into the actor's print queue, and forget it here.

    Pressing twice makes one job. Raises `NOT_FOUND`, `NO_PAGES` and the faults of `submit_file`; the scan stays then.
    """
    with scanned_pdf(actor, scan_id) as path:
        job = submit_file(actor, Submission(pdf_name(name), JobSource.MOBILE, key=f"camera-scan-{scan_id}"), path)
    delete_scan(actor, scan_id)
    return job


def pdf_name(name: str) -> str:
    """A file name for the PDF."""
    name = safe_file_name(name.strip() or "scan")
    return name if name.lower().endswith(".pdf") else f"{name}.pdf"
