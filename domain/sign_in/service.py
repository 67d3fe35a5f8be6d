"""Signing in with a password, and setting it."""

from datetime import timedelta

from sqlalchemy import select

from connectors.errors import Fault
from connectors.messages import N_
from domain.federation.routing import check_password_allowed
from domain.organizations.actor import ACCOUNT_ENDED, Actor, actor_for
from domain.organizations.models import User, UserStatus, now
from domain.sign_in.passwords import NOBODY, password_fits, password_hash
from domain.sign_in.sessions import SIGN_IN_NEEDED, end_sessions, open_session
from domain.tenancy import system_session

SIGN_IN_FAILED = Fault(
    "sign_in.failed",
    401,
    N_("The e-mail address or the password is wrong."),
    N_("Try again. After several failures the account is locked for some minutes."),
)
SIGN_IN_LOCKED = Fault(
    "sign_in.locked",
    429,
    N_("Too many failed sign-ins. The account is locked for {minutes} minutes."),
    N_("Wait, then try again."),
)

FREE_FAILURES = 5
LONGEST_LOCK = timedelta(minutes=60)


def sign_in(email: str, password: str, address: str = "") -> tuple[str, Actor]:
    """Check the password and open a session; returns its token, which is not kept, and who signed in.

    Raises `SIGN_IN_FAILED`, or `SIGN_IN_LOCKED` after repeated failures (the lock doubles with each further one), and
    `SIGN_IN_ELSEWHERE` for people who sign in at an identity provider.
    """
    with system_session() as session:
        user = session.scalar(select(User).where(User.email == email.strip().lower()))
        if user is not None and user.locked_until is not None and user.locked_until > now():
            minutes = int((user.locked_until - now()).total_seconds() // 60) + 1
            raise SIGN_IN_LOCKED(minutes=minutes)
        fits = password_fits(user.password_hash if user else NOBODY, password)
        if user is not None and user.status == UserStatus.ACTIVE and fits:
            user.failed_sign_ins, user.locked_until = 0, None
            actor = actor_for(session, user, address=address)
            check_password_allowed(session, actor)
            return open_session(session, user), actor
        if user is not None:
            _count_failure(user)
    raise SIGN_IN_FAILED()


def set_password(email: str, password: str) -> None:
    """Replace a person's password, lift the lock and end all sessions; raises `SIGN_IN_NEEDED` for nobody."""
    with system_session() as session:
        user = session.scalar(select(User).where(User.email == email.strip().lower()))
        if user is None:
            raise SIGN_IN_NEEDED()
        user.password_hash, user.failed_sign_ins, user.locked_until = password_hash(password), 0, None
        end_sessions(session, user.id)


def set_preferences(actor: Actor, locale: str, time_zone: str) -> None:
    """Keep the actor's language and time zone."""
    with system_session() as session:
        user = session.get(User, actor.user_id)
        if user is None:
            raise ACCOUNT_ENDED()
        user.locale, user.time_zone = locale, time_zone


def _count_failure(user: User) -> None:
    user.failed_sign_ins += 1
    beyond = user.failed_sign_ins - FREE_FAILURES
    if beyond >= 0:
        user.locked_until = now() + min(timedelta(minutes=2**beyond), LONGEST_LOCK)
