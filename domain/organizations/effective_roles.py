"""Which roles a person has and where each comes from (AC-39, AC-40, AC-45)."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.organizations.entitlements import Entitlement
from domain.organizations.grants import Level
from domain.organizations.models import Group, GroupKind, GroupMember, Organization, User
from domain.organizations.roles import FACTS, Role


@dataclass(frozen=True, slots=True)
class RoleSource:
    """One grant. `group_id` and `group_name` tell which group; both empty at the other levels."""

    level: Level
    group_id: str = ""
    group_name: str = ""


@dataclass(frozen=True, slots=True)
class EffectiveRole:
    """A role with its grants. It counts unless `lacking`, its service, is missing (AC-12).

    `sources` are empty for User, which everybody has. `in_customers`: also held through access groups, whose grants
    count in customer organizations only, each by its own services.
    """

    role: Role
    sources: tuple[RoleSource, ...]
    lacking: Entitlement | None = None

    @property
    def counts_at_home(self) -> bool:
        """Whether it has effect in the person's own organization; Partner Administrator never has (AC-44)."""
        if self.role in (Role.USER, Role.PARTNER_ADMINISTRATOR):
            return self.role == Role.USER
        return self.lacking is None and any(source.level != Level.ACCESS_GROUP for source in self.sources)

    @property
    def in_customers(self) -> bool:
        """Whether an access group gives it for customer organizations."""
        return any(source.level == Level.ACCESS_GROUP for source in self.sources)


def effective_roles(session: Session, user: User) -> list[EffectiveRole]:
    """Every role that somebody granted to `user` anywhere, in the order of the role list, User first."""
    home = session.get_one(Organization, user.organization_id)
    found: dict[str, list[RoleSource]] = {}
    for label in home.roles:
        found.setdefault(label, []).append(RoleSource(Level.ORGANIZATION))
    query = select(Group).join(GroupMember).where(GroupMember.user_id == user.id).order_by(Group.name_key)
    for group in session.scalars(query):
        level = Level.ACCESS_GROUP if group.kind == GroupKind.CHILD_ACCESS else Level.GROUP
        for label in group.roles:
            found.setdefault(label, []).append(RoleSource(level, group.id, group.name))
    for label in user.roles:
        found.setdefault(label, []).append(RoleSource(Level.USER))
    return [
        EffectiveRole(
            role,
            tuple(found.get(role.value, ())),
            lacking=facts.entitlement if facts.entitlement not in (None, *home.entitlements) else None,
        )
        for role, facts in FACTS.items()
        if role == Role.USER or role.value in found
    ]
