"""What is kept of an organization's scan settings."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow


class ScanSettingsRow(TenantRow, Base):
    """The settings as they were saved last; without a row Scan Management is off. `version` counts changes."""

    __tablename__ = "scan_settings"

    organization_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True
    )
    values: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=0)
    changed: Mapped[datetime] = mapped_column(default=now, onupdate=now)
