"""Distributions: what they may be, who may make them, who learns of them (SQ-20…)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from benchmarks.installation import PASSWORD
from connectors.settings import get_settings
from domain.audit.models import AuditEvent
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import Organization
from domain.organizations.roles import Role
from domain.organizations.service import create_organization
from domain.quotas.distributions import (
    create_distribution,
    edit_distribution,
    get_distribution,
    list_distributions,
    resume_distribution,
    revoke_distribution,
    suspend_distribution,
)
from domain.quotas.models import Duration
from domain.quotas.rules import ServiceState
from domain.quotas.terms import Terms
from domain.quotas.upkeep import expire_distributions
from domain.tenancy import system_session
from steps.contract import Service
from tests.domain.distributions.terms import PERPETUAL, SOON, TODAY, code_of, on_the_day_after, use
from tests.support.quotas import custom, customer_of, give, partner_of, person_of


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
        """SQ-2, SQ-4: one record has a limit, or none, for each service."""
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
        """AC-57, SQ-11, SQ-12, SQ-14."""
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
