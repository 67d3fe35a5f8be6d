"""Giving and taking roles: what may be given where, and by whom (AC-12, AC-37, AC-41…AC-46, AC-71, AC-78).

`give_roles` and `take_roles` do the whole of it for an organization, a group or a person, one at a time in an
organization. Who makes a person with roles asks `check_grant`; who changes the members of a group asks
`check_membership`; who changes the sign-in, the state or the existence of people asks `check_power_over`, so that
nobody gets at a role that they may not give by way of somebody who has it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.last_administrator import administrators_kept, has_role, lock_organization
from domain.organizations.models import NO_ACCOUNT, Group, GroupKind, GroupMember, Organization, User
from domain.organizations.permissions import Permission
from domain.organizations.roles import FACTS, GUARDED, Role
from domain.tenancy import NOT_FOUND

UNKNOWN = Fault("role.unknown", 422, N_("There is no role “{label}”."), N_("Choose a role from the list of roles."))
AUTOMATIC = Fault(
    "role.automatic",
    409,
    N_("Everybody has the role “{role}”; it cannot be taken."),
    N_("Deactivate people who are not to work here any more."),
)
GUESTS_ONLY = Fault(
    "role.guests_only",
    409,
    N_("The role “{role}” belongs to guests, who have no account."),
    N_("Give a role of people with an account, such as “Print Release Management User”."),
)
ACCESS_GROUPS_ONLY = Fault(
    "role.access_groups_only",
    409,
    N_("The role “{role}” is given by child-organization access groups only."),
    N_("Add the person to an access group instead."),
)
NOT_ENTITLED = Fault(
    "role.not_entitled",
    409,
    N_("The role “{role}” belongs to a service that the organization does not have."),
    N_("Ask your partner or the operator to add the service."),
)
FOR_EVERYBODY = Fault(
    "role.for_everybody",
    409,
    N_("Everybody in the organization would get rights of administrators: {role}."),
    N_("Give the role to a group or a person instead, or confirm that everybody may have it."),
)
FIXED = Fault(
    "role.fixed",
    409,
    N_("The roles of the predefined group “{name}” cannot be changed."),
    N_("Change its members, or make a group of your own."),
)
ALWAYS_THERE = Fault(
    "role.always_there",
    409,
    N_("An access group always has the role “{role}”."),
    N_("Remove people from the group, or delete the group."),
)


class Level(StrEnum):
    """Where a role is granted (AC-6). Access groups are a level of their own: their roles count in customers."""

    ORGANIZATION = "organization"
    GROUP = "group"
    ACCESS_GROUP = "access_group"
    USER = "user"


PERMISSIONS = {
    Level.ORGANIZATION: Permission.ROLES_ORGANIZATION_ASSIGN,
    Level.GROUP: Permission.GROUPS_ROLES_ASSIGN,
    Level.ACCESS_GROUP: Permission.ACCESS_GROUPS_MANAGE,
    Level.USER: Permission.ROLES_USER_ASSIGN,
}
"""What giving and taking takes at each level."""

Holder = Organization | Group | User


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """A role as a picker offers it; `refusal` tells why it cannot be given here. `needs_care`: see AC-41."""

    role: Role
    refusal: PressroomError | None
    needs_care: bool


def give_roles(
    session: Session, actor: Actor, holder: Holder, roles: Iterable[str], *, confirmed: bool = False
) -> None:
    """Grant `roles` to an organization, a group or a person; what they have already stays.

    Raises what `check_grant` raises, `FIXED` for a predefined group, `NOT_FOUND` for a holder that is gone.
    """
    level = _level_here(actor, holder)
    checked = check_grant(session, actor, roles, level, confirmed=confirmed)
    lock_organization(session, actor.organization_id)
    _read_again(session, holder)
    if added := [role.value for role in checked if role.value not in holder.roles]:
        holder.roles = _in_order({*holder.roles, *added})
        record(session, actor, "roles.given", level.value, holder.id, {"roles": added})


def take_roles(session: Session, actor: Actor, holder: Holder, roles: Iterable[str]) -> None:
    """Take the grants of this level; the same role may still come from another level (AC-45).

    Raises what `check_removal` raises, `FIXED`, `NOT_FOUND`, and `LAST_ADMINISTRATOR`.
    """
    labels = list(dict.fromkeys(roles))
    level = _level_here(actor, holder)
    check_removal(actor, labels, level)
    with administrators_kept(session, actor.organization_id):
        _read_again(session, holder)
        if taken := [label for label in labels if label in holder.roles]:
            holder.roles = [label for label in holder.roles if label not in taken]
            record(session, actor, "roles.taken", level.value, holder.id, {"roles": taken})


def check_grant(
    session: Session, actor: Actor, roles: Iterable[str], level: Level, *, confirmed: bool = False
) -> tuple[Role, ...]:
    """The roles behind the labels, if `actor` may give them at `level` in the organization they work in.

    Everybody has User, so it is left out. Raises `ROLE_MISSING`, `UNKNOWN`, `GUESTS_ONLY`, `ACCESS_GROUPS_ONLY`,
    `NOT_ENTITLED`; and `FOR_EVERYBODY` when rights of administrators go to a whole organization unconfirmed (AC-41).
    """
    actor.need(PERMISSIONS[level])
    known = tuple(_role(label) for label in dict.fromkeys(roles) if label != Role.USER)
    if GUARDED.intersection(known):
        actor.need(Permission.ROLES_GUARDED_ASSIGN)
    services = _services(session, actor.organization_id, level)
    for role in known:
        if refusal := _refusal(role, level, services):
            raise refusal
    daring = [role.value for role in known if level == Level.ORGANIZATION and not FACTS[role].for_end_users]
    if daring and not confirmed:
        raise FOR_EVERYBODY(role=", ".join(daring))
    return known


def check_removal(actor: Actor, roles: Iterable[str], level: Level) -> None:
    """Raise `ROLE_MISSING`, `AUTOMATIC` or `ALWAYS_THERE` (AC-78) unless `actor` may take these labels at `level`."""
    actor.need(PERMISSIONS[level])
    labels = set(roles)
    if Role.USER in labels:
        raise AUTOMATIC(role=Role.USER.value)
    if level == Level.ACCESS_GROUP and Role.PARTNER_ADMINISTRATOR in labels:
        raise ALWAYS_THERE(role=Role.PARTNER_ADMINISTRATOR.value)
    if GUARDED & labels:
        actor.need(Permission.ROLES_GUARDED_ASSIGN)


def check_membership(actor: Actor, group: Group) -> None:
    """Raise `ROLE_MISSING` unless `actor` may add and remove members, who get and lose the group's roles (AC-46)."""
    actor.need(Permission.ACCESS_GROUPS_MANAGE if group.kind == GroupKind.CHILD_ACCESS else Permission.GROUPS_EDIT)
    if GUARDED.intersection(group.roles):
        actor.need(Permission.ROLES_GUARDED_ASSIGN)


