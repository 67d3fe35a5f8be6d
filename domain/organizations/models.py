"""Who there is: organizations, people and the groups they are in."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.tenancy import Tenant, TenantRow, new_id


def now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)


class OrganizationStatus(StrEnum):
    """Where an organization is in its life (AC-25)."""

    ACTIVE = "active"
    PENDING_DELETION = "pending_deletion"


class UserStatus(StrEnum):
    """Where an account is in its life. A deleted person's row stays, without name and address (AC-83, AC-84).

    A guest has no account: the row is the identifier that print jobs and reports use (AC-185, PR-150).
    """

    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    DELETED = "deleted"
    GUEST = "guest"


NO_ACCOUNT = (UserStatus.DELETED, UserStatus.GUEST)
"""Rows of people that are no accounts (any more)."""


class GroupKind(StrEnum):
    """Kinds of groups (AC-3, AC-4, AC-70)."""

    NORMAL = "normal"
    PREDEFINED = "predefined"
    CHILD_ACCESS = "child_access"


class Membership(StrEnum):
    """What a person belongs to one of at a time, with a history (AC-111, AC-116)."""

    DEPARTMENT = "department"
    COST_CENTER = "cost_center"


class Organization(Tenant, Base):
    """A tenant. A partner has children, one level deep (AC-7); `sibling_key` keeps names apart among siblings (AC-18).

    `entitlements` are its services, `roles` what everybody in it has (AC-61). `set_up_ended`: since when the newcomer's
    checklist is not shown by itself any more. `storage_providers` are those enabled for its solutions,
    `account_domains` restrict which provider accounts may be linked (SC-130…SC-132; empty: any).
    """

    __tablename__ = "organization"

    name: Mapped[str] = mapped_column(String(255))
    sibling_key: Mapped[str] = mapped_column(String(300), unique=True)
    may_have_children: Mapped[bool] = mapped_column(default=False)
    status: Mapped[OrganizationStatus] = mapped_column(String(24), default=OrganizationStatus.ACTIVE)
    entitlements: Mapped[list[str]] = mapped_column(JSON, default=list)
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    announcement_languages: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["en"])
    set_up_ended: Mapped[datetime | None]
    created: Mapped[datetime] = mapped_column(default=now)
    solution_center_enabled: Mapped[bool] = mapped_column(default=True)
    storage_providers: Mapped[list[str]] = mapped_column(JSON, default=list)
    account_domains: Mapped[list[str]] = mapped_column(JSON, default=list)


def sibling_key(name: str, parent_id: str | None) -> str:
    """What must be unique: the name without regard to case, among the children of one parent (AC-18)."""
    return f"{parent_id or ''}/{' '.join(name.split()).casefold()}"


class User(TenantRow, Base):
    """A person. `email` is lower case and unique on the installation (AC-86, AC-87); `name` is the display name.

    `password_hash` is argon2id, empty where the person has no password (invited or federated). `roles` are those of
    the user level. `search_key` holds what lists search in, `name_key` what they are sorted by, both folded, and
    `roles_key` the roles in a form that an index finds; all three are kept by themselves. `is_operator`: runs the
    installation. A deleted person's row stays as a pseudonym (AC-83): tables whose rows stay with it mark their column
    with `STAYS`.
    """

    __tablename__ = "user_account"
    __table_args__ = (
        UniqueConstraint("email"),
        Index("ix_user_account_listing", "organization_id", "status", "email"),
        Index("ix_user_account_by_name", "organization_id", "name_key", "id"),
        Index("ix_user_account_by_email", "organization_id", "email", "id"),
        Index("ix_user_account_by_roles", "organization_id", "roles_key", "status"),
        Index("ix_user_account_department", "organization_id", "department", "id"),
        Index("ix_user_account_cost_center", "organization_id", "cost_center", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    first_name: Mapped[str] = mapped_column(String(255), default="")
    last_name: Mapped[str] = mapped_column(String(255), default="")
    short_name: Mapped[str] = mapped_column(String(64), default="")
    department: Mapped[str] = mapped_column(String(255), default="")
    cost_center: Mapped[str] = mapped_column(String(255), default="")
    custom_attributes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    status: Mapped[UserStatus] = mapped_column(String(16), default=UserStatus.ACTIVE)
    is_operator: Mapped[bool] = mapped_column(default=False)
    password_hash: Mapped[str] = mapped_column(String(255), default="")
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    roles_key: Mapped[str] = mapped_column(String(1600), default="")
    search_key: Mapped[str] = mapped_column(String(1600), default="")
    name_key: Mapped[str] = mapped_column(String(255), default="")
    locale: Mapped[str] = mapped_column(String(16), default="en")
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    created: Mapped[datetime] = mapped_column(default=now)
    ended: Mapped[datetime | None]


def shown_name(user: User) -> str:
    """How a person is called: the display name, else the names, else the address (AC-88)."""
    return user.name or " ".join(filter(None, (user.first_name, user.last_name))) or user.email


@event.listens_for(User, "before_insert")
@event.listens_for(User, "before_update")
def _keep_keys(_mapper: object, _connection: object, user: User) -> None:
    names = (user.email, user.name, user.first_name, user.last_name, user.short_name)
    user.search_key = "\n".join(filter(None, names)).casefold()[:1600] if user.status != UserStatus.DELETED else ""
    user.name_key = shown_name(user).casefold()[:255]
    user.roles_key = roles_key(user.roles or ())


def roles_key(labels: Iterable[str]) -> str:
    """A set of roles as one text, each on a line."""
    return "\n".join(sorted(labels))


STAYS = {"stays_when_the_person_is_deleted": True}
"""`info` of a column that refers to a person and whose rows are counts or history, which stay with the pseudonym."""


class MembershipPeriod(TenantRow, Base):
    """That a person was in a department or cost centre from `begin` to `end` (None: still) (AC-116)."""

    __tablename__ = "membership_period"
    __table_args__ = (Index("ix_membership_period_user", "user_id", "kind", "begin"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), info=STAYS)
    kind: Mapped[Membership] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(255))
    begin: Mapped[datetime] = mapped_column(default=now)
    end: Mapped[datetime | None]


class Group(TenantRow, Base):
    """People who share roles; names are unique in the organization without regard to case (AC-65)."""

    __tablename__ = "user_group"
    __table_args__ = (UniqueConstraint("organization_id", "name_key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(String(300))
    kind: Mapped[GroupKind] = mapped_column(String(16), default=GroupKind.NORMAL)
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    created: Mapped[datetime] = mapped_column(default=now)


class GroupMember(TenantRow, Base):
    """That a person is in a group."""

    __tablename__ = "group_member"

    group_id: Mapped[str] = mapped_column(ForeignKey("user_group.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
