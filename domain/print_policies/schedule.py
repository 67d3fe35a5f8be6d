"""On which days and at what times printing is allowed, in the printer's local time (PR-88…PR-91, AM-17)."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.messages import N_

MINUTE = timedelta(minutes=1)
DAYS_AHEAD = 9
"""A weekly schedule opens again within a week; a day more on either side for windows over midnight."""


class Day(StrEnum):
    """A day of the week, in the order of `date.weekday`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


WEEK = tuple(Day)
WORKING_DAYS = WEEK[:5]


class Window(BaseModel):
    """From `start` to the end of the minute `end`; an end before the start lies on the following day (PR-90)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: time
    end: time

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if any(each.second or each.microsecond or each.tzinfo for each in (self.start, self.end)):
            raise ValueError(N_("Times are hours and minutes, without a time zone."))
        if self.start == self.end:
            raise ValueError(N_("Start and end must differ; the whole day is 00:00 to 23:59."))
        return self

    @property
    def is_overnight(self) -> bool:
        return self.end < self.start

    def has_today(self, minute: time) -> bool:
        """Whether the part of the window on its own day has that minute."""
        return self.start <= minute and (self.is_overnight or minute <= self.end)

    def has_tomorrow(self, minute: time) -> bool:
        """Whether the part of the window on the following day has that minute."""
        return self.is_overnight and minute <= self.end


class Schedule(BaseModel):
    """The same window on all days or from Monday to Friday, or a window for each of the days named in `days`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shape: Literal["all_days", "monday_to_friday", "custom"] = "all_days"
    window: Window | None = Field(None, description="For all days and Monday to Friday.")
    days: dict[Day, Window] = Field({}, description="For custom: each selected day with its own times.")

    @model_validator(mode="after")
    def _fits_its_shape(self) -> Self:
        if self.shape == "custom":
            if not self.days or self.window is not None:
                raise ValueError(N_("Select at least one day, each with its own start and end."))
        elif self.window is None or self.days:
            raise ValueError(N_("Give one start and end for these days."))
        return self

    def window_of(self, day: date) -> Window | None:
        """The window that begins on that day, to which it belongs even where it runs over midnight (AM-17)."""
        name = WEEK[day.weekday()]
        if self.shape == "custom":
            return self.days.get(name)
        return self.window if self.shape == "all_days" or name in WORKING_DAYS else None

    def is_open(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether printing is allowed at a printer in that zone."""
        local = moment.astimezone(zone)
        minute = local.time().replace(second=0, microsecond=0)
        today, yesterday = self.window_of(local.date()), self.window_of(local.date() - timedelta(days=1))
        return (today is not None and today.has_today(minute)) or (
            yesterday is not None and yesterday.has_tomorrow(minute)
        )

    def next_opening(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """When printing is allowed next, in UTC; `moment` itself while it is allowed."""
        if self.is_open(moment, zone):
            return moment.astimezone(UTC)
        first = moment.astimezone(zone).date()
        beginnings = (
            opening
            for offset in range(DAYS_AHEAD)
            for opening in self._openings(first + timedelta(days=offset), zone)
            if opening > moment
        )
        return min(beginnings)

    def _openings(self, day: date, zone: ZoneInfo) -> list[datetime]:
        """When the window of that day opens: twice where clocks go back over it, after a gap where they go forward."""
        found = set()
        if (window := self.window_of(day)) is not None:
            for fold in (0, 1):
                opening = datetime.combine(day, window.start, zone).replace(fold=fold).astimezone(UTC)
                if opening.astimezone(zone).time() != window.start:
                    opening = self._after_gap(opening, zone)
                if self.is_open(opening, zone):
                    found.add(opening)
        return sorted(found)

    def _after_gap(self, opening: datetime, zone: ZoneInfo) -> datetime:
        """The first open minute on that day, where clocks skip the minute at which the window begins."""
        day = opening.astimezone(zone).date()
        while self.is_open(before := opening - MINUTE, zone) and before.astimezone(zone).date() == day:
            opening = before
        return opening
