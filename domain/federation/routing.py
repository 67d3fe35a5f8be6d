"""Where an address leads: to an identity provider or to the password (AC-29, AC-121)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import PressroomError
from domain.federation.domains import domain_of
from domain.federation.faults import SIGN_IN_ELSEWHERE
from domain.federation.models import AuthenticationProvider, FederatedDomain, Slot
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, OrganizationStatus, User, UserStatus
from domain.organizations.roles import Role


def provider_for(session: Session, email: str) -> AuthenticationProvider | None:
    """The identity provider at which `email` signs in; None: with a password, or nowhere.

    The domain decides first, for people who exist and people who do not alike, so that the answer tells nothing about
    them. Only people outside their organization's domains are looked up. `session` sees all organizations.
    """
    organization_id = session.scalar(
        select(FederatedDomain.organization_id).where(FederatedDomain.domain == domain_of(email))
    )
    provider = active_provider(session, organization_id) if organization_id else None
    if provider is not None:
        return provider
    own = select(User.organization_id).where(User.email == email.strip().lower(), User.status == UserStatus.ACTIVE)
    return active_provider(session, session.scalar(own) or "")


def active_provider(session: Session, organization_id: str) -> AuthenticationProvider | None:
    """The provider by which people of an organization that is active sign in."""
    return session.scalar(
        select(AuthenticationProvider)
        .join(Organization, Organization.id == AuthenticationProvider.organization_id)
        .where(
            AuthenticationProvider.organization_id == organization_id,
            AuthenticationProvider.slot == Slot.ACTIVE,
            Organization.status == OrganizationStatus.ACTIVE,
        )
    )


def is_federated(session: Session, organization_id: str) -> bool:
    """Whether people of the organization sign in at an identity provider (AC-94)."""
    return active_provider(session, organization_id) is not None


def password_refusal(session: Session, actor: Actor) -> PressroomError | None:
    """Why somebody must not use a password here: they sign in at the identity provider (AC-94). None: they may.

    Organization Administrators keep theirs, as the way back in when the provider fails (AC-123).
    """
    keeps_password = Role.ORGANIZATION_ADMINISTRATOR in actor.home_roles or actor.is_operator
    is_elsewhere = not keeps_password and is_federated(session, actor.home_organization_id)
    return SIGN_IN_ELSEWHERE() if is_elsewhere else None
