"""When a schedule runs: its series of dates in its time zone, and the moments they fall on (FL-507…FL-514).

A local time that does not exist on a day, because clocks are put forward, runs at the next minute that does; one that
comes twice runs the first time. A month that lacks the chosen date runs on its last day (A-36).
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, available_timezones

from connectors.errors import Fault
from connectors.messages import N_

ENDS_BEFORE = Fault(
    "schedule.ends_before",
    422,
    N_("The end date is before the start date."),
    N_("Choose an end date on or after the start date."),
    spec="FL-507",
)
NEVER_RUNS = Fault(
    "schedule.never_runs",
    422,
    N_("None of the chosen days lies between the start and the end date."),
    N_("Choose other days, or a longer period."),
    spec="FL-513",
)
IN_THE_PAST = Fault(
    "schedule.in_the_past",
    422,
    N_("Every run of this schedule would be in the past."),
    N_("Choose a later start, or a later end."),
    spec="FL-309",
)
DAYS_NEEDED = Fault(
    "schedule.days_needed",
    422,
    N_("The days of the recurrence are missing."),
    N_("Choose weekdays for a weekly schedule; a date, or an ordinal weekday, for a monthly one."),
    spec="FL-512",
)
NO_SUCH_ZONE = Fault(
    "schedule.time_zone",
    422,
    N_("There is no time zone “{name}”."),
    N_("Choose one of the list, such as Europe/Stockholm."),
)
LAST = 5
"""The ordinal that means the last such weekday of a month."""


class Recurrence(StrEnum):
    """How often (FL-509)."""

    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Series:
    """The series of a schedule, read in `time_zone`.

    `end` is the last day, None for one that does not end. `weekdays` count from 0, Monday, for weekly series. Monthly
    ones run on `month_day` (1 to 31), or on the `ordinal`th `weekday` (1 to 5; 5 means the last one), A-35.
    """

    recurrence: Recurrence
    start: date
    at: time
    time_zone: str
    end: date | None = None
    weekdays: tuple[int, ...] = ()
    month_day: int | None = None
    ordinal: int | None = None
    weekday: int | None = None

    def check(self) -> None:
        """Raise `ENDS_BEFORE`, `DAYS_NEEDED`, or `NEVER_RUNS` for a series that says nothing."""
        if self.end is not None and self.end < self.start:
            raise ENDS_BEFORE()
        by_date, by_day = self.month_day is not None, self.ordinal is not None and self.weekday is not None
        if self.recurrence is Recurrence.WEEKLY and not self.weekdays:
            raise DAYS_NEEDED()
        if self.recurrence is Recurrence.MONTHLY and by_date == by_day:
            raise DAYS_NEEDED()
        if next(self._days(), None) is None:
            raise NEVER_RUNS()

    def check_future(self, moment: datetime) -> None:
        """As `check`, and it must run after `moment`; raises `NO_SUCH_ZONE` and `IN_THE_PAST` besides."""
        if self.time_zone not in available_timezones():
            raise NO_SUCH_ZONE(name=self.time_zone)
        self.check()
        if self.next_after(moment) is None:
            raise IN_THE_PAST()

    def next_after(self, moment: datetime) -> datetime | None:
        """The first run later than `moment`, in UTC; None when there is none any more."""
        local = moment.astimezone(ZoneInfo(self.time_zone)).date() - timedelta(days=1)
        return next((run for day in self._days(local) if (run := self._moment(day)) > moment), None)

    def _moment(self, day: date) -> datetime:
        zone = ZoneInfo(self.time_zone)
        wanted = datetime.combine(day, self.at, zone)  # fold=0: the first of two
        while not _exists(wanted, zone):
            wanted += timedelta(minutes=1)
        return wanted.astimezone(UTC)

    def _days(self, since: date | None = None) -> Iterator[date]:
        """The days of the series, from the start or from a later day on."""
        first = max(self.start, since or self.start)
        match self.recurrence:
            case Recurrence.ONCE:
                days = iter([self.start] if self.start >= first else [])
            case Recurrence.DAILY:
                days = _every_day(first)
            case Recurrence.WEEKLY:
                days = (day for day in _every_day(first) if day.weekday() in self.weekdays)
            case Recurrence.MONTHLY:
                days = (day for day in map(self._in_month, _months(first)) if day >= first)
        for day in days:
            if self.end is not None and day > self.end:
                return
            yield day

    def _in_month(self, first: date) -> date:
        length = calendar.monthrange(first.year, first.month)[1]
        if self.month_day is not None:
            return first.replace(day=min(self.month_day, length))
        assert self.ordinal is not None
        assert self.weekday is not None
        such = [day for day in range(1, length + 1) if first.replace(day=day).weekday() == self.weekday]
        return first.replace(day=such[-1] if self.ordinal == LAST else such[self.ordinal - 1])


def _every_day(first: date) -> Iterator[date]:
    for number in range((date.max - first).days + 1):
        yield first + timedelta(days=number)


def _months(first: date) -> Iterator[date]:
    for number in range(first.year * 12 + first.month - 1, date.max.year * 12 + 12):
        yield date(number // 12, number % 12 + 1, 1)


def _exists(moment: datetime, zone: ZoneInfo) -> bool:
    return moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == moment.replace(tzinfo=None)
