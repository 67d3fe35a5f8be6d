"""Which sessions somebody has, for themselves and for administrators, and ending them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.grants import check_power_over
from domain.organizations.models import NO_ACCOUNT, User, now
from domain.organizations.permissions import Permission
from domain.sign_in.models import SignInMethod, SignInSession
from domain.sign_in.rules import rules_of
from domain.sign_in.sessions import end_sessions
from domain.tenancy import NOT_FOUND, system_session


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as people see it. `is_current`: the one that asks."""

    id: str
    method: SignInMethod
    address: str
    user_agent: str
    created: datetime
    last_seen: datetime
    expires: datetime
    is_current: bool


def own_sessions(actor: Actor) -> list[SessionView]:
    """The actor's sessions, the one used last first."""
    actor.need(Permission.OWN_ACCOUNT)
    with system_session(read_only=True) as session:
        return _sessions(session, session.get_one(User, actor.user_id), actor)


def end_own_session(actor: Actor, session_id: str) -> None:
    """End one of the actor's sessions, perhaps the present one; raises `NOT_FOUND`."""
    actor.need(Permission.OWN_ACCOUNT)
    with system_session() as session:
        _end(session, actor, actor.user_id, session_id)


def end_own_other_sessions(actor: Actor) -> int:
    """End all of the actor's sessions but the present one; returns how many."""
    actor.need(Permission.OWN_ACCOUNT)
    present = actor.credential.id if actor.credential else ""
    with system_session() as session:
        count = end_sessions(session, actor.user_id, but=present)
        facts = {"sessions": count}
        record(
            session,
            actor,
            "sessions.revoked",
            "user",
            actor.user_id,
            facts,
            organization_id=actor.home_organization_id,
        )
        return count


def sessions_of(actor: Actor, user_id: str) -> list[SessionView]:
    """Somebody's sessions, for administrators; raises `NOT_FOUND`."""
    actor.need(Permission.USERS_CREDENTIALS)
    with actor.session(read_only=True) as session:
        return _sessions(session, _person(session, user_id), actor)


def end_session_of(actor: Actor, user_id: str, session_id: str) -> None:
    """An administrator ends one session of somebody; raises `NOT_FOUND`, `ROLE_MISSING`."""
    actor.need(Permission.USERS_CREDENTIALS)
    with actor.session() as session:
        check_power_over(session, actor, [_person(session, user_id).id])
        _end(session, actor, user_id, session_id)


def end_sessions_of(actor: Actor, user_id: str) -> int:
    """An administrator ends all sessions of somebody; returns how many. Raises `NOT_FOUND`, `ROLE_MISSING`."""
    actor.need(Permission.USERS_CREDENTIALS)
    with actor.session() as session:
        check_power_over(session, actor, [_person(session, user_id).id])
        count = end_sessions(session, user_id)
        record(session, actor, "sessions.revoked", "user", user_id, {"sessions": count})
        return count


def _person(session: Session, user_id: str) -> User:
    user = session.scalar(select(User).where(User.id == user_id))
    if user is None or user.status in NO_ACCOUNT:
        raise NOT_FOUND(what="person")
    return user


def _sessions(session: Session, user: User, actor: Actor) -> list[SessionView]:
    """Those that still work; the session sees at least the person's organization."""
    idle_since = now() - rules_of(session, user.organization_id).idle
    query = select(SignInSession).where(
        SignInSession.user_id == user.id, SignInSession.expires > now(), SignInSession.last_seen > idle_since
    )
    present = actor.credential.id if actor.credential else ""
    return [
        SessionView(
            row.id,
            SignInMethod(row.method),
            row.address,
            row.user_agent,
            row.created,
            row.last_seen,
            row.expires,
            is_current=row.id == present,
        )
        for row in session.scalars(query.order_by(SignInSession.last_seen.desc()))
    ]


def _end(session: Session, actor: Actor, user_id: str, session_id: str) -> None:
    ended = delete(SignInSession).where(SignInSession.id == session_id, SignInSession.user_id == user_id)
    organization_id = session.scalar(ended.returning(SignInSession.organization_id))
    if organization_id is None:
        raise NOT_FOUND(what="session")
    record(session, actor, "session.revoked", "session", session_id, organization_id=organization_id)
