"""Configuring an organization's identity provider: save, check, try, activate, remove (AC-118…AC-123, AC-131).

A new configuration is a candidate beside the active one. It takes the active one's place when it has been checked and
somebody activates it; whatever goes wrong before leaves the active one, or sign-in by password, as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from domain.audit.service import record
from domain.federation.administrators import has_local_administrator
from domain.federation.configuration import (
    OidcConfiguration,
    OurSide,
    SamlConfiguration,
    configuration_of,
    our_side,
)
from domain.federation.domains import domains_of, keep_domains
from domain.federation.faults import NO_LOCAL_ADMINISTRATOR, NO_PROVIDER, NOT_CHECKED, SECRET_MISSING
from domain.federation.models import (
    AuthenticationProvider,
    FederatedDomain,
    FederatedIdentity,
    ProviderKind,
    ProviderState,
    Slot,
)
from domain.federation.secrets import sealed_client_secret
from domain.organizations.actor import Actor
from domain.organizations.last_administrator import lock_organization
from domain.organizations.models import User, now
from domain.organizations.permissions import Permission
from domain.recorded_errors import ErrorView
from domain.tasks.service import start_task
from domain.tenancy import NOT_FOUND, system_session

CHECK = "check-authentication-provider"
MANAGE = Permission.AUTHENTICATION_PROVIDER_MANAGE


@dataclass(frozen=True, slots=True)
class NewProvider:
    """What to configure. `client_secret` empty: the one kept, if it still serves the same client and address."""

    configuration: OidcConfiguration | SamlConfiguration
    client_secret: str = ""
    secret_expires: date | None = None
    domains: Sequence[str] = ()
    activate_when_checked: bool = False


@dataclass(frozen=True, slots=True)
class ProviderView:
    """One configuration as administrators see it; the client secret is never shown again."""

    id: str
    configuration: OidcConfiguration | SamlConfiguration
    has_secret: bool
    secret_expires: date | None
    certificate_expires: datetime | None
    issuer: str
    state: ProviderState
    problem: ErrorView | None
    activate_when_checked: bool
    configured: datetime
    checked: datetime | None
    tried: datetime | None
    activated: datetime | None


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """Everything about the organization's sign-in: our addresses, what is active, what is to come, the domains."""

    ours: OurSide
    active: ProviderView | None
    candidate: ProviderView | None
    domains: tuple[str, ...]
    has_local_administrator: bool


def provider_settings(actor: Actor) -> ProviderSettings:
    """The settings as they are."""
    actor.need(MANAGE)
    with system_session(read_only=True) as session:
        return _settings(session, actor.organization_id)


def configure(actor: Actor, given: NewProvider) -> ProviderSettings:
    """Keep a candidate, in the place of a former one, and have it checked; the domains count at once.

    Raises `SECRET_MISSING`, `BAD_DOMAIN`, `DOMAIN_TAKEN`.
    """
    actor.need(MANAGE)
    with system_session() as session:
        organization_id = actor.organization_id
        lock_organization(session, organization_id)
        secrets = _secrets(session, organization_id, given)
        session.execute(delete(AuthenticationProvider).where(*_in_slot(organization_id, Slot.CANDIDATE)))
        domains = keep_domains(session, organization_id, given.domains)
        candidate = AuthenticationProvider(
            organization_id=organization_id,
            slot=Slot.CANDIDATE,
            kind=ProviderKind(given.configuration.kind),
            configuration=given.configuration.model_dump(),
            secrets=secrets,
            secret_expires=given.secret_expires,
            activate_when_checked=given.activate_when_checked,
            configured_by=actor.user_id,
        )
        session.add(candidate)
        session.flush()
        _start_check(session, actor, candidate)
        facts = {"kind": candidate.kind.value, "domains": list(domains)}
        record(session, actor, "authentication_provider.configured", "authentication_provider", candidate.id, facts)
        return _settings(session, organization_id)


def check_again(actor: Actor) -> ProviderSettings:
    """Have the candidate checked once more, after something was corrected at the provider. Raises `NO_PROVIDER`."""
    actor.need(MANAGE)
    with system_session() as session:
        candidate = _row(session, actor.organization_id, Slot.CANDIDATE)
        candidate.state, candidate.problem = ProviderState.CHECKING, None
        _start_check(session, actor, candidate)
        record(session, actor, "authentication_provider.check_repeated", "authentication_provider", candidate.id)
        return _settings(session, actor.organization_id)


def set_domains(actor: Actor, domains: Sequence[str]) -> ProviderSettings:
    """Change the domains, at once (AC-120). Raises `BAD_DOMAIN`, `DOMAIN_TAKEN`."""
    actor.need(MANAGE)
    with system_session() as session:
        former = domains_of(session, actor.organization_id)
        kept = keep_domains(session, actor.organization_id, domains)
        facts = {"domains": list(kept), "former": list(former)}
        record(session, actor, "authentication_provider.domains_changed", "authentication_provider", "", facts)
        return _settings(session, actor.organization_id)


def activate(actor: Actor) -> ProviderSettings:
    """From now on people sign in at the candidate. Raises `NO_PROVIDER`, `NOT_CHECKED`, `NO_LOCAL_ADMINISTRATOR`."""
    actor.need(MANAGE)
    with system_session() as session:
        candidate = _row(session, actor.organization_id, Slot.CANDIDATE)
        promote(session, candidate)
        record(
            session, actor, "authentication_provider.activated", "authentication_provider", candidate.id,
            {"kind": candidate.kind},
        )  # fmt: skip
        return _settings(session, actor.organization_id)


