"""The file of a scan: its pages as PDF, TIFF or JPEG, made when the person sends it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from connectors.documents.document import Document
from connectors.documents.file_names import numbered, safe_file_name
from connectors.documents.media_types import JPEG, PDF, TIFF, ZIP
from connectors.documents.page_files import PageFile, jpeg_files, write_pdf, write_tiff, write_zip
from connectors.documents.store import MISSING
from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.scanning.content import delete_keys, keep_file, scan_store, scratch_folder
from domain.scanning.jobs import (
    ASSEMBLE_WITHIN,
    ENDED_SCAN,
    WRONG_STATE,
    end_overdue,
    expiry,
    living_scan,
    move,
    pages_of,
)
from domain.scanning.models import ScanJob
from domain.scanning.service import MB, own_scan
from domain.scanning.settings import FileFormat
from domain.scanning.states import ScanState
from domain.tenancy import tenant_session

NO_PAGES = Fault(
    "scan.no_pages",
    409,
    N_("Nothing has been scanned yet."),
    N_("Put the original into the feeder or on the glass and scan it."),
)
TOO_LARGE = Fault(
    "scan.too_large",
    413,
    N_("The scan has {size} MB; at most {limit} MB can be sent."),
    N_("Scan fewer pages, or with a lower resolution or in grey. The pages that came are kept."),
    spec="SCAN-E07",
)
DEFAULT_NAME = "scan"
EXTENSIONS = {FileFormat.PDF: "pdf", FileFormat.TIFF: "tif", FileFormat.JPEG: "jpg", FileFormat.DOCX: "pdf"}


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be made: a `stem` for names, the pages as they are kept, and the most bytes of the file."""

    organization_id: str
    scan_id: str
    file_format: FileFormat
    stem: str
    pages: Sequence[tuple[Document, int]]
    limit: int


def finish_scan(actor: Actor, scan_id: str, file_format: FileFormat | None = None, name: str = "") -> Document:
    """Make the file of a scan and keep it beside the pages, sealed; asked again it is the same, or another format.

    PDF and TIFF hold all pages; JPEG of several pages is a ZIP of them, and the scan's `documents` are also the single
    files, after it. For DOCX it is a PDF, whose text the run reads first (`HandIn.scanned_as_docx`). The file is called
    `name` with the extension of its kind. Raises `NOT_FOUND`, `ENDED_SCAN`, `WRONG_STATE`, `NO_PAGES` or `TOO_LARGE`.
    """
    order = _begin(actor, scan_id, file_format, name)
    if isinstance(order, Document):
        return order
    kept: list[Document] = []
    try:
        with scratch_folder(scan_id) as folder:
            kept += _made(order, folder)
        _end(actor, order, kept)
    except BaseException:
        with tenant_session(actor.organization_id) as session:
            move(session, scan_id, [ScanState.ASSEMBLING], ScanState.READY)
        own = {page.key for page, _ in order.pages}
        delete_keys([document.key for document in kept if document.key not in own])
        raise
    return kept[0]


@contextmanager
def fetched_file(actor: Actor, scan_id: str, number: int = 0) -> Iterator[tuple[Document, Path]]:
    """A file of a finished scan, the whole one or one of its `documents`, as a local file for the time being.

    Raises `NOT_FOUND`, `ENDED_SCAN` or `MISSING`.
    """
    with actor.session(read_only=True) as session:
        own_scan(session, actor, scan_id)
        scan = living_scan(session, scan_id)
        documents = [Document.model_validate(one) for one in scan.documents]
    if not 0 <= number < len(documents):
        raise MISSING()
    document = documents[number]
    with scratch_folder(scan_id) as folder:
        path = folder / "file"
        scan_store().fetch(document.key, path, document.sha256)
        yield document, path


