"""The rules of quotas as tables: precedence, charges, what is left, states (SQ-39, SQ-47…SQ-52, SQ-64)."""

from datetime import UTC, date, datetime

import pytest

from domain.quotas.models import DistributedPages, Distribution, DistributionState, Duration, QuotaKind
from domain.quotas.rules import (
    EffectiveQuota,
    Member,
    ServiceState,
    SetQuota,
    charged_pages,
    effective_quota,
    has_expired,
    is_almost_empty,
    percent_left,
    remaining,
    service_state,
    state_at,
)
from steps.contract import Service

P, C, D, S = QuotaKind.PERSONAL, QuotaKind.COST_CENTER, QuotaKind.DEPARTMENT, QuotaKind.DEFAULT
ANN = Member("ann", department="Sales", cost_center="CC 1")
SHARED = EffectiveQuota(None, None, P, "ann")


def quotas(**amounts: object) -> dict[tuple[QuotaKind, str], SetQuota]:
    """personal=…, sales=…, other=…, cc=…, default=…: amounts of OCR ("empty": only of another service)."""
    places = {
        "personal": (P, "ann"),
        "sales": (D, "Sales"),
        "lower": (D, "sales"),
        "cc": (C, "CC 1"),
        "default": (S, ""),
    }
    pooled = amounts.pop("pooled", False)
    return {
        places[name]: SetQuota(
            *places[name],
            {Service.REDACTION: 9} if amount == "empty" else {Service.OCR: amount},  # type: ignore[dict-item]
            bool(pooled) and name in ("sales", "cc"),
        )
        for name, amount in amounts.items()
    }


@pytest.mark.parametrize(
    ("requirement", "found", "expected"),
    [
        ("SQ-41 nothing set: shared", quotas(), SHARED),
        ("SQ-43 default for everybody", quotas(default=5), EffectiveQuota(S, 5, P, "ann")),
        ("SQ-42 unlimited default", quotas(default=None), EffectiveQuota(S, None, P, "ann")),
        ("SQ-47 personal before all", quotas(personal=1, sales=2, default=3), EffectiveQuota(P, 1, P, "ann")),
        ("SQ-47 personal before cost centre", quotas(personal=1, cc=2), EffectiveQuota(P, 1, P, "ann")),
        ("SQ-47 department before default", quotas(sales=2, default=3), EffectiveQuota(D, 2, P, "ann")),
        ("SQ-47 cost centre before default", quotas(cc=2, default=3), EffectiveQuota(C, 2, P, "ann")),
        ("SQ-46 exact name", quotas(lower=2, default=3), EffectiveQuota(S, 3, P, "ann")),
        ("SQ-52 empty does not override", quotas(personal="empty", sales=2), EffectiveQuota(D, 2, P, "ann")),
        ("SQ-52 empty, nothing else", quotas(personal="empty"), SHARED),
        ("SQ-52 0 is no pages", quotas(personal=0, sales=2), EffectiveQuota(P, 0, P, "ann")),
        ("personal unlimited over department", quotas(personal=None, sales=2), EffectiveQuota(P, None, P, "ann")),
        ("SQ-51 pooled", quotas(sales=2, pooled=True), EffectiveQuota(D, 2, D, "Sales")),
        ("SQ-51 pooled cost centre", quotas(cc=2, default=1, pooled=True), EffectiveQuota(C, 2, C, "CC 1")),
        ("personal before pooled", quotas(personal=1, sales=2, pooled=True), EffectiveQuota(P, 1, P, "ann")),
    ],
)  # fmt: skip
def test_the_effective_quota(
    requirement: str, found: dict[tuple[QuotaKind, str], SetQuota], expected: EffectiveQuota
) -> None:
    assert effective_quota(Service.OCR, ANN, found) == expected, requirement


def test_a_quota_without_a_name_is_nobody_s() -> None:
    """A person of no department is not a member of a department without a name."""
    nameless = {(D, ""): SetQuota(D, "", {Service.OCR: 1}), (S, ""): SetQuota(S, "", {Service.OCR: 2})}
    assert effective_quota(Service.OCR, Member("bob"), nameless).source is S


