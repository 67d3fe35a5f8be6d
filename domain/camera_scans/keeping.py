"""What becomes of a scan with the camera: a PDF, and after a day nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import ColumnElement, select

from connectors.documents.document import Document
from connectors.documents.page_files import PageFile, write_pdf
from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import get_settings
from domain.camera_scans.content import camera_store, forget_scans
from domain.camera_scans.models import CameraScan
from domain.camera_scans.service import own_scan, pages_of
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.tenancy import system_session

KEPT_FOR = timedelta(days=1)
FORGOTTEN_AT_ONCE = 200
NO_PAGES = Fault(
    "camera_scan.no_pages",
    422,
    N_("The scan has no page yet."),
    N_("Take a picture of the first page."),
)


@contextmanager
def scanned_pdf(actor: Actor, scan_id: str) -> Iterator[Path]:
    """The pages as one PDF in their physical sizes; the file goes afterwards. Raises `NOT_FOUND`, `NO_PAGES`."""
    with actor.session(read_only=True) as session:
        pages = [
            (Document.model_validate(page.made), page.dpi)
            for page in pages_of(session, own_scan(session, actor, scan_id))
        ]
    if not pages:
        raise NO_PAGES()
    store, settings = camera_store(), get_settings()
    settings.scratch_folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="camera-scan-", dir=settings.scratch_folder) as made:
        files = []
        for number, (document, dpi) in enumerate(pages, 1):
            path = Path(made) / f"page-{number}"
            store.fetch(document.key, path, document.sha256)
            files.append(PageFile(path, document.media_type, dpi))
        target = Path(made) / "scan.pdf"
        write_pdf(files, target)
        yield target


def forget_old_scans() -> int:
    """Delete scans of everybody that nobody has touched for a day, and of people who are gone; how many: a batch."""
    with system_session() as session:
        query = select(CameraScan).where(_is_old()).limit(FORGOTTEN_AT_ONCE)
        old = [(scan.organization_id, scan.id) for scan in session.scalars(query)]
    for organization_id, scan_id in old:
        forget_scans(organization_id, [scan_id])
    with system_session() as session:
        for scan in session.scalars(select(CameraScan).where(CameraScan.id.in_([scan_id for _, scan_id in old]))):
            session.delete(scan)
    return len(old)


def _is_old() -> ColumnElement[bool]:
    return (CameraScan.changed < now() - KEPT_FOR) | CameraScan.user_id.is_(None)
