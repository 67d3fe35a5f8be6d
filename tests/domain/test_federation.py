"""Configuring an identity provider: who may, what is checked, what is kept, who is told (AC-118…AC-135)."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError
from sqlalchemy import select, update

from benchmarks.installation import PASSWORD, environment
from connectors import secrets
from connectors.database import open_engine
from connectors.errors import Fault, PressroomError
from connectors.identity import faults as protocol
from connectors.identity.claims import Identity
from connectors.settings import get_settings
from domain.audit.models import AuditEvent
from domain.federation import faults
from domain.federation.admission import admit
from domain.federation.checking import check_candidate
from domain.federation.configuration import OidcConfiguration, SamlConfiguration, our_side
from domain.federation.domains import domain_of, keep_domains
from domain.federation.models import (
    AuthenticationProvider,
    FederatedDomain,
    FederatedIdentity,
    PendingSignIn,
    ProviderState,
    Slot,
    UsedAssertion,
)
from domain.federation.routing import is_federated, provider_for
from domain.federation.service import (
    NewProvider,
    ProviderSettings,
    activate,
    check_again,
    configure,
    discard,
    provider_settings,
    release_identity,
    remove,
    set_domains,
)
from domain.federation.sign_ins import AssertionMemory, depart, depart_for_trial
from domain.federation.upkeep import forget_old_sign_ins, refresh_providers, warn_of_expiries
from domain.mail.models import OutgoingMail
from domain.organizations.actor import ROLE_MISSING, Actor, actor_of_user
from domain.organizations.last_administrator import LAST_ADMINISTRATOR, administrators_kept
from domain.organizations.models import User, now
from domain.organizations.roles import Role
from domain.organizations.service import create_organization, local_administrator, new_organization
from domain.outbox.models import OutboxRow
from domain.tasks.models import BackgroundTask
from domain.tenancy import NOT_FOUND, system_session
from pressroom.first_start import prepare
from tests.support.certificates import certificate_of
from tests.support.identity_provider import IdentityProvider, Relier, identity_provider
from tests.support.postgres import running_postgres

CERTIFICATE = certificate_of(rsa.generate_private_key(65537, 2048)).decode()
BY_FIELDS = SamlConfiguration(
    issuer="https://idp.example/metadata",
    sso_url="https://idp.example/sso",
    logout_url="https://idp.example/out",
    certificate=CERTIFICATE,
)
OIDC = OidcConfiguration(client_id="pressroom", well_known_url="https://idp.invalid/.well-known/openid-configuration")


def refusal(act: Callable[[], object]) -> Fault:
    with pytest.raises(PressroomError) as caught:
        act()
    return caught.value.fault


def saved(actor: Actor, configuration: Any = BY_FIELDS, **more: Any) -> ProviderSettings:
    return configure(actor, NewProvider(configuration, **more))


def checked(settings: ProviderSettings) -> PressroomError | None:
    assert settings.candidate is not None
    return check_candidate(settings.candidate.id)


def federated(actor: Actor, *domains: str, **more: Any) -> None:
    """A provider typed in by hand, which needs no network for its check."""
    assert checked(saved(actor, domains=domains, **more)) is None
    activate(actor)


def row(slot: Slot) -> AuthenticationProvider:
    with system_session(read_only=True) as session:
        return session.scalars(select(AuthenticationProvider).where(AuthenticationProvider.slot == slot)).one()


def mails() -> list[str]:
    """The texts of the queued mails, oldest first."""
    from email import message_from_string, policy

    with system_session(read_only=True) as session:
        rows = session.scalars(select(OutgoingMail).order_by(OutgoingMail.created)).all()
    messages = [message_from_string(secrets.decrypt(one.content)["message"], policy=policy.default) for one in rows]
    return [f"{one['To']}\n{one['Subject']}\n{one.get_body().get_content()}" for one in messages]


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    relier = Relier("http://127.0.0.1:8080/federation/oidc/callback", "http://sp.example", "http://sp.example/acs")
    with identity_provider(tmp_path_factory.mktemp("provider"), relier) as running:
        yield running


@pytest.fixture
def private(administrator: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Identity providers on this machine are allowed."""
    monkeypatch.setenv("PRESSROOM_ALLOW_PRIVATE_ADDRESSES", "true")
    get_settings.cache_clear()


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


