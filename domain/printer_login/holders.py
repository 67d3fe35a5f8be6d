"""The people whom badges, PINs and codes belong to."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.organizations.actor import Actor
from domain.organizations.models import NO_ACCOUNT, User
from domain.tenancy import NOT_FOUND


def person_by_email(session: Session, email: str) -> User:
    """The person of the session's organization with that address, whatever its case (AC-86); raises `NOT_FOUND`.

    People must exist before they get a badge or a PIN (AC-89).
    """
    found = session.scalar(select(User).where(User.email == email.strip().lower(), User.status.not_in(NO_ACCOUNT)))
    if found is None:
        raise NOT_FOUND(what="person")
    return found


def person_by_id(session: Session, user_id: str) -> User:
    """The person of the session's organization with that id; raises `NOT_FOUND`."""
    found = session.get(User, user_id)
    if found is None or found.status in NO_ACCOUNT:
        raise NOT_FOUND(what="person")
    return found


def home_of(actor: Actor) -> str:
    """The organization in which the actor's own badges and PIN are, also while they work in a customer's."""
    return actor.home_organization_id or actor.organization_id
