"""Which department and cost centre a person belongs to: at most one of each, with a history (AC-111, AC-116)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from domain.organizations.models import Membership, MembershipPeriod, User, now


def set_membership(session: Session, user: User, kind: Membership, name: str) -> bool:
    """Let `user` belong to `name` from now on (empty: to none); returns whether that is a change.

    The period of the former membership ends and a new one begins at the same moment. Names are kept as they are,
    because quotas and assignments name them exactly (AC-112); only white space around them goes.
    """
    name = name.strip()
    if getattr(user, kind.value) == name:
        return False
    moment = now()
    session.execute(
        update(MembershipPeriod)
        .where(MembershipPeriod.user_id == user.id, MembershipPeriod.kind == kind, MembershipPeriod.end.is_(None))
        .values(end=moment)
    )
    begin_membership(session, user, kind, name, moment)
    return True


def begin_membership(session: Session, user: User, kind: Membership, name: str, moment: datetime | None = None) -> None:
    """Let somebody who belongs to none, such as a new person, belong to `name` (empty: to none)."""
    setattr(user, kind.value, name)
    if name:
        session.add(
            MembershipPeriod(
                organization_id=user.organization_id, user_id=user.id, kind=kind, name=name, begin=moment or now()
            )
        )


def end_memberships(session: Session, user_ids: Sequence[str]) -> None:
    """End the present periods of people who are deleted; the history stays."""
    periods = (MembershipPeriod.user_id.in_(user_ids), MembershipPeriod.end.is_(None))
    session.execute(update(MembershipPeriod).where(*periods).values(end=now()))
