"""What is kept of an organization's translation settings."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow


class TranslationSettingsRow(TenantRow, Base):
    """The settings as they were saved last; without a row no footer is added. `version` counts changes."""

    __tablename__ = "translation_settings"

    organization_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True
    )
    values: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=0)
    changed: Mapped[datetime] = mapped_column(default=now, onupdate=now)
