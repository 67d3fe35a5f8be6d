"""Signing in, and the bootstrap of a new installation: one organization with one administrator."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select

from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import Settings, get_settings
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, Role, SignInSession, User, now
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
SIGN_IN_NEEDED = Fault("sign_in.needed", 401, N_("You are not signed in."), N_("Sign in first."))

FREE_FAILURES = 5
LONGEST_LOCK = timedelta(minutes=60)
_hasher = PasswordHasher()
# Verified when the address is unknown, so that the answer takes as long as for a known one.
_NOBODY = _hasher.hash(secrets.token_hex())


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The first administrator; `password` is set only when it was made just now."""

    email: str
    password: str | None


def token_hash(token: str) -> str:
    """The form in which tokens are kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def bootstrap(settings: Settings) -> Bootstrap:
    """Make the first organization and its administrator where the installation has none yet."""
    email = settings.admin_email.lower()
    with system_session(read_only=True) as session:
        if session.scalar(select(User.id).limit(1)):
            return Bootstrap(email, None)
    password = settings.admin_password.get_secret_value() or secrets.token_urlsafe(12)
    create_organization("Pressroom", email, "Administrator", password)
    return Bootstrap(email, password)


def create_organization(name: str, email: str, person: str, password: str) -> Actor:
    """A new organization with its first administrator, who has every role and uses the installation's storage."""
    with system_session() as session:
        organization = Organization(name=name, storage_providers=["folder"])
        session.add(organization)
        session.flush()
        user = User(
            organization_id=organization.id,
            email=email.lower(),
            name=person,
            password_hash=_hasher.hash(password),
            roles=[role.value for role in Role],
        )
        session.add(user)
        session.flush()
        return Actor.of(user)


def set_password(email: str, password: str) -> None:
    """Replace a person's password, lift the lock and end all sessions; raises `SIGN_IN_NEEDED` for nobody."""
    with system_session() as session:
        user = session.scalar(select(User).where(User.email == email.strip().lower()))
        if user is None:
            raise SIGN_IN_NEEDED()
        user.password_hash, user.failed_sign_ins, user.locked_until = _hasher.hash(password), 0, None
        session.execute(delete(SignInSession).where(SignInSession.user_id == user.id))


def sign_in(email: str, password: str) -> tuple[str, Actor]:
    """Check the password and open a session; returns its token, which is not kept, and who signed in.

    Raises `SIGN_IN_FAILED`, or `SIGN_IN_LOCKED` after repeated failures (the lock doubles with each further one).
    """
    error = None
    with system_session() as session:
        user = session.scalar(select(User).where(User.email == email.strip().lower()))
        if user is not None and user.locked_until is not None and user.locked_until > now():
            minutes = int((user.locked_until - now()).total_seconds() // 60) + 1
            raise SIGN_IN_LOCKED(minutes=minutes)
        if not _password_fits(user.password_hash if user else _NOBODY, password) or user is None:
            if user is not None:
                _count_failure(user)
            error = SIGN_IN_FAILED()
        else:
            user.failed_sign_ins, user.locked_until = 0, None
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
            return token, Actor.of(user)
    raise error


def actor_of_token(token: str) -> Actor:
    """Who holds this session token; raises `SIGN_IN_NEEDED` for an unknown or expired one."""
    with system_session(read_only=True) as session:
        user = session.scalar(
            select(User)
            .join(SignInSession, SignInSession.user_id == User.id)
            .where(SignInSession.token_hash == token_hash(token), SignInSession.expires > now())
        )
    if user is None:
        raise SIGN_IN_NEEDED()
    return Actor.of(user)


def sign_out(token: str) -> None:
    """End the session at once."""
    with system_session() as session:
        session.execute(delete(SignInSession).where(SignInSession.token_hash == token_hash(token)))


def local_administrator() -> Actor:
    """The bootstrap administrator, for commands on the machine itself; raises `SIGN_IN_NEEDED` before bootstrap."""
    with system_session(read_only=True) as session:
        user = session.scalar(select(User).order_by(User.created).limit(1))
    if user is None:
        raise SIGN_IN_NEEDED()
    return Actor.of(user)


def actor_of_user(user_id: str) -> Actor:
    """The person of that id as they are now; raises `SIGN_IN_NEEDED` when they are gone."""
    with system_session(read_only=True) as session:
        user = session.get(User, user_id)
    if user is None:
        raise SIGN_IN_NEEDED()
    return Actor.of(user)


def set_preferences(actor: Actor, locale: str, time_zone: str) -> None:
    """Keep the actor's language and time zone."""
    with actor.session() as session:
        user = session.get_one(User, actor.user_id)
        user.locale, user.time_zone = locale, time_zone


def _password_fits(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def _count_failure(user: User) -> None:
    user.failed_sign_ins += 1
    beyond = user.failed_sign_ins - FREE_FAILURES
    if beyond >= 0:
        user.locked_until = now() + min(timedelta(minutes=2**beyond), LONGEST_LOCK)
