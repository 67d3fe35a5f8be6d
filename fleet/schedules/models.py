"""What is kept of schedules."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import STAYS
from domain.recurrence.models import RecurringRow
from fleet.tasks.kinds import KINDS, TaskKind


class RunFor(StrEnum):
    """Which printers a schedule is for (FL-506); who they are is looked up at each run (A-37)."""

    ALL = "all"
    TAGS = "tags"
    FILTER_GROUP = "filter_group"


class FleetSchedule(RecurringRow, Base):
    """A recurring task. `kind` is one of the two that recur (FL-502); it runs on behalf of the issuer.

    `last_count`: over how many printers the last run went.
    """

    __tablename__ = "fleet_schedule"
    __table_args__ = (UniqueConstraint("organization_id", "name_key"), Index("ix_fleet_schedule_due", "next_run"))

    RUN_BY = "run-fleet-schedule/run-fleet-schedule"
    KEYS = "schedule"

    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(48))
    run_for: Mapped[RunFor] = mapped_column(String(16))
    tag_ids: Mapped[list[Any]] = mapped_column(JSON, default=list)
    filter_group_id: Mapped[str | None] = mapped_column(String(32))
    issuer_id: Mapped[str | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True, info=STAYS
    )
    last_count: Mapped[int | None]

    @property
    def run_name(self) -> str:
        """The title of its tasks."""
        return KINDS[TaskKind(self.kind)].title
