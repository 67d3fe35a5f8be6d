"""What is kept of diagnostic events."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class DiagnosticFleet(TenantRow, Base):
    """A partner, or an organization without one, for whose printers events are made, those of all customers included.

    `last_event` is the newest line of the printers' histories that has been looked at.
    """

    __tablename__ = "diagnostic_fleet"
    __table_args__ = (UniqueConstraint("organization_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    enabled: Mapped[datetime] = mapped_column(default=now)
    last_event: Mapped[int] = mapped_column(default=0)


class DiagnosticEvent(TenantRow, Base):
    """An alert that has occurred; it stays until it expires, even if the alert was cleared in the meantime (FL-245).

    `source_id` is the line of the printer's history; `severity`, `text` and `code` are the alert's.
    """

    __tablename__ = "diagnostic_event"
    __table_args__ = (
        UniqueConstraint("source_id"),
        Index("ix_diagnostic_event_of_printer", "printer_id", "id"),
        Index("ix_diagnostic_event_in_organization", "organization_id", "source_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    printer_id: Mapped[str] = mapped_column(ForeignKey("printer.id", ondelete="CASCADE"))
    source_id: Mapped[int]
    severity: Mapped[str] = mapped_column(String(16))
    is_of_supply: Mapped[bool]
    text: Mapped[str] = mapped_column(String(500))
    code: Mapped[int] = mapped_column(default=0)
    made: Mapped[datetime]
    expires: Mapped[datetime] = mapped_column(index=True)
    cleared: Mapped[datetime | None]
