"""What is kept of every change that somebody may have to answer for."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow


class AuditEvent(TenantRow, Base):
    """One event. `action` is a dotted word such as `user.created`; `target_kind` and `target_id` say what it concerned.

    People are kept by id, so that a deleted person's name goes with their account; a client application's id stands in
    `user_id` where it did it. `facts` never hold a secret.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_listing", "organization_id", "at"),
        Index("ix_audit_event_target", "organization_id", "target_kind", "target_id"),
        Index("ix_audit_event_person", "organization_id", "user_id", "at"),
        Index("ix_audit_event_age", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(default=now)
    user_id: Mapped[str] = mapped_column(String(32), default="")
    home_organization_id: Mapped[str] = mapped_column(String(32), default="")
    action: Mapped[str] = mapped_column(String(64))
    target_kind: Mapped[str] = mapped_column(String(32))
    target_id: Mapped[str] = mapped_column(String(255), default="")
    facts: Mapped[dict[str, Any]]
    address: Mapped[str] = mapped_column(String(64), default="")
    request_id: Mapped[str] = mapped_column(String(64), default="")


class AuditHorizon(Base):
    """One row for the installation: events from before `kept_since` may be deleted, because their time is over."""

    __tablename__ = "audit_horizon"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    kept_since: Mapped[datetime]
