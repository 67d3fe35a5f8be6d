"""Distributions: what they may be, who may make them, what they do, and where unused pages go (SQ-20…SQ-39)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from benchmarks.installation import PASSWORD
from connectors.errors import PressroomError
from connectors.settings import get_settings
from domain.audit.models import AuditEvent
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import Organization, now
from domain.organizations.roles import Role
from domain.organizations.service import create_organization
from domain.quotas.distribution_views import DistributionView
from domain.quotas.distributions import (
    create_distribution,
    edit_distribution,
    get_distribution,
    list_distributions,
    resume_distribution,
    revoke_distribution,
    suspend_distribution,
)
from domain.quotas.models import Distribution, DistributionState, Duration
from domain.quotas.rules import Pages, ServiceState
from domain.quotas.terms import Terms
from domain.quotas.upkeep import count_for_partners, expire_distributions
from domain.runs.execution import begin_step, complete_step, finish
from domain.runs.models import RunState
from domain.tenancy import system_session
from steps.contract import Service
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
    person_of,
    result,
    set_limits,
)

TODAY = now().date()
SOON = TODAY + timedelta(days=30)
PERPETUAL = Terms(Duration.PERPETUAL, {Service.OCR: 100})


@pytest.fixture
def partner(administrator: Actor) -> Actor:
    return partner_of(administrator)


@pytest.fixture
def customer(partner: Actor) -> Actor:
    return customer_of(partner, "Contoso")


def code_of(action: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(PressroomError) as error:
        action()
    return error.value.code, error.value.fault.spec


def use(actor: Actor, pages: int) -> None:
    """A run that is charged so many pages of OCR."""
    work = claimed(new_run(actor))
    begin_step(work, OCR, "0", document(pages))
    complete_step(work, OCR, "0", result(pages * 1800, pages=pages))
    finish(work, RunState.COMPLETED)


def states(view: DistributionView) -> dict[Service, ServiceState]:
    return {one.service: one.state for one in view.services}


def on_the_day_after(customer: Actor) -> None:
    """The open distribution's last day was yesterday."""
    with system_session() as session:
        query = select(Distribution).where(Distribution.current_of == customer.organization_id)
        session.scalars(query).one().expires_on = TODAY - timedelta(days=1)


class TestTerms:
    @pytest.mark.parametrize(
        ("requirement", "terms", "code"),
        [
            ("SQ-E02", custom({Service.OCR: 1}, TODAY - timedelta(days=2)), "quota.expiry_past"),
            ("SQ-E02", replace(custom({Service.OCR: 1}, SOON), expires_on=None), "quota.expiry_missing"),
            ("SQ-E03", replace(custom({Service.OCR: 1}, SOON), custom_confirmed=False), "quota.custom_unconfirmed"),
            ("SQ-24", Terms(Duration.PERPETUAL, {Service.OCR: None}), "quota.unlimited_needs_custom"),
            ("SQ-27", Terms(Duration.PERPETUAL, {}), "quota.nothing_given"),
            ("SQ-27", Terms(Duration.PERPETUAL, {Service.OCR: 0, Service.REDACTION: 0}), "quota.nothing_given"),
            ("SQ-27", Terms(Duration.PERPETUAL, {Service.OCR: -1}), "quota.bad_limit"),
            ("SQ-27", Terms(Duration.PERPETUAL, {Service.OCR: 10**12}), "quota.bad_limit"),
            ("SQ-E05", replace(PERPETUAL, notify=()), "quota.no_addresses"),
            ("SQ-E05", replace(PERPETUAL, notify=("ann@example.com", "no address")), "quota.bad_address"),
            ("SQ-E05", replace(PERPETUAL, notify=tuple(f"a{n}@example.com" for n in range(11))),
             "quota.too_many_addresses"),
            ("", Terms(Duration.USAGE, {}), "quota.first_level_only"),
        ],
    )  # fmt: skip
    def test_what_cannot_be(self, partner: Actor, customer: Actor, requirement: str, terms: Terms, code: str) -> None:
        assert code_of(lambda: create_distribution(partner, customer.organization_id, terms)) == (code, requirement)
        assert get_distribution(partner, customer.organization_id).distribution is None

    @pytest.mark.parametrize(
        "terms",
        [
            PERPETUAL,
            custom({Service.OCR: None, Service.TRANSLATION: 5}, SOON),
            custom({Service.OCR: 5}, TODAY),
            replace(PERPETUAL, notify=tuple(f"a{n}@example.com" for n in range(10))),
        ],
    )
    def test_what_can_be(self, partner: Actor, customer: Actor, terms: Terms) -> None:
        view = create_distribution(partner, customer.organization_id, terms)
        assert view.state is ServiceState.ACTIVE
        assert {one.service: one.limit for one in view.services} == {
            service: terms.pages.get(service, 0) for service in Service
        }
        assert (view.expires_on, len(view.notify)) == (terms.expires_on, len(terms.notify or ()))

    def test_an_address_given_twice_is_kept_once(self, partner: Actor, customer: Actor) -> None:
        terms = replace(PERPETUAL, notify=("ann@example.com", " ANN@example.com "))
        assert create_distribution(partner, customer.organization_id, terms).notify == ("ann@example.com",)


