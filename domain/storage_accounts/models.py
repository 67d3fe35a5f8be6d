"""A person's account at a storage provider; `secrets` is encrypted with the installation's key."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class LinkedAccount(TenantRow, Base):
    """One account per account family and person (SCAN-8, SCAN-25): OneDrive and SharePoint share Microsoft's.

    A partner's person has one in each customer organization that they work in, apart from their own.
    """

    __tablename__ = "linked_account"
    __table_args__ = (UniqueConstraint("organization_id", "user_id", "family"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    family: Mapped[str] = mapped_column(String(32))
    account: Mapped[str] = mapped_column(String(255))
    options: Mapped[dict[str, Any]]
    secrets: Mapped[str] = mapped_column(Text)
    expired: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime] = mapped_column(default=now)
