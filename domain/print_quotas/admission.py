"""Whether somebody may print at all, and whether a job fits what they have left (PR-79…PR-82)."""

from dataclasses import dataclass

from connectors.errors import Fault
from connectors.messages import N_
from domain.print_quotas.limits import Standing

PRINTING_DISABLED = Fault(
    "print_quota.printing_disabled",
    403,
    N_("Printing is not allowed to you this month."),
    N_("Ask a print administrator to change your print quota."),
    spec="PR-80",
)
QUOTA_EXCEEDED = Fault(
    "print_quota.quota_exceeded",
    403,
    N_("Your print quota of this month is used up: {left} of {limit} impressions are left, the job needs {needed}."),
    N_("Wait for the next month, or ask a print administrator for a larger quota."),
    spec="PR-79",
)
COLOR_QUOTA_EXCEEDED = Fault(
    "print_quota.colour_quota_exceeded",
    403,
    N_("You cannot print in colour this month: {left} of {limit} colour impressions are left."),
    N_("Print in black and white, or ask a print administrator for a larger quota."),
    spec="PR-82",
)


@dataclass(frozen=True, slots=True)
class QuotaVerdict:
    """What a job is estimated to use, and what its owner has left before it; None: no quota counts."""

    impressions: int
    color_impressions: int
    standing: Standing | None = None


def check_enabled(standing: Standing) -> None:
    """Raise `PRINTING_DISABLED` for a month in which nothing may be printed."""
    if standing.limit.total == "disabled":
        raise PRINTING_DISABLED()


def check_quota(standing: Standing, impressions: int, *, is_color: bool, strict: bool) -> QuotaVerdict:
    """Whether a job of so many impressions may be released; the last one may overdraw unless `strict` (PR-81).

    Raises `PRINTING_DISABLED`, `QUOTA_EXCEEDED`, or `COLOR_QUOTA_EXCEEDED`: the same job fits in black and white.
    """
    check_enabled(standing)
    left = standing.left
    if left is not None and (left <= 0 or (strict and impressions > left)):
        raise QUOTA_EXCEEDED(left=left, limit=standing.limit.total_limit or 0, needed=impressions)
    if is_color:
        _check_color(standing, impressions, strict=strict)
    return QuotaVerdict(impressions, impressions if is_color else 0, standing)


def _check_color(standing: Standing, impressions: int, *, strict: bool) -> None:
    if standing.limit.color == "not_allowed":
        raise COLOR_QUOTA_EXCEEDED(left=0, limit=0)
    left = standing.color_left
    if left is not None and (left <= 0 or (strict and impressions > left)):
        raise COLOR_QUOTA_EXCEEDED(left=left, limit=standing.limit.color_limit or 0)
