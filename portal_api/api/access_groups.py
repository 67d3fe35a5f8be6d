"""Child-organization access groups: whose members work in every customer (AC-72…AC-78)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from domain.organizations import access_groups
from domain.organizations.access_groups import AccessGroupView
from domain.organizations.actor import Actor
from domain.organizations.children import NO_CHILDREN
from domain.organizations.grants import ALWAYS_THERE, AUTOMATIC, GUESTS_ONLY, NOT_ENTITLED, UNKNOWN
from domain.organizations.group_members import MemberView
from domain.organizations.groups import NAME_CHARACTER, NAME_LONG, NAME_MISSING, NAME_TAKEN
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.api.known_values import ObjectId, RoleLabel, SearchText
from portal_api.problems import documented

router = APIRouter(prefix="/access-groups", tags=["access groups"])

Reader = Annotated[Actor, needs(Permission.ACCESS_GROUPS_VIEW)]
Manager = Annotated[Actor, needs(Permission.ACCESS_GROUPS_MANAGE)]
Limit = Annotated[int, Query(ge=1, le=200)]
_NAME_FAULTS = (NAME_MISSING, NAME_LONG, NAME_CHARACTER, NAME_TAKEN)


class AccessGroupName(BaseModel):
    """A name, unique in the organization; best one that tells it from a normal group, such as “Access: all fleets”."""

    name: str = Field(max_length=400)


class MembersGiven(BaseModel):
    """People of the partner organization."""

    user_ids: list[ObjectId] = Field(min_length=1, max_length=200)


class AccessRolesGiven(BaseModel):
    """Roles for every member in every customer."""

    roles: list[RoleLabel] = Field(min_length=1, max_length=50)


class AccessGroupPublic(BaseModel):
    """An access group. It always has Partner Administrator."""

    id: str
    name: str
    roles: list[str]
    members: int
    created: datetime

    @classmethod
    def of(cls, view: AccessGroupView) -> "AccessGroupPublic":
        return cls(id=view.id, name=view.name, roles=list(view.roles), members=view.members, created=view.created)


class MemberPublic(BaseModel):
    """A member of a group."""

    user_id: str
    email: str
    name: str
    department: str
    active: bool

    @classmethod
    def of(cls, view: MemberView) -> "MemberPublic":
        return cls(
            user_id=view.user_id,
            email=view.email,
            name=view.name,
            department=view.department,
            active=view.is_active,
        )


class MembersChanged(BaseModel):
    """How many people were added or removed; who was in or out already does not count."""

    people: int


@router.get("", operation_id="list_access_groups")
def list_access_groups(
    actor: Reader,
    search: SearchText = "",
    after: Annotated[str, Query(max_length=300, description="The name of the last group of the page before.")] = "",
    limit: Limit = 50,
) -> list[AccessGroupPublic]:
    """The access groups by name."""
    return [AccessGroupPublic.of(view) for view in access_groups.list_access_groups(actor, search, after, limit)]


@router.post(
    "",
    operation_id="create_access_group",
    status_code=201,
    responses=documented(*_NAME_FAULTS, NO_CHILDREN),
)
def create_access_group(actor: Manager, given: AccessGroupName) -> AccessGroupPublic:
    """Make one. It has Partner Administrator from the start and no members."""
    return AccessGroupPublic.of(access_groups.create_access_group(actor, given.name))


@router.get("/{access_group_id}", operation_id="get_access_group", responses=documented(NOT_FOUND))
def get_access_group(actor: Reader, access_group_id: str) -> AccessGroupPublic:
    """One of them."""
    return AccessGroupPublic.of(access_groups.get_access_group(actor, access_group_id))


@router.patch("/{access_group_id}", operation_id="rename_access_group", responses=documented(NOT_FOUND, *_NAME_FAULTS))
def rename_access_group(actor: Manager, access_group_id: str, given: AccessGroupName) -> AccessGroupPublic:
    """Give it another name."""
    return AccessGroupPublic.of(access_groups.rename_access_group(actor, access_group_id, given.name))


@router.delete(
    "/{access_group_id}", operation_id="delete_access_group", status_code=204, responses=documented(NOT_FOUND)
)
def delete_access_group(actor: Manager, access_group_id: str) -> None:
    """Delete it; its members stay in the organization and lose what it gave them."""
    access_groups.delete_access_groups(actor, [access_group_id])


@router.get("/{access_group_id}/members", operation_id="list_access_group_members", responses=documented(NOT_FOUND))
def list_access_group_members(
    actor: Reader,
    access_group_id: str,
    search: SearchText = "",
    after: Annotated[str, Query(max_length=255, description="The address of the last member of the page before.")] = "",
    limit: Limit = 50,
) -> list[MemberPublic]:
    """Its members by address."""
    found = access_groups.members_of_access_group(actor, access_group_id, search, after, limit)
    return [MemberPublic.of(view) for view in found]


@router.post("/{access_group_id}/members", operation_id="add_access_group_members", responses=documented(NOT_FOUND))
def add_access_group_members(actor: Manager, access_group_id: str, given: MembersGiven) -> MembersChanged:
    """Let people work in every customer."""
    return MembersChanged(people=access_groups.add_to_access_group(actor, access_group_id, given.user_ids))


@router.delete(
    "/{access_group_id}/members", operation_id="remove_access_group_members", responses=documented(NOT_FOUND)
)
def remove_access_group_members(
    actor: Manager, access_group_id: str, user_id: Annotated[list[ObjectId], Query(min_length=1, max_length=200)]
) -> MembersChanged:
    """Take their access away, at once."""
    return MembersChanged(people=access_groups.remove_from_access_group(actor, access_group_id, user_id))


@router.post(
    "/{access_group_id}/roles",
    operation_id="assign_access_group_roles",
    responses=documented(NOT_FOUND, UNKNOWN, GUESTS_ONLY, NOT_ENTITLED),
)
def assign_access_group_roles(actor: Manager, access_group_id: str, given: AccessRolesGiven) -> AccessGroupPublic:
    """Give roles to every member, in every customer that has their services."""
    return AccessGroupPublic.of(access_groups.give_roles_to_access_group(actor, access_group_id, given.roles))


@router.delete(
    "/{access_group_id}/roles",
    operation_id="remove_access_group_roles",
    responses=documented(NOT_FOUND, AUTOMATIC, ALWAYS_THERE),
)
def remove_access_group_roles(
    actor: Manager, access_group_id: str, role: Annotated[list[RoleLabel], Query(min_length=1, max_length=50)]
) -> AccessGroupPublic:
    """Take roles; Partner Administrator stays."""
    return AccessGroupPublic.of(access_groups.take_roles_from_access_group(actor, access_group_id, role))