@pytest.mark.usefixtures("private")
class TestChecking:
    """What the flow finds out, and whom it tells (AC-119)."""

    def test_an_oidc_provider_that_can_be_used(self, administrator: Actor, provider: IdentityProvider) -> None:
        configuration = OidcConfiguration(client_id=provider.client_id, well_known_url=provider.well_known)
        assert checked(saved(administrator, configuration, client_secret=provider.client_secret)) is None
        candidate = provider_settings(administrator).candidate
        assert candidate is not None
        assert (candidate.state, candidate.issuer, candidate.problem) == (ProviderState.READY, provider.address, None)
        (mail,) = mails()
        assert mail.startswith(administrator.email)
        assert "the identity provider is ready" in mail
        assert "http://127.0.0.1:8080/identity-provider" in mail

    def test_a_saml_provider_that_can_be_used(self, administrator: Actor, provider: IdentityProvider) -> None:
        assert checked(saved(administrator, SamlConfiguration(metadata_url=provider.saml_metadata))) is None
        candidate = provider_settings(administrator).candidate
        assert candidate is not None
        assert candidate.issuer == provider.saml_metadata
        assert candidate.certificate_expires is not None
        assert candidate.certificate_expires > now() + timedelta(days=300)

    @pytest.mark.parametrize("what", ["secret", "client", "address", "kind"])
    def test_what_cannot_be_used_leaves_the_active_one_in_place(
        self, administrator: Actor, provider: IdentityProvider, what: str
    ) -> None:
        federated(administrator, "acme.example")
        wrong, expected = {
            "secret": (OidcConfiguration(client_id="pressroom", well_known_url=provider.well_known), "client_refused"),
            "client": (OidcConfiguration(client_id="other", well_known_url=provider.well_known), "client_refused"),
            "address": (OidcConfiguration(client_id="x", well_known_url=f"{provider.address}/x"), "identity."),
            "kind": (SamlConfiguration(metadata_url=provider.well_known), "no_saml_metadata"),
        }[what]
        error = checked(saved(administrator, wrong, client_secret="wrong", activate_when_checked=True))
        assert error is not None
        assert expected in error.code
        settings = provider_settings(administrator)
        assert settings.active is not None
        assert settings.active.configuration == BY_FIELDS
        assert settings.candidate is not None
        assert settings.candidate.state is ProviderState.FAILED
        assert settings.candidate.problem is not None
        assert refusal(lambda: activate(administrator)) is faults.NOT_CHECKED
        mail = mails()[-1]
        assert "cannot be used yet" in mail
        assert error.message in mail.replace("\n", " ")
        assert "ask its representative" in mail

    def test_it_is_activated_at_once_where_that_was_asked_for(self, administrator: Actor) -> None:
        assert checked(saved(administrator, activate_when_checked=True)) is None
        settings = provider_settings(administrator)
        assert settings.candidate is None
        assert settings.active is not None
        assert "is active" in mails()[-1]

    def test_a_check_can_be_repeated(self, administrator: Actor) -> None:
        unreachable = OIDC.model_copy(update={"well_known_url": "http://127.0.0.1:9/.well-known/openid-configuration"})
        error = checked(saved(administrator, unreachable, client_secret="x"))
        assert error is not None
        assert error.fault is protocol.PROVIDER_UNREACHABLE
        again = check_again(administrator).candidate
        assert again is not None
        assert (again.state, again.problem) == (ProviderState.CHECKING, None)
        with system_session(read_only=True) as session:
            assert len(session.scalars(select(BackgroundTask)).all()) == 2

    def test_the_mail_is_in_the_administrators_language(self, administrator: Actor) -> None:
        with system_session() as session:
            session.execute(update(User).where(User.id == administrator.user_id).values(locale="sv"))
        checked(saved(administrator))
        assert "identitetsleverantören är klar" in mails()[-1]


