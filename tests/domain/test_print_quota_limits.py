"""Quota definitions, where somebody stands against one, and which jobs that lets through: all of it without records."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.errors import PressroomError
from connectors.ipp.ticket import JobTicket
from domain.print_quotas.admission import check_quota
from domain.print_quotas.limits import MonthLimit, QuotaLimits, QuotaStatus, Standing
from domain.printing.evaluation import impressions_of

OK, WARNING, EXCEEDED = QuotaStatus.OK, QuotaStatus.WARNING, QuotaStatus.EXCEEDED
UNLIMITED = MonthLimit()
DISABLED = MonthLimit(total="disabled")
NO_COLOR = MonthLimit(color="not_allowed")


def limited(total: int | None = None, color: int | None = None) -> MonthLimit:
    values: dict[str, Any] = {}
    if total is not None:
        values |= {"total": "limited", "total_limit": total}
    if color is not None:
        values |= {"color": "limited", "color_limit": color}
    return MonthLimit(**values)


@pytest.mark.parametrize(
    ("limit", "used", "color", "status"),
    [
        (limited(1000), 0, 0, OK),
        (limited(1000), 894, 0, OK),  # 10.6 %
        (limited(1000), 899, 0, OK),  # 10.1 %: neither 11 % nor 10 %, but more than 10 (AM-12)
        (limited(1000), 900, 0, WARNING),
        (limited(1000), 999, 0, WARNING),
        (limited(1000), 1000, 0, EXCEEDED),
        (limited(1000), 1040, 0, EXCEEDED),
        (limited(1000, 100), 200, 89, OK),
        (limited(1000, 100), 200, 90, WARNING),
        (limited(1000, 100), 200, 100, EXCEEDED),
        (limited(1000, 100), 950, 100, EXCEEDED),
        (limited(1000, 100), 950, 50, WARNING),
        (limited(None, 100), 5000, 50, OK),
        (limited(None, 100), 5000, 120, EXCEEDED),
        (limited(0), 0, 0, EXCEEDED),
        (UNLIMITED, 10**6, 10**6, OK),
        (NO_COLOR, 10**6, 0, OK),
        (DISABLED, 0, 0, EXCEEDED),
    ],
)
def test_status_by_what_is_left(limit: MonthLimit, used: int, color: int, status: QuotaStatus) -> None:
    """PR-74, PR-75, PR-78: the worse of total and colour counts; what has no limit is left out."""
    assert Standing(limit, used, color).status is status


def test_what_is_left_may_be_negative() -> None:
    """PR-75."""
    standing = Standing(limited(100, 10), 104, 12)
    assert (standing.left, standing.color_left) == (-4, -2)


@pytest.mark.parametrize(
    "bad",
    [
        {"total": "limited"},
        {"total": "unlimited", "total_limit": 5},
        {"total": "limited", "total_limit": -1},
        {"color": "limited"},
        {"color": "allowed", "color_limit": 5},
        {"total": "disabled", "color": "limited", "color_limit": 5},
        {"total": "limited", "total_limit": 5, "color": "limited", "color_limit": 6},
    ],
)
def test_limits_that_contradict_themselves_are_refused(bad: dict[str, Any]) -> None:
    """PR-59, PR-60, PR-63: a total and a colour are one of three each; colour is at most the total."""
    with pytest.raises(ValidationError):
        MonthLimit.model_validate(bad)


def test_months_never_set_are_unlimited_and_there_are_always_twelve() -> None:
    """PR-58, PR-64."""
    limits = QuotaLimits(shape="monthly", months=(limited(5), DISABLED))
    assert len(limits.months) == 12
    assert [limits.of_month(f"2026-{month:02}") for month in (1, 2, 3, 12)] == [limited(5), DISABLED, *[UNLIMITED] * 2]
    assert QuotaLimits().of_month("2026-07") == UNLIMITED
    for bad in ({"shape": "same", "months": []}, {"shape": "monthly", "months": [{}] * 13}):
        with pytest.raises(ValidationError):
            QuotaLimits.model_validate(bad)


@pytest.mark.parametrize(
    ("standing", "needed", "is_color", "strict", "code"),
    [
        (Standing(UNLIMITED, 9999), 500, True, True, ""),
        (Standing(limited(100), 99), 50, False, False, ""),  # the last job may overdraw
        (Standing(limited(100), 100), 1, False, False, "print_quota.quota_exceeded"),
        (Standing(limited(100), 99), 50, False, True, "print_quota.quota_exceeded"),
        (Standing(limited(100), 50), 50, False, True, ""),
        (Standing(limited(100, 10), 20, 10), 1, True, False, "print_quota.colour_quota_exceeded"),
        (Standing(limited(100, 10), 20, 10), 1, False, False, ""),
        (Standing(limited(100, 10), 20, 9), 5, True, False, ""),
        (Standing(limited(100, 10), 20, 9), 5, True, True, "print_quota.colour_quota_exceeded"),
        (Standing(limited(100, 10), 100, 0), 5, True, False, "print_quota.quota_exceeded"),
        (Standing(NO_COLOR), 1, True, False, "print_quota.colour_quota_exceeded"),
        (Standing(NO_COLOR), 1, False, False, ""),
        (Standing(DISABLED), 1, False, False, "print_quota.printing_disabled"),
    ],
)
def test_which_jobs_are_let_through(standing: Standing, needed: int, is_color: bool, strict: bool, code: str) -> None:
    """PR-61, PR-79, PR-81: whose colour is used up spends the rest of the total in black and white."""
    if not code:
        verdict = check_quota(standing, needed, is_color=is_color, strict=strict)
        assert (verdict.impressions, verdict.color_impressions) == (needed, needed if is_color else 0)
        return
    with pytest.raises(PressroomError) as refused:
        check_quota(standing, needed, is_color=is_color, strict=strict)
    assert refused.value.code == code


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 2500), st.integers(0, 2500))
def test_whoever_is_exceeded_by_total_prints_nothing_and_whoever_is_not_prints_something(
    total: int, color: int, used: int, used_color: int
) -> None:
    standing = Standing(limited(total, min(color, total)), used, min(used, used_color))
    admitted = []
    for is_color in (False, True):
        try:
            check_quota(standing, 1, is_color=is_color, strict=False)
            admitted.append(is_color)
        except PressroomError:
            continue
    assert (False in admitted) is (total > used)
    assert (True in admitted) is (standing.status is not QuotaStatus.EXCEEDED)


@pytest.mark.parametrize(
    ("pages", "ticket", "impressions"),
    [
        (10, {}, 10),
        (10, {"copies": 3}, 30),
        (10, {"copies": 3, "sides": "two-sided-long-edge"}, 30),  # duplex saves sheets, not quota (AM-7)
        (10, {"number_up": 4}, 3),
        (10, {"number_up": 4, "copies": 2}, 6),
        (10, {"page_ranges": "1-3,8"}, 4),
        (10, {"page_ranges": "1-3,8-99"}, 6),
        (10, {"page_ranges": "50-60"}, 0),
    ],
)
def test_impressions_that_a_job_is_estimated_to_take(pages: int, ticket: dict[str, Any], impressions: int) -> None:
    assert impressions_of(pages, JobTicket(**ticket)) == impressions
