"""Sessions: opening one, who holds a token, entering a customer's organization, signing out."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.actor import Actor, actor_for
from domain.organizations.models import User, now
from domain.organizations.permissions import Permission
from domain.sign_in.models import SignInSession
from domain.tenancy import system_session

SIGN_IN_NEEDED = Fault("sign_in.needed", 401, N_("You are not signed in."), N_("Sign in first."))
NO_SESSION = Fault(
    "session.none",
    409,
    N_("Only a session can go to another organization and stay there."),
    N_("Name the organization in the header Pressroom-Organization of each request."),
)


def token_hash(token: str) -> str:
    """The form in which tokens are kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(session: Session, user: User) -> str:
    """A new session of `user`; returns its token, which is not kept."""
    token = secrets.token_urlsafe(32)
    lifetime = timedelta(hours=get_settings().session_hours)
    session.add(
        SignInSession(
            organization_id=user.organization_id,
            token_hash=token_hash(token),
            user_id=user.id,
            expires=now() + lifetime,
        )
    )
    session.execute(delete(SignInSession).where(SignInSession.expires < now()))
    return token


def actor_of_token(token: str, organization_id: str | None = None, address: str = "") -> Actor:
    """Who holds this session token, in the organization named or else the one they have entered.

    Raises `SIGN_IN_NEEDED` for an unknown or expired token, and what `actor_for` raises.
    """
    with system_session(read_only=True) as session:
        found = session.execute(
            select(User, SignInSession.acting_in)
            .join(SignInSession, SignInSession.user_id == User.id)
            .where(SignInSession.token_hash == token_hash(token), SignInSession.expires > now())
        ).one_or_none()
        if found is None:
            raise SIGN_IN_NEEDED()
        user, acting_in = found
        return actor_for(session, user, organization_id or acting_in, address=address)


def enter_organization(actor: Actor, token: str, organization_id: str) -> Actor:
    """From now on the session works in that organization: one's own, or a customer's (AC-40). Raises `NOT_FOUND`.

    A program's token is no session: raises `NO_SESSION`.
    """
    with system_session() as session:
        entered = actor_for(
            session, session.get_one(User, actor.user_id), organization_id, scopes=actor.scopes, address=actor.address
        )
        if entered.is_visiting:
            entered.need(Permission.CHILDREN_ENTER)
        changed = session.execute(
            update(SignInSession)
            .where(SignInSession.token_hash == token_hash(token))
            .values(acting_in=entered.organization_id if entered.is_visiting else None)
            .returning(SignInSession.user_id)
        )
        if changed.one_or_none() is None:
            raise NO_SESSION()
        return entered


def sign_out(token: str) -> None:
    """End the session at once."""
    with system_session() as session:
        session.execute(delete(SignInSession).where(SignInSession.token_hash == token_hash(token)))


def end_sessions(session: Session, user_id: str) -> None:
    """End every session of a person."""
    session.execute(delete(SignInSession).where(SignInSession.user_id == user_id))
