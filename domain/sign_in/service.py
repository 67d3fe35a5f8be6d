"""Signing in with a password, and with a code where a second factor is in force (AC-29)."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_, Message
from domain.audit.service import record, record_unattended
from domain.federation.routing import password_refusal
from domain.mail.service import queue_mail
from domain.organizations.actor import ACCOUNT_ENDED, Actor, actor_for
from domain.organizations.models import User, UserStatus, now
from domain.organizations.permissions import Permission
from domain.sign_in.locks import Attempt, attempt_given_back, attempt_succeeded, begin_attempt
from domain.sign_in.models import HalfSignIn, SignInMethod
from domain.sign_in.passwords import NOBODY, needs_new_hash, password_fits, password_hash
from domain.sign_in.rules import rules_of
from domain.sign_in.second_factor import (
    CODE_WRONG,
    Enrolment,
    begin_enrolment,
    finish_enrolment,
    second_factor_of,
    use_code,
)
from domain.sign_in.sessions import UNKNOWN_ORIGIN, OpenedSession, Origin, open_session, token_hash
from domain.tenancy import system_session

SIGN_IN_FAILED = Fault(
    "sign_in.failed",
    401,
    N_("The e-mail address or the password is wrong."),
    N_("Try again. After several failures the account is locked for some minutes."),
)
CODE_NEEDED = Fault(
    "sign_in.code_needed",
    401,
    N_("Signing in takes a code of your authenticator app too."),
    N_("Send the code, or one of your recovery codes, together with the password."),
)
ENROLMENT_NEEDED = Fault(
    "sign_in.enrolment_needed",
    403,
    N_("Your organization requires a second factor for your roles, and you have none yet."),
    N_("Sign in to the portal once and set it up there."),
)
HALF_OVER = Fault(
    "sign_in.half_over",
    401,
    N_("This sign-in has taken too long."),
    N_("Begin again with your e-mail address and your password."),
)
HALF_LIFE = timedelta(minutes=10)
LOCKED_SUBJECT = N_("Failed sign-ins to your Pressroom account")
LOCKED_TEXT = N_("Signing in as {email} has failed several times. For some minutes nobody can sign in from there.")
LOCKED_WHERE = N_("The last try came from the network address {address}.")
LOCKED_ADVICE = N_(
    "If it was you, wait or have a link sent to set a new password. If not, your password has kept them out; "
    "choose a longer one if you are in doubt."
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody is signed in."""

    session: OpenedSession
    actor: Actor


@dataclass(frozen=True, slots=True)
class Halfway:
    """The password was right; what is missing is a code, or first of all a second factor (`is_enrolment`).

    The ticket is told only here and lasts ten minutes.
    """

    ticket: str
    is_enrolment: bool


def sign_in(email: str, password: str, origin: Origin = UNKNOWN_ORIGIN, code: str = "") -> SignedIn:
    """Sign in at once, as programs do; raises what `begin_sign_in` raises, `CODE_NEEDED`, `ENROLMENT_NEEDED`."""
    begun = begin_sign_in(email, password, origin)
    if isinstance(begun, SignedIn):
        return begun
    if begun.is_enrolment:
        raise ENROLMENT_NEEDED()
    if not code:
        raise CODE_NEEDED()
    return finish_sign_in(begun.ticket, code, origin)


def begin_sign_in(email: str, password: str, origin: Origin = UNKNOWN_ORIGIN) -> SignedIn | Halfway:
    """Check the password and open a session, unless a second factor is asked for too.

    Raises `SIGN_IN_FAILED`, or `SIGN_IN_LOCKED` after repeated failures, both alike for addresses of nobody; and
    `SIGN_IN_ELSEWHERE` for people who sign in at an identity provider.
    """
    email = email.strip().lower()
    attempt = begin_attempt(email, origin.address)
    with system_session(read_only=True) as session:
        user = session.scalar(select(User).where(User.email == email))
    fits = password_fits(user.password_hash if user else NOBODY, password)
    with system_session() as session:
        if user is not None and user.status == UserStatus.ACTIVE and fits:
            owner = session.get_one(User, user.id)
            actor = actor_for(session, owner, address=origin.address)
            refusal = password_refusal(session, actor)
            if refusal is None:
                return _admitted(session, attempt, owner, actor, password, origin)
            attempt_given_back(session, attempt)
        else:
            note_failure(session, attempt, user)
            refusal = SIGN_IN_FAILED()
    raise refusal


def finish_sign_in(ticket: str, code: str, origin: Origin = UNKNOWN_ORIGIN) -> SignedIn:
    """Finish a sign-in with a code of the authenticator app or a recovery code.

    Raises `HALF_OVER`, `CODE_WRONG`, `SIGN_IN_LOCKED`. Wrong codes count as wrong passwords do, and a right password
    does not take them back.
    """
    user = _of_half(ticket, is_enrolment=False)
    attempt = begin_attempt(user.email, origin.address)
    with system_session() as session:
        if use_code(session, user.id, code) and _taken(session, ticket):
            return _opened(session, session.get_one(User, user.id), SignInMethod.PASSWORD_AND_CODE, origin)
        note_failure(session, attempt, user)
    raise CODE_WRONG()


