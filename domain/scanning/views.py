"""Scans as the rest of the house sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.documents.document import Document
from domain.recorded_errors import ErrorView
from domain.scanning.models import ScanJob, ScanPage
from domain.scanning.settings import FileFormat, ScanSettings
from domain.scanning.states import PurposeKind, ScanState, ScanWay


@dataclass(frozen=True, slots=True)
class PageView:
    """A page. Until `is_complete` only `received` of its `total` bytes have come, and there is no preview."""

    number: int
    batch: int
    received: int
    total: int
    is_complete: bool
    media_type: str
    width: int
    height: int
    dpi: int

    @classmethod
    def of(cls, page: ScanPage) -> "PageView":
        return cls(
            number=page.number,
            batch=page.batch,
            received=page.received,
            total=page.total,
            is_complete=page.document is not None,
            media_type=str(page.document["media_type"]) if page.document else "",
            width=page.width,
            height=page.height,
            dpi=page.dpi,
        )


@dataclass(frozen=True, slots=True)
class ScanView:
    """A scan. `settings` None: the printer's own. `problem`: why the last batch ended early; `documents`: its files.

    `size` are the bytes of the pages that have come, `size_limit` the most that the file may have.
    """

    id: str
    user_id: str
    printer_id: str
    way: ScanWay
    state: ScanState
    purpose: PurposeKind
    reference: str
    settings: ScanSettings | None
    size_limit: int
    batch: int
    pages: tuple[PageView, ...]
    problem: ErrorView | None
    ignored: tuple[str, ...]
    documents: tuple[Document, ...]
    file_format: FileFormat | None
    created: datetime
    expires_at: datetime

    @property
    def complete_pages(self) -> tuple[PageView, ...]:
        return tuple(page for page in self.pages if page.is_complete)

    @property
    def size(self) -> int:
        return sum(page.received for page in self.pages)

    @classmethod
    def of(cls, scan: ScanJob, pages: Sequence[ScanPage]) -> "ScanView":
        return cls(
            id=scan.id,
            user_id=scan.user_id,
            printer_id=scan.printer_id,
            way=ScanWay(scan.way),
            state=ScanState(scan.state),
            purpose=PurposeKind(scan.purpose),
            reference=scan.reference,
            settings=settings_of(scan),
            size_limit=scan.size_limit,
            batch=scan.batch,
            pages=tuple(map(PageView.of, pages)),
            problem=ErrorView.of(scan.problem),
            ignored=tuple(map(str, scan.ignored)),
            documents=tuple(Document.model_validate(one) for one in scan.documents),
            file_format=FileFormat(scan.file_format) if scan.file_format else None,
            created=scan.created,
            expires_at=scan.expires_at,
        )


def settings_of(scan: ScanJob) -> ScanSettings | None:
    """The settings of the scan's present batch; None: the printer's own (SCAN-80)."""
    return None if scan.settings is None else ScanSettings.model_validate(scan.settings)
