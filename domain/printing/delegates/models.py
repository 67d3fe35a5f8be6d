"""What is kept of delegations."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class DelegationState(StrEnum):
    """Whether a delegation counts, or how it ended (PR-172)."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REMOVED = "removed"


class Delegation(TenantRow, Base):
    """That `delegate_id` may release jobs of `owner_id`, until `expires` (None: for good).

    `pair` names the two as long as it is active, so that there is never a second one beside it.
    """

    __tablename__ = "print_delegation"
    __table_args__ = (
        UniqueConstraint("pair"),
        Index("ix_print_delegation_expiry", "state", "expires"),
        Index("ix_print_delegation_owner", "owner_id", "state"),
        Index("ix_print_delegation_delegate", "delegate_id", "state"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    delegate_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    state: Mapped[DelegationState] = mapped_column(String(16), default=DelegationState.ACTIVE)
    pair: Mapped[str | None] = mapped_column(String(65))
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime | None]
    ended: Mapped[datetime | None]
