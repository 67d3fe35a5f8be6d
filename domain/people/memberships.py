"""The departments and cost centres that a person has been in (AC-116)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from domain.organizations.actor import Actor
from domain.organizations.models import Membership, MembershipPeriod
from domain.organizations.permissions import Permission
from domain.people.rows import person_row


@dataclass(frozen=True, slots=True)
class MembershipView:
    """That somebody was in a department or cost centre from `begin` to `end` (None: still)."""

    kind: Membership
    name: str
    begin: datetime
    end: datetime | None


def membership_history(actor: Actor, user_id: str) -> list[MembershipView]:
    """Where a person has been, newest first (AC-116); raises `NOT_FOUND`."""
    actor.need(Permission.USERS_VIEW)
    with actor.session(read_only=True) as session:
        person_row(session, user_id)
        query = select(MembershipPeriod).where(MembershipPeriod.user_id == user_id)
        query = query.order_by(MembershipPeriod.begin.desc(), MembershipPeriod.kind)
        return [MembershipView(Membership(row.kind), row.name, row.begin, row.end) for row in session.scalars(query)]
