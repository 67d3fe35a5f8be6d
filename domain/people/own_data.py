"""Everything that is kept of a person, for themselves (AC-198, AC-199; an extension of ours)."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.feedback.models import Feedback
from domain.organizations.actor import Actor
from domain.organizations.effective_roles import effective_roles
from domain.organizations.models import Group, GroupMember, MembershipPeriod, Organization, User, now
from domain.organizations.permissions import Permission
from domain.printer_login.models import Badge, Pin
from domain.runs.models import Run
from domain.sign_in.models import SignInSession
from domain.storage_accounts.models import LinkedAccount
from domain.tenancy import system_session

FORMAT = "pressroom-own-data/1"


def own_data(actor: Actor) -> dict[str, Any]:
    """Profile, memberships, groups, roles, badges without their numbers, PIN without the PIN, sessions, accounts, runs,
    feedback.

    As values of JSON. Rows in customers' organizations that the person worked in are among them.
    """
    actor.need(Permission.OWN_ACCOUNT)
    with system_session(read_only=True) as session:
        person = session.get_one(User, actor.user_id)
        return {
            "format": FORMAT,
            "made": now().isoformat(),
            "profile": _profile(session, person),
            "memberships": _memberships(session, person.id),
            "groups": _groups(session, person.id),
            "roles": _roles(session, person),
            "badges": _badges(session, person.id),
            "pin": _pin(session, person.id),
            "sessions": _sessions(session, person.id),
            "storage_accounts": _storage_accounts(session, person.id),
            "runs": _runs(session, person.id),
            "feedback": _feedback(session, person.id),
        }


def _profile(session: Session, person: User) -> dict[str, Any]:
    return {
        "id": person.id,
        "organization": session.get_one(Organization, person.organization_id).name,
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "display_name": person.name,
        "short_name": person.short_name,
        "department": person.department,
        "cost_center": person.cost_center,
        "custom_attributes": person.custom_attributes,
        "status": person.status,
        "language": person.locale,
        "time_zone": person.time_zone,
        "created": person.created.isoformat(),
    }


def _memberships(session: Session, user_id: str) -> list[dict[str, Any]]:
    query = select(MembershipPeriod).where(MembershipPeriod.user_id == user_id).order_by(MembershipPeriod.begin)
    return [
        {
            "kind": row.kind,
            "name": row.name,
            "begin": row.begin.isoformat(),
            "end": row.end.isoformat() if row.end else None,
        }
        for row in session.scalars(query)
    ]


def _groups(session: Session, user_id: str) -> list[str]:
    query = select(Group.name).join(GroupMember, GroupMember.group_id == Group.id)
    return list(session.scalars(query.where(GroupMember.user_id == user_id).order_by(Group.name_key)))


def _roles(session: Session, person: User) -> list[dict[str, Any]]:
    return [
        {
            "role": one.role.value,
            "from": [source.group_name or source.level.value for source in one.sources],
            "counts": one.counts_at_home,
        }
        for one in effective_roles(session, person)
    ]


def _badges(session: Session, user_id: str) -> list[dict[str, Any]]:
    query = select(Badge).where(Badge.user_id == user_id).order_by(Badge.created)
    return [
        {
            "number": "masked",
            "description": row.description,
            "origin": row.origin,
            "created": row.created.isoformat(),
            "expires": row.expires.isoformat() if row.expires else None,
            "last_used": row.last_used.isoformat() if row.last_used else None,
        }
        for row in session.scalars(query)
    ]


def _pin(session: Session, user_id: str) -> dict[str, Any] | None:
    row = session.scalar(select(Pin).where(Pin.user_id == user_id))
    if row is None:
        return None
    return {"since": row.since.isoformat(), "expires": row.expires.isoformat() if row.expires else None}


def _sessions(session: Session, user_id: str) -> list[dict[str, Any]]:
    query = select(SignInSession).where(SignInSession.user_id == user_id).order_by(SignInSession.created)
    return [
        {
            "created": row.created.isoformat(),
            "expires": row.expires.isoformat(),
            "address": row.address,
            "program": row.user_agent,
        }
        for row in session.scalars(query)
    ]


def _storage_accounts(session: Session, user_id: str) -> list[dict[str, Any]]:
    query = select(LinkedAccount).where(LinkedAccount.user_id == user_id).order_by(LinkedAccount.family)
    return [
        {"family": row.family, "account": row.account, "created": row.created.isoformat()}
        for row in session.scalars(query)
    ]


def _runs(session: Session, user_id: str) -> list[dict[str, Any]]:
    query = select(Run).where(Run.user_id == user_id).order_by(Run.created)
    return [
        {
            "id": row.id,
            "solution": row.solution_name,
            "document": row.original["name"],
            "state": row.state,
            "created": row.created.isoformat(),
            "finished": row.finished.isoformat() if row.finished else None,
        }
        for row in session.scalars(query)
    ]


def _feedback(session: Session, user_id: str) -> list[dict[str, Any]]:
    query = select(Feedback).where(Feedback.user_id == user_id).order_by(Feedback.id)
    return [{"text": row.text, "page": row.page, "created": row.created.isoformat()} for row in session.scalars(query)]
