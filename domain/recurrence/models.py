"""The columns of what recurs."""

from abc import abstractmethod
from datetime import date, datetime, time
from typing import Any, ClassVar

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from domain.organizations.models import now
from domain.recurrence.rules import Recurrence, Series
from domain.tenancy import TenantRow, new_id


class RecurringRow(TenantRow):
    """Something that runs at the moments of a series.

    `next_run` is the only due moment: a flow run for another one does nothing. `last_run` and `last_note` tell of the
    last run: when, and why nothing was started, if so. `changed` is when the series was last chosen.
    """

    RUN_BY: ClassVar[str]
    """The deployment (flow/name) that runs it, with `schedule_id` and `due`."""
    KEYS: ClassVar[str]
    """How the keys of its runs begin in the outbox, in at most 12 characters."""

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
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
    next_run: Mapped[datetime | None]
    last_run: Mapped[datetime | None]
    last_note: Mapped[dict[str, Any] | None]
    created: Mapped[datetime] = mapped_column(default=now)
    changed: Mapped[datetime] = mapped_column(default=now)

    @property
    @abstractmethod
    def run_name(self) -> str:
        """What its runs are called in the engine."""

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
