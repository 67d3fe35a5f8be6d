"""What an administrator types in to configure an identity provider (AC-126, AC-132…AC-134), and our side of it."""

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from connectors.identity.faults import BAD_CERTIFICATE
from connectors.identity.saml_service import SamlService
from connectors.settings import get_settings
from connectors.value_problems import invalid
from domain.federation.faults import INCOMPLETE
from domain.federation.models import AuthenticationProvider

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1024)]
Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1024)]
BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


class OidcConfiguration(BaseModel):
    """OpenID Connect: all fields are mandatory (AC-126); the client secret is kept apart."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["oidc"] = "oidc"
    client_id: Filled = Field(title="Client ID")
    well_known_url: Filled = Field(title="Well-known URL", description="Ends with /.well-known/openid-configuration.")


class SamlConfiguration(BaseModel):
    """SAML 2.0 by a metadata address (AC-133) or field by field (AC-134).

    `entity_id` is the audience that is registered at the provider; empty: our own. `issuer` is the provider's entity
    ID; metadata tell it, and where it is typed in it may stay empty.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["saml"] = "saml"
    metadata_url: Line = Field("", title="SAML metadata URL")
    entity_id: Line = Field("", title="Entity ID (must equal the identifier registered at the identity provider)")
    issuer: Line = Field("", title="Issuer (the identity provider's own entity ID)")
    sso_url: Line = Field("", title="SSO target URL")
    logout_url: Line = Field("", title="SSO logout URL")
    certificate: Annotated[str, StringConstraints(strip_whitespace=True, max_length=16_384)] = Field(
        "", title="Certificate", description="Base64, with its header and footer lines."
    )

    @model_validator(mode="after")
    def _one_way_or_the_other(self) -> Self:
        if self.metadata_url:
            return self
        if not (self.sso_url and self.logout_url and self.certificate):
            raise invalid(INCOMPLETE())
        if not (self.certificate.startswith(BEGIN) and self.certificate.endswith(END)):
            raise invalid(BAD_CERTIFICATE())
        return self


Configuration = Annotated[OidcConfiguration | SamlConfiguration, Field(discriminator="kind")]
_ANY: TypeAdapter[OidcConfiguration | SamlConfiguration] = TypeAdapter(Configuration)


def configuration_of(row: AuthenticationProvider) -> OidcConfiguration | SamlConfiguration:
    """What was typed in for this provider."""
    return _ANY.validate_python(row.configuration)


@dataclass(frozen=True, slots=True)
class OurSide:
    """The addresses that an administrator enters at the identity provider (AC-127, AC-135)."""

    redirect_uri: str
    entity_id: str
    acs_url: str
    metadata_url: str


def our_side(organization_id: str) -> OurSide:
    """Our addresses for one organization; entity ID and reply address differ by a suffix only (AC-135)."""
    base = f"{get_settings().public_url}/federation"
    entity_id = f"{base}/saml/{organization_id}"
    return OurSide(f"{base}/oidc/callback", entity_id, f"{entity_id}/acs", f"{entity_id}/metadata")


def saml_service(organization_id: str, entity_id: str = "") -> SamlService:
    """Pressroom as the organization's provider knows it."""
    ours = our_side(organization_id)
    return SamlService(entity_id or ours.entity_id, ours.acs_url)
