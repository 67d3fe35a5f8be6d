"""What a provider says about itself: fetched for the check and once a day, kept for the sign-ins in between."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.identity.oidc import OidcClient
from connectors.identity.oidc_provider import OidcProvider, discover, published_keys
from connectors.identity.saml_provider import SamlProvider, from_metadata, typed_in
from connectors.identity.web import IdentityWeb
from connectors.settings import get_settings
from domain.federation.configuration import (
    OidcConfiguration,
    SamlConfiguration,
    configuration_of,
    our_side,
)
from domain.federation.models import AuthenticationProvider
from domain.federation.secrets import client_secret_of


@dataclass(frozen=True, slots=True)
class Published:
    """A provider's own description, in the form in which it is kept, and when its last certificate expires."""

    description: dict[str, Any]
    certificate_expires: datetime | None = None


def fetch_published(row: AuthenticationProvider) -> Published:
    """Ask the provider, and check all that can be checked without a person: addresses, keys, certificate, secret.

    Raises the faults of `connectors.identity`.
    """
    configuration = configuration_of(row)
    with IdentityWeb(get_settings()) as web:
        if isinstance(configuration, OidcConfiguration):
            return _oidc(row, configuration, web)
        return _saml(configuration, web)


def oidc_client(row: AuthenticationProvider) -> OidcClient:
    """Pressroom as the client of the provider that `row` describes."""
    configuration = configuration_of(row)
    assert isinstance(configuration, OidcConfiguration)
    provider = OidcProvider.model_validate(row.published)
    return OidcClient(
        provider, configuration.client_id, client_secret_of(row), our_side(row.organization_id).redirect_uri
    )


def saml_provider(row: AuthenticationProvider) -> SamlProvider:
    """The SAML provider that `row` describes."""
    return SamlProvider.model_validate(row.published)


def saml_entity_id(row: AuthenticationProvider) -> str:
    """The audience that is registered at the provider; empty: our own entity ID."""
    configuration = configuration_of(row)
    assert isinstance(configuration, SamlConfiguration)
    return configuration.entity_id


def _oidc(row: AuthenticationProvider, configuration: OidcConfiguration, web: IdentityWeb) -> Published:
    provider = discover(configuration.well_known_url, web)
    published_keys(provider, web)
    redirect_uri = our_side(row.organization_id).redirect_uri
    OidcClient(provider, configuration.client_id, client_secret_of(row), redirect_uri).check_secret(web)
    return Published(provider.model_dump(mode="json"))


def _saml(configuration: SamlConfiguration, web: IdentityWeb) -> Published:
    if configuration.metadata_url:
        provider = from_metadata(configuration.metadata_url, web)
    else:
        provider = typed_in(
            issuer=configuration.issuer,
            sso_url=configuration.sso_url,
            logout_url=configuration.logout_url,
            certificate=configuration.certificate,
            web=web,
        )
    return Published(provider.model_dump(mode="json"), provider.valid_until())