def test_without_permission_to_private_addresses_nothing_inside_is_asked(
    administrator: Actor, provider: IdentityProvider
) -> None:
    configuration = OidcConfiguration(client_id=provider.client_id, well_known_url=provider.well_known)
    error = checked(saved(administrator, configuration, client_secret=provider.client_secret))
    assert error is not None
    assert error.fault is protocol.UNSAFE_PROVIDER


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


class TestRouting:
    """Where an address leads (AC-29)."""

    def test_by_domain_then_by_organization(self, administrator: Actor, colleague: Actor, stranger: Actor) -> None:
        federated(administrator, "acme.example")
        with system_session(read_only=True) as session:
            for email in ("anybody@acme.example", "X@ACME.EXAMPLE", colleague.email, administrator.email):
                found = provider_for(session, email)
                assert found is not None, email
                assert found.organization_id == administrator.organization_id
            for email in (stranger.email, "nobody@other.example", "", "@", "anybody@sub.acme.example"):
                assert provider_for(session, email) is None, email
            assert is_federated(session, administrator.organization_id)
            assert not is_federated(session, stranger.organization_id)

    def test_a_candidate_leads_nobody_anywhere(self, administrator: Actor) -> None:
        checked(saved(administrator, domains=["acme.example"]))
        assert depart("anybody@acme.example", "browser", "/") is None

    def test_a_departure_keeps_nothing_by_which_it_could_be_finished(self, administrator: Actor) -> None:
        federated(administrator, "acme.example")
        address = depart("anybody@acme.example", "the browser", "/runs")
        assert address is not None
        with system_session(read_only=True) as session:
            pending = session.scalars(select(PendingSignIn)).one()
        kept = f"{pending.state_hash}{pending.browser_hash}{pending.secrets}"
        assert "the browser" not in kept
        assert address.rpartition("RelayState=")[2] not in kept
        assert pending.expires < now() + timedelta(minutes=11)


PERSON = Identity("https://idp.example", "ann-1", "ann@acme.example", "Ann", "A", None, None, None, None, ())


class TestAdmission:
    """Who somebody is, by the provider's own name for them and by the address."""

    def test_the_provider_may_rename_a_person_it_knows(self, administrator: Actor) -> None:
        set_domains(administrator, ["acme.example"])
        with system_session() as session:
            first = admit(session, administrator.organization_id, PERSON)
            again = admit(session, administrator.organization_id, replace(PERSON, email="ann.b@acme.example"))
            assert again.id == first.id
            assert again.email == "ann.b@acme.example"
            assert "ann.b@acme.example" in again.search_key
            outside = admit(session, administrator.organization_id, replace(PERSON, email="ann@private.example"))
            assert (outside.id, outside.email) == (first.id, "ann.b@acme.example")

    def test_not_to_the_address_of_somebody_else(self, administrator: Actor) -> None:
        set_domains(administrator, ["acme.example"])
        with system_session() as session:
            admit(session, administrator.organization_id, PERSON)
            admit(session, administrator.organization_id, replace(PERSON, subject="bob-1", email="bob@acme.example"))
        with system_session() as session:
            renamed = replace(PERSON, email="bob@acme.example")
            assert refusal(lambda: admit(session, administrator.organization_id, renamed)) is faults.IDENTITY_CHANGED

    def test_a_new_provider_takes_over_by_address(self, administrator: Actor) -> None:
        set_domains(administrator, ["acme.example"])
        with system_session() as session:
            first = admit(session, administrator.organization_id, PERSON)
            moved = replace(PERSON, issuer="https://other.example", subject="4711")
            assert admit(session, administrator.organization_id, moved).id == first.id

    def test_without_a_name_of_its_own_the_address_decides(self, administrator: Actor) -> None:
        set_domains(administrator, ["acme.example"])
        transient = replace(PERSON, subject="")
        with system_session() as session:
            first = admit(session, administrator.organization_id, transient)
            assert admit(session, administrator.organization_id, transient).id == first.id

    def test_claims_that_are_sent_empty_end_a_membership(self, administrator: Actor) -> None:
        set_domains(administrator, ["acme.example"])
        with system_session() as session:
            admit(session, administrator.organization_id, replace(PERSON, department="Sales", cost_center="CC1"))
            person = admit(session, administrator.organization_id, replace(PERSON, department=""))
            assert (person.department, person.cost_center) == ("", "CC1")

    def test_a_display_name_of_ones_own_stays(self, administrator: Actor) -> None:
        set_domains(administrator, ["acme.example"])
        with system_session() as session:
            person = admit(session, administrator.organization_id, PERSON)
            person.name = "Annie"
            person = admit(session, administrator.organization_id, replace(PERSON, last_name="B"))
            assert (person.name, person.last_name) == ("Annie", "B")

    def test_whoever_was_made_may_sign_in_and_nothing_more(self, administrator: Actor) -> None:
        set_domains(administrator, ["acme.example"])
        with system_session() as session:
            person_id = admit(session, administrator.organization_id, PERSON).id
        assert actor_of_user(person_id).roles == frozenset({"User"})

    def test_a_link_is_released_by_the_own_administrator_only(self, administrator: Actor, stranger: Actor) -> None:
        set_domains(administrator, ["acme.example"])
        with system_session() as session:
            admit(session, administrator.organization_id, PERSON)
        assert refusal(lambda: release_identity(stranger, PERSON.email)) is NOT_FOUND
        release_identity(administrator, "ANN@acme.example")
        with system_session(read_only=True) as session:
            assert session.scalar(select(FederatedIdentity)) is None