def promote(session: Session, candidate: AuthenticationProvider) -> None:
    """Put a checked candidate in the place of the active provider; raises as `activate` does (AC-123)."""
    if candidate.state != ProviderState.READY:
        raise NOT_CHECKED()
    lock_organization(session, candidate.organization_id)
    if not has_local_administrator(session, candidate.organization_id):
        raise NO_LOCAL_ADMINISTRATOR()
    session.execute(delete(AuthenticationProvider).where(*_in_slot(candidate.organization_id, Slot.ACTIVE)))
    candidate.slot, candidate.activated = Slot.ACTIVE, now()
    session.flush()


def discard(actor: Actor) -> ProviderSettings:
    """Forget the candidate; the active provider stays. Raises `NO_PROVIDER`."""
    actor.need(MANAGE)
    with system_session() as session:
        candidate = _row(session, actor.organization_id, Slot.CANDIDATE)
        record(session, actor, "authentication_provider.discarded", "authentication_provider", candidate.id)
        session.delete(candidate)
        session.flush()
        return _settings(session, actor.organization_id)


def remove(actor: Actor) -> ProviderSettings:
    """Back to passwords: no provider, no domains, and whom the provider meant is forgotten. Raises `NO_PROVIDER`."""
    actor.need(MANAGE)
    with system_session() as session:
        provider = _row(session, actor.organization_id, Slot.ACTIVE)
        record(session, actor, "authentication_provider.removed", "authentication_provider", provider.id)
        for table in (AuthenticationProvider, FederatedDomain, FederatedIdentity):
            session.execute(delete(table).where(table.organization_id == actor.organization_id))
        return _settings(session, actor.organization_id)


def release_identity(actor: Actor, email: str) -> None:
    """Let the next sign-in under `email` be by another identity of the provider, as after a new hire of that address.

    Raises `NOT_FOUND` for somebody who is not of this organization or has never signed in by the provider.
    """
    actor.need(MANAGE)
    with actor.session() as session:
        user_id = session.scalar(select(User.id).where(User.email == email.strip().lower()))
        identity = session.get(FederatedIdentity, user_id) if user_id else None
        if identity is None or identity.organization_id != actor.organization_id:
            raise NOT_FOUND(what="link to the identity provider")
        session.delete(identity)
        record(session, actor, "user.identity_released", "user", identity.user_id)


def registered_entity_id(organization_id: str) -> str:
    """The entity ID under which the organization's provider knows us, where another than our own was chosen."""
    with system_session(read_only=True) as session:
        rows = session.scalars(
            select(AuthenticationProvider).where(
                AuthenticationProvider.organization_id == organization_id,
                AuthenticationProvider.kind == ProviderKind.SAML,
            )
        )
        chosen = {row.slot: configuration_of(row) for row in rows}
    newest = chosen.get(Slot.CANDIDATE) or chosen.get(Slot.ACTIVE)
    return newest.entity_id if isinstance(newest, SamlConfiguration) else ""


def _secrets(session: Session, organization_id: str, given: NewProvider) -> str:
    """The secret to keep, encrypted. A kept one goes to no other address than the one it was entered for."""
    if not isinstance(given.configuration, OidcConfiguration):
        return ""
    if given.client_secret:
        return sealed_client_secret(given.client_secret)
    rows = session.scalars(
        select(AuthenticationProvider)
        .where(AuthenticationProvider.organization_id == organization_id)
        .order_by(AuthenticationProvider.created.desc())
    )
    for row in rows:
        if row.secrets and configuration_of(row) == given.configuration:
            return row.secrets
    raise SECRET_MISSING()


def _start_check(session: Session, actor: Actor, candidate: AuthenticationProvider) -> None:
    start_task(
        session,
        actor,
        CHECK,
        f"{CHECK}/{CHECK}",
        Message.of(N_("Check of the identity provider")),
        {"provider_id": candidate.id},
    )


def _row(session: Session, organization_id: str, slot: Slot) -> AuthenticationProvider:
    found = session.scalar(select(AuthenticationProvider).where(*_in_slot(organization_id, slot)))
    if found is None:
        raise NO_PROVIDER()
    return found


def _in_slot(organization_id: str, slot: Slot) -> tuple[ColumnElement[bool], ...]:
    return AuthenticationProvider.organization_id == organization_id, AuthenticationProvider.slot == slot


def _settings(session: Session, organization_id: str) -> ProviderSettings:
    rows = session.scalars(
        select(AuthenticationProvider).where(AuthenticationProvider.organization_id == organization_id)
    )
    by_slot = {row.slot: _view(row) for row in rows}
    return ProviderSettings(
        ours=our_side(organization_id),
        active=by_slot.get(Slot.ACTIVE),
        candidate=by_slot.get(Slot.CANDIDATE),
        domains=domains_of(session, organization_id),
        has_local_administrator=has_local_administrator(session, organization_id),
    )


def _view(row: AuthenticationProvider) -> ProviderView:
    return ProviderView(
        id=row.id,
        configuration=configuration_of(row),
        has_secret=bool(row.secrets),
        secret_expires=row.secret_expires,
        certificate_expires=row.certificate_expires,
        issuer=str(row.published.get("issuer", "")),
        state=ProviderState(row.state),
        problem=ErrorView.of(row.problem),
        activate_when_checked=row.activate_when_checked,
        configured=row.created,
        checked=row.checked,
        tried=row.tried,
        activated=row.activated,
    )
