"""Periods that a report is about relative to the day on which it is made."""

from datetime import date, timedelta
from enum import StrEnum

MONTHS_OF_A_QUARTER = 3


class ReportPeriod(StrEnum):
    """Whole days, weeks from Monday on, months, quarters or years that ended before the day of the report."""

    DAY_BEFORE = "day_before"
    WEEK_BEFORE = "week_before"
    MONTH_BEFORE = "month_before"
    QUARTER_BEFORE = "quarter_before"
    YEAR_BEFORE = "year_before"
    SEVEN_DAYS = "seven_days"
    THIRTY_DAYS = "thirty_days"

    def days(self, today: date) -> tuple[date, date]:
        """The first and the last day."""
        match self:
            case ReportPeriod.DAY_BEFORE:
                return today - timedelta(days=1), today - timedelta(days=1)
            case ReportPeriod.WEEK_BEFORE:
                monday = today - timedelta(days=today.weekday())
                return monday - timedelta(days=7), monday - timedelta(days=1)
            case ReportPeriod.SEVEN_DAYS:
                return today - timedelta(days=7), today - timedelta(days=1)
            case ReportPeriod.THIRTY_DAYS:
                return today - timedelta(days=30), today - timedelta(days=1)
            case ReportPeriod.MONTH_BEFORE:
                end = today.replace(day=1)
                return _earlier(end, 1), end - timedelta(days=1)
            case ReportPeriod.QUARTER_BEFORE:
                end = _earlier(today.replace(day=1), (today.month - 1) % MONTHS_OF_A_QUARTER)
                return _earlier(end, MONTHS_OF_A_QUARTER), end - timedelta(days=1)
            case ReportPeriod.YEAR_BEFORE:
                return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)

    @property
    def is_long(self) -> bool:
        """Whether it has more days than a full export may have (AN-29)."""
        return self in (ReportPeriod.QUARTER_BEFORE, ReportPeriod.YEAR_BEFORE)


def _earlier(first: date, months: int) -> date:
    """The first day of the month so many months before that of `first`, which is a first day itself."""
    number = first.year * 12 + first.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)