class TestUpkeep:
    """What is done once a day (AC-131)."""

    def test_a_warning_comes_at_each_stage_once(self, administrator: Actor) -> None:
        federated(administrator)
        today = now().date()

        def warnings(days: int) -> int:
            with system_session() as session:
                session.execute(update(AuthenticationProvider).values(secret_expires=today + timedelta(days=days)))
            return warn_of_expiries()

        before = len(mails())
        assert warnings(40) == 0
        assert warnings(30) == 1
        assert warnings(30) == 0
        assert f"client secret of the identity provider expires on {today + timedelta(days=30)}" in mails()[-1]
        with system_session() as session:
            session.execute(update(AuthenticationProvider).values(warned=now() - timedelta(days=20)))
        assert warnings(6) == 1
        assert warnings(6) == 0
        with system_session() as session:
            session.execute(update(AuthenticationProvider).values(warned=now() - timedelta(days=5)))
        assert warnings(-2) == 1
        assert "It has expired" in mails()[-1]
        assert len(mails()) == before + 3

    def test_certificates_are_watched_too(self, administrator: Actor) -> None:
        federated(administrator)
        with system_session() as session:
            session.execute(update(AuthenticationProvider).values(certificate_expires=now() + timedelta(days=10)))
        assert warn_of_expiries() == 1
        assert "the certificate of the identity provider expires" in mails()[-1]

    @pytest.mark.usefixtures("private")
    def test_what_the_provider_publishes_is_read_again(self, administrator: Actor, provider: IdentityProvider) -> None:
        assert checked(saved(administrator, SamlConfiguration(metadata_url=provider.saml_metadata))) is None
        activate(administrator)
        fresh = row(Slot.ACTIVE).published
        with system_session() as session:
            session.execute(update(AuthenticationProvider).values(published={**fresh, "certificates": [CERTIFICATE]}))
        assert refresh_providers() == 1
        assert row(Slot.ACTIVE).published == fresh

    def test_one_that_does_not_answer_goes_on_as_it_was_known(self, administrator: Actor) -> None:
        federated(administrator)
        with system_session() as session:
            gone = SamlConfiguration(metadata_url="https://no-such-host.invalid/metadata").model_dump()
            session.execute(update(AuthenticationProvider).values(configuration=gone))
        before = row(Slot.ACTIVE).published
        assert refresh_providers() == 0
        assert row(Slot.ACTIVE).published == before

    def test_unfinished_sign_ins_are_forgotten(self, administrator: Actor) -> None:
        federated(administrator, "acme.example")
        depart("anybody@acme.example", "browser", "/")
        memory = AssertionMemory(administrator.organization_id)
        assert memory.remember("a", datetime(2020, 1, 1, tzinfo=UTC))
        with system_session() as session:
            session.execute(update(PendingSignIn).values(expires=now() - timedelta(seconds=1)))
        forget_old_sign_ins()
        with system_session(read_only=True) as session:
            assert session.scalar(select(PendingSignIn)) is None
            assert session.scalar(select(UsedAssertion)) is None


