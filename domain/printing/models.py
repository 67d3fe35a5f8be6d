"""The cloud print queue's table: documents held for their owner (SC-86a)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class HeldJob(TenantRow, Base):
    """A document in `user_id`'s print queue. `handover_key` makes handing over repeatable without doubling."""

    __tablename__ = "held_job"
    __table_args__ = (UniqueConstraint("handover_key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    handover_key: Mapped[str] = mapped_column(String(64))
    document: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16), default="held")
    created: Mapped[datetime] = mapped_column(default=now)
