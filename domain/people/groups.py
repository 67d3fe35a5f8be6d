"""Groups of an organization: people who share roles (AC-64…AC-71).

Predefined groups have fixed names and roles, their members change as those of any group. Child-organization access
groups are not among these.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.grants import check_membership, give_roles, take_roles
from domain.organizations.group_members import MemberView, add_members, members, people_outside, remove_members
from domain.organizations.groups import NAME_TAKEN, checked_name, name_key
from domain.organizations.last_administrator import administrators_kept
from domain.organizations.models import Group, GroupKind, GroupMember
from domain.organizations.permissions import Permission
from domain.people.rows import changeable_people, group_row
from domain.tenancy import NOT_FOUND

PREDEFINED_STAYS = Fault(
    "group.predefined",
    409,
    N_("The predefined group “{name}” can be neither renamed nor deleted."),
    N_("Change its members, or make a group of your own."),
)


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group as lists show it, with the number of its members."""

    id: str
    name: str
    kind: GroupKind
    roles: tuple[str, ...]
    members: int
    created: datetime


def list_groups(actor: Actor, search: str = "") -> list[GroupView]:
    """The organization's groups, predefined ones first, then by name; `search` is part of the name."""
    actor.need(Permission.GROUPS_VIEW)
    query = _counted().order_by(Group.kind != GroupKind.PREDEFINED, Group.name_key)
    for word in search.casefold().split():
        query = query.where(Group.name_key.contains(word, autoescape=True))
    with actor.session(read_only=True) as session:
        return [_view(group, count) for group, count in session.execute(query)]


def get_group(actor: Actor, group_id: str) -> GroupView:
    """One group; raises `NOT_FOUND`."""
    actor.need(Permission.GROUPS_VIEW)
    with actor.session(read_only=True) as session:
        return _one(session, group_id)


def create_group(actor: Actor, name: str) -> GroupView:
    """Make a group without members and roles; raises the faults of its name (AC-65)."""
    actor.need(Permission.GROUPS_CREATE)
    name = checked_name(name)
    try:
        with actor.session() as session:
            return _one(session, add_group(session, actor, name).id)
    except IntegrityError as error:
        raise NAME_TAKEN(name=name) from error


def add_group(session: Session, actor: Actor, name: str) -> Group:
    """Make a group of a checked name in the caller's transaction; the table's constraint tells if it is taken."""
    group = Group(organization_id=actor.organization_id, name=name, name_key=name_key(name), roles=[])
    session.add(group)
    session.flush()
    record(session, actor, "group.created", "group", group.id, {"name": name})
    return group


def rename_group(actor: Actor, group_id: str, name: str) -> GroupView:
    """Give a group another name; raises the faults of the name, `NOT_FOUND`, `PREDEFINED_STAYS`."""
    actor.need(Permission.GROUPS_EDIT)
    name = checked_name(name)
    try:
        with actor.session() as session:
            group = _own_group(session, group_id)
            if group.name != name:
                record(session, actor, "group.renamed", "group", group.id, {"from": group.name, "to": name})
                group.name, group.name_key = name, name_key(name)
                session.flush()
            return _one(session, group_id)
    except IntegrityError as error:
        raise NAME_TAKEN(name=name) from error


def delete_groups(actor: Actor, group_ids: Collection[str]) -> None:
    """Delete groups; their members stay in the organization (AC-66).

    Raises `NOT_FOUND`, `PREDEFINED_STAYS`, `ROLE_MISSING` and `LAST_ADMINISTRATOR`: then none is deleted.
    """
    actor.need(Permission.GROUPS_DELETE)
    with actor.session() as session, administrators_kept(session, actor.organization_id):
        for group_id in dict.fromkeys(group_ids):
            group = _own_group(session, group_id)
            check_membership(actor, group)
            record(session, actor, "group.deleted", "group", group.id, {"name": group.name, "roles": group.roles})
            session.execute(delete(GroupMember).where(GroupMember.group_id == group.id))
            session.delete(group)


def list_members(actor: Actor, group_id: str, search: str = "", after: str = "", limit: int = 50) -> list[MemberView]:
    """Members by address, those after the address `after`; raises `NOT_FOUND`."""
    actor.need(Permission.GROUPS_VIEW)
    with actor.session(read_only=True) as session:
        return members(session, group_row(session, group_id).id, search, after, limit)


def people_to_add(actor: Actor, group_id: str, search: str = "", limit: int = 20) -> list[MemberView]:
    """People who are not in the group yet, for a picker; raises `NOT_FOUND`."""
    actor.need(Permission.GROUPS_EDIT)
    with actor.session(read_only=True) as session:
        return people_outside(session, group_row(session, group_id).id, search, limit)


def add_to_group(actor: Actor, group_id: str, user_ids: Collection[str]) -> int:
    """Put people into a group (AC-67); returns how many were not in it before.

    Raises `NOT_FOUND`, and `ROLE_MISSING` for a group or a person beyond the actor's power (AC-46).
    """
    with actor.session() as session:
        group = group_row(session, group_id)
        people = changeable_people(session, actor, user_ids)
        return add_members(session, actor, group, [person.id for person in people])


def remove_from_group(actor: Actor, group_id: str, user_ids: Collection[str]) -> int:
    """Take people out of a group; returns how many were in it. Raises as `add_to_group`, and `LAST_ADMINISTRATOR`."""
    with actor.session() as session:
        group = group_row(session, group_id)
        people = changeable_people(session, actor, user_ids)
        return remove_members(session, actor, group, [person.id for person in people])


def give_group_roles(actor: Actor, group_id: str, roles: Collection[str]) -> GroupView:
    """Give a group roles, which all its members inherit (AC-42, AC-68); raises what `give_roles` raises."""
    with actor.session() as session:
        give_roles(session, actor, group_row(session, group_id), roles)
        return _one(session, group_id)


def take_group_roles(actor: Actor, group_id: str, roles: Collection[str]) -> GroupView:
    """Take roles from a group (AC-68); raises what `take_roles` raises."""
    with actor.session() as session:
        take_roles(session, actor, group_row(session, group_id), roles)
        return _one(session, group_id)


def _own_group(session: Session, group_id: str) -> Group:
    group = group_row(session, group_id)
    if group.kind == GroupKind.PREDEFINED:
        raise PREDEFINED_STAYS(name=group.name)
    return group


def _counted() -> Select[tuple[Group, int]]:
    return (
        select(Group, func.count(GroupMember.user_id))
        .outerjoin(GroupMember, GroupMember.group_id == Group.id)
        .where(Group.kind != GroupKind.CHILD_ACCESS)
        .group_by(Group.id)
    )


def _one(session: Session, group_id: str) -> GroupView:
    found = session.execute(_counted().where(Group.id == group_id)).one_or_none()
    if found is None:
        raise NOT_FOUND(what="group")
    return _view(*found)


def _view(group: Group, members: int) -> GroupView:
    return GroupView(group.id, group.name, GroupKind(group.kind), tuple(group.roles), members, group.created)
