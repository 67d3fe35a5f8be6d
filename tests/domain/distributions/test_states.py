"""Distributions: what becomes of them, and where unused pages go."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.organizations.actor import Actor
from domain.quotas.distribution_views import DistributionView
from domain.quotas.distributions import (
    create_distribution,
    edit_distribution,
    get_distribution,
    resume_distribution,
    revoke_distribution,
    suspend_distribution,
)
from domain.quotas.models import Distribution, DistributionState, Duration
from domain.quotas.rules import Pages, ServiceState
from domain.quotas.terms import Terms
from domain.quotas.upkeep import count_for_partners, expire_distributions
from domain.runs.execution import begin_step, complete_step
from domain.tenancy import system_session
from steps.contract import Service
from tests.domain.distributions.terms import PERPETUAL, SOON, TODAY, code_of, on_the_day_after, use
from tests.support.quotas import (
    OCR,
    balance,
    claimed,
    custom,
    customer_of,
    document,
    give,
    new_run,
    partner_of,
    result,
    set_limits,
)


def states(view: DistributionView) -> dict[Service, ServiceState]:
    return {one.service: one.state for one in view.services}


class TestStates:
    """Table SQ-39."""

    def test_one_open_distribution(self, partner: Actor, customer: Actor) -> None:
        give(partner, customer)
        assert code_of(lambda: give(partner, customer)) == ("quota.open_already", "SQ-28")

    def test_suspended_and_resumed_as_a_whole_or_by_service(self, partner: Actor, customer: Actor) -> None:
        """SQ-35, SQ-36."""
        give(partner, customer)
        one = customer.organization_id
        view = suspend_distribution(partner, one, [Service.OCR])
        assert (view.state, states(view)[Service.OCR]) == (ServiceState.ACTIVE, ServiceState.SUSPENDED)
        assert suspend_distribution(partner, one).state is ServiceState.SUSPENDED
        assert code_of(lambda: suspend_distribution(partner, one)) == ("quota.suspended_already", "SQ-E10")
        view = resume_distribution(partner, one, [Service.REDACTION])
        assert set(states(view).values()) == {ServiceState.SUSPENDED, ServiceState.ACTIVE}
        assert resume_distribution(partner, one).state is ServiceState.ACTIVE
        assert code_of(lambda: resume_distribution(partner, one)) == ("quota.not_suspended", "SQ-E10")

    def test_a_suspended_service_is_refused_the_others_go_on(self, partner: Actor, customer: Actor) -> None:
        give(partner, customer)
        suspend_distribution(partner, customer.organization_id, [Service.TRANSLATION])
        use(customer, 1)
        suspend_distribution(partner, customer.organization_id, [Service.OCR])
        assert code_of(lambda: use(customer, 1)) == ("quota.suspended", "SQ-E12")
        resume_distribution(partner, customer.organization_id, [Service.OCR])
        use(customer, 1)

    def test_exhausted_until_pages_are_added(self, partner: Actor, customer: Actor) -> None:
        """SQ-22, SQ-34."""
        give(partner, customer, ocr=2)
        use(customer, 2)
        view = get_distribution(partner, customer.organization_id).distribution
        assert view is not None
        assert (states(view)[Service.OCR], view.pages(Service.OCR).left) == (ServiceState.EXHAUSTED, 0)
        assert code_of(lambda: use(customer, 1)) == ("quota.exhausted", "SQ-E12")
        view = edit_distribution(partner, customer.organization_id, Terms(Duration.PERPETUAL, {Service.OCR: 3}))
        assert (states(view)[Service.OCR], view.pages(Service.OCR).left) == (ServiceState.ACTIVE, 1)
        use(customer, 1)

    def test_edited_below_what_is_used_nothing_is_left(self, partner: Actor, customer: Actor) -> None:
        give(partner, customer, ocr=10)
        use(customer, 5)
        view = edit_distribution(partner, customer.organization_id, Terms(Duration.PERPETUAL, {Service.OCR: 3}))
        assert (view.pages(Service.OCR).left, view.pages(Service.OCR).used) == (0, 5)

    def test_a_custom_one_ends_on_its_day_even_if_pages_remain(self, partner: Actor, customer: Actor) -> None:
        """SQ-23."""
        create_distribution(partner, customer.organization_id, custom({Service.OCR: 10}, TODAY + timedelta(days=1)))
        use(customer, 1)
        on_the_day_after(customer)
        assert code_of(lambda: use(customer, 1)) == ("quota.expired", "SQ-E12")
        view = get_distribution(partner, customer.organization_id).distribution
        assert view is not None
        assert view.state is ServiceState.EXPIRED
        for action in (suspend_distribution, resume_distribution):
            assert code_of(lambda action=action: action(partner, customer.organization_id)) == (  # type: ignore[misc]
                "quota.has_ended", "SQ-E10",
            )  # fmt: skip

    @pytest.mark.parametrize("noticed", [False, True])
    def test_an_expired_one_goes_on_with_a_new_date_and_keeps_its_count(
        self, partner: Actor, customer: Actor, noticed: bool
    ) -> None:
        create_distribution(partner, customer.organization_id, custom({Service.OCR: 10}, SOON))
        use(customer, 4)
        on_the_day_after(customer)
        assert not noticed or expire_distributions() == 1
        view = edit_distribution(
            partner, customer.organization_id, Terms(Duration.CUSTOM, {Service.OCR: 10}, expires_on=SOON)
        )
        assert (view.state, view.pages(Service.OCR).left) == (ServiceState.ACTIVE, 6)
        use(customer, 1)

    @pytest.mark.parametrize("noticed", [False, True])
    def test_a_new_one_after_an_expired_one_counts_anew(self, partner: Actor, customer: Actor, noticed: bool) -> None:
        """SQ-70."""
        create_distribution(partner, customer.organization_id, custom({Service.OCR: 10}, SOON))
        use(customer, 4)
        on_the_day_after(customer)
        assert not noticed or expire_distributions() == 1
        give(partner, customer, ocr=5)
        assert balance(customer).used == 0
        use(customer, 5)

    def test_revoking_asks_for_the_name_and_is_final(self, partner: Actor, customer: Actor) -> None:
        """SQ-37, TS-69: the name exactly as it is written."""
        give(partner, customer)
        one = customer.organization_id
        for wrong in ("", "contoso", "Contoso AB"):
            assert code_of(lambda wrong=wrong: revoke_distribution(partner, one, wrong)) == (  # type: ignore[misc]
                "quota.name_differs", "SQ-E09",
            )  # fmt: skip
        assert revoke_distribution(partner, one, "  Contoso ").state is ServiceState.REVOKED
        for action in (
            lambda: suspend_distribution(partner, one),
            lambda: resume_distribution(partner, one),
            lambda: edit_distribution(partner, one, PERPETUAL),
            lambda: revoke_distribution(partner, one, "Contoso"),
        ):
            assert code_of(action) == ("quota.has_ended", "SQ-E10")
        give(partner, customer, ocr=1)
        use(customer, 1)

    def test_an_organization_that_never_had_one_has_none_to_change(self, partner: Actor, customer: Actor) -> None:
        assert code_of(lambda: suspend_distribution(partner, customer.organization_id))[0] == "not_found"

    def test_a_suspended_one_may_be_revoked_and_expires(self, partner: Actor, customer: Actor) -> None:
        create_distribution(partner, customer.organization_id, custom({Service.OCR: 10}, SOON))
        suspend_distribution(partner, customer.organization_id)
        on_the_day_after(customer)
        assert expire_distributions() == 1
        view = get_distribution(partner, customer.organization_id).distribution
        assert view is not None
        assert view.state is ServiceState.EXPIRED

    def test_the_change_to_custom_is_confirmed_once(self, partner: Actor, customer: Actor) -> None:
        """SQ-21."""
        give(partner, customer, ocr=5)
        one, terms = customer.organization_id, Terms(Duration.CUSTOM, {Service.OCR: 5}, expires_on=SOON)
        assert code_of(lambda: edit_distribution(partner, one, terms)) == ("quota.custom_unconfirmed", "SQ-E03")
        edit_distribution(partner, one, replace(terms, custom_confirmed=True))
        assert edit_distribution(partner, one, replace(terms, pages={Service.OCR: 6})).pages(Service.OCR).limit == 6


class TestPartnerBalance:
    """Section 3.1: customers' limits and own use stay within what the partner has; unused pages come back (SQ-38)."""

    @pytest.fixture
    def partner(self, administrator: Actor) -> Actor:
        partner = partner_of(administrator)
        set_limits(partner, ocr=100, translation=None, redaction=0)
        return partner

    def left(self, partner: Actor) -> int | None:
        view = get_distribution(partner, partner.organization_id).distribution
        assert view is not None
        return view.pages(Service.OCR).left

    def test_no_more_than_there_is(self, partner: Actor, customer: Actor) -> None:
        give(partner, customer, ocr=60)
        assert self.left(partner) == 40
        other = customer_of(partner, "Fabrikam")
        assert code_of(lambda: give(partner, other, ocr=41)) == ("quota.too_many_pages", "SQ-E04")
        give(partner, other, ocr=40)
        assert self.left(partner) == 0

    def test_the_partner_s_own_use_counts_and_what_was_handed_out_is_not_its_to_use(
        self, partner: Actor, customer: Actor
    ) -> None:
        use(partner, 30)
        assert code_of(lambda: give(partner, customer, ocr=71))[0] == "quota.too_many_pages"
        give(partner, customer, ocr=70)
        assert code_of(lambda: use(partner, 1))[0] == "quota.exhausted"

    @pytest.mark.parametrize("pages", [{Service.OCR: None}, {Service.REDACTION: None}])
    def test_unlimited_pages_take_unlimited_pages(self, partner: Actor, customer: Actor, pages: Pages) -> None:
        terms = custom(dict(pages), SOON)
        assert code_of(lambda: create_distribution(partner, customer.organization_id, terms)) == (
            "quota.unlimited_not_owned", "SQ-E04",
        )  # fmt: skip

    def test_of_an_unlimited_service_any_number_may_be_given(self, partner: Actor, customer: Actor) -> None:
        create_distribution(partner, customer.organization_id, custom({Service.TRANSLATION: None}, SOON))

    def test_a_partner_billed_by_use_has_no_cap(self, administrator: Actor) -> None:
        partner = partner_of(administrator)
        customer = customer_of(partner, "Contoso")
        create_distribution(partner, customer.organization_id, custom(dict.fromkeys(Service), SOON))

    def test_editing_counts_only_the_difference_and_less_is_always_possible(
        self, partner: Actor, customer: Actor
    ) -> None:
        give(partner, customer, ocr=90)
        one = customer.organization_id
        edit_distribution(partner, one, Terms(Duration.PERPETUAL, {Service.OCR: 100}))
        assert code_of(lambda: edit_distribution(partner, one, Terms(Duration.PERPETUAL, {Service.OCR: 101})))[0] == (
            "quota.too_many_pages"
        )
        set_limits(partner, ocr=10)
        edit_distribution(partner, one, Terms(Duration.PERPETUAL, {Service.OCR: 95}))
        assert self.left(partner) == 0

    def test_what_a_revoked_customer_did_not_use_comes_back(self, partner: Actor, customer: Actor) -> None:
        """TS-69."""
        give(partner, customer, ocr=60)
        use(customer, 10)
        assert self.left(partner) == 40
        revoke_distribution(partner, customer.organization_id, "Contoso")
        assert self.left(partner) == 90

    def test_what_an_expired_customer_did_not_use_comes_back(self, partner: Actor, customer: Actor) -> None:
        create_distribution(partner, customer.organization_id, custom({Service.OCR: 60}, SOON))
        use(customer, 10)
        on_the_day_after(customer)
        assert expire_distributions() == 1
        assert expire_distributions() == 0
        assert self.left(partner) == 90

    def test_a_suspended_customer_keeps_its_pages(self, partner: Actor, customer: Actor) -> None:
        give(partner, customer, ocr=60)
        suspend_distribution(partner, customer.organization_id)
        assert self.left(partner) == 40

    def test_a_step_at_work_when_its_distribution_is_revoked_is_charged_to_it(
        self, partner: Actor, customer: Actor
    ) -> None:
        give(partner, customer, ocr=60)
        work = claimed(new_run(customer))
        begin_step(work, OCR, "0", document(5))
        revoke_distribution(partner, customer.organization_id, "Contoso")
        assert self.left(partner) == 95
        complete_step(work, OCR, "0", result(1))
        count_for_partners()
        assert self.left(partner) == 99

    def test_a_partner_whose_own_pages_were_withdrawn_has_none_to_give(self, partner: Actor, customer: Actor) -> None:
        name = get_distribution(partner, partner.organization_id).organization_name
        revoke_distribution(partner, partner.organization_id, name)
        assert code_of(lambda: give(partner, customer, ocr=1))[0] == "quota.too_many_pages"

    def test_customers_count_against_the_pages_that_their_partner_has_now(
        self, partner: Actor, customer: Actor
    ) -> None:
        give(partner, customer, ocr=60)
        own = get_distribution(partner, partner.organization_id)
        revoke_distribution(partner, partner.organization_id, own.organization_name)
        create_distribution(partner, partner.organization_id, Terms(Duration.PERPETUAL, {Service.OCR: 80}))
        assert self.left(partner) == 20


def test_the_stored_state_is_enough_for_the_database(partner: Actor, customer: Actor) -> None:
    give(partner, customer)
    revoke_distribution(partner, customer.organization_id, "Contoso")
    with system_session(read_only=True) as session:
        query = select(Distribution).where(Distribution.organization_id == customer.organization_id)
        row = session.scalars(query).one()
    assert (row.state, row.current_of) == (DistributionState.REVOKED, None)
