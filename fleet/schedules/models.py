"""What is kept of schedules."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import STAYS, now
from domain.tenancy import TenantRow, new_id
from fleet.schedules.rules import Recurrence, Series


class RunFor(StrEnum):
    """Which printers a schedule is for (FL-506); who they are is looked up at each run (A-37)."""

    ALL = "all"
    TAGS = "tags"
    FILTER_GROUP = "filter_group"


class FleetSchedule(TenantRow, Base):
    """A recurring task. `kind` is one of the two that recur (FL-502); it runs on behalf of the issuer.

    `next_run` is the only due moment: a flow run for another one does nothing. `last_run`, `last_count` and
    `last_note` tell of the last run: when, over how many printers, and why nothing was started, if so.
    """

    __tablename__ = "fleet_schedule"
    __table_args__ = (UniqueConstraint("organization_id", "name_key"), Index("ix_fleet_schedule_due", "next_run"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(48))
    run_for: Mapped[RunFor] = mapped_column(String(16))
    tag_ids: Mapped[list[Any]] = mapped_column(JSON, default=list)
    filter_group_id: Mapped[str | None] = mapped_column(String(32))
    recurrence: Mapped[Recurrence] = mapped_column(String(16))
    start: Mapped[date]
    end: Mapped[date | None]
    at: Mapped[time]
    time_zone: Mapped[str] = mapped_column(String(64))
    weekdays: Mapped[list[Any]] = mapped_column(JSON, default=list)
    month_day: Mapped[int | None]
    ordinal: Mapped[int | None]
    weekday: Mapped[int | None]
    is_paused: Mapped[bool] = mapped_column(default=False)
    issuer_id: Mapped[str | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True, info=STAYS
    )
    next_run: Mapped[datetime | None]
    last_run: Mapped[datetime | None]
    last_count: Mapped[int | None]
    last_note: Mapped[dict[str, Any] | None]
    created: Mapped[datetime] = mapped_column(default=now)
    changed: Mapped[datetime] = mapped_column(default=now)

    @property
    def series(self) -> Series:
        """When it runs."""
        return Series(
            Recurrence(self.recurrence),
            self.start,
            self.at,
            self.time_zone,
            self.end,
            tuple(self.weekdays),
            self.month_day,
            self.ordinal,
            self.weekday,
        )