def check_power_over(session: Session, actor: Actor, user_ids: Collection[str]) -> None:
    """Raise `ROLE_MISSING` where somebody among them has a role that `actor` may not take (AC-46).

    For what would make another person's rights one's own or end them: password, address, second factor, state,
    deletion. Everybody has power over themselves; over an operator of the installation only operators have.
    """
    others = [user_id for user_id in user_ids if user_id != actor.user_id]
    if not actor.may(Permission.ROLES_GUARDED_ASSIGN) and session.scalar(_guarded(others)) is not None:
        actor.need(Permission.ROLES_GUARDED_ASSIGN)
    if session.scalar(select(User.id).where(User.id.in_(others), User.is_operator).limit(1)) is not None:
        actor.need(Permission.ORGANIZATIONS_CREATE)


def role_choices(session: Session, actor: Actor, level: Level) -> list[RoleChoice]:
    """Every role but User, with what speaks against giving it at `level`; for pickers."""
    services = _services(session, actor.organization_id, level)
    return [
        RoleChoice(
            role,
            _refusal(role, level, services) or _guard(actor, role),
            needs_care=level == Level.ORGANIZATION and not facts.for_end_users,
        )
        for role, facts in FACTS.items()
        if role != Role.USER
    ]


def level_of(holder: Holder) -> Level:
    """At which level a role is granted to `holder`; raises `FIXED` for a predefined group (AC-71)."""
    match holder:
        case Organization():
            return Level.ORGANIZATION
        case User():
            return Level.USER
        case Group(kind=GroupKind.PREDEFINED):
            raise FIXED(name=holder.name)
        case Group(kind=GroupKind.CHILD_ACCESS):
            return Level.ACCESS_GROUP
    return Level.GROUP


def _guarded(user_ids: Collection[str]) -> Select[tuple[str]]:
    """One of these people who has a guarded role, at the user level or through a group of any kind."""
    groups = select(GroupMember.user_id).join(Group).where(or_(*(has_role(Group.roles, role) for role in GUARDED)))
    having = or_(*(has_role(User.roles, role) for role in GUARDED), User.id.in_(groups))
    return select(User.id).where(User.id.in_(user_ids), having).limit(1)


def _level_here(actor: Actor, holder: Holder) -> Level:
    """As `level_of`; the session shows no foreign group or person, but every organization."""
    if isinstance(holder, Organization) and holder.id != actor.organization_id:
        raise NOT_FOUND(what="organization")
    return level_of(holder)


def _refusal(role: Role, level: Level, services: frozenset[str]) -> PressroomError | None:
    if role == Role.PRINT_GUEST:
        return GUESTS_ONLY(role=role.value)
    if role == Role.PARTNER_ADMINISTRATOR and level != Level.ACCESS_GROUP:
        return ACCESS_GROUPS_ONLY(role=role.value)
    service = FACTS[role].entitlement
    return NOT_ENTITLED(role=role.value) if service is not None and service not in services else None


def _guard(actor: Actor, role: Role) -> PressroomError | None:
    if role not in GUARDED:
        return None
    try:
        actor.need(Permission.ROLES_GUARDED_ASSIGN)
    except PressroomError as refusal:
        return refusal
    return None


def _services(session: Session, organization_id: str, level: Level) -> frozenset[str]:
    """Services whose roles can be given: the organization's own; to an access group also those of its customers."""
    own = Organization.id == organization_id
    condition = or_(own, Organization.parent_id == organization_id) if level == Level.ACCESS_GROUP else own
    return frozenset(
        service for each in session.scalars(select(Organization.entitlements).where(condition)) for service in each
    )


def _role(label: str) -> Role:
    try:
        return Role(label)
    except ValueError:
        raise UNKNOWN(label=label) from None


def _read_again(session: Session, holder: Holder) -> None:
    """What was read before the lock may have been changed or deleted by somebody else meanwhile."""
    present = session.get(type(holder), holder.id, populate_existing=True)
    if present is None or (isinstance(present, User) and present.status in NO_ACCOUNT):
        raise NOT_FOUND(what={Organization: "organization", Group: "group", User: "person"}[type(holder)])


def _in_order(labels: Collection[str]) -> list[str]:
    """In the order of the role list; labels of a former release last."""
    order = [role.value for role in FACTS]
    return sorted(labels, key=lambda label: (order.index(label) if label in order else len(order), label))
