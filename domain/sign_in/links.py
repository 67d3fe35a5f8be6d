"""Links to set a password: invitations and resets; they work once, for a day (AC-80, AC-93).

Whether an address belongs to anybody is told only by mail to that address: `request_reset` answers the same, and at
once, in every case.
"""

import secrets
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.audit.service import record, record_unattended
from domain.federation.routing import password_refusal
from domain.mail.service import queue_mail
from domain.organizations.actor import Actor, actor_for
from domain.organizations.grants import check_power_over
from domain.organizations.models import Organization, OrganizationStatus, User, UserStatus, now
from domain.organizations.permissions import Permission
from domain.sign_in.locks import unlock
from domain.sign_in.models import LinkPurpose, PasswordLink
from domain.sign_in.password_changes import owner_of, replace_password, tell_of_change
from domain.sign_in.password_rules import PasswordOwner
from domain.sign_in.rules import Rules, rules_of
from domain.sign_in.sessions import token_hash
from domain.tenancy import NOT_FOUND, system_session

LINK_REFUSED = Fault(
    "sign_in.link_refused",
    410,
    N_("This link does not work: it was used already, a newer one was sent, or it is older than a day."),
    N_("Have a new link sent from the sign-in page, or ask your administrator for an invitation."),
    spec="AC-93",
)
LIFETIME = timedelta(hours=24)
MOST_AN_HOUR = 3
"""Reset links for one person within an hour; further requests send nothing."""
PATH = "/set-password"
SUBJECTS = {
    LinkPurpose.INVITATION: N_("Your Pressroom account"),
    LinkPurpose.RESET: N_("Set a new Pressroom password"),
}
GREETINGS = {
    LinkPurpose.INVITATION: N_("{organization} has made an account for you: {email}. Choose your password here:"),
    LinkPurpose.RESET: N_("Somebody, we hope you, asked for a new password for {email}. Set it here:"),
}
LINK_TERMS = N_(
    "The link works once, for 24 hours. If you did not ask for it, do nothing: your password stays as it is."
)
ELSEWHERE_TEXT = N_(
    "Somebody, we hope you, asked for a new password for {email}. Your organization signs in at its own identity "
    "provider: there is no password here. Enter your address on the sign-in page, and it leads you there."
)
INVITATION_TERMS = N_("The link works once, for 24 hours. After that, have a new one sent from the sign-in page.")

log = structlog.get_logger(__name__)
_sender = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password-links")


@dataclass(frozen=True, slots=True)
class LinkView:
    """What the page of a link shows: whose password is to be set, and what it must be like."""

    email: str
    purpose: LinkPurpose
    rules: Rules
    owner: PasswordOwner


def send_link(session: Session, user: User, purpose: LinkPurpose) -> None:
    """Mail `user` a link, in the transaction that causes it; links sent before become worthless."""
    send_links(session, [user], purpose)


def send_links(session: Session, users: Sequence[User], purpose: LinkPurpose) -> None:
    """As `send_link`, for several people of one organization."""
    if not users:
        return
    organization = session.get_one(Organization, users[0].organization_id)
    former = PasswordLink.user_id.in_([user.id for user in users])
    session.execute(update(PasswordLink).where(former, PasswordLink.expires > now()).values(expires=now()))
    for user in users:
        _send(session, user, purpose, organization.name)


def _send(session: Session, user: User, purpose: LinkPurpose, organization: str) -> None:
    token = secrets.token_urlsafe(32)
    session.add(
        PasswordLink(
            organization_id=user.organization_id,
            token_hash=token_hash(token),
            user_id=user.id,
            purpose=purpose,
            expires=now() + LIFETIME,
        )
    )
    terms = INVITATION_TERMS if purpose == LinkPurpose.INVITATION else LINK_TERMS
    greeting = Message.of(GREETINGS[purpose], organization=organization, email=user.email)
    queue_mail(
        session,
        user.organization_id,
        [user.email],
        Message.of(SUBJECTS[purpose]),
        [greeting, Message.of(terms)],
        locale=user.locale,
        link=f"{get_settings().public_url}{PATH}?token={token}",
    )


