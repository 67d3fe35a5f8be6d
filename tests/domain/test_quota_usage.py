"""Who sees how much of what was used: one's own, the usage page, the partner's billing (SQ-75…SQ-84, SQ-70)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from connectors.errors import PressroomError
from connectors.messages import Message
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, User, UserStatus, now
from domain.quotas.billing import (
    Cycle,
    CycleRule,
    billing_rule,
    customer_billing,
    customers_billing,
    cycle_after,
    cycle_before,
    cycle_of,
    set_billing_rule,
)
from domain.quotas.distributions import create_distribution, suspend_distribution
from domain.quotas.models import Duration, QuotaKind
from domain.quotas.rules import ServiceState
from domain.quotas.usage import PersonUse, UsageFilter, list_usage, own_quota
from domain.quotas.user_quotas import create_custom_quota, set_default_quota
from domain.tenancy import system_session
from steps.contract import Service
from tests.support.quotas import custom, customer_of, give, partner_of, person_of, use

TODAY = now().date()


@pytest.fixture
def partner(administrator: Actor) -> Actor:
    return partner_of(administrator)


@pytest.fixture
def customer(partner: Actor) -> Actor:
    one = customer_of(partner, "Contoso")
    give(partner, one, ocr=100, translation=50)
    return one


@pytest.fixture
def ann(customer: Actor) -> Actor:
    return person_of(customer, "ann@contoso.example", department="Sales")


@pytest.fixture
def bob(customer: Actor) -> Actor:
    return person_of(customer, "bob@contoso.example", department="Sales")


def code_of(action: Callable[[], object]) -> str:
    with pytest.raises(PressroomError) as error:
        action()
    return error.value.code


class TestOwnQuota:
    """SQ-80…SQ-82."""

    def test_without_any_setting_everybody_shares_what_the_organization_has(self, ann: Actor, bob: Actor) -> None:
        use(bob, 30)
        use(ann, 5)
        ocr, translation = sorted(own_quota(ann).services, key=lambda one: one.service)
        assert (ocr.is_shared, ocr.limit, ocr.used, ocr.own, ocr.left, ocr.percent) == (True, 100, 35, 5, 65, 65)
        assert (translation.limit, translation.left) == (50, 50)

    def test_an_amount_of_one_s_own_is_bounded_by_what_the_organization_has(
        self, customer: Actor, ann: Actor, bob: Actor
    ) -> None:
        set_default_quota(customer, {Service.OCR: 40})
        use(ann, 10)
        (ocr,) = [one for one in own_quota(ann).services if one.service is Service.OCR]
        assert (ocr.is_shared, ocr.source, ocr.limit, ocr.used, ocr.left) == (False, QuotaKind.DEFAULT, 40, 10, 30)
        use(bob, 40)
        use(customer, 40)
        (ocr,) = [one for one in own_quota(ann).services if one.service is Service.OCR]
        assert (ocr.limit, ocr.left, ocr.percent) == (40, 10, 25)

    def test_a_shared_amount_counts_what_all_its_members_used(self, customer: Actor, ann: Actor, bob: Actor) -> None:
        create_custom_quota(customer, QuotaKind.DEPARTMENT, "Sales", {Service.OCR: 20}, pooled=True)
        use(bob, 12)
        use(ann, 1)
        (ocr,) = [one for one in own_quota(ann).services if one.service is Service.OCR]
        assert (ocr.is_shared, ocr.used, ocr.own, ocr.left) == (True, 13, 1, 7)

    def test_the_end_is_told_for_custom_ones_only(self, partner: Actor, ann: Actor) -> None:
        assert (own_quota(ann).duration, own_quota(ann).expires_on) == (Duration.PERPETUAL, None)
        other = customer_of(partner, "Fabrikam")
        end = TODAY + timedelta(days=9)
        create_distribution(partner, other.organization_id, custom({Service.OCR: None}, end))
        quota = own_quota(other)
        assert (quota.duration, quota.expires_on) == (Duration.CUSTOM, end)
        assert [(one.limit, one.left) for one in quota.services] == [(None, None)]

    def test_what_stands_in_the_way_is_seen(self, partner: Actor, customer: Actor, ann: Actor) -> None:
        suspend_distribution(partner, customer.organization_id, [Service.OCR])
        states = {one.service: one.state for one in own_quota(ann).services}
        assert states == {Service.TRANSLATION: ServiceState.ACTIVE, Service.OCR: ServiceState.SUSPENDED}
        assert own_quota(customer_of(partner, "Bare")).services == ()


class TestUsage:
    """SQ-75…SQ-77."""

    @pytest.fixture(autouse=True)
    def scene(self, customer: Actor, ann: Actor, bob: Actor) -> None:
        set_default_quota(customer, {Service.OCR: 40})
        create_custom_quota(customer, QuotaKind.PERSONAL, ann.email, {Service.OCR: 10})
        use(ann, 9)
        use(bob, 4)
        use(bob, 3, "translate")

    def row(self, customer: Actor, email: str) -> PersonUse:
        return next(row for row in list_usage(customer) if row.email == email)

    def test_a_line_says_used_limit_and_what_is_left_for_each_service(self, customer: Actor) -> None:
        ann, bob = self.row(customer, "ann@contoso.example"), self.row(customer, "bob@contoso.example")
        ocr = {one.service: one for one in ann.services}[Service.OCR]
        assert (ann.source, ocr.own, ocr.limit, ocr.left, ocr.percent) == (QuotaKind.PERSONAL, 9, 10, 1, 10)
        services = {one.service: one for one in bob.services}
        assert (bob.source, services[Service.OCR].left, services[Service.OCR].percent) == (QuotaKind.DEFAULT, 36, 90)
        assert (services[Service.TRANSLATION].own, services[Service.TRANSLATION].is_shared) == (6, True)

    @pytest.mark.parametrize(
        ("chosen", "emails"),
        [
            (UsageFilter(), ["ann@contoso.example", "bob@contoso.example", "head@contoso.example"]),
            (UsageFilter(source=QuotaKind.PERSONAL), ["ann@contoso.example"]),
            (UsageFilter(source=QuotaKind.DEFAULT), ["bob@contoso.example", "head@contoso.example"]),
            (UsageFilter(most_percent=10), ["ann@contoso.example"]),
            (UsageFilter(most_percent=9), []),
            (UsageFilter(most_percent=90, source=QuotaKind.DEFAULT), ["bob@contoso.example", "head@contoso.example"]),
            (UsageFilter(search="BOB"), ["bob@contoso.example"]),
            (UsageFilter(limit=2), ["ann@contoso.example", "bob@contoso.example"]),
            (UsageFilter(limit=2, after="bob@contoso.example"), ["head@contoso.example"]),
        ],
    )  # fmt: skip
    def test_the_filters(self, customer: Actor, chosen: UsageFilter, emails: list[str]) -> None:
        assert [row.email for row in list_usage(customer, chosen)] == emails

    def test_filters_reach_beyond_what_is_read_at_a_time(
        self, customer: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("domain.quotas.usage.AT_A_TIME", 2)
        for number in range(7):
            person_of(customer, f"c{number}@contoso.example")
        last = person_of(customer, "zoe@contoso.example")
        create_custom_quota(customer, QuotaKind.PERSONAL, last.email, {Service.OCR: 0})
        found = list_usage(customer, UsageFilter(most_percent=10))
        assert [row.email for row in found] == ["ann@contoso.example", "zoe@contoso.example"]
        assert len(list_usage(customer)) == 11

    def test_somebody_deleted_is_listed_without_a_name_if_they_used_anything(self, customer: Actor, ann: Actor) -> None:
        idle = person_of(customer, "idle@contoso.example")
        with system_session() as session:
            for user_id in (ann.user_id, idle.user_id):
                user = session.get_one(User, user_id)
                user.status, user.email, user.name = UserStatus.DELETED, f"{user_id}@deleted.invalid", "–"
        rows = {row.user_id: row for row in list_usage(customer)}
        assert idle.user_id not in rows
        assert isinstance(rows[ann.user_id].name, Message)

    def test_who_does_not_manage_quotas_sees_nobody_s(self, ann: Actor, partner: Actor) -> None:
        assert code_of(lambda: list_usage(ann)) == "role.missing"

    def test_an_organization_without_pages_has_no_usage(self, partner: Actor) -> None:
        assert list_usage(customer_of(partner, "Bare")) == []


class TestCycles:
    @pytest.mark.parametrize(
        ("rule", "day", "first", "last"),
        [
            (CycleRule(), date(2026, 11, 25), date(2026, 11, 1), date(2026, 11, 30)),
            (CycleRule(), date(2024, 2, 29), date(2024, 2, 1), date(2024, 2, 29)),
            (CycleRule(day=15), date(2026, 11, 14), date(2026, 10, 15), date(2026, 11, 14)),
            (CycleRule(day=15), date(2026, 11, 15), date(2026, 11, 15), date(2026, 12, 14)),
            (CycleRule(day=28), date(2026, 3, 1), date(2026, 2, 28), date(2026, 3, 27)),
            (CycleRule(3, 1), date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31)),
            (CycleRule(3, 2), date(2026, 1, 31), date(2025, 11, 1), date(2026, 1, 31)),
            (CycleRule(6, 4, 10), date(2026, 4, 9), date(2025, 10, 10), date(2026, 4, 9)),
            (CycleRule(12, 7), date(2026, 6, 30), date(2025, 7, 1), date(2026, 6, 30)),
            (CycleRule(12, 7), date(2026, 7, 1), date(2026, 7, 1), date(2027, 6, 30)),
        ],
    )  # fmt: skip
    def test_the_cycle_of_a_day(self, rule: CycleRule, day: date, first: date, last: date) -> None:
        assert cycle_of(rule, day) == Cycle(first, last)

    @pytest.mark.parametrize("rule", [CycleRule(), CycleRule(3, 2, 28), CycleRule(12, 12, 1), CycleRule(2, 2, 15)])
    def test_cycles_follow_each_other_without_gap(self, rule: CycleRule) -> None:
        cycle = cycle_of(rule, date(2023, 12, 31))
        for _ in range(40):
            following = cycle_after(rule, cycle)
            assert following.first == cycle.last + timedelta(days=1)
            assert cycle_before(rule, following) == cycle
            cycle = following


class TestBilling:
    """SQ-8, SQ-32, SQ-84."""

    def test_use_is_reported_in_the_cycle_in_which_it_was_charged(self, partner: Actor, customer: Actor) -> None:
        with system_session() as session:
            session.get_one(Organization, partner.organization_id).time_zone = "UTC"
        first = TODAY.replace(day=1)
        days_into = (TODAY - first).days
        use(customer, 3)
        use(customer, 5, "translate")
        use(customer, 7, days_ago=days_into + 1)
        use(customer, 1, days_ago=days_into + 40)
        billing = customer_billing(partner, customer.organization_id)
        assert billing.current.first == first
        assert billing.upcoming.first == billing.current.last + timedelta(days=1)
        assert billing.current_used == {Service.OCR: 3, Service.TRANSLATION: 10, Service.REDACTION: 0}
        assert billing.previous_used[Service.OCR] == 7

    def test_the_cycle_is_the_partner_s_choice_and_changes_no_limit(self, partner: Actor, customer: Actor) -> None:
        assert billing_rule(partner) == CycleRule()
        rule = CycleRule(3, 2, 15)
        set_billing_rule(partner, rule)
        assert billing_rule(partner) == rule
        assert customer_billing(partner, customer.organization_id).current == cycle_of(rule, TODAY)
        assert own_quota(customer).services[0].limit == 50
        set_billing_rule(partner, CycleRule())
        assert billing_rule(partner) == CycleRule()

    @pytest.mark.parametrize("rule", [CycleRule(5), CycleRule(1, 0), CycleRule(1, 13), CycleRule(1, 1, 29)])
    def test_what_is_no_cycle(self, partner: Actor, rule: CycleRule) -> None:
        assert code_of(lambda: set_billing_rule(partner, rule)) == "quota.bad_cycle"

    def test_only_partners_see_it_and_only_of_their_customers(
        self, partner: Actor, customer: Actor, stranger: Actor
    ) -> None:
        assert [one.organization_name for one in customers_billing(partner)] == ["Contoso"]
        for action in (lambda: customers_billing(customer), lambda: billing_rule(customer)):
            assert code_of(action) == "role.missing"
        other = partner_of(stranger)
        assert customers_billing(other) == []
        assert code_of(lambda: customer_billing(other, customer.organization_id)) == "not_found"
        assert code_of(lambda: customer_billing(partner, partner.organization_id)) == "not_found"