@pytest.mark.parametrize(
    ("characters", "per_page", "pages"),
    [(0, 1800, 1), (1800, 1800, 1), (1801, 1800, 2), (180_000, 1800, 100), (3, 1, 3), (1, 5000, 1)],
)
def test_the_charge(characters: int, per_page: int, pages: int) -> None:
    assert charged_pages(characters, per_page) == pages


def counters(limit: int | None, used: int = 0, reserved: int = 0, handed_out: int = 0) -> DistributedPages:
    return DistributedPages(
        service=Service.OCR, page_limit=limit, used=used, reserved=reserved, handed_out=handed_out, suspended=False
    )


@pytest.mark.parametrize(
    ("pages", "left"),
    [
        (counters(100), 100),
        (counters(100, 40, 10, 20), 30),
        (counters(100, 90, 20), 0),
        (counters(0), 0),
        (counters(None, 5000), None),
    ],
)
def test_what_is_left(pages: DistributedPages, left: int | None) -> None:
    assert remaining(pages) == left


@pytest.mark.parametrize(
    ("pages", "percent", "expected"),
    [
        (counters(100, 89), 10, False),
        (counters(100, 90), 10, True),
        (counters(100, 80, reserved=20), 10, False),
        (counters(100, 50, handed_out=45), 10, True),
        (counters(15, 13), 10, False),
        (counters(15, 14), 10, True),
        (counters(100, 75), 25, True),
        (counters(None, 10**9), 10, False),
        (counters(0), 10, False),
    ],
)  # fmt: skip
def test_when_a_distribution_is_almost_empty(pages: DistributedPages, percent: int, expected: bool) -> None:
    """SQ-29: never for unlimited ones; what is held for steps at work may still come back."""
    assert is_almost_empty(pages, percent) is expected


@pytest.mark.parametrize(
    ("limit", "left", "percent"),
    [(100, 100, 100), (3, 1, 33), (1000, 9, 0), (0, 0, 0), (10, 0, 0), (None, None, None)],
)
def test_percent_left(limit: int | None, left: int | None, percent: int | None) -> None:
    assert percent_left(limit, left) == percent


@pytest.mark.parametrize(
    ("time_zone", "moment", "expired"),
    [
        ("UTC", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), False),
        ("UTC", datetime(2027, 1, 1, tzinfo=UTC), True),
        ("Pacific/Auckland", datetime(2026, 12, 31, 10, 59, tzinfo=UTC), False),
        ("Pacific/Auckland", datetime(2026, 12, 31, 11, 0, tzinfo=UTC), True),
        ("America/Los_Angeles", datetime(2027, 1, 1, 7, 59, tzinfo=UTC), False),
        ("America/Los_Angeles", datetime(2027, 1, 1, 8, 0, tzinfo=UTC), True),
    ],
)  # fmt: skip
def test_the_expiry_date_is_inclusive_where_the_organization_is(
    time_zone: str, moment: datetime, expired: bool
) -> None:
    """SQ-27."""
    one = Distribution(duration=Duration.CUSTOM, state=DistributionState.ACTIVE, expires_on=date(2026, 12, 31))
    assert has_expired(one, time_zone, moment) is expired
    assert (state_at(one, time_zone, moment) is DistributionState.EXPIRED) is expired


def test_a_perpetual_distribution_never_expires() -> None:
    """SQ-22."""
    one = Distribution(duration=Duration.PERPETUAL, state=DistributionState.ACTIVE)
    assert not has_expired(one, "UTC", datetime(9999, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("state", "suspended", "used", "expected"),
    [
        (DistributionState.ACTIVE, False, 0, ServiceState.ACTIVE),
        (DistributionState.ACTIVE, False, 10, ServiceState.EXHAUSTED),
        (DistributionState.ACTIVE, True, 0, ServiceState.SUSPENDED),
        (DistributionState.ACTIVE, True, 10, ServiceState.SUSPENDED),
        (DistributionState.EXPIRED, True, 10, ServiceState.EXPIRED),
        (DistributionState.REVOKED, True, 10, ServiceState.REVOKED),
    ],
)
def test_the_state_of_a_service(state: DistributionState, suspended: bool, used: int, expected: ServiceState) -> None:
    pages = counters(10, used)
    pages.suspended = suspended
    assert service_state(state, pages) is expected
