"""What is kept beside the settings: the address for printing by e-mail, and what a change has brought about."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow


class AddressState(StrEnum):
    """How far the address for printing by e-mail is (PR-140)."""

    PROVISIONING = "provisioning"
    AVAILABLE = "available"
    DISABLED = "disabled"
    ERROR = "error"


class EffectState(StrEnum):
    """How far something is that follows from a change of the settings (F-30)."""

    PENDING = "pending"
    APPLIED = "applied"
    FAILED = "failed"


class PrintMailAddress(TenantRow, Base):
    """The organization's address for printing by e-mail: its first part belongs to nobody else (PR-53).

    The database itself keeps it unique over all organizations, so that none needs to see another's. It has been tried
    out since `began`, `attempt` times; `error` is why it does not work yet. `asked_by` is told once it does.
    """

    __tablename__ = "print_mail_address"
    __table_args__ = (UniqueConstraint("local_part"),)

    organization_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True
    )
    local_part: Mapped[str] = mapped_column(String(64))
    state: Mapped[AddressState] = mapped_column(String(16), default=AddressState.PROVISIONING)
    asked_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    began: Mapped[datetime] = mapped_column(default=now)
    attempt: Mapped[int] = mapped_column(default=0)
    error: Mapped[dict[str, Any] | None]
    changed: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class SettingsEffect(TenantRow, Base):
    """Something that a change of the settings brings about; `version` is that of the settings that asked for it."""

    __tablename__ = "print_settings_effect"

    organization_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    version: Mapped[int]
    state: Mapped[EffectState] = mapped_column(String(16), default=EffectState.PENDING)
    error: Mapped[dict[str, Any] | None]
    changed: Mapped[datetime] = mapped_column(default=now, onupdate=now)