class TestReach:
    def test_a_partner_sees_its_customers_and_itself_by_name(self, partner: Actor, stranger: Actor) -> None:
        assert stranger.organization_id
        for name in ("Beta", "alpha"):
            give(partner, customer_of(partner, name))
        customer_of(partner, "Gamma")
        plain = replace(partner, is_operator=False)
        rows = [(row.organization_name, row.distribution is not None) for row in list_distributions(plain)]
        assert rows == [("Pressroom", True), ("alpha", True), ("Beta", True), ("Gamma", False)]
        assert [row.organization_name for row in list_distributions(plain, "ALPH")] == ["alpha"]

    def test_who_operates_the_installation_also_sees_the_other_organizations_of_the_first_level(
        self, partner: Actor, stranger: Actor
    ) -> None:
        assert partner.is_operator
        assert "Contoso" in [row.organization_name for row in list_distributions(partner)]
        view = edit_distribution(partner, stranger.organization_id, PERPETUAL)
        assert view.organization_name == "Contoso"

    @pytest.mark.parametrize("action", [get_distribution, suspend_distribution, resume_distribution])
    def test_a_foreign_customer_does_not_exist(
        self, customer: Actor, stranger: Actor, action: Callable[[Actor, str], object]
    ) -> None:
        other_partner = partner_of(stranger)
        assert code_of(lambda: action(other_partner, customer.organization_id))[0] == "not_found"
        assert code_of(lambda: create_distribution(other_partner, customer.organization_id, PERPETUAL)) == (
            "quota.organization_needed", "SQ-E01",
        )  # fmt: skip

    def test_a_customer_sees_its_own_and_cannot_change_it(self, partner: Actor, customer: Actor) -> None:
        give(partner, customer, ocr=5)
        (row,) = list_distributions(customer)
        assert (row.organization_name, row.may_set) == ("Contoso", False)
        for action in (
            lambda: edit_distribution(customer, customer.organization_id, PERPETUAL),
            lambda: suspend_distribution(customer, customer.organization_id),
            lambda: revoke_distribution(customer, customer.organization_id, "Contoso"),
        ):
            assert code_of(action)[0] == "quota.not_yours_to_set"
        assert code_of(lambda: create_distribution(customer, None, PERPETUAL))[0] == "quota.organization_needed"

    @pytest.mark.parametrize(
        ("roles", "may"),
        [
            ((Role.PARTNER_ADMINISTRATOR,), True),
            ((Role.QUOTA_ADMINISTRATOR,), True),
            ((Role.SOLUTIONS_ADMINISTRATOR, Role.FLEET_ADMINISTRATOR), False),
        ],
    )
    def test_either_role_of_an_access_group_is_enough(
        self, administrator: Actor, roles: tuple[Role, ...], may: bool
    ) -> None:
        """AC-57, SQ-11, SQ-12."""
        partner = replace(partner_of(administrator, *roles), is_operator=False)
        customer = customer_of(partner, "Contoso")
        if may:
            assert create_distribution(partner, customer.organization_id, PERPETUAL).organization_name == "Contoso"
        else:
            assert code_of(lambda: get_distribution(partner, customer.organization_id))[0] == "not_found"

    def test_without_a_role_nothing_is_shown(self, administrator: Actor) -> None:
        """SQ-E13."""
        assert code_of(lambda: list_distributions(person_of(administrator, "user@example.com")))[0] == "role.missing"

    def test_somebody_of_the_partner_who_entered_a_customer_sees_and_sets_only_that_one(
        self, partner: Actor, customer: Actor
    ) -> None:
        customer_of(partner, "Fabrikam")
        visitor = actor_of_user(partner.user_id, customer.organization_id)
        assert [row.organization_name for row in list_distributions(visitor)] == ["Contoso"]
        assert create_distribution(visitor, customer.organization_id, PERPETUAL).organization_name == "Contoso"

    def test_an_organization_without_customers_needs_not_name_one(self, stranger: Actor) -> None:
        """SQ-20. Its record of usage billing is edited, or revoked and replaced."""
        assert code_of(lambda: create_distribution(stranger, None, PERPETUAL))[0] == "quota.open_already"
        revoke_distribution(stranger, stranger.organization_id, "Contoso")
        assert create_distribution(stranger, None, PERPETUAL).organization_name == "Contoso"
        usage = edit_distribution(stranger, stranger.organization_id, Terms(Duration.USAGE, {}))
        assert {one.limit for one in usage.services} == {None}

    def test_an_organization_with_customers_must_name_one_and_its_own_pages_are_set_by_the_operator(
        self, stranger: Actor
    ) -> None:
        partner = partner_of(stranger)
        customer_of(partner, "Fabrikam")
        assert code_of(lambda: create_distribution(partner, None, PERPETUAL)) == ("quota.organization_needed", "SQ-E01")
        own = partner.organization_id
        assert code_of(lambda: edit_distribution(partner, own, PERPETUAL))[0] == "quota.not_yours_to_set"


