"""What is kept of printers that are not enrolled yet."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class PreRegistration(TenantRow, Base):
    """A serial number that may enrol itself with the organization's code (FL-142…FL-149)."""

    __tablename__ = "printer_pre_registration"
    __table_args__ = (UniqueConstraint("organization_id", "serial_number"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    serial_number: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime] = mapped_column(default=now)


class EnrolmentCode(TenantRow, Base):
    """The organization's enrolment code (FL-72, FL-145): `code` encrypted, for it is shown again."""

    __tablename__ = "enrolment_code"
    __table_args__ = (UniqueConstraint("organization_id"), UniqueConstraint("fingerprint"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime] = mapped_column(default=now)


class PrinterAnnouncement(Base):
    """A printer that shows a code of its own and waits until somebody types it in the portal (FL-150…FL-152).

    It belongs to nobody yet. `ticket_hash` is the SHA-256 of what the printer asks with, `printer` who it says it is.
    With `claimed_by` the printer's next question makes it the agent `agent_id` of that organization.
    """

    __tablename__ = "printer_announcement"
    __table_args__ = (UniqueConstraint("fingerprint"), UniqueConstraint("ticket_hash"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    serial_number: Mapped[str] = mapped_column(String(64), index=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    ticket_hash: Mapped[str] = mapped_column(String(64))
    printer: Mapped[dict[str, Any]] = mapped_column(JSON)
    claimed_by: Mapped[str | None] = mapped_column(String(32))
    claimer_id: Mapped[str | None] = mapped_column(String(32))
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime]
