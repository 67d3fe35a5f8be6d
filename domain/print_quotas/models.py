"""What is kept of print quotas: charges of releases, and where everybody stands in each month."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import STAYS, now
from domain.print_quotas.limits import QuotaStatus
from domain.tenancy import TenantRow


class PrintCharge(TenantRow, Base):
    """What one release of a job cost its owner: a later report about the same attempt replaces it (PR-86, F-8).

    `month` is that of the printing in the organization's time zone, such as 2026-11; a correction stays in it.
    """

    __tablename__ = "print_charge"
    __table_args__ = (Index("ix_print_charge_person", "organization_id", "user_id", "month"),)

    job_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True, info=STAYS)
    month: Mapped[str] = mapped_column(String(7))
    impressions: Mapped[int]
    color_impressions: Mapped[int]
    changed: Mapped[datetime] = mapped_column(default=now)


class PrintQuotaMonth(TenantRow, Base):
    """Where a person stands in a month: the sums of their charges, and the quota as it was seen last (F-27).

    The row is what charges of the same person and month wait for. `month_limit` is a `MonthLimit`; `source` says by
    what kind of assignment they have it, `definition` its name (empty: the default).
    """

    __tablename__ = "print_quota_month"
    __table_args__ = (Index("ix_print_quota_month_listing", "organization_id", "month", "status"),)

    user_id: Mapped[str] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, info=STAYS
    )
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    impressions: Mapped[int] = mapped_column(default=0)
    color_impressions: Mapped[int] = mapped_column(default=0)
    status: Mapped[QuotaStatus] = mapped_column(String(16), default=QuotaStatus.OK)
    notices: Mapped[int] = mapped_column(default=0)
    month_limit: Mapped[dict[str, Any]] = mapped_column(default=dict)
    definition_id: Mapped[str] = mapped_column(String(32), default="")
    definition: Mapped[str] = mapped_column(String(100), default="")
    source: Mapped[str] = mapped_column(String(16), default="default")
    seen: Mapped[datetime] = mapped_column(default=now)
