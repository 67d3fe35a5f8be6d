"""Child-organization access groups: whose members work in every customer of a partner (AC-4, AC-72…AC-78)."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.children import parent_of_children
from domain.organizations.grants import give_roles, take_roles
from domain.organizations.group_members import MemberView, add_members, members, people_outside, remove_members
from domain.organizations.groups import NAME_TAKEN, check_free, checked_name, name_key
from domain.organizations.models import Group, GroupKind, GroupMember
from domain.organizations.permissions import Permission
from domain.organizations.roles import Role
from domain.tenancy import NOT_FOUND


@dataclass(frozen=True, slots=True)
class AccessGroupView:
    """An access group: its roles count in every customer, for each of its members."""

    id: str
    name: str
    roles: tuple[str, ...]
    members: int
    created: datetime


def list_access_groups(actor: Actor, search: str = "", after: str = "", limit: int = 50) -> list[AccessGroupView]:
    """The access groups by name, those after the name `after`; `search` narrows them, case ignored."""
    actor.need(Permission.ACCESS_GROUPS_VIEW)
    query = _with_counts().where(Group.name_key > name_key(after)).order_by(Group.name_key).limit(limit)
    if search.strip():
        query = query.where(Group.name_key.contains(name_key(search), autoescape=True))
    with actor.session(read_only=True) as session:
        return [_view(group, count) for group, count in session.execute(query)]


def get_access_group(actor: Actor, group_id: str) -> AccessGroupView:
    """One of them; raises `NOT_FOUND`."""
    actor.need(Permission.ACCESS_GROUPS_VIEW)
    with actor.session(read_only=True) as session:
        return _view(*_found(session, group_id))


def create_access_group(actor: Actor, name: str) -> AccessGroupView:
    """A new group, which has Partner Administrator from the start (AC-78); raises `NO_CHILDREN` and faults of the name.

    It has no members yet, not even who made it.
    """
    actor.need(Permission.ACCESS_GROUPS_MANAGE)
    name = checked_name(name)
    with _name_unique(name), actor.session() as session:
        parent_of_children(session, actor)
        check_free(session, name)
        roles = [Role.PARTNER_ADMINISTRATOR.value]
        group = Group(name=name, name_key=name_key(name), kind=GroupKind.CHILD_ACCESS, roles=roles)
        session.add(group)
        session.flush()
        record(session, actor, "group.created", "access_group", group.id, {"name": name, "roles": roles})
        return _view(group, 0)


def rename_access_group(actor: Actor, group_id: str, name: str) -> AccessGroupView:
    """Another name; raises `NOT_FOUND` and the faults of the name."""
    actor.need(Permission.ACCESS_GROUPS_MANAGE)
    name = checked_name(name)
    with _name_unique(name), actor.session() as session:
        group, count = _found(session, group_id)
        check_free(session, name, besides=group.id)
        record(session, actor, "group.renamed", "access_group", group.id, {"before": group.name, "after": name})
        group.name, group.name_key = name, name_key(name)
        return _view(group, count)


def delete_access_groups(actor: Actor, group_ids: Collection[str]) -> int:
    """Delete groups at once; their members stay in the organization and lose what the groups gave them (AC-74).

    Raises `NOT_FOUND`, and then deletes none of them.
    """
    actor.need(Permission.ACCESS_GROUPS_MANAGE)
    with actor.session() as session:
        found = [_found(session, group_id)[0] for group_id in dict.fromkeys(group_ids)]
        for group in found:
            record(session, actor, "group.deleted", "access_group", group.id, {"name": group.name})
        session.execute(delete(Group).where(Group.id.in_([group.id for group in found])))
        return len(found)


def members_of_access_group(
    actor: Actor, group_id: str, search: str = "", after: str = "", limit: int = 50
) -> list[MemberView]:
    """Members by address, those after the address `after`; raises `NOT_FOUND`."""
    actor.need(Permission.ACCESS_GROUPS_VIEW)
    with actor.session(read_only=True) as session:
        return members(session, _found(session, group_id)[0].id, search, after, limit)


def people_to_add(actor: Actor, group_id: str, search: str = "", limit: int = 20) -> list[MemberView]:
    """People of the partner who are not in the group yet; only they can be added (AC-74)."""
    actor.need(Permission.ACCESS_GROUPS_MANAGE)
    with actor.session(read_only=True) as session:
        return people_outside(session, _found(session, group_id)[0].id, search, limit)


def add_to_access_group(actor: Actor, group_id: str, user_ids: Collection[str]) -> int:
    """Give people access to all customers; returns how many are new; raises `NOT_FOUND` for group or people."""
    with actor.session() as session:
        return add_members(session, actor, _found(session, group_id)[0], user_ids)


def remove_from_access_group(actor: Actor, group_id: str, user_ids: Collection[str]) -> int:
    """Take people's access away; returns how many had it; raises `NOT_FOUND`."""
    with actor.session() as session:
        return remove_members(session, actor, _found(session, group_id)[0], user_ids)


def give_roles_to_access_group(actor: Actor, group_id: str, roles: Iterable[str]) -> AccessGroupView:
    """Roles for every member in every customer, those made later too (AC-75); raises what `give_roles` raises."""
    with actor.session() as session:
        give_roles(session, actor, _found(session, group_id)[0], roles)
    return get_access_group(actor, group_id)


def take_roles_from_access_group(actor: Actor, group_id: str, roles: Iterable[str]) -> AccessGroupView:
    """Take roles; Partner Administrator stays (AC-78); raises what `take_roles` raises."""
    with actor.session() as session:
        take_roles(session, actor, _found(session, group_id)[0], roles)
    return get_access_group(actor, group_id)


@contextmanager
def _name_unique(name: str) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:  # a group of that name, made at the same moment
        raise NAME_TAKEN(name=name) from error


def _with_counts() -> Select[tuple[Group, int]]:
    return (
        select(Group, func.count(GroupMember.user_id))
        .outerjoin(GroupMember, GroupMember.group_id == Group.id)
        .where(Group.kind == GroupKind.CHILD_ACCESS)
        .group_by(Group.id)
    )


def _found(session: Session, group_id: str) -> tuple[Group, int]:
    found = session.execute(_with_counts().where(Group.id == group_id)).one_or_none()
    if found is None:
        raise NOT_FOUND(what="group")
    return found[0], found[1]


def _view(group: Group, count: int) -> AccessGroupView:
    return AccessGroupView(group.id, group.name, tuple(group.roles), count, group.created)
