"""What is kept of runs that are being put together at printers, so that no scan is lost."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class RunDraft(TenantRow, Base):
    """A run before it is sent: the values chosen for it, and its scan or the document that a printer sends in parts.

    `overrides` are by position in the editor's order, `file` is the name, format and settings chosen. Of a document,
    `received` of its `total` bytes are there, in `parts` of the document store (keys in their order). `trouble` says
    why it could not be sent. `sending` is set while it is being sent; the run that comes of it has the draft's own id.
    """

    __tablename__ = "run_draft"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    printer_id: Mapped[str] = mapped_column(String(64))
    printer_name: Mapped[str] = mapped_column(String(255))
    solution_id: Mapped[str] = mapped_column(String(32))
    solution_name: Mapped[str] = mapped_column(String(255))
    solution_version: Mapped[int]
    overrides: Mapped[dict[str, Any]]
    file: Mapped[dict[str, Any]]
    scan_id: Mapped[str] = mapped_column(String(32), default="")
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int | None] = mapped_column(BigInteger)
    parts: Mapped[list[Any]] = mapped_column(default=list)
    trouble: Mapped[dict[str, Any] | None]
    sending: Mapped[datetime | None]
    sent: Mapped[datetime | None]
    created: Mapped[datetime] = mapped_column(default=now)
    changed: Mapped[datetime] = mapped_column(default=now, index=True)
