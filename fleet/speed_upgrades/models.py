"""What is kept of speed upgrades."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class UsedLicence(TenantRow, Base):
    """A licence code that has made a printer faster: it is valid once (FL-412)."""

    __tablename__ = "used_speed_licence"
    __table_args__ = (UniqueConstraint("organization_id", "code"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(128))
    serial_number: Mapped[str] = mapped_column(String(64))
    printer_id: Mapped[str | None] = mapped_column(ForeignKey("printer.id", ondelete="SET NULL"), index=True)
    slower: Mapped[int]
    faster: Mapped[int]
    used: Mapped[datetime] = mapped_column(default=now)