class TestStates:
    """Table SQ-39."""

    def test_one_open_distribution(self, partner: Actor, customer: Actor) -> None:
        give(partner, customer)
        assert code_of(lambda: give(partner, customer)) == ("quota.open_already", "SQ-28")

    def test_suspended_and_resumed_as_a_whole_or_by_service(self, partner: Actor, customer: Actor) -> None:
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


class TestNotices:
    """SQ-25, SQ-29."""

    @pytest.fixture
    def customer(self, partner: Actor) -> Actor:
        one = customer_of(partner, "Contoso")
        terms = Terms(Duration.PERPETUAL, {Service.OCR: 20}, notify=("ann@example.com", "bob@example.com"))
        create_distribution(partner, one.organization_id, terms)
        return one

    def mails(self) -> list[OutgoingMail]:
        with system_session(read_only=True) as session:
            return list(session.scalars(select(OutgoingMail).order_by(OutgoingMail.created)))

    def test_all_addresses_are_told_once_when_ten_percent_are_left(self, customer: Actor) -> None:
        use(customer, 17)
        assert self.mails() == []
        use(customer, 1)
        (mail,) = self.mails()
        assert set(mail.recipients) == {"ann@example.com", "bob@example.com"}
        use(customer, 1)
        assert len(self.mails()) == 1

    def test_again_after_pages_were_added(self, partner: Actor, customer: Actor) -> None:
        use(customer, 18)
        terms = Terms(Duration.PERPETUAL, {Service.OCR: 40}, notify=("ann@example.com",))
        edit_distribution(partner, customer.organization_id, terms)
        assert len(self.mails()) == 1
        use(customer, 18)
        assert len(self.mails()) == 2

    def test_lowering_the_limit_can_be_what_empties_it(self, partner: Actor, customer: Actor) -> None:
        use(customer, 10)
        terms = Terms(Duration.PERPETUAL, {Service.OCR: 11}, notify=("ann@example.com",))
        edit_distribution(partner, customer.organization_id, terms)
        assert len(self.mails()) == 1

    def test_nobody_is_told_who_did_not_ask_for_it(self, partner: Actor) -> None:
        one = customer_of(partner, "Fabrikam")
        give(partner, one, ocr=1)
        use(one, 1)
        assert self.mails() == []

    def test_the_share_is_a_setting(self, customer: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PRESSROOM_QUOTA_NOTICE_PERCENT", "50")
        get_settings.cache_clear()
        use(customer, 10)
        assert len(self.mails()) == 1


def test_everything_that_is_done_is_in_the_audit_trail_of_the_organization(partner: Actor, customer: Actor) -> None:
    one = customer.organization_id
    create_distribution(partner, one, custom({Service.OCR: 5}, SOON))
    edit_distribution(partner, one, Terms(Duration.CUSTOM, {Service.OCR: 6}, expires_on=SOON))
    suspend_distribution(partner, one, [Service.OCR])
    resume_distribution(partner, one)
    on_the_day_after(customer)
    expire_distributions()
    edit_distribution(partner, one, Terms(Duration.CUSTOM, {Service.OCR: None}, expires_on=SOON))
    revoke_distribution(partner, one, "Contoso")
    with system_session(read_only=True) as session:
        query = select(AuditEvent).where(AuditEvent.target_kind == "quota_distribution").order_by(AuditEvent.id)
        events = session.scalars(query).all()
    assert [event.action.partition(".")[2] for event in events] == [
        "created", "edited", "suspended", "resumed", "expired", "edited", "revoked",
    ]  # fmt: skip
    assert {event.organization_id for event in events} == {one}
    assert {event.user_id for event in events} == {partner.user_id, ""}
    assert events[0].facts["ocr"] == 5
    assert events[5].facts["ocr"] == "unlimited"


def test_an_organization_in_deletion_is_out_of_reach(partner: Actor, customer: Actor) -> None:
    give(partner, customer)
    with system_session() as session:
        session.get_one(Organization, customer.organization_id).status = "pending_deletion"  # type: ignore[assignment]
    assert code_of(lambda: get_distribution(partner, customer.organization_id))[0] == "not_found"


def test_a_new_organization_of_the_first_level_is_billed_by_use_and_a_customer_has_nothing(partner: Actor) -> None:
    own = create_organization("Elsewhere", "chief@elsewhere.example", "Chief", PASSWORD)
    view = get_distribution(own, own.organization_id).distribution
    assert view is not None
    assert (view.duration, view.state, {one.left for one in view.services}) == (
        Duration.USAGE,
        ServiceState.ACTIVE,
        {None},
    )
    customer = customer_of(partner, "Contoso")
    assert get_distribution(customer, customer.organization_id).distribution is None


def test_the_stored_state_is_enough_for_the_database(partner: Actor, customer: Actor) -> None:
    give(partner, customer)
    revoke_distribution(partner, customer.organization_id, "Contoso")
    with system_session(read_only=True) as session:
        query = select(Distribution).where(Distribution.organization_id == customer.organization_id)
        row = session.scalars(query).one()
    assert (row.state, row.current_of) == (DistributionState.REVOKED, None)
