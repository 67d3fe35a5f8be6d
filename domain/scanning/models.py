"""What is kept of scans: the scan itself and its pages."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.scanning.states import PurposeKind, ScanState, ScanWay
from domain.tenancy import TenantRow, new_id


class ScanJob(TenantRow, Base):
    """A scan of `user_id` at a printer, from the order until its pages are deleted.

    A scan consists of batches: what is scanned at one go, with the `settings` that count now (None: the printer's own,
    SCAN-80), by whom `way` says as far as is known. `size_limit` is the most that its file may have, in bytes.
    `problem` is an error record: why the last batch ended early; its pages are kept. `ignored` names settings that the
    printer cannot do (SCAN-81). `documents` are what was made of it. `due`: until then the printer must have fetched
    the order, or shown a sign of life, or the file must be made. At `expires_at` everything is deleted.
    """

    __tablename__ = "scan"
    __table_args__ = (
        Index("ix_scan_at_printer", "organization_id", "printer_id", "state"),
        Index("ix_scan_of_person", "organization_id", "user_id", "state", "created"),
        Index("ix_scan_expiry", "state", "expires_at"),
        Index("ix_scan_due", "state", "due"),
        Index("ix_scan_content", "content_deleted", "state"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    printer_id: Mapped[str] = mapped_column(String(32))
    way: Mapped[ScanWay] = mapped_column(String(16), default=ScanWay.DEVICE)
    state: Mapped[ScanState] = mapped_column(String(16), default=ScanState.WAITING)
    purpose: Mapped[PurposeKind] = mapped_column(String(16))
    reference: Mapped[str] = mapped_column(String(64), default="")
    size_limit: Mapped[int] = mapped_column(BigInteger)
    settings: Mapped[dict[str, Any] | None]
    batch: Mapped[int] = mapped_column(default=1)
    problem: Mapped[dict[str, Any] | None]
    ignored: Mapped[list[Any]] = mapped_column(default=list)
    documents: Mapped[list[Any]] = mapped_column(default=list)
    file_format: Mapped[str] = mapped_column(String(8), default="")
    due: Mapped[datetime | None]
    created: Mapped[datetime] = mapped_column(default=now)
    changed: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    expires_at: Mapped[datetime]
    content_deleted: Mapped[datetime | None]


class ScanDevice(TenantRow, Base):
    """A printer that asks for orders by itself, and when it last did."""

    __tablename__ = "scan_device"

    printer_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    asked: Mapped[datetime] = mapped_column(default=now)


class ScanPage(TenantRow, Base):
    """A page of a scan, while it comes in and afterwards; pages count from 1 over all batches.

    `parts` are the pieces that have come, in order: keys of the sealed document store and their sizes. Once `received`
    is `total`, the page is checked and has a `document`, a `preview` and its measures in pixels; `dpi` is what the
    scanner says.
    """

    __tablename__ = "scan_page"
    __table_args__ = (UniqueConstraint("scan_id", "number"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    scan_id: Mapped[str] = mapped_column(ForeignKey("scan.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    batch: Mapped[int] = mapped_column(default=1)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int] = mapped_column(BigInteger)
    parts: Mapped[list[Any]] = mapped_column(default=list)
    document: Mapped[dict[str, Any] | None]
    preview: Mapped[dict[str, Any] | None]
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    dpi: Mapped[int] = mapped_column(default=0)
    created: Mapped[datetime] = mapped_column(default=now)
