"""The organization's printer at the print service of its identity cloud."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from connectors.messages import N_
from domain.organizations.models import now
from domain.tenancy import TenantRow


class RegistrationState(StrEnum):
    """How far the registration is (PR-291)."""

    UNREGISTERED = "unregistered"
    REGISTERING = "registering"
    REGISTERED = "registered"
    UNREGISTERING = "unregistering"
    ERROR = "error"


STATE_TITLES = {
    RegistrationState.UNREGISTERED: N_("Not registered"),
    RegistrationState.REGISTERING: N_("Being registered"),
    RegistrationState.REGISTERED: N_("Registered"),
    RegistrationState.UNREGISTERING: N_("Being removed"),
    RegistrationState.ERROR: N_("Registration failed"),
}


class CloudPrinter(TenantRow, Base):
    """One for an organization; tenant and account are those of the administrator who signed in last.

    `places` is where things are at the service, in its own words. `secrets` (the account's tokens) and `sign_in` (a
    sign-in that has begun, until `sign_in_expires`) are encrypted. `error` is why the last attempt failed, or why jobs
    cannot be taken. Until `busy_until` somebody takes jobs, and others leave it alone.
    """

    __tablename__ = "cloud_printer"

    organization_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[RegistrationState] = mapped_column(String(16), default=RegistrationState.UNREGISTERED)
    printer_name: Mapped[str] = mapped_column(String(127), default="")
    share_name: Mapped[str] = mapped_column(String(127), default="")
    tenant_id: Mapped[str] = mapped_column(String(64), default="")
    tenant_name: Mapped[str] = mapped_column(String(255), default="")
    account: Mapped[str] = mapped_column(String(255), default="")
    places: Mapped[dict[str, Any]] = mapped_column(default=dict)
    secrets: Mapped[str] = mapped_column(Text, default="")
    sign_in: Mapped[str] = mapped_column(Text, default="")
    sign_in_expires: Mapped[datetime | None]
    attempt: Mapped[int] = mapped_column(default=0)
    error: Mapped[dict[str, Any] | None]
    busy_until: Mapped[datetime | None]
    changed: Mapped[datetime] = mapped_column(default=now, onupdate=now)
