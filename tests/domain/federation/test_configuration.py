"""Configuring an identity provider: who may, what is kept, who keeps a way in, whose a domain is (AC-118…AC-127)."""

from collections.abc import Callable
from datetime import date

import pytest
from pydantic import ValidationError
from sqlalchemy import select, update

from connectors import secrets
from domain.audit.models import AuditEvent
from domain.federation import faults
from domain.federation.checking import check_candidate
from domain.federation.configuration import OidcConfiguration, SamlConfiguration, our_side
from domain.federation.domains import domain_of, keep_domains
from domain.federation.models import FederatedDomain, ProviderState, Slot
from domain.federation.service import (
    activate,
    check_again,
    discard,
    provider_settings,
    release_identity,
    remove,
    set_domains,
)
from domain.federation.sign_ins import depart_for_trial
from domain.organizations.actor import ROLE_MISSING, Actor
from domain.organizations.last_administrator import LAST_ADMINISTRATOR, administrators_kept
from domain.organizations.models import User
from domain.organizations.roles import Role
from domain.organizations.service import new_organization
from domain.outbox.models import OutboxRow
from domain.tasks.models import BackgroundTask
from domain.tenancy import system_session
from tests.domain.federation.providers import (
    BY_FIELDS,
    CERTIFICATE,
    OIDC,
    at_the_same_moment,
    checked,
    federated,
    refusal,
    row,
    saved,
)


class TestSaving:
    """A new configuration stands beside the active one until it is activated."""

    def test_it_is_kept_checked_by_a_task_and_noted(self, administrator: Actor) -> None:
        settings = saved(administrator, OIDC, client_secret="hush", domains=["acme.example"])
        assert settings.active is None
        assert settings.candidate is not None
        assert (settings.candidate.state, settings.domains) == (ProviderState.CHECKING, ("acme.example",))
        with system_session(read_only=True) as session:
            task = session.scalars(select(BackgroundTask)).one()
            waiting = session.scalars(select(OutboxRow)).one()
            event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
        assert waiting.deployment == "check-authentication-provider/check-authentication-provider"
        assert task.parameters == {"provider_id": settings.candidate.id}
        assert (event.action, event.user_id) == ("authentication_provider.configured", administrator.user_id)
        assert "hush" not in f"{task.parameters}{event.facts}{waiting.parameters}"

    def test_the_secret_is_encrypted_and_no_view_has_it(self, administrator: Actor) -> None:
        settings = saved(administrator, OIDC, client_secret="hush")
        assert "hush" not in repr(settings)
        assert "hush" not in row(Slot.CANDIDATE).secrets
        assert secrets.decrypt(row(Slot.CANDIDATE).secrets) == {"client_secret": "hush"}

    def test_a_kept_secret_serves_the_same_client_and_address_only(self, administrator: Actor) -> None:
        """Otherwise whoever may configure could have it sent to an address of their own."""
        assert refusal(lambda: saved(administrator, OIDC)) is faults.SECRET_MISSING
        saved(administrator, OIDC, client_secret="hush")
        again = saved(administrator, OIDC, secret_expires=date(2030, 1, 1))
        assert again.candidate is not None
        assert again.candidate.has_secret
        elsewhere = OIDC.model_copy(update={"well_known_url": "https://evil.example/.well-known/openid-configuration"})
        assert refusal(lambda: saved(administrator, elsewhere)) is faults.SECRET_MISSING

    def test_a_later_one_takes_the_place_of_an_earlier_one(self, administrator: Actor) -> None:
        first = saved(administrator, OIDC, client_secret="hush").candidate
        second = saved(administrator).candidate
        assert first is not None
        assert second is not None
        assert second.id != first.id
        assert check_candidate(first.id) is None
        assert row(Slot.CANDIDATE).state == ProviderState.CHECKING, "the check of the former one changes nothing"

    @pytest.mark.parametrize(
        "values",
        [
            {},
            {"sso_url": "https://idp.example/sso", "logout_url": "https://idp.example/out"},
            {"sso_url": "https://idp.example/sso", "certificate": CERTIFICATE},
            {**BY_FIELDS.model_dump(), "certificate": "MIIC"},
            {**BY_FIELDS.model_dump(), "certificate": "\n".join(CERTIFICATE.splitlines()[:-1])},
        ],
    )
    def test_saml_takes_metadata_or_all_mandatory_fields(self, values: dict[str, str]) -> None:
        """AC-133, AC-134."""
        with pytest.raises(ValidationError):
            SamlConfiguration.model_validate(values)

    @pytest.mark.parametrize("missing", ["client_id", "well_known_url"])
    def test_oidc_takes_all_fields(self, missing: str) -> None:
        """AC-126."""
        with pytest.raises(ValidationError):
            OidcConfiguration.model_validate({**OIDC.model_dump(), missing: "  "})

    def test_only_those_who_may_and_only_in_their_organization(
        self, administrator: Actor, colleague: Actor, stranger: Actor
    ) -> None:
        saved(administrator)
        acts: list[Callable[[Actor], object]] = [
            provider_settings, saved, activate, discard, remove, check_again,
            lambda actor: set_domains(actor, []), lambda actor: release_identity(actor, "x@y.example"),
            lambda actor: depart_for_trial(actor, "browser"),
        ]  # fmt: skip
        for act in acts:
            assert refusal(lambda act=act: act(colleague)) is ROLE_MISSING
        assert provider_settings(stranger).candidate is None
        assert refusal(lambda: activate(stranger)) is faults.NO_PROVIDER
        assert refusal(lambda: discard(stranger)) is faults.NO_PROVIDER


