"""What is kept of scan destinations."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id

ORGANIZATION = "organization"
"""The `scope` of what belongs to the organization; of a personal destination it is its owner's id."""


class ScanDestination(TenantRow, Base):
    """One destination; without an owner it is the organization's. Names are unique within a scope (SCAN-43).

    `definition` is what was filled in, `secrets` (encrypted) the passwords of services that need no account.
    """

    __tablename__ = "scan_destination"
    __table_args__ = (UniqueConstraint("organization_id", "scope", "name_key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    scope: Mapped[str] = mapped_column(String(32))
    name_key: Mapped[str] = mapped_column(String(255))
    service: Mapped[str] = mapped_column(String(32))
    definition: Mapped[dict[str, Any]]
    secrets: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    created: Mapped[datetime] = mapped_column(default=now)
    changed: Mapped[datetime] = mapped_column(default=now)
