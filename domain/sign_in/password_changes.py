"""Setting passwords: every way to a new password leads through `replace_password` (AC-91)."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from domain.audit.service import record, record_unattended
from domain.federation.routing import password_refusal
from domain.mail.service import queue_mail
from domain.organizations.actor import Actor, actor_for
from domain.organizations.grants import check_power_over
from domain.organizations.models import NO_ACCOUNT, Organization, User, now
from domain.organizations.permissions import Permission
from domain.sign_in.confirmation import need_confirmation
from domain.sign_in.locks import unlock
from domain.sign_in.models import FormerPassword, PasswordLink
from domain.sign_in.password_rules import USED_BEFORE, PasswordOwner, check_password, normalized
from domain.sign_in.passwords import password_fits, password_hash
from domain.sign_in.rules import Rules, rules_of
from domain.sign_in.sessions import SIGN_IN_NEEDED, end_sessions
from domain.tenancy import NOT_FOUND, system_session

CHANGED_SUBJECT = N_("Your Pressroom password was changed")
CHANGED_TEXT = N_("The password of your account {email} was changed just now, and all other sessions were ended.")
NOT_YOU = N_("If it was not you, have a link sent to set a new password, and tell your administrator.")


def owner_of(session: Session, user: User) -> PasswordOwner:
    """What a password of `user` must not contain."""
    organization = session.get_one(Organization, user.organization_id)
    names = (user.email, user.name, user.first_name, user.last_name, user.short_name, organization.name, "pressroom")
    return PasswordOwner(names)


def check_new_password(session: Session, user: User, password: str) -> None:
    """Raise why `password` cannot become that of `user`, who is active; `session` sees their organization.

    Raises `SIGN_IN_ELSEWHERE` where a password is of no use (AC-94).
    """
    if (refusal := password_refusal(session, actor_for(session, user))) is not None:
        raise refusal
    rules = rules_of(session, user.organization_id)
    check_password(password, owner_of(session, user), rules.shortest_password)
    _check_history(session, user, password, rules)


def replace_password(session: Session, user: User, password: str, *, keep_session: str = "") -> None:
    """Make `password` that of `user`, who may be new.

    Makes links worthless and ends all sessions but the one with the id `keep_session`. Raises the faults of
    `check_new_password`. The caller records it, tells the person and lifts a lock.
    """
    check_new_password(session, user, password)
    _keep_former(session, user)
    user.password_hash = password_hash(password)
    session.flush()
    session.execute(delete(PasswordLink).where(PasswordLink.user_id == user.id))
    end_sessions(session, user.id, but=keep_session)


def set_password(email: str, password: str) -> None:
    """The operator sets somebody's password on the machine itself; raises `SIGN_IN_NEEDED` for nobody."""
    with system_session() as session:
        user = session.scalar(select(User).where(User.email == email.strip().lower()))
        if user is None:
            raise SIGN_IN_NEEDED()
        replace_password(session, user, password)
        unlock(session, user.email)
        record_unattended(session, user.organization_id, "password.set", "user", user.id, {"by": "operator"})


def change_own_password(actor: Actor, password: str) -> None:
    """Somebody sets their own password; their other sessions end. Raises `CONFIRMATION_NEEDED`."""
    actor.need(Permission.OWN_ACCOUNT)
    need_confirmation(actor)
    with system_session() as session:
        user = session.get_one(User, actor.user_id)
        kept = actor.credential.id if actor.credential else ""
        replace_password(session, user, password, keep_session=kept)
        unlock(session, user.email)
        record(session, actor, "password.set", "user", user.id, {"by": "owner"}, organization_id=user.organization_id)
        tell_of_change(session, user)


def set_password_of(actor: Actor, user_id: str, password: str) -> None:
    """An administrator sets somebody's password, who is told by mail. Raises `NOT_FOUND`, `ROLE_MISSING`."""
    actor.need(Permission.USERS_CREDENTIALS)
    with actor.session() as session:
        user = session.get(User, user_id)
        if user is None or user.status in NO_ACCOUNT:
            raise NOT_FOUND(what="person")
        check_power_over(session, actor, [user_id])
        replace_password(session, user, password)
        record(session, actor, "password.set", "user", user.id, {"by": "administrator"})
        tell_of_change(session, user)
        email = user.email
    with system_session() as session:
        unlock(session, email)


def tell_of_change(session: Session, user: User) -> None:
    """A mail to the owner of the account."""
    text = [Message.of(CHANGED_TEXT, email=user.email), Message.of(NOT_YOU)]
    queue_mail(session, user.organization_id, [user.email], Message.of(CHANGED_SUBJECT), text, locale=user.locale)


def _check_history(session: Session, user: User, password: str, rules: Rules) -> None:
    if rules.refused_passwords == 0:
        return
    former = select(FormerPassword.password_hash).where(FormerPassword.user_id == user.id)
    hashes = session.scalars(former.order_by(FormerPassword.replaced.desc()).limit(rules.refused_passwords - 1))
    for kept in (user.password_hash, *hashes):
        if kept and password_fits(kept, normalized(password)):
            raise USED_BEFORE(count=rules.refused_passwords)


def _keep_former(session: Session, user: User) -> None:
    """Remember the password that is replaced for as long as the organization refuses it, and forget older ones."""
    count = rules_of(session, user.organization_id).refused_passwords
    if user.password_hash and count > 1:
        session.add(
            FormerPassword(
                organization_id=user.organization_id, user_id=user.id, password_hash=user.password_hash, replaced=now()
            )
        )
        session.flush()
    kept = select(FormerPassword.id).where(FormerPassword.user_id == user.id)
    newest = session.scalars(kept.order_by(FormerPassword.replaced.desc()).limit(max(count - 1, 0))).all()
    session.execute(delete(FormerPassword).where(FormerPassword.user_id == user.id, FormerPassword.id.not_in(newest)))