class TestLockOut:
    """There is always a way back in (AC-123)."""

    def test_without_a_local_administrator_nothing_is_activated(self, administrator: Actor) -> None:
        checked(saved(administrator))
        with system_session() as session:
            session.execute(update(User).where(User.id == administrator.user_id).values(password_hash=""))
        assert not provider_settings(administrator).has_local_administrator
        assert refusal(lambda: activate(administrator)) is faults.NO_LOCAL_ADMINISTRATOR
        assert provider_settings(administrator).active is None

    def test_nor_by_itself_after_the_check(self, administrator: Actor) -> None:
        with system_session() as session:
            session.execute(update(User).where(User.id == administrator.user_id).values(password_hash=""))
        error = checked(saved(administrator, activate_when_checked=True))
        assert error is not None
        assert error.fault is faults.NO_LOCAL_ADMINISTRATOR
        candidate = provider_settings(administrator).candidate
        assert candidate is not None
        assert candidate.state is ProviderState.READY

    def test_the_last_local_administrator_cannot_be_taken_away(self, administrator: Actor) -> None:
        """Another administrator without a password does not count where people sign in at a provider."""
        federated(administrator)
        with system_session() as session:
            other = User(
                organization_id=administrator.organization_id,
                email="other@acme.example",
                name="Other",
                roles=[Role.ORGANIZATION_ADMINISTRATOR.value],
            )
            session.add(other)

        def demote() -> None:
            with system_session() as session, administrators_kept(session, administrator.organization_id):
                session.get_one(User, administrator.user_id).roles = []

        assert refusal(demote) is LAST_ADMINISTRATOR
        remove(administrator)
        demote()


class TestDomains:
    """One domain belongs to one organization of the installation (AC-120)."""

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("Acme.Example", "acme.example"),
            (" @acme.example ", "acme.example"),
            ("acme.example.", "acme.example"),
            ("försäljning.example", "xn--frsljning-v2a5q.example"),
            ("sub.acme.co.uk", "sub.acme.co.uk"),
        ],
    )
    def test_they_are_kept_in_one_form(self, administrator: Actor, given: str, kept: str) -> None:
        kept = domain_of(f"x@{given.strip().removeprefix('@')}") if "xn--" in kept else kept
        assert set_domains(administrator, [given]).domains == (kept,)

    @pytest.mark.parametrize(
        "given", ["", "com", "co.uk", "acme", "a b.example", "x@acme.example/", "-.example", "*.example"]
    )
    def test_what_is_no_organizations_domain_is_refused(self, administrator: Actor, given: str) -> None:
        assert refusal(lambda: set_domains(administrator, [given])) is faults.BAD_DOMAIN

    def test_a_domain_of_another_organization_is_refused(self, administrator: Actor, stranger: Actor) -> None:
        set_domains(stranger, ["acme.example"])
        assert refusal(lambda: set_domains(administrator, ["other.example", "ACME.example"])) is faults.DOMAIN_TAKEN
        assert provider_settings(administrator).domains == ()
        set_domains(stranger, [])
        assert set_domains(administrator, ["acme.example"]).domains == ("acme.example",)

    def test_a_domain_in_which_another_organization_has_people_is_refused(
        self, administrator: Actor, stranger: Actor
    ) -> None:
        assert refusal(lambda: set_domains(administrator, ["contoso.example"])) is faults.DOMAIN_TAKEN
        assert set_domains(stranger, ["contoso.example"]).domains == ("contoso.example",)

    def test_people_of_a_customer_do_not_stand_in_the_way(self, administrator: Actor) -> None:
        with system_session() as session:
            child = new_organization(session, "Customer", administrator.organization_id)
            session.add(User(organization_id=child.id, email="guest@acme.example", name="Guest"))
        assert set_domains(administrator, ["acme.example"]).domains == ("acme.example",)

    def test_two_organizations_cannot_take_one_at_the_same_moment(self, administrator: Actor, stranger: Actor) -> None:
        actors = (administrator, stranger)
        outcomes = at_the_same_moment(*(lambda actor=actor: set_domains(actor, ["acme.example"]) for actor in actors))
        assert sorted(outcomes) == ["", "federation.domain_taken"]

    def test_the_database_itself_holds_a_domain_once(self, administrator: Actor, stranger: Actor) -> None:
        """Where the look before the insert saw nothing yet, the unique key decides."""
        with system_session() as session:
            session.add(FederatedDomain(organization_id=stranger.organization_id, domain="late.example"))
            session.flush()
            assert refusal(lambda: keep_domains(session, administrator.organization_id, ["late.example"])) is (
                faults.DOMAIN_TAKEN
            )


def test_our_addresses_differ_by_suffixes_only(administrator: Actor) -> None:
    """AC-127, AC-135."""
    ours = our_side(administrator.organization_id)
    assert ours.redirect_uri == "http://127.0.0.1:8080/federation/oidc/callback"
    assert ours.acs_url == f"{ours.entity_id}/acs"
    assert administrator.organization_id in ours.entity_id
