"""When schedules run: recurrence, time zones, clocks put forward and back, short months (FL-507…FL-514, A-35, A-36)."""

from datetime import UTC, date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import PressroomError
from domain.recurrence.rules import Recurrence, Series

STOCKHOLM = "Europe/Stockholm"
EIGHT = time(8, 0)


def runs(series: Series, since: datetime, count: int) -> list[str]:
    """The next runs, in the series' own time zone."""
    found, moment = [], since
    while len(found) < count and (following := series.next_after(moment)) is not None:
        found.append(following.astimezone(ZoneInfo(series.time_zone)).strftime("%Y-%m-%d %H:%M %z"))
        moment = following
    return found


def series(recurrence: str, start: str, at: time = EIGHT, end: str = "", **values: object) -> Series:
    last = date.fromisoformat(end) if end else None
    zone = str(values.pop("time_zone", STOCKHOLM))
    return Series(Recurrence(recurrence), date.fromisoformat(start), at, zone, last, **values)  # type: ignore[arg-type]


NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
CASES = [
    (series("once", "2026-03-05"), ["2026-03-05 08:00 +0100"]),
    (series("daily", "2026-03-28", end="2026-03-30"),
     ["2026-03-28 08:00 +0100", "2026-03-29 08:00 +0200", "2026-03-30 08:00 +0200"]),
    (series("daily", "2026-03-28", time(2, 30), "2026-03-30"),
     ["2026-03-28 02:30 +0100", "2026-03-29 03:00 +0200", "2026-03-30 02:30 +0200"]),
    (series("daily", "2026-10-24", time(2, 30), "2026-10-26"),
     ["2026-10-24 02:30 +0200", "2026-10-25 02:30 +0200", "2026-10-26 02:30 +0100"]),
    (series("weekly", "2026-03-01", end="2026-03-12", weekdays=(0, 3)),
     ["2026-03-02 08:00 +0100", "2026-03-05 08:00 +0100", "2026-03-09 08:00 +0100", "2026-03-12 08:00 +0100"]),
    (series("monthly", "2026-01-15", end="2026-04-30", month_day=31),
     ["2026-01-31 08:00 +0100", "2026-02-28 08:00 +0100", "2026-03-31 08:00 +0200", "2026-04-30 08:00 +0200"]),
    (series("monthly", "2028-02-01", end="2028-02-29", month_day=30), ["2028-02-29 08:00 +0100"]),
    (series("monthly", "2026-01-01", end="2026-03-31", ordinal=2, weekday=1),
     ["2026-01-13 08:00 +0100", "2026-02-10 08:00 +0100", "2026-03-10 08:00 +0100"]),
    (series("monthly", "2026-01-01", end="2026-02-28", ordinal=5, weekday=4),
     ["2026-01-30 08:00 +0100", "2026-02-27 08:00 +0100"]),
    (series("daily", "2026-01-01", time(23, 30), "2026-01-02", time_zone="Pacific/Auckland"),
     ["2026-01-01 23:30 +1300", "2026-01-02 23:30 +1300"]),
]  # fmt: skip


@pytest.mark.parametrize(("one", "expected"), CASES)
def test_runs(one: Series, expected: list[str]) -> None:
    one.check()
    assert runs(one, datetime(2025, 12, 1, tzinfo=UTC), len(expected) + 1) == expected


REFUSED = [
    (series("daily", "2026-03-05", end="2026-03-04"), "schedule.ends_before"),
    (series("weekly", "2026-03-05"), "schedule.days_needed"),
    (series("monthly", "2026-03-05"), "schedule.days_needed"),
    (series("monthly", "2026-03-05", month_day=3, ordinal=1, weekday=1), "schedule.days_needed"),
    (series("weekly", "2026-03-02", end="2026-03-03", weekdays=(4,)), "schedule.never_runs"),
    (series("monthly", "2026-03-05", end="2026-03-20", month_day=25), "schedule.never_runs"),
]


@pytest.mark.parametrize(("one", "code"), REFUSED)
def test_series_that_say_nothing_are_refused(one: Series, code: str) -> None:
    with pytest.raises(PressroomError) as refused:
        one.check()
    assert refused.value.code == code


@given(
    st.sampled_from(["Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC"]),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_a_daily_series_runs_once_on_each_local_day(zone: str, at: time, since: datetime) -> None:
    one = Series(Recurrence.DAILY, date(2024, 1, 1), at, zone)
    found, moment = [], since
    for _ in range(40):
        following = one.next_after(moment)
        assert following is not None
        assert following > moment
        found.append(following.astimezone(ZoneInfo(zone)))
        moment = following
    assert all((later.date() - earlier.date()).days == 1 for earlier, later in pairwise(found))
