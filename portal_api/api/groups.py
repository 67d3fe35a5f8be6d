"""The groups of the organization (AC-64…AC-71)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.grants import ACCESS_GROUPS_ONLY, FIXED, GUESTS_ONLY, NOT_ENTITLED, UNKNOWN
from domain.organizations.group_members import MemberView
from domain.organizations.groups import NAME_CHARACTER, NAME_LONG, NAME_MISSING, NAME_TAKEN
from domain.organizations.last_administrator import LAST_ADMINISTRATOR
from domain.organizations.models import GroupKind
from domain.organizations.permissions import Permission
from domain.people.groups import (
    PREDEFINED_STAYS,
    GroupView,
    add_to_group,
    create_group,
    delete_groups,
    get_group,
    give_group_roles,
    list_groups,
    list_members,
    remove_from_group,
    rename_group,
    take_group_roles,
)
from domain.people.rows import TOO_MANY
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.api.user_models import Id, Label, Labels, UserIds
from portal_api.problems import documented

router = APIRouter(prefix="/groups", tags=["groups"])
Viewer = Annotated[Actor, needs(Permission.GROUPS_VIEW)]
Editor = Annotated[Actor, needs(Permission.GROUPS_EDIT)]
RoleGiver = Annotated[Actor, needs(Permission.GROUPS_ROLES_ASSIGN)]
NAME_FAULTS = (NAME_MISSING, NAME_LONG, NAME_CHARACTER, NAME_TAKEN)


class GroupNamed(BaseModel):
    """What a group is to be called."""

    name: str = Field(max_length=255, description="Unique in the organization, case ignored.")


class GroupRoles(BaseModel):
    """Roles for a group."""

    roles: Labels


class GroupPublic(BaseModel):
    """A group; names and roles of predefined ones cannot be changed."""

    id: str
    name: str
    kind: GroupKind
    roles: list[str]
    members: int
    created: datetime

    @classmethod
    def of(cls, view: GroupView) -> "GroupPublic":
        return cls(
            id=view.id,
            name=view.name,
            kind=view.kind,
            roles=list(view.roles),
            members=view.members,
            created=view.created,
        )


class MemberPublic(BaseModel):
    """A person in a group."""

    id: str
    email: str
    display_name: str
    department: str
    is_active: bool

    @classmethod
    def of(cls, view: MemberView) -> "MemberPublic":
        return cls(
            id=view.user_id,
            email=view.email,
            display_name=view.name,
            department=view.department,
            is_active=view.is_active,
        )


class MemberPage(BaseModel):
    """Some members by address. `next` is the `after` of the following page, null on the last."""

    items: list[MemberPublic]
    next: str | None


class MembersChanged(BaseModel):
    """How many people a change concerned."""

    changed: int


@router.get("", operation_id="list_groups")
def list_all(
    actor: Viewer, search: Annotated[str, Query(max_length=255, description="Words of the name.")] = ""
) -> list[GroupPublic]:
    """The organization's groups, the predefined ones first; access groups to customers are not among them."""
    return [GroupPublic.of(view) for view in list_groups(actor, search)]


@router.post("", operation_id="create_group", status_code=201, responses=documented(*NAME_FAULTS))
def create(
    actor: Annotated[Actor, needs(Permission.GROUPS_CREATE)], given: GroupNamed, response: Response
) -> GroupPublic:
    """Create a group (AC-65)."""
    view = create_group(actor, given.name)
    response.headers["Location"] = f"/api/v1/groups/{view.id}"
    return GroupPublic.of(view)


@router.delete(
    "",
    operation_id="delete_groups",
    status_code=204,
    responses=documented(NOT_FOUND, PREDEFINED_STAYS, LAST_ADMINISTRATOR),
)
def delete_many(
    actor: Annotated[Actor, needs(Permission.GROUPS_DELETE)],
    group_id: Annotated[list[Id], Query(min_length=1, max_length=200)],
) -> None:
    """Delete groups, all of them or none; their members stay in the organization (AC-66)."""
    delete_groups(actor, group_id)


@router.get("/{group_id}", operation_id="get_group", responses=documented(NOT_FOUND))
def read(actor: Viewer, group_id: str) -> GroupPublic:
    """One group."""
    return GroupPublic.of(get_group(actor, group_id))


@router.patch(
    "/{group_id}", operation_id="rename_group", responses=documented(NOT_FOUND, PREDEFINED_STAYS, *NAME_FAULTS)
)
def rename(actor: Editor, group_id: str, given: GroupNamed) -> GroupPublic:
    """Give a group another name."""
    return GroupPublic.of(rename_group(actor, group_id, given.name))


@router.get("/{group_id}/members", operation_id="list_group_members", responses=documented(NOT_FOUND))
def read_members(
    actor: Viewer,
    group_id: str,
    search: Annotated[str, Query(max_length=255)] = "",
    after: Annotated[str, Query(max_length=255, description="The `next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> MemberPage:
    """The members of a group by address (AC-67)."""
    found = list_members(actor, group_id, search, after, limit)
    following = found[-1].email if len(found) == limit else None
    return MemberPage(items=[MemberPublic.of(view) for view in found], next=following)


@router.post(
    "/{group_id}/members",
    operation_id="add_group_members",
    responses=documented(NOT_FOUND, TOO_MANY),
)
def add_members(actor: Editor, group_id: str, given: UserIds) -> MembersChanged:
    """Put people into a group, all of them or nobody; they get its roles at once (AC-42)."""
    return MembersChanged(changed=add_to_group(actor, group_id, given.user_ids))


@router.delete(
    "/{group_id}/members",
    operation_id="remove_group_members",
    responses=documented(NOT_FOUND, LAST_ADMINISTRATOR, TOO_MANY),
)
def remove_members(
    actor: Editor, group_id: str, user_id: Annotated[list[Id], Query(min_length=1, max_length=200)]
) -> MembersChanged:
    """Take people out of a group."""
    return MembersChanged(changed=remove_from_group(actor, group_id, user_id))


@router.post(
    "/{group_id}/roles",
    operation_id="give_group_roles",
    responses=documented(NOT_FOUND, FIXED, UNKNOWN, GUESTS_ONLY, ACCESS_GROUPS_ONLY, NOT_ENTITLED),
)
def give_roles(actor: RoleGiver, group_id: str, given: GroupRoles) -> GroupPublic:
    """Give a group roles, which all its members inherit (AC-68)."""
    return GroupPublic.of(give_group_roles(actor, group_id, given.roles))


@router.delete(
    "/{group_id}/roles",
    operation_id="take_group_roles",
    responses=documented(NOT_FOUND, FIXED, LAST_ADMINISTRATOR),
)
def take_roles(
    actor: RoleGiver, group_id: str, role: Annotated[list[Label], Query(min_length=1, max_length=40)]
) -> GroupPublic:
    """Take roles from a group (AC-68)."""
    return GroupPublic.of(take_group_roles(actor, group_id, role))
