"""Sessions: opening one, who holds a token, entering a customer's organization, listing, ending (AC-33)."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor, Credential, CredentialKind, actor_for
from domain.organizations.models import Organization, User, now
from domain.organizations.permissions import Permission
from domain.sign_in.models import SignInMethod, SignInRules, SignInSession
from domain.sign_in.rules import rules_from, rules_of
from domain.tenancy import system_session

SIGN_IN_NEEDED = Fault("sign_in.needed", 401, N_("You are not signed in."), N_("Sign in first."))
NO_SESSION = Fault(
    "session.none",
    409,
    N_("Only a session can go to another organization and stay there."),
    N_("Name the organization in the header Pressroom-Organization of each request."),
)

SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is kept when a session was last used: not every request writes."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from: the network address and what the program calls itself."""

    address: str = ""
    user_agent: str = ""


UNKNOWN_ORIGIN = Origin()


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A new session. The token is told only here."""

    token: str
    expires: datetime


def token_hash(token: str) -> str:
    """The form in which tokens are kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(
    session: Session,
    user: User,
    method: SignInMethod = SignInMethod.PASSWORD,
    origin: Origin = UNKNOWN_ORIGIN,
) -> OpenedSession:
    """A new session of `user`, under a token that nobody has seen before."""
    token = secrets.token_urlsafe(32)
    expires = now() + rules_of(session, user.organization_id).lifetime
    session.add(
        SignInSession(
            organization_id=user.organization_id,
            token_hash=token_hash(token),
            user_id=user.id,
            method=method,
            address=origin.address[:64],
            user_agent=origin.user_agent[:255],
            expires=expires,
        )
    )
    session.execute(delete(SignInSession).where(SignInSession.expires < now()))
    return OpenedSession(token, expires)


def actor_of_session(
    token: str, organization_id: str | None = None, address: str = "", *, is_activity: bool = True
) -> Actor:
    """Who holds this session token, in the organization named or else the one they have entered.

    `is_activity` False: what a page does by itself does not keep the session alive. Raises `SIGN_IN_NEEDED` for an
    unknown, expired or idle session, and what `actor_for` raises.
    """
    with system_session(read_only=True) as session:
        found = session.execute(
            select(User, SignInSession, SignInRules, Organization)  # the organization, so that `actor_for` has it
            .join(SignInSession, SignInSession.user_id == User.id)
            .join(Organization, Organization.id == User.organization_id)
            .outerjoin(SignInRules, SignInRules.organization_id == User.organization_id)
            .where(SignInSession.token_hash == token_hash(token), SignInSession.expires > now())
        ).one_or_none()
        if found is None or found.SignInSession.last_seen < now() - rules_from(found.SignInRules).idle:
            raise SIGN_IN_NEEDED()
        row = found.SignInSession
        actor = actor_for(
            session,
            found.User,
            organization_id or row.acting_in,
            address=address,
            credential=Credential(CredentialKind.SESSION, row.id, row.confirmed),
        )
    if is_activity and row.last_seen < now() - SEEN_EVERY:
        _note_seen(row.token_hash)
    return actor


def enter_organization(actor: Actor, token: str, organization_id: str) -> Actor:
    """From now on the session works in that organization: one's own, or a customer's (AC-40). Raises `NOT_FOUND`.

    A program's token is no session: raises `NO_SESSION`.
    """
    with system_session() as session:
        entered = actor_for(
            session,
            session.get_one(User, actor.user_id),
            organization_id,
            scopes=actor.scopes,
            address=actor.address,
            credential=actor.credential,
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


def end_sessions(session: Session, user_id: str, *, but: str = "") -> int:
    """End every session of a person, except the one with the id `but`; returns how many."""
    ended = delete(SignInSession).where(SignInSession.user_id == user_id, SignInSession.id != but)
    return len(session.scalars(ended.returning(SignInSession.id)).all())


def _note_seen(key: str) -> None:
    with system_session() as session:
        session.execute(update(SignInSession).where(SignInSession.token_hash == key).values(last_seen=now()))
