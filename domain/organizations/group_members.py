"""Who is in a group: listing, adding and removing members, for groups of every kind (AC-67, AC-74)."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.grants import check_membership
from domain.organizations.last_administrator import administrators_kept
from domain.organizations.models import NO_ACCOUNT, Group, GroupKind, GroupMember, User, UserStatus, shown_name
from domain.tenancy import NOT_FOUND


@dataclass(frozen=True, slots=True)
class MemberView:
    """A person as the lists of members show them."""

    user_id: str
    email: str
    name: str
    department: str
    is_active: bool


def members(session: Session, group_id: str, search: str = "", after: str = "", limit: int = 50) -> list[MemberView]:
    """Members by address, those after the address `after`; `search` looks in addresses and names."""
    query = select(User).join(GroupMember, GroupMember.user_id == User.id).where(GroupMember.group_id == group_id)
    return _found(session, query, search, after, limit)


def people_outside(session: Session, group_id: str, search: str = "", limit: int = 20) -> list[MemberView]:
    """People who are not in the group yet, for a picker."""
    inside = select(GroupMember.user_id).where(GroupMember.group_id == group_id)
    return _found(session, select(User).where(User.id.not_in(inside)), search, "", limit)


def add_members(session: Session, actor: Actor, group: Group, user_ids: Collection[str]) -> int:
    """Put people of the group's own organization into it; returns how many were not in it before.

    Raises `ROLE_MISSING` for a group whose roles the actor may not give (AC-46), `NOT_FOUND` for an unknown person.
    """
    check_membership(actor, group)
    wanted = set(user_ids)
    with administrators_kept(session, actor.organization_id):
        people = select(User.id).where(User.id.in_(wanted), User.status.not_in(NO_ACCOUNT))
        if wanted - set(session.scalars(people)):
            raise NOT_FOUND(what="person")
        added = sorted(wanted - _ids(session, group, wanted))
        session.add_all(GroupMember(group_id=group.id, user_id=user_id) for user_id in added)
        if added:
            record(session, actor, "group.members_added", _kind(group), group.id, {"people": added})
    return len(added)


def remove_members(session: Session, actor: Actor, group: Group, user_ids: Collection[str]) -> int:
    """Take people out of the group; returns how many were in it. Raises `ROLE_MISSING` and `LAST_ADMINISTRATOR`."""
    check_membership(actor, group)
    with administrators_kept(session, actor.organization_id):
        if gone := sorted(_ids(session, group, user_ids)):
            session.execute(delete(GroupMember).where(GroupMember.group_id == group.id, GroupMember.user_id.in_(gone)))
            record(session, actor, "group.members_removed", _kind(group), group.id, {"people": gone})
    return len(gone)


def _ids(session: Session, group: Group, user_ids: Collection[str]) -> set[str]:
    query = select(GroupMember.user_id).where(GroupMember.group_id == group.id, GroupMember.user_id.in_(user_ids))
    return set(session.scalars(query))


def _kind(group: Group) -> str:
    return "access_group" if group.kind == GroupKind.CHILD_ACCESS else "group"


def _found(session: Session, query: Select[tuple[User]], search: str, after: str, limit: int) -> list[MemberView]:
    query = query.where(User.status.not_in(NO_ACCOUNT), User.email > after).order_by(User.email).limit(limit)
    if folded := search.strip().casefold():
        query = query.where(User.search_key.contains(folded, autoescape=True))
    return [
        MemberView(user.id, user.email, shown_name(user), user.department, user.status == UserStatus.ACTIVE)
        for user in session.scalars(query)
    ]
