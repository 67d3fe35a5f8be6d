"""The list of people: search, filters, sorting, paging by keys; quick with a hundred thousand of them (AC-79)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_
from sqlalchemy.orm import Session

from domain.organizations.actor import Actor
from domain.organizations.last_administrator import has_role
from domain.organizations.models import Group, GroupKind, GroupMember, Membership, Organization, User, UserStatus
from domain.organizations.permissions import Permission
from domain.organizations.roles import FACTS, Role, counting

LARGEST_PAGE = 200


class PersonSort(StrEnum):
    """What a list of people can be sorted by."""

    NAME = "name"
    EMAIL = "email"
    DEPARTMENT = "department"
    COST_CENTER = "cost_center"


@dataclass(frozen=True, slots=True)
class PersonFilter:
    """Which people a list shows. `search`: every word of it is part of the address, a name or the short name.

    `role` is held in whichever way: by everybody, through a group, or at the user level. `after` is the key of the
    last one of the page before.
    """

    search: str = ""
    status: UserStatus | None = None
    department: str = ""
    cost_center: str = ""
    group_id: str = ""
    role: str = ""
    sort: PersonSort = PersonSort.NAME
    descending: bool = False
    after: tuple[str, str] | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class GroupName:
    """A group as it stands beside its members."""

    id: str
    name: str
    kind: GroupKind


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as lists show them. `roles` are those that count in the organization, in the order of the role list."""

    id: str
    email: str
    name: str
    first_name: str
    last_name: str
    short_name: str
    department: str
    cost_center: str
    status: UserStatus
    groups: tuple[GroupName, ...]
    roles: tuple[str, ...]
    created: datetime
    key: tuple[str, str]


def list_people(actor: Actor, chosen: PersonFilter | None = None) -> list[PersonView]:
    """The people of the organization, without those who were deleted."""
    actor.need(Permission.USERS_VIEW)
    chosen = chosen or PersonFilter()
    with actor.session(read_only=True) as session:
        organization = session.get_one(Organization, actor.organization_id)
        key = _sort_key(chosen)
        query = _matching(session, organization, chosen)
        if chosen.after is not None:
            place = tuple_(key, User.id)
            query = query.where(place < chosen.after if chosen.descending else place > chosen.after)
        order = (key.desc(), User.id.desc()) if chosen.descending else (key, User.id)
        people = session.scalars(query.order_by(*order).limit(min(chosen.limit, LARGEST_PAGE))).all()
        return person_views(session, organization, people, chosen.sort)


def count_people(actor: Actor, chosen: PersonFilter | None = None) -> int:
    """How many people the filter lets through, on all pages."""
    actor.need(Permission.USERS_VIEW)
    with actor.session(read_only=True) as session:
        organization = session.get_one(Organization, actor.organization_id)
        matching = _matching(session, organization, chosen or PersonFilter())
        return session.scalar(matching.with_only_columns(func.count()).select_from(User)) or 0


def membership_names(actor: Actor, kind: Membership) -> list[str]:
    """The departments or cost centres that people are in, by name."""
    actor.need(Permission.USERS_VIEW)
    column = {Membership.DEPARTMENT: User.department, Membership.COST_CENTER: User.cost_center}[kind]
    with actor.session(read_only=True) as session:
        return sorted(session.scalars(select(column).where(column != "").distinct()), key=str.casefold)


def person_views(
    session: Session, organization: Organization, people: Sequence[User], sort: PersonSort = PersonSort.NAME
) -> list[PersonView]:
    """What lists show of these people, with one question for the groups of all of them."""
    groups = groups_of(session, [person.id for person in people])
    return [_view(organization, person, groups.get(person.id, ()), sort) for person in people]


def groups_of(session: Session, user_ids: Sequence[str]) -> Mapping[str, Sequence[Group]]:
    """The groups that each of these people is in, by name."""
    query = select(GroupMember.user_id, Group).join(Group, Group.id == GroupMember.group_id)
    found: dict[str, list[Group]] = {}
    for user_id, group in session.execute(query.where(GroupMember.user_id.in_(user_ids)).order_by(Group.name_key)):
        found.setdefault(user_id, []).append(group)
    return found


def in_role_order(labels: Iterable[str]) -> tuple[str, ...]:
    """Role labels in the order of the role list."""
    present = frozenset(labels)
    return tuple(role.value for role in FACTS if role.value in present)


def _matching(session: Session, organization: Organization, chosen: PersonFilter) -> Select[tuple[User]]:
    """Those whom the filter lets through, each by a condition of its own."""
    conditions: list[ColumnElement[bool]] = [User.organization_id == organization.id]
    conditions.append(User.status == chosen.status if chosen.status else User.status != UserStatus.DELETED)
    conditions += [User.search_key.contains(word, autoescape=True) for word in chosen.search.casefold().split()]
    if chosen.department:
        conditions.append(User.department == chosen.department)
    if chosen.cost_center:
        conditions.append(User.cost_center == chosen.cost_center)
    if chosen.group_id:
        conditions.append(User.id.in_(select(GroupMember.user_id).where(GroupMember.group_id == chosen.group_id)))
    if chosen.role and chosen.role not in (Role.USER, *organization.roles):
        conditions.append(_holds(session, Role(chosen.role)))
    return select(User).where(*conditions)


def _holds(session: Session, role: Role) -> ColumnElement[bool]:
    """At the user level or through a group. The few groups are looked up first: their members are found by an index."""
    having = session.scalars(select(Group.id).where(has_role(Group.roles, role), Group.kind != GroupKind.CHILD_ACCESS))
    members = select(GroupMember.user_id).where(GroupMember.group_id.in_(having.all()))
    return or_(has_role(User.roles, role), User.id.in_(members))


def _sort_key(chosen: PersonFilter) -> ColumnElement[str]:
    """What is sorted by. Only the unfiltered lists by name and address walk along their indexes: where a filter lets
    few through, SQLite would look up every person in turn, and sorting what it finds is many times as fast."""
    column = {
        PersonSort.NAME: User.name_key,
        PersonSort.EMAIL: User.email,
        PersonSort.DEPARTMENT: User.department,
        PersonSort.COST_CENTER: User.cost_center,
    }[chosen.sort]
    filters = (chosen.search, chosen.department, chosen.cost_center, chosen.group_id, chosen.role)
    is_scanned = any(filters) or chosen.sort not in (PersonSort.NAME, PersonSort.EMAIL)
    return column + "" if is_scanned else column.expression


def _view(organization: Organization, person: User, groups: Sequence[Group], sort: PersonSort) -> PersonView:
    granted = {*organization.roles, *person.roles}
    for group in groups:
        granted.update(group.roles if group.kind != GroupKind.CHILD_ACCESS else ())
    keys = {
        PersonSort.NAME: person.name_key,
        PersonSort.EMAIL: person.email,
        PersonSort.DEPARTMENT: person.department,
        PersonSort.COST_CENTER: person.cost_center,
    }
    return PersonView(
        person.id,
        person.email,
        person.name,
        person.first_name,
        person.last_name,
        person.short_name,
        person.department,
        person.cost_center,
        UserStatus(person.status),
        tuple(GroupName(group.id, group.name, GroupKind(group.kind)) for group in groups),
        in_role_order(counting(granted - {Role.PARTNER_ADMINISTRATOR.value}, organization.entitlements)),
        person.created,
        (keys[sort], person.id),
    )