def send_link_to(actor: Actor, user_id: str) -> None:
    """An administrator has a link sent to somebody: an invitation as long as there is no password.

    Raises `NOT_FOUND`, `ROLE_MISSING`, `SIGN_IN_ELSEWHERE`.
    """
    actor.need(Permission.USERS_CREDENTIALS)
    with actor.session() as session:
        user = session.get(User, user_id)
        if user is None or user.status != UserStatus.ACTIVE:
            raise NOT_FOUND(what="person")
        check_power_over(session, actor, [user_id])
        if (refusal := password_refusal(session, actor_for(session, user))) is not None:
            raise refusal
        purpose = LinkPurpose.RESET if user.password_hash else LinkPurpose.INVITATION
        send_link(session, user, purpose)
        record(session, actor, "password_link.sent", "user", user.id, {"purpose": purpose.value})


def request_reset(email: str, address: str = "") -> "Future[None]":
    """Somebody without a password asks for a link for `email`. It is sent beside, if there is such a person."""
    return _sender.submit(_send_reset, email.strip().lower(), address)


def look_at_link(token: str) -> LinkView:
    """What the link is for; it stays usable. Raises `LINK_REFUSED`."""
    with system_session(read_only=True) as session:
        user, link = _usable(session, token)
        rules = rules_of(session, user.organization_id)
        return LinkView(user.email, LinkPurpose(link.purpose), rules, owner_of(session, user))


def set_password_by_link(token: str, password: str, address: str = "") -> str:
    """Set the password and use the link up; all sessions of the person end. Returns the person's address.

    Raises `LINK_REFUSED`, and what is wrong with the password: then the link still works.
    """
    with system_session() as session:
        user, link = _usable(session, token)
        is_first = not user.password_hash
        taken = delete(PasswordLink).where(PasswordLink.token_hash == link.token_hash)
        if session.scalar(taken.returning(PasswordLink.user_id)) is None:  # somebody else was quicker
            raise LINK_REFUSED()
        replace_password(session, user, password)
        unlock(session, user.email)
        record_unattended(
            session,
            user.organization_id,
            "password.set",
            "user",
            user.id,
            {"by": link.purpose},
            user_id=user.id,
            address=address,
        )
        if not is_first:
            tell_of_change(session, user)
        return user.email


def forget_old_links() -> int:
    """Delete links that work no more; returns how many."""
    with system_session() as session:
        old = delete(PasswordLink).where(PasswordLink.expires < now() - LIFETIME)
        return len(session.scalars(old.returning(PasswordLink.user_id)).all())


def _send_reset(email: str, address: str) -> None:
    try:
        with system_session() as session:
            user = session.scalar(
                select(User)
                .join(Organization, Organization.id == User.organization_id)
                .where(
                    User.email == email,
                    User.status == UserStatus.ACTIVE,
                    Organization.status == OrganizationStatus.ACTIVE,
                )
            )
            if user is None or _recent_links(session, user) >= MOST_AN_HOUR:
                log.info("no reset link was sent", known=user is not None)
                return
            if password_refusal(session, actor_for(session, user)) is not None:
                _tell_the_way(session, user)
                return
            send_link(session, user, LinkPurpose.RESET)
            record_unattended(
                session,
                user.organization_id,
                "password_link.requested",
                "user",
                user.id,
                user_id=user.id,
                address=address,
            )
    except PressroomError as error:
        log.warning("a reset link could not be sent", code=error.code)
        raise


def _tell_the_way(session: Session, user: User) -> None:
    """A password would be of no use to somebody who signs in at an identity provider (AC-94)."""
    text = Message.of(ELSEWHERE_TEXT, email=user.email)
    queue_mail(
        session,
        user.organization_id,
        [user.email],
        Message.of(SUBJECTS[LinkPurpose.RESET]),
        [text],
        locale=user.locale,
        link=f"{get_settings().public_url}/sign-in",
        key=f"elsewhere/{user.id}/{now():%Y-%m-%d}",
    )


def _recent_links(session: Session, user: User) -> int:
    recent = select(func.count()).where(
        PasswordLink.user_id == user.id, PasswordLink.created > now() - timedelta(hours=1)
    )
    return session.scalar(recent) or 0


def _usable(session: Session, token: str) -> tuple[User, PasswordLink]:
    found = session.execute(
        select(User, PasswordLink)
        .join(PasswordLink, PasswordLink.user_id == User.id)
        .join(Organization, Organization.id == User.organization_id)
        .where(
            PasswordLink.token_hash == token_hash(token),
            PasswordLink.expires > now(),
            User.status == UserStatus.ACTIVE,
            Organization.status == OrganizationStatus.ACTIVE,
        )
    ).one_or_none()
    if found is None:
        raise LINK_REFUSED()
    return found.User, found.PasswordLink
