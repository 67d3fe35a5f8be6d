"""What is kept of notification policies, what they have fired for, and the mail that went out."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id


class PolicyKind(StrEnum):
    """What a policy is about (section 32)."""

    SUPPLIES = "supplies"
    PRINTERS = "printers"
    AGENTS = "agents"


class SilenceType(StrEnum):
    """What is missing, of a printer or an agent (FL-428)."""

    LAST_REFRESH = "last_refresh"
    LAST_CONTACT = "last_contact"


class NotificationPolicy(TenantRow, Base):
    """A policy. `types` are kinds of supplies, or one `SilenceType`; `threshold` is percent, or days.

    `essence` is the same for policies that differ in nothing but their name (FL-441). Mail is in the language
    `locale` of who made it.
    """

    __tablename__ = "notification_policy"
    __table_args__ = (
        UniqueConstraint("organization_id", "name_key"),
        UniqueConstraint("organization_id", "essence"),
        Index("ix_notification_policy_kind", "kind", "organization_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[PolicyKind] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(String(255))
    essence: Mapped[str] = mapped_column(String(64))
    types: Mapped[list[Any]] = mapped_column(JSON)
    threshold: Mapped[int]
    tag_ids: Mapped[list[Any]] = mapped_column(JSON, default=list)
    recipients: Mapped[list[Any]] = mapped_column(JSON)
    extra_text: Mapped[str] = mapped_column(Text, default="")
    attaches: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str] = mapped_column(String(16), default="en")
    created: Mapped[datetime] = mapped_column(default=now)


class Crossing(TenantRow, Base):
    """A policy holds for a subject since `at`: it does not fire again until the row is gone (FL-440).

    `subject_id` is a printer's or an agent's id, `part` the key of a supply. `facts` are what the mail tells of it;
    `mailed` is when, null while it waits for its mail.
    """

    __tablename__ = "notification_crossing"
    __table_args__ = (Index("ix_notification_crossing_waiting", "organization_id", "mailed"),)

    policy_id: Mapped[str] = mapped_column(ForeignKey("notification_policy.id", ondelete="CASCADE"), primary_key=True)
    subject_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    part: Mapped[str] = mapped_column(String(64), primary_key=True, default="")
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(default=now)
    mailed: Mapped[datetime | None]


class Notification(TenantRow, Base):
    """One mail of the history (FL-443). `items` are the printers or agents it told of.

    `search_key` holds serial numbers, asset tags and addresses, folded; `facets` holds `model:…`, `type:…` and
    `supply:…`, each between bars, to filter by (FL-444, FL-445).
    """

    __tablename__ = "notification"
    __table_args__ = (Index("ix_notification_listing", "organization_id", "kind", "at", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[PolicyKind] = mapped_column(String(16))
    policy_name: Mapped[str] = mapped_column(String(255))
    recipients: Mapped[list[Any]] = mapped_column(JSON)
    items: Mapped[list[Any]] = mapped_column(JSON)
    search_key: Mapped[str] = mapped_column(Text)
    facets: Mapped[str] = mapped_column(Text)
    mail_id: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(default=now)
