"""The organization's identity provider: configuration, check, activation, domains (AC-118…AC-145)."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, SecretStr, StringConstraints

from connectors.identity.claims import ACCEPTED_NAMES, ADDITIONAL, REQUIRED
from domain.federation import service
from domain.federation.configuration import Configuration
from domain.federation.faults import (
    BAD_DOMAIN,
    DOMAIN_TAKEN,
    NO_LOCAL_ADMINISTRATOR,
    NO_PROVIDER,
    NOT_CHECKED,
    SECRET_MISSING,
)
from domain.federation.models import ProviderState
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.api.error_models import ErrorPublic
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

Manager = Annotated[Actor, needs(Permission.AUTHENTICATION_PROVIDER_MANAGE)]
Domain = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=253)]
router = APIRouter(prefix="/organization/authentication-provider", tags=["authentication provider"])


class ProviderUpdate(BaseModel):
    """A new configuration. The client secret may be left out where the client ID and the address stay the same."""

    configuration: Configuration
    client_secret: SecretStr = Field(SecretStr(""), max_length=1024)
    secret_expires: date | None = Field(None, description="When the client secret expires; a warning comes before.")
    domains: list[Domain] = Field([], max_length=100, description="People of these e-mail domains are made at sign-in.")
    activate_when_checked: bool = Field(False, description="Use it for sign-in as soon as the check has succeeded.")


class DomainsUpdate(BaseModel):
    """The e-mail domains whose people are made at their first sign-in."""

    domains: list[Domain] = Field(max_length=100)


class ProviderPublic(BaseModel):
    """One configuration. The client secret is never told."""

    id: str
    configuration: Configuration
    has_secret: bool
    secret_expires: date | None
    certificate_expires: datetime | None
    issuer: str
    state: ProviderState
    problem: ErrorPublic | None = Field(description="Why it cannot be used.")
    activate_when_checked: bool
    configured: datetime
    checked: datetime | None
    tried: datetime | None
    activated: datetime | None


class AcceptedClaim(BaseModel):
    """A claim and the names it may have; case makes no difference (AC-141)."""

    claim: str
    required: bool
    names: list[str]


class ProviderSettingsPublic(BaseModel):
    """What to enter at the identity provider, and what is configured here."""

    redirect_uri: str
    entity_id: str
    acs_url: str
    metadata_url: str
    claims: list[AcceptedClaim]
    active: ProviderPublic | None
    candidate: ProviderPublic | None
    domains: list[str]
    has_local_administrator: bool

    @classmethod
    def of(cls, settings: service.ProviderSettings, locale: str) -> "ProviderSettingsPublic":
        return cls(
            redirect_uri=settings.ours.redirect_uri,
            entity_id=settings.ours.entity_id,
            acs_url=settings.ours.acs_url,
            metadata_url=settings.ours.metadata_url,
            claims=[
                AcceptedClaim(claim=claim.value, required=claim in REQUIRED, names=list(ACCEPTED_NAMES[claim]))
                for claim in (*REQUIRED, *ADDITIONAL)
            ],
            active=_public(settings.active, locale),
            candidate=_public(settings.candidate, locale),
            domains=list(settings.domains),
            has_local_administrator=settings.has_local_administrator,
        )


@router.get("", operation_id="get_authentication_provider")
def get_authentication_provider(actor: Manager, locale: ReaderLocale) -> ProviderSettingsPublic:
    """The settings as they are, and our addresses for the identity provider."""
    return ProviderSettingsPublic.of(service.provider_settings(actor), locale)


@router.put(
    "",
    operation_id="configure_authentication_provider",
    responses=documented(SECRET_MISSING, BAD_DOMAIN, DOMAIN_TAKEN),
)
def configure_authentication_provider(
    actor: Manager, locale: ReaderLocale, given: ProviderUpdate
) -> ProviderSettingsPublic:
    """Keep a configuration beside the active one and have it checked; the result is also sent by e-mail (AC-119)."""
    new = service.NewProvider(
        configuration=given.configuration,
        client_secret=given.client_secret.get_secret_value(),
        secret_expires=given.secret_expires,
        domains=given.domains,
        activate_when_checked=given.activate_when_checked,
    )
    return ProviderSettingsPublic.of(service.configure(actor, new), locale)


@router.post("/check", operation_id="check_authentication_provider", responses=documented(NO_PROVIDER))
def check_authentication_provider(actor: Manager, locale: ReaderLocale) -> ProviderSettingsPublic:
    """Have the new configuration checked once more."""
    return ProviderSettingsPublic.of(service.check_again(actor), locale)


@router.post(
    "/activation",
    operation_id="activate_authentication_provider",
    responses=documented(NO_PROVIDER, NOT_CHECKED, NO_LOCAL_ADMINISTRATOR),
)
def activate_authentication_provider(actor: Manager, locale: ReaderLocale) -> ProviderSettingsPublic:
    """From now on people sign in by the new configuration."""
    return ProviderSettingsPublic.of(service.activate(actor), locale)


@router.put("/domains", operation_id="update_federated_domains", responses=documented(BAD_DOMAIN, DOMAIN_TAKEN))
def update_federated_domains(actor: Manager, locale: ReaderLocale, given: DomainsUpdate) -> ProviderSettingsPublic:
    """Change the domains; it counts at once."""
    return ProviderSettingsPublic.of(service.set_domains(actor, given.domains), locale)


@router.delete("/candidate", operation_id="discard_authentication_provider", responses=documented(NO_PROVIDER))
def discard_authentication_provider(actor: Manager, locale: ReaderLocale) -> ProviderSettingsPublic:
    """Forget the new configuration; the active one stays."""
    return ProviderSettingsPublic.of(service.discard(actor), locale)


@router.delete("", operation_id="remove_authentication_provider", responses=documented(NO_PROVIDER))
def remove_authentication_provider(actor: Manager, locale: ReaderLocale) -> ProviderSettingsPublic:
    """Back to sign-in with passwords."""
    return ProviderSettingsPublic.of(service.remove(actor), locale)


@router.delete(
    "/identities/{email}",
    operation_id="release_federated_identity",
    status_code=204,
    responses=documented(NOT_FOUND),
)
def release_federated_identity(actor: Manager, email: str) -> Response:
    """Let the next sign-in under this address be by another identity of the provider."""
    service.release_identity(actor, email)
    return Response(status_code=204)


def _public(view: service.ProviderView | None, locale: str) -> ProviderPublic | None:
    if view is None:
        return None
    return ProviderPublic(
        id=view.id,
        configuration=view.configuration,
        has_secret=view.has_secret,
        secret_expires=view.secret_expires,
        certificate_expires=view.certificate_expires,
        issuer=view.issuer,
        state=view.state,
        problem=ErrorPublic.of(view.problem, locale),
        activate_when_checked=view.activate_when_checked,
        configured=view.configured,
        checked=view.checked,
        tried=view.tried,
        activated=view.activated,
    )
