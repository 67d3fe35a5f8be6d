"""People as the API takes and shows them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr, StringConstraints

from domain.organizations.effective_roles import EffectiveRole, RoleSource
from domain.organizations.grants import Level
from domain.organizations.models import GroupKind, Membership, UserStatus
from domain.people.fields import LIMITS, LONGEST_ADDRESS
from domain.people.listing import PersonView
from domain.people.memberships import MembershipView
from domain.people.rows import MOST_AT_ONCE
from domain.people.service import PersonDetails
from domain.texts.catalogue import translate_message

Id = Annotated[str, StringConstraints(min_length=1, max_length=32)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=MOST_AT_ONCE)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Labels = Annotated[list[Label], Field(min_length=1, max_length=40)]
API_NAMES = {"display_name": "name"}
"""What the API calls otherwise than the records do."""


class UserFacts(BaseModel):
    """What is known of a person. Everything but the address may be empty."""

    email: str = Field(max_length=LONGEST_ADDRESS, description="What the person signs in with; kept in lower case.")
    first_name: str = Field("", max_length=LIMITS["first_name"])
    last_name: str = Field("", max_length=LIMITS["last_name"])
    display_name: str = Field("", max_length=LIMITS["name"], description="What messages and logs call the person.")
    short_name: str = Field("", max_length=LIMITS["short_name"])
    department: str = Field("", max_length=LIMITS["department"])
    cost_center: str = Field("", max_length=LIMITS["cost_center"])


class UserCreate(UserFacts):
    """A person to create. Without a password nobody can sign in until one is set."""

    password: SecretStr | None = Field(None, max_length=1024)
    send_link: bool = Field(False, description="Send the person a link to set a password (AC-80).")
    roles: list[Label] = Field([], max_length=40, description="Roles of the user level.")


class UserUpdate(BaseModel):
    """What is to be changed; what is left out stays."""

    email: str | None = Field(None, max_length=LONGEST_ADDRESS)
    first_name: str | None = Field(None, max_length=LIMITS["first_name"])
    last_name: str | None = Field(None, max_length=LIMITS["last_name"])
    display_name: str | None = Field(None, max_length=LIMITS["name"])
    short_name: str | None = Field(None, max_length=LIMITS["short_name"])
    department: str | None = Field(None, max_length=LIMITS["department"])
    cost_center: str | None = Field(None, max_length=LIMITS["cost_center"])

    def change(self) -> dict[str, str]:
        """The fields that were given, by the names of the records."""
        given = self.model_dump(exclude_none=True)
        return {API_NAMES.get(name, name): value for name, value in given.items()}


class UsersStatus(BaseModel):
    """People who are to be let in (active) or shut out (deactivated)."""

    user_ids: Ids
    status: UserStatus = Field(description="active or deactivated; people are deleted by DELETE.")


class UserIds(BaseModel):
    """Some people."""

    user_ids: Ids


class UsersRoles(BaseModel):
    """Roles of the user level for some people."""

    user_ids: Ids
    roles: Labels


class GroupName(BaseModel):
    """A group that a person is in."""

    id: str
    name: str
    kind: GroupKind


class UserPublic(BaseModel):
    """A person as lists show them. `roles` are those that count, from whatever source."""

    id: str
    email: str
    first_name: str
    last_name: str
    display_name: str
    short_name: str
    department: str
    cost_center: str
    status: UserStatus
    groups: list[GroupName]
    roles: list[str]
    created: datetime

    @classmethod
    def of(cls, view: PersonView) -> "UserPublic":
        return cls(
            id=view.id,
            email=view.email,
            first_name=view.first_name,
            last_name=view.last_name,
            display_name=view.name,
            short_name=view.short_name,
            department=view.department,
            cost_center=view.cost_center,
            status=view.status,
            groups=[GroupName(id=group.id, name=group.name, kind=group.kind) for group in view.groups],
            roles=list(view.roles),
            created=view.created,
        )


class UserPage(BaseModel):
    """Some people. `next` is the `after` of the following page, null on the last."""

    items: list[UserPublic]
    next: str | None


class RoleSourcePublic(BaseModel):
    """One grant of a role."""

    level: Level
    group_id: str | None
    group_name: str | None

    @classmethod
    def of(cls, source: RoleSource) -> "RoleSourcePublic":
        return cls(level=source.level, group_id=source.group_id or None, group_name=source.group_name or None)


class EffectiveRolePublic(BaseModel):
    """A role that a person was granted, and where it comes from (AC-45)."""

    role: str
    sources: list[RoleSourcePublic] = Field(description="Empty for User, which everybody has.")
    counts: bool = Field(description="Whether it has effect in the person's own organization.")
    missing_service: str | None = Field(description="The service without which it does not count.")
    in_customers: bool = Field(description="Whether it counts in customer organizations.")

    @classmethod
    def of(cls, role: EffectiveRole) -> "EffectiveRolePublic":
        return cls(
            role=role.role.value,
            sources=[RoleSourcePublic.of(source) for source in role.sources],
            counts=role.counts_at_home,
            missing_service=role.lacking.value if role.lacking else None,
            in_customers=role.in_customers,
        )


class UserDetails(UserPublic):
    """One person with everything that is known of them."""

    custom_attributes: dict[str, str]
    user_roles: list[str] = Field(description="Roles of the user level.")
    effective_roles: list[EffectiveRolePublic]
    has_password: bool
    may_change: bool = Field(description="Whether the actor has power over the person.")
    warnings: list[str] = Field(description="After a change: assignments that nobody is left for (AC-112).")

    @classmethod
    def of_details(cls, details: PersonDetails, locale: str) -> "UserDetails":
        return cls(
            **UserPublic.of(details.view).model_dump(),
            custom_attributes=dict(details.custom_attributes),
            user_roles=list(details.own_roles),
            effective_roles=[EffectiveRolePublic.of(role) for role in details.effective_roles],
            has_password=details.has_password,
            may_change=details.may_change,
            warnings=[translate_message(one, locale) for one in details.warnings],
        )


class MembershipPublic(BaseModel):
    """That a person was in a department or cost centre from `begin` to `end`; null: still."""

    kind: Membership
    name: str
    begin: datetime
    end: datetime | None

    @classmethod
    def of(cls, view: MembershipView) -> "MembershipPublic":
        return cls(kind=view.kind, name=view.name, begin=view.begin, end=view.end)


class Count(BaseModel):
    """How many there are on all pages."""

    count: int
