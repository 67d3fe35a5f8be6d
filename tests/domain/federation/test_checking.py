"""What is found out about an identity provider, at first and later, and who is told (AC-119)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from connectors import secrets
from connectors.identity import faults as protocol
from connectors.settings import get_settings
from domain.federation import faults
from domain.federation.configuration import OidcConfiguration, SamlConfiguration
from domain.federation.models import AuthenticationProvider, PendingSignIn, ProviderState, Slot, UsedAssertion
from domain.federation.service import activate, check_again, provider_settings
from domain.federation.sign_ins import AssertionMemory, depart
from domain.federation.upkeep import forget_old_sign_ins, refresh_providers, warn_of_expiries
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor
from domain.organizations.models import User, now
from domain.tasks.models import BackgroundTask
from domain.tenancy import system_session
from tests.domain.federation.providers import BY_FIELDS, CERTIFICATE, OIDC, checked, federated, refusal, row, saved
from tests.support.identity_provider import IdentityProvider


def mails() -> list[str]:
    """The texts of the queued mails, oldest first."""
    from email import message_from_string, policy

    with system_session(read_only=True) as session:
        rows = session.scalars(select(OutgoingMail).order_by(OutgoingMail.created)).all()
    messages = [message_from_string(secrets.decrypt(one.content)["message"], policy=policy.default) for one in rows]
    return [f"{one['To']}\n{one['Subject']}\n{one.get_body().get_content()}" for one in messages]


@pytest.fixture
def private(administrator: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Identity providers on this machine are allowed."""
    monkeypatch.setenv("PRESSROOM_ALLOW_PRIVATE_ADDRESSES", "true")
    get_settings.cache_clear()


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
