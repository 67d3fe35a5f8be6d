"""Both protocols against a real identity provider, the whole way that a browser goes (AC-121, AC-122)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.errors import PressroomError
from connectors.identity import faults
from connectors.identity.claims import Identity
from connectors.identity.oidc import Challenge, OidcClient
from connectors.identity.oidc_provider import discover, published_keys
from connectors.identity.saml_provider import from_metadata
from connectors.identity.saml_response import SamlExchange
from connectors.identity.saml_service import SamlService, new_request_id
from connectors.identity.web import IdentityWeb
from connectors.settings import Settings
from tests.support.identity_provider import (
    IdentityProvider,
    Person,
    Relier,
    Visitor,
    form_field,
    identity_provider,
)

SERVICE = SamlService("https://pressroom.example/federation/saml/1", "https://pressroom.example/federation/saml/1/acs")
RELIER = Relier("https://pressroom.example/federation/oidc/callback", SERVICE.entity_id, SERVICE.acs_url)
ANN = Person(
    "ann", "Ann@Acme.example", badge="4711", pin="001234", cost="CC100", department="Försäljning", surname="Åkesson"
)


class Memory:
    """Every assertion is new."""

    def remember(self, key: str, until: datetime) -> bool:
        return True


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    with identity_provider(tmp_path_factory.mktemp("provider"), RELIER) as running:
        running.add(ANN)
        yield running


@pytest.fixture
def web() -> Iterator[IdentityWeb]:
    with IdentityWeb(Settings(_env_file=None, allow_private_addresses=True)) as client:
        yield client


def oidc_answer(provider: IdentityProvider, client: OidcClient, challenge: Challenge) -> dict[str, str]:
    """The query with which the browser comes back after signing in as Ann."""
    request = Visitor().sign_in(client.address(challenge), ANN, until=RELIER.redirect_uri)
    return {name: values[0] for name, values in parse_qs(urlsplit(str(request.url)).query).items()}


def assert_is_ann(identity: Identity) -> None:
    assert (identity.subject, identity.email) == ("ann", "ann@acme.example")
    assert (identity.first_name, identity.last_name) == ("Ann", "Åkesson")
    assert (identity.badge, identity.pin) == ("4711", "001234")
    assert (identity.cost_center, identity.department) == ("CC100", "Försäljning")


def test_sign_in_by_openid_connect(provider: IdentityProvider, web: IdentityWeb) -> None:
    known = discover(provider.well_known, web)
    assert published_keys(known, web)
    client = OidcClient(known, provider.client_id, provider.client_secret, RELIER.redirect_uri)
    challenge = Challenge.new()
    answer = oidc_answer(provider, client, challenge)
    assert answer["state"] == challenge.state
    identity = client.identity(answer, challenge, web)
    assert identity.issuer == provider.address
    assert_is_ann(identity)
    with pytest.raises(PressroomError) as caught:
        client.identity(answer, challenge, web)
    assert caught.value.fault is faults.CODE_REFUSED, "a code counts once"


def test_without_the_verifier_the_code_is_worth_nothing(provider: IdentityProvider, web: IdentityWeb) -> None:
    client = OidcClient(
        discover(provider.well_known, web), provider.client_id, provider.client_secret, RELIER.redirect_uri
    )
    challenge = Challenge.new()
    answer = oidc_answer(provider, client, challenge)
    stolen = Challenge(challenge.state, challenge.nonce, Challenge.new().verifier)
    with pytest.raises(PressroomError) as caught:
        client.identity(answer, stolen, web)
    assert caught.value.fault is faults.CODE_REFUSED


def test_the_provider_tells_a_wrong_secret(provider: IdentityProvider, web: IdentityWeb) -> None:
    known = discover(provider.well_known, web)
    OidcClient(known, provider.client_id, provider.client_secret, RELIER.redirect_uri).check_secret(web)
    with pytest.raises(PressroomError) as caught:
        OidcClient(known, provider.client_id, "wrong", RELIER.redirect_uri).check_secret(web)
    assert caught.value.fault is faults.CLIENT_REFUSED


def test_sign_in_by_saml(provider: IdentityProvider, web: IdentityWeb) -> None:
    known = from_metadata(provider.saml_metadata, web)
    assert known.valid_until() > datetime.now(UTC) + timedelta(days=300)
    exchange = SamlExchange(known, SERVICE, new_request_id(), Memory())
    address = SERVICE.address(known, exchange.request_id, "the state")
    request = Visitor().sign_in(address, ANN, until=SERVICE.acs_url)
    assert request.method == "POST"
    assert form_field(request, "RelayState") == "the state"
    identity = exchange.identity(form_field(request, "SAMLResponse"))
    assert identity.issuer == known.issuer
    assert_is_ann(identity)


def test_an_answer_to_another_request_is_refused(provider: IdentityProvider, web: IdentityWeb) -> None:
    known = from_metadata(provider.saml_metadata, web)
    request = Visitor().sign_in(SERVICE.address(known, new_request_id(), ""), ANN, until=SERVICE.acs_url)
    with pytest.raises(PressroomError) as caught:
        SamlExchange(known, SERVICE, new_request_id(), Memory()).identity(form_field(request, "SAMLResponse"))
    assert caught.value.fault is faults.NOT_ASKED_FOR


def test_sign_in_that_begins_at_the_provider_is_refused(provider: IdentityProvider, web: IdentityWeb) -> None:
    """AC-122."""
    known = from_metadata(provider.saml_metadata, web)
    address = f"{known.sso_url}?IDPInitiated=1&spConfKey=pressroom"
    request = Visitor().sign_in(address, ANN, until=SERVICE.acs_url)
    with pytest.raises(PressroomError) as caught:
        SamlExchange(known, SERVICE, new_request_id(), Memory()).identity(form_field(request, "SAMLResponse"))
    assert caught.value.fault is faults.NOT_ASKED_FOR