def _begin(actor: Actor, scan_id: str, file_format: FileFormat | None, name: str) -> "_Order | Document":
    with actor.session() as session:
        own_scan(session, actor, scan_id)
        scan = living_scan(session, scan_id, lock=True)
        end_overdue(session, scan)
        chosen = file_format or FileFormat((scan.settings or {}).get("file_format", FileFormat.PDF))
        stem = _stem(name)
        if scan.state == ScanState.FINISHED and scan.file_format == chosen:
            document = Document.model_validate(scan.documents[0])
            if Path(document.name).stem == stem:
                return document
        order = _order(session, scan, chosen, stem)
        if not move(
            session,
            scan_id,
            [ScanState.READY, ScanState.FINISHED],
            ScanState.ASSEMBLING,
            due=now() + ASSEMBLE_WITHIN,
            documents=[],
        ):
            raise WRONG_STATE(state=str(scan.state))
        return order


def _order(session: Session, scan: ScanJob, file_format: FileFormat, stem: str) -> _Order:
    complete = [page for page in pages_of(session, scan.id) if page.document is not None]
    if scan.state in (ScanState.READY, ScanState.FINISHED) and not complete:
        raise NO_PAGES()
    pages = [(Document.model_validate(page.document), page.dpi) for page in complete]
    return _Order(scan.organization_id, scan.id, file_format, stem, pages, scan.size_limit)


def _end(actor: Actor, order: _Order, kept: Sequence[Document]) -> None:
    with actor.session() as session:
        documents = [document.model_dump() for document in kept]
        values = {"documents": documents, "file_format": order.file_format.value, "expires_at": expiry()}
        if not move(session, order.scan_id, [ScanState.ASSEMBLING], ScanState.FINISHED, **values):
            raise ENDED_SCAN()
        facts = {"pages": len(order.pages), "format": order.file_format.value}
        record(session, actor, "scan.finished", "scan", order.scan_id, facts)


def _made(order: _Order, folder: Path) -> list[Document]:
    store, pages = scan_store(), []
    for number, (document, dpi) in enumerate(order.pages, 1):
        path = folder / f"{number}"
        store.fetch(document.key, path, document.sha256)
        pages.append(PageFile(path, document.media_type, dpi))
    name = f"{order.stem}.{EXTENSIONS[order.file_format]}"
    if order.file_format is FileFormat.JPEG:
        return _made_jpeg(order, pages, name, folder)
    target = folder / "file"
    if order.file_format is FileFormat.TIFF:
        write_tiff(pages, target)
    else:
        write_pdf(pages, target)
    return [_kept(order, target, name, TIFF if order.file_format is FileFormat.TIFF else PDF, len(pages))]


def _made_jpeg(order: _Order, pages: Sequence[PageFile], name: str, folder: Path) -> list[Document]:
    if len(pages) == 1:
        return [_kept(order, next(jpeg_files(pages, folder)), name, JPEG, 1)]
    target = folder / "file"
    write_zip(pages, name, folder, target)
    whole = _kept(order, target, f"{order.stem}.zip", ZIP, len(pages))
    single = []
    for number, (path, (document, _)) in enumerate(zip(jpeg_files(pages, folder), order.pages, strict=True), 1):
        called = numbered(name, number)
        if document.media_type == JPEG:
            single.append(document.model_copy(update={"name": called}))
        else:
            single.append(keep_file(order.organization_id, order.scan_id, path, called, JPEG))
    return [whole, *single]


def _kept(order: _Order, path: Path, name: str, media_type: str, pages: int) -> Document:
    size = path.stat().st_size
    if size > order.limit:
        raise TOO_LARGE(size=f"{size / MB:.1f}", limit=order.limit // MB)
    return keep_file(order.organization_id, order.scan_id, path, name, media_type, pages)


def _stem(name: str) -> str:
    """The name without an extension that a file of ours would have."""
    stem, dot, extension = name.strip().rpartition(".")
    known = dot and extension.lower() in {*EXTENSIONS.values(), "tiff", "jpeg", "docx", "zip"}
    return safe_file_name(stem if known else name.strip()) if name.strip() else DEFAULT_NAME