def enrolment_of(ticket: str) -> Enrolment:
    """What to show to somebody who must set up a second factor before anything else; raises `HALF_OVER`."""
    user = _of_half(ticket, is_enrolment=True)
    with system_session() as session:
        return begin_enrolment(session, session.get_one(User, user.id))


def finish_enrolling_sign_in(
    ticket: str, code: str, origin: Origin = UNKNOWN_ORIGIN
) -> tuple[SignedIn, tuple[str, ...]]:
    """Put the second factor in force and sign in; also returns the recovery codes. Raises as `finish_sign_in`."""
    user = _of_half(ticket, is_enrolment=True)
    with system_session() as session:
        owner = session.get_one(User, user.id)
        codes = finish_enrolment(session, owner, code)
        if not _taken(session, ticket):
            raise HALF_OVER()
        signed_in = _opened(session, owner, SignInMethod.PASSWORD_AND_CODE, origin)
        record(
            session,
            signed_in.actor,
            "second_factor.set_up",
            "user",
            owner.id,
            organization_id=owner.organization_id,
        )
        return signed_in, codes


def set_preferences(actor: Actor, locale: str, time_zone: str) -> None:
    """Keep the actor's language and time zone."""
    actor.need(Permission.OWN_ACCOUNT)
    with system_session() as session:
        user = session.get(User, actor.user_id)
        if user is None:
            raise ACCOUNT_ENDED()
        user.locale, user.time_zone = locale, time_zone


def note_failure(session: Session, attempt: Attempt, user: User | None) -> None:
    """Record a failed attempt; when it was the one that locks, tell the person, once a day at most."""
    if user is None:
        log.info("sign-in failed", known=False, locked=attempt.lock is not None)
        return
    action = "sign_in.locked" if attempt.lock else "sign_in.failed"
    record_unattended(session, user.organization_id, action, "user", user.id, user_id=user.id, address=attempt.address)
    if attempt.is_first and user.status == UserStatus.ACTIVE:
        paragraphs = [
            Message.of(LOCKED_TEXT, email=user.email),
            Message.of(LOCKED_WHERE, address=attempt.address or "?"),
            Message.of(LOCKED_ADVICE),
        ]
        queue_mail(
            session,
            user.organization_id,
            [user.email],
            Message.of(LOCKED_SUBJECT),
            paragraphs,
            locale=user.locale,
            key=f"locked/{user.id}/{now():%Y-%m-%d}",
        )


def _admitted(
    session: Session, attempt: Attempt, user: User, actor: Actor, password: str, origin: Origin
) -> SignedIn | Halfway:
    if needs_new_hash(user.password_hash):
        user.password_hash = password_hash(password)
    has_factor = second_factor_of(session, user.id).since is not None
    if has_factor or rules_of(session, user.organization_id).asks_second_factor_of(actor):
        attempt_given_back(session, attempt)
        return _half(session, user, is_enrolment=not has_factor)
    return _opened(session, user, SignInMethod.PASSWORD, origin)


def _opened(session: Session, user: User, method: SignInMethod, origin: Origin) -> SignedIn:
    attempt_succeeded(session, user.email, origin.address)
    actor = actor_for(session, user, address=origin.address)
    opened = open_session(session, user, method, origin)
    record(
        session,
        actor,
        "sign_in.succeeded",
        "user",
        user.id,
        {"by": method.value},
        organization_id=user.organization_id,
    )
    return SignedIn(opened, actor)


def _half(session: Session, user: User, *, is_enrolment: bool) -> Halfway:
    ticket = secrets.token_urlsafe(32)
    session.execute(delete(HalfSignIn).where(HalfSignIn.expires < now()))
    session.add(
        HalfSignIn(
            organization_id=user.organization_id,
            token_hash=token_hash(ticket),
            user_id=user.id,
            is_enrolment=is_enrolment,
            expires=now() + HALF_LIFE,
        )
    )
    return Halfway(ticket, is_enrolment)


def _of_half(ticket: str, *, is_enrolment: bool) -> User:
    with system_session(read_only=True) as session:
        user = session.scalar(
            select(User)
            .join(HalfSignIn, HalfSignIn.user_id == User.id)
            .where(
                HalfSignIn.token_hash == token_hash(ticket),
                HalfSignIn.is_enrolment == is_enrolment,
                HalfSignIn.expires > now(),
                User.status == UserStatus.ACTIVE,
            )
        )
    if user is None:
        raise HALF_OVER()
    return user


def _taken(session: Session, ticket: str) -> bool:
    """Whether the ticket was still there; nobody can use it again."""
    used = delete(HalfSignIn).where(HalfSignIn.token_hash == token_hash(ticket))
    return session.scalar(used.returning(HalfSignIn.user_id)) is not None
