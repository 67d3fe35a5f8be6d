"""Identity providers configured, checked and activated, and what they leave in the records."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select

from connectors.errors import Fault, PressroomError
from domain.federation.checking import check_candidate
from domain.federation.configuration import OidcConfiguration, SamlConfiguration
from domain.federation.models import AuthenticationProvider, Slot
from domain.federation.service import NewProvider, ProviderSettings, activate, configure
from domain.organizations.actor import Actor
from domain.tenancy import system_session
from tests.support.certificates import certificate_of

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
