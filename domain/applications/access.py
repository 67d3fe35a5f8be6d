"""Access tokens of applications: getting one for a client secret, and who holds one (AC-195, AC-196, RFC 6749 §4.4)."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import get_settings
from domain.applications.models import ApplicationSecret, ApplicationToken, ClientApplication
from domain.audit.service import record_unattended
from domain.organizations.actor import ACCOUNT_ENDED, Actor, Credential, CredentialKind, place_of_work
from domain.organizations.models import Organization, OrganizationStatus, now
from domain.organizations.roles import Role, counting
from domain.sign_in.sessions import SEEN_EVERY, SIGN_IN_NEEDED, token_hash
from domain.tenancy import system_session

TOKEN_PREFIX = "pra_"  # noqa: S105 — how access tokens begin, so that scanners find them

CLIENT_REFUSED = Fault(
    "application.client_refused",
    401,
    N_("The client id or the client secret is wrong, or the application is switched off."),
    N_("Check both on the page “Applications”; a secret that was replaced works for a limited time only."),
)
SCOPE_REFUSED = Fault(
    "application.scope_refused",
    400,
    N_("The application does not have the scope “{scope}”."),
    N_("Ask only for scopes that the page “Applications” lists for it."),
)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A new access token, told only here."""

    token: str
    created: datetime
    lifetime: timedelta
    scopes: tuple[str, ...]


def issue_token(client_id: str, client_secret: str, scope: str = "", address: str = "") -> AccessToken:
    """A token for the application; `scope` (words with blanks between them) limits it further.

    Raises `CLIENT_REFUSED`, `SCOPE_REFUSED`.
    """
    with system_session() as session:
        application = _application(session, client_id)
        secret = _fitting_secret(session, application.id if application else "", client_secret)
        if application is not None and secret is not None and application.is_enabled:
            return _issued(session, application, secret, scope.split(), address)
        if application is not None:
            record_unattended(
                session,
                application.organization_id,
                "application.refused",
                "application",
                application.id,
                user_id=application.id,
                address=address,
            )
    raise CLIENT_REFUSED()


def actor_of_application_token(token: str, organization_id: str | None = None, address: str = "") -> Actor:
    """The application that holds this token, in its own organization or the customer named.

    Raises `SIGN_IN_NEEDED`, `ACCOUNT_ENDED`, and `NOT_FOUND` for a customer that is not its to enter.
    """
    with system_session(read_only=True) as session:
        found = session.execute(
            select(ClientApplication, ApplicationToken, Organization)
            .join(ApplicationToken, ApplicationToken.application_id == ClientApplication.id)
            .join(Organization, Organization.id == ClientApplication.organization_id)
            .where(
                ApplicationToken.token_hash == token_hash(token),
                ApplicationToken.expires > now(),
                ClientApplication.is_enabled,
            )
        ).one_or_none()
        if found is None:
            raise SIGN_IN_NEEDED()
        if found.Organization.status != OrganizationStatus.ACTIVE:
            raise ACCOUNT_ENDED()
        scopes = found.ApplicationToken.scopes
        return _actor(session, found.ClientApplication, found.Organization, organization_id, scopes, address)


def _actor(
    session: Session,
    application: ClientApplication,
    home: Organization,
    organization_id: str | None,
    scopes: list[str] | None,
    address: str,
) -> Actor:
    place = place_of_work(session, home, organization_id, application.partner_roles)
    home_roles = counting(application.roles, home.entitlements) - {Role.USER.value}
    customer_roles = counting(application.partner_roles, place.entitlements) - {Role.USER.value}
    return Actor(
        user_id="",
        organization_id=place.id,
        email="",
        name=application.name,
        roles=home_roles if place is home else customer_roles,
        time_zone=place.time_zone,
        home_organization_id=home.id,
        home_roles=home_roles,
        partner_roles=frozenset(application.partner_roles),
        scopes=frozenset(application.scopes if scopes is None else set(scopes).intersection(application.scopes)),
        address=address,
        organization_name=place.name,
        home_organization_name=home.name,
        has_customers_here=place.may_have_children and place.parent_id is None,
        application_id=application.id,
        credential=Credential(CredentialKind.APPLICATION, application.id),
    )


def _application(session: Session, client_id: str) -> ClientApplication | None:
    return session.scalar(
        select(ClientApplication)
        .join(Organization, Organization.id == ClientApplication.organization_id)
        .where(ClientApplication.id == client_id, Organization.status == OrganizationStatus.ACTIVE)
    )


def _fitting_secret(session: Session, application_id: str, client_secret: str) -> ApplicationSecret | None:
    given, fitting = token_hash(client_secret), None
    for kept in session.scalars(select(ApplicationSecret).where(ApplicationSecret.application_id == application_id)):
        is_alive = kept.expires is None or kept.expires > now()
        if hmac.compare_digest(kept.secret_hash, given) and is_alive:
            fitting = kept
    return fitting


def _issued(
    session: Session, application: ClientApplication, secret: ApplicationSecret, scopes: list[str], address: str
) -> AccessToken:
    for scope in scopes:
        if scope not in application.scopes:
            raise SCOPE_REFUSED(scope=scope[:64])
    token, present = TOKEN_PREFIX + secrets.token_urlsafe(32), now()
    lifetime = timedelta(seconds=get_settings().access_token_seconds)
    _note_used(session, application, secret, address)
    session.execute(delete(ApplicationToken).where(ApplicationToken.expires < present))
    session.add(
        ApplicationToken(
            organization_id=application.organization_id,
            token_hash=token_hash(token),
            application_id=application.id,
            secret_id=secret.id,
            scopes=scopes or None,
            created=present,
            expires=present + lifetime,
        )
    )
    return AccessToken(token, present, lifetime, tuple(scopes or application.scopes))


def _note_used(session: Session, application: ClientApplication, secret: ApplicationSecret, address: str) -> None:
    if secret.last_used is None:
        record_unattended(
            session,
            application.organization_id,
            "application.secret_first_used",
            "application",
            application.id,
            user_id=application.id,
            address=address,
        )
    if secret.last_used is None or secret.last_used < now() - SEEN_EVERY:
        session.execute(update(ApplicationSecret).where(ApplicationSecret.id == secret.id).values(last_used=now()))