def test_an_assertion_is_remembered_once_per_installation(administrator: Actor) -> None:
    memory = AssertionMemory(administrator.organization_id)
    until = now() + timedelta(hours=1)
    assert memory.remember("a", until)
    assert not memory.remember("a", until)
    assert memory.remember("b", until)


def test_our_addresses_differ_by_suffixes_only(administrator: Actor) -> None:
    """AC-127, AC-135."""
    ours = our_side(administrator.organization_id)
    assert ours.redirect_uri == "http://127.0.0.1:8080/federation/oidc/callback"
    assert ours.acs_url == f"{ours.entity_id}/acs"
    assert administrator.organization_id in ours.entity_id


def test_nothing_of_a_removed_provider_stays(administrator: Actor, tmp_path: Path) -> None:
    federated(administrator, "acme.example")
    with system_session() as session:
        admit(session, administrator.organization_id, PERSON)
    settings = remove(administrator)
    assert (settings.active, settings.candidate, settings.domains) == (None, None, ())
    with system_session(read_only=True) as session:
        assert session.scalar(select(FederatedIdentity)) is None
        assert not is_federated(session, administrator.organization_id)


def test_the_same_holds_on_postgresql(tmp_path: Path) -> None:
    """Unique domains under a race, people in a domain, replays and taken sign-ins, as the other database does it."""
    with running_postgres("records") as server:
        values = {
            "PRESSROOM_HOME": str(tmp_path),
            "PRESSROOM_ADMIN_PASSWORD": PASSWORD,
            "PRESSROOM_DATABASE_URL": f"{server}/records",
        }
        with environment(values):
            prepare(get_settings())
            administrator = local_administrator()
            stranger = create_organization("Contoso", "chief@contoso.example", "Chief", PASSWORD)
            outcomes = at_the_same_moment(
                *(lambda actor=actor: set_domains(actor, ["acme.example"]) for actor in (administrator, stranger))
            )
            assert sorted(outcomes) == ["", "federation.domain_taken"]
            for actor in (administrator, stranger):
                set_domains(actor, [])
            assert refusal(lambda: set_domains(administrator, ["contoso.example"])) is faults.DOMAIN_TAKEN
            assert set(at_the_same_moment(*[lambda: saved(administrator)] * 2)) == {""}
            assert checked(provider_settings(administrator)) is None
            activate(administrator)
            set_domains(administrator, ["acme.example"])
            made = at_the_same_moment(*[lambda: admitted(administrator)] * 2)
            assert made == ["", ""]
            memory = AssertionMemory(administrator.organization_id)
            assert [memory.remember("a", now() + timedelta(hours=1)) for _ in range(2)] == [True, False]
            assert depart("ann@acme.example", "browser", "/") is not None
            open_engine(get_settings().records_url).dispose()


def admitted(administrator: Actor) -> None:
    with system_session() as session:
        admit(session, administrator.organization_id, PERSON)


def at_the_same_moment(*acts: Callable[[], object]) -> list[str]:
    """Do all of them at once; returns the codes of what was refused, empty for what went well."""
    begin, outcomes = threading.Barrier(len(acts)), list[str]()

    def run(act: Callable[[], object]) -> None:
        begin.wait()
        try:
            act()
            outcomes.append("")
        except PressroomError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes
