"""The second factor as its owner manages it, and as an administrator resets it."""

from sqlalchemy.orm import Session

from domain.audit.service import record
from domain.organizations.actor import Actor, actor_for
from domain.organizations.grants import check_power_over
from domain.organizations.models import NO_ACCOUNT, User
from domain.organizations.permissions import Permission
from domain.sign_in.confirmation import need_confirmation
from domain.sign_in.rules import rules_of
from domain.sign_in.second_factor import (
    NOT_BEGUN,
    REQUIRED,
    Enrolment,
    SecondFactorView,
    begin_enrolment,
    finish_enrolment,
    new_recovery_codes,
    remove_second_factor,
    second_factor_of,
)
from domain.tenancy import NOT_FOUND, system_session


def own_second_factor(actor: Actor) -> SecondFactorView:
    """How the actor's own stands."""
    actor.need(Permission.OWN_ACCOUNT)
    with system_session(read_only=True) as session:
        return second_factor_of(session, actor.user_id)


def is_required(actor: Actor) -> bool:
    """Whether the rules of the actor's own organization ask for a second factor."""
    with system_session(read_only=True) as session:
        return rules_of(session, actor.home_organization_id).asks_second_factor_of(actor)


def begin_own_second_factor(actor: Actor) -> Enrolment:
    """What the authenticator app needs; nothing changes before the first code. Raises `CONFIRMATION_NEEDED`."""
    actor.need(Permission.OWN_ACCOUNT)
    need_confirmation(actor)
    with system_session() as session:
        return begin_enrolment(session, session.get_one(User, actor.user_id))


def finish_own_second_factor(actor: Actor, code: str) -> tuple[str, ...]:
    """Put it in force by its first code; returns the recovery codes. Raises `NOT_BEGUN`, `CODE_WRONG`."""
    actor.need(Permission.OWN_ACCOUNT)
    need_confirmation(actor)
    with system_session() as session:
        codes = finish_enrolment(session, session.get_one(User, actor.user_id), code)
        _record(session, actor, "second_factor.set_up")
        return codes


def make_own_recovery_codes(actor: Actor) -> tuple[str, ...]:
    """Ten new codes in place of the old ones, told only here. Raises `CONFIRMATION_NEEDED`, `NOT_BEGUN`."""
    actor.need(Permission.OWN_ACCOUNT)
    need_confirmation(actor)
    with system_session() as session:
        if second_factor_of(session, actor.user_id).since is None:
            raise NOT_BEGUN()
        codes = new_recovery_codes(session, session.get_one(User, actor.user_id))
        _record(session, actor, "recovery_codes.made")
        return codes


def remove_own_second_factor(actor: Actor) -> None:
    """Sign in without a code from now on. Raises `CONFIRMATION_NEEDED`, `REQUIRED`."""
    actor.need(Permission.OWN_ACCOUNT)
    need_confirmation(actor)
    with system_session() as session:
        user = session.get_one(User, actor.user_id)
        if rules_of(session, user.organization_id).asks_second_factor_of(actor_for(session, user)):
            raise REQUIRED()
        remove_second_factor(session, actor, user)


def second_factor_for(actor: Actor, user_id: str) -> SecondFactorView:
    """How somebody's stands, for administrators; raises `NOT_FOUND`."""
    actor.need(Permission.USERS_CREDENTIALS)
    with actor.session(read_only=True) as session:
        return second_factor_of(session, _person(session, user_id).id)


def reset_second_factor(actor: Actor, user_id: str) -> None:
    """An administrator takes away the second factor of somebody who has lost it.

    Where one is required, the person sets up a new one when signing in next. Raises `NOT_FOUND`, `ROLE_MISSING`,
    `CONFIRMATION_NEEDED`.
    """
    actor.need(Permission.USERS_CREDENTIALS)
    need_confirmation(actor)
    with actor.session() as session:
        user = _person(session, user_id)
        check_power_over(session, actor, [user_id])
        remove_second_factor(session, actor, user)


def _person(session: Session, user_id: str) -> User:
    user = session.get(User, user_id)
    if user is None or user.status in NO_ACCOUNT:
        raise NOT_FOUND(what="person")
    return user


def _record(session: Session, actor: Actor, action: str) -> None:
    record(session, actor, action, "user", actor.user_id, organization_id=actor.home_organization_id)
