"""What is kept of page quotas: distributions, quotas of people, the ledger, and the counters that follow it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id
from steps.contract import Service


class Duration(StrEnum):
    """How long a distribution lasts (SQ-3).

    `USAGE` is what organizations of the first level begin with: no limit and no end, billed by what is used.
    """

    PERPETUAL = "PERPETUAL"
    CUSTOM = "CUSTOM"
    USAGE = "USAGE"


class DistributionState(StrEnum):
    """What is stored of a distribution's state; suspension and exhaustion are each service's own (SQ-39)."""

    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class QuotaKind(StrEnum):
    """For whom a quota of people is (SQ-5, SQ-44…SQ-46)."""

    DEFAULT = "DEFAULT"
    PERSONAL = "PERSONAL"
    COST_CENTER = "COST_CENTER"
    DEPARTMENT = "DEPARTMENT"


class EntryState(StrEnum):
    """Where an entry of the ledger is: held for a step at work, charged, or given back (SQ-67)."""

    RESERVED = "RESERVED"
    SETTLED = "SETTLED"
    RELEASED = "RELEASED"


class Distribution(TenantRow, Base):
    """The pages that an organization was given (SQ-2).

    `current_of` is the organization's id while this is its open distribution: one at a time (SQ-28). Whoever changes
    pages or their use locks this row first, a partner's before its customer's. `drawn_from` is the partner's own
    distribution out of which the pages come. `expires_on` is inclusive, in the organization's time zone (SQ-27).
    `notify` are the addresses for the notice that it is almost empty (SQ-25), written in the language `locale`.
    """

    __tablename__ = "quota_distribution"
    __table_args__ = (UniqueConstraint("current_of"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    current_of: Mapped[str | None] = mapped_column(String(32))
    drawn_from: Mapped[str | None] = mapped_column(ForeignKey("quota_distribution.id", ondelete="SET NULL"), index=True)
    duration: Mapped[Duration] = mapped_column(String(16))
    state: Mapped[DistributionState] = mapped_column(String(16), default=DistributionState.ACTIVE)
    expires_on: Mapped[date | None]
    notify: Mapped[list[str]] = mapped_column(JSON, default=list)
    locale: Mapped[str] = mapped_column(String(16), default="en")
    created: Mapped[datetime] = mapped_column(default=now)
    changed: Mapped[datetime] = mapped_column(default=now)


class DistributedPages(TenantRow, Base):
    """One service of a distribution: its limit (None: unlimited) and the counters that follow the ledger.

    `used` are pages charged, `reserved` those held for steps at work, `handed_out` those that customers were given of
    it. `notified` is when the notice that it is almost empty went out (SQ-29).
    """

    __tablename__ = "quota_distributed_pages"

    distribution_id: Mapped[str] = mapped_column(
        ForeignKey("quota_distribution.id", ondelete="CASCADE"), primary_key=True
    )
    service: Mapped[Service] = mapped_column(String(16), primary_key=True)
    page_limit: Mapped[int | None]
    used: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)
    handed_out: Mapped[int] = mapped_column(default=0)
    suspended: Mapped[bool] = mapped_column(default=False)
    notified: Mapped[datetime | None]


class UserQuota(TenantRow, Base):
    """A quota of people: the default, or a custom one (SQ-40…SQ-53).

    `holder` is the person's id, the exact name of the cost centre or department, or empty for the default. `pages`
    maps services to amounts (None: unlimited); a service that is missing is not set here (SQ-52). The amount is each
    member's, or all members' together where `pooled` (SQ-51).
    """

    __tablename__ = "user_quota"
    __table_args__ = (UniqueConstraint("organization_id", "kind", "holder"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[QuotaKind] = mapped_column(String(16))
    holder: Mapped[str] = mapped_column(String(255), default="")
    pages: Mapped[dict[str, Any]]
    pooled: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime] = mapped_column(default=now)
    changed: Mapped[datetime] = mapped_column(default=now)


class QuotaUse(TenantRow, Base):
    """What a person, cost centre or department has used of a service in one distribution; new ones start at nothing
    (SQ-70). Like all counters it follows the ledger.
    """

    __tablename__ = "quota_use"
    __table_args__ = (Index("ix_quota_use_holder", "organization_id", "kind", "holder"),)

    distribution_id: Mapped[str] = mapped_column(
        ForeignKey("quota_distribution.id", ondelete="CASCADE"), primary_key=True
    )
    service: Mapped[Service] = mapped_column(String(16), primary_key=True)
    kind: Mapped[QuotaKind] = mapped_column(String(16), primary_key=True)
    holder: Mapped[str] = mapped_column(String(255), primary_key=True)
    used: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)


class LedgerEntry(TenantRow, Base):
    """One operation on one document: of a metered service the pages it holds or was charged (SQ-69), of any other step
    only that it happened (SQ-97).

    Run, position, branch and target language are its key: whatever is repeated, there is one entry, charged once. It
    outlives the run and the person. `department` and `cost_center` are those of the person at that time, `pages` are
    0 until the entry is settled, `at` is when it was made and `closed` when it was settled or released.
    """

    __tablename__ = "quota_entry"
    __table_args__ = (
        UniqueConstraint("run_id", "position", "branch", "target"),
        Index("ix_quota_entry_closed", "organization_id", "state", "closed"),
        Index("ix_quota_entry_open", "state", "at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    run_id: Mapped[str] = mapped_column(String(32))
    position: Mapped[int]
    branch: Mapped[str] = mapped_column(String(128))
    target: Mapped[str] = mapped_column(String(35), default="")
    operation: Mapped[str] = mapped_column(String(64))
    service: Mapped[Service | None] = mapped_column(String(16))
    distribution_id: Mapped[str | None] = mapped_column(
        ForeignKey("quota_distribution.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[EntryState] = mapped_column(String(16))
    reserved: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    physical_pages: Mapped[int] = mapped_column(default=0)
    characters: Mapped[int] = mapped_column(default=0)
    user_id: Mapped[str] = mapped_column(String(32), index=True)
    department: Mapped[str] = mapped_column(String(255), default="")
    cost_center: Mapped[str] = mapped_column(String(255), default="")
    client_type: Mapped[str] = mapped_column(String(16))
    printer_id: Mapped[str] = mapped_column(String(512), default="")
    at: Mapped[datetime] = mapped_column(default=now)
    closed: Mapped[datetime | None]


class BillingCycle(TenantRow, Base):
    """How a partner bills its customers (SQ-70): cycles of `months` that begin on `day` of `first_month`, and so on."""

    __tablename__ = "quota_billing_cycle"
    __table_args__ = (UniqueConstraint("organization_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    months: Mapped[int] = mapped_column(default=1)
    first_month: Mapped[int] = mapped_column(default=1)
    day: Mapped[int] = mapped_column(default=1)
