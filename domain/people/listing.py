"""The list of people: search, filters, sorting, paging by keys; quick with a hundred thousand of them (AC-79)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, false, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from domain.organizations.actor import Actor
from domain.organizations.last_administrator import has_role
from domain.organizations.models import (
    NO_ACCOUNT,
    Group,
    GroupKind,
    GroupMember,
    Membership,
    Organization,
    User,
    UserStatus,
)
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
        conditions = _conditions(session, organization, chosen)
        limit = min(chosen.limit, LARGEST_PAGE)
        people = _nearby(session, organization, chosen, conditions, limit) if conditions else []
        if len(people) < limit:
            people = _page(session, organization, chosen, conditions, limit)
        return person_views(session, organization, people, chosen.sort)


def count_people(actor: Actor, chosen: PersonFilter | None = None) -> int:
    """How many people the filter lets through, on all pages."""
    actor.need(Permission.USERS_VIEW)
    with actor.session(read_only=True) as session:
        organization = session.get_one(Organization, actor.organization_id)
        chosen = chosen or PersonFilter()
        query = select(func.count()).select_from(User).where(*_standing(organization, chosen))
        conditions = _conditions(session, organization, chosen)
        return session.scalar(query.where(*(condition(User) for condition in conditions))) or 0


def membership_names(actor: Actor, kind: Membership) -> list[str]:
    """The departments or cost centres that people are in, by name."""
    actor.need(Permission.USERS_VIEW)
    column = {Membership.DEPARTMENT: User.department, Membership.COST_CENTER: User.cost_center}[kind]
    with actor.session(read_only=True) as session:
        organization = session.get_one(Organization, actor.organization_id)
        return sorted(_different(session, organization, column), key=str.casefold)


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


Condition = Callable[[type[User]], ColumnElement[bool]]
"""What a filter asks of a person, whether they stand in the table or in a part of it."""
NEARBY = 1000
"""How many people in order are looked at for a page before all are: where a filter lets many through, the page is full
long before, and nobody else need be read or sorted."""


def _nearby(
    session: Session, organization: Organization, chosen: PersonFilter, conditions: Sequence[Condition], limit: int
) -> Sequence[User]:
    """The page, as far as it lies within the next thousand people in order, which an index has."""
    key = _sort_column(User, chosen)
    part = _from_here_on(select(User).where(*_standing(organization, chosen)), User, key, chosen).limit(NEARBY)
    person = aliased(User, part.subquery())
    query = select(person).where(*(condition(person) for condition in conditions))
    return session.scalars(_in_order(query, person, _sort_column(person, chosen), chosen).limit(limit)).all()


def _page(
    session: Session, organization: Organization, chosen: PersonFilter, conditions: Sequence[Condition], limit: int
) -> Sequence[User]:
    """The page, wherever its people are: whoever the filters let through is found first, then sorted.

    Only without filters it walks along the index of its order: else SQLite would do that too, and look up every person
    in turn.
    """
    key: ColumnElement[str] = _sort_column(User, chosen)
    if conditions:
        key = key + ""
    query = select(User).where(*_standing(organization, chosen), *(condition(User) for condition in conditions))
    return session.scalars(_from_here_on(query, User, key, chosen).limit(limit)).all()


def _from_here_on(
    query: Select[tuple[User]], person: type[User], key: ColumnElement[str], chosen: PersonFilter
) -> Select[tuple[User]]:
    if chosen.after is not None:
        place = tuple_(key, person.id)
        query = query.where(place < chosen.after if chosen.descending else place > chosen.after)
    return _in_order(query, person, key, chosen)


def _in_order(
    query: Select[tuple[User]], person: type[User], key: ColumnElement[str], chosen: PersonFilter
) -> Select[tuple[User]]:
    return query.order_by(*((key.desc(), person.id.desc()) if chosen.descending else (key, person.id)))


def _sort_column(person: type[User], chosen: PersonFilter) -> ColumnElement[str]:
    columns = {
        PersonSort.NAME: person.name_key,
        PersonSort.EMAIL: person.email,
        PersonSort.DEPARTMENT: person.department,
        PersonSort.COST_CENTER: person.cost_center,
    }
    return columns[chosen.sort].expression


def _standing(organization: Organization, chosen: PersonFilter) -> tuple[ColumnElement[bool], ...]:
    """Whose lists these are, and in which state people are; most are in the one asked for."""
    state = User.status == chosen.status if chosen.status else User.status.not_in(NO_ACCOUNT)
    return (User.organization_id == organization.id, state)


def _conditions(session: Session, organization: Organization, chosen: PersonFilter) -> list[Condition]:
    """What lets people through, each by a condition of its own; none where everybody passes."""
    conditions: list[Condition] = [_has_word(word) for word in chosen.search.casefold().split()]
    if chosen.department:
        conditions.append(lambda person: person.department == chosen.department)
    if chosen.cost_center:
        conditions.append(lambda person: person.cost_center == chosen.cost_center)
    if chosen.group_id:
        members = select(GroupMember.user_id).where(GroupMember.group_id == chosen.group_id)
        conditions.append(lambda person: person.id.in_(members))
    if chosen.role and chosen.role not in (Role.USER, *organization.roles):
        conditions.append(_holds(session, organization, Role(chosen.role)))
    return conditions


def _has_word(word: str) -> Condition:
    return lambda person: person.search_key.contains(word, autoescape=True)


def _holds(session: Session, organization: Organization, role: Role) -> Condition:
    """At the user level or through a group. The few groups and sets of roles that have it are looked up first: who has
    them is found by an index."""
    having = session.scalars(select(Group.id).where(has_role(Group.roles, role), Group.kind != GroupKind.CHILD_ACCESS))
    group_ids = having.all()
    sets = [key for key in _different(session, organization, User.roles_key) if role.value in key.split("\n")]
    members = select(GroupMember.user_id).where(GroupMember.group_id.in_(group_ids))

    def condition(person: type[User]) -> ColumnElement[bool]:
        ways = [person.roles_key == one for one in sets]  # not IN, which SQLite takes for dearer than everybody
        return or_(false(), *ways, *([person.id.in_(members)] if group_ids else []))

    return condition


def _different(session: Session, organization: Organization, column: InstrumentedAttribute[str]) -> list[str]:
    """The different values of an indexed column, without the empty one: from one to the next along the index, which
    does not look at everybody."""
    here = User.organization_id == organization.id
    first = select(func.min(column).label("value")).where(here, column > "").cte("different", recursive=True)
    following = select(func.min(column)).where(here, column > first.c.value).scalar_subquery()
    values = first.union_all(select(following).where(first.c.value.is_not(None)))
    return [value for value in session.scalars(select(values.c.value)) if value]


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
