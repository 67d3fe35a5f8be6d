"""The way back in: Organization Administrators with a password, whatever the identity provider does (AC-123)."""

from sqlalchemy.orm import Session

from domain.organizations.last_administrator import active_administrators
from domain.organizations.models import Organization, User

MOST_TOLD = 20


def has_local_administrator(session: Session, organization_id: str) -> bool:
    """Whether somebody of the organization administers it and can sign in with a password."""
    query = active_administrators(session.get_one(Organization, organization_id)).where(User.password_hash != "")
    return session.scalar(query.limit(1)) is not None


def told_administrators(session: Session, organization_id: str) -> list[User]:
    """The organization's administrators who are told of what concerns its sign-in, oldest accounts first."""
    query = active_administrators(session.get_one(Organization, organization_id))
    return list(session.scalars(query.order_by(User.created).limit(MOST_TOLD)))
