"""The people of the organization (AC-79…AC-89)."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.grants import (
    ACCESS_GROUPS_ONLY,
    AUTOMATIC,
    GUESTS_ONLY,
    NOT_ENTITLED,
    UNKNOWN,
)
from domain.organizations.last_administrator import LAST_ADMINISTRATOR
from domain.organizations.models import NO_ACCOUNT, Membership, UserStatus
from domain.organizations.permissions import Permission
from domain.organizations.roles import Role
from domain.people.deletion import delete_people
from domain.people.fields import NO_ADDRESS, TOO_LONG, UNPRINTABLE, PersonFields
from domain.people.listing import PersonFilter, PersonSort, count_people, list_people, membership_names
from domain.people.memberships import membership_history
from domain.people.roles import give_people_roles, take_people_roles
from domain.people.rows import TOO_MANY
from domain.people.service import (
    ADDRESS_TAKEN,
    YOURSELF,
    NewPerson,
    change_person,
    create_person,
    get_person,
    set_status,
)
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.api.cursor import BAD_CURSOR, cursor, key_of
from portal_api.api.reader import ReaderLocale
from portal_api.api.user_models import (
    Count,
    Id,
    Label,
    MembershipPublic,
    UserCreate,
    UserDetails,
    UserPage,
    UserPublic,
    UsersRoles,
    UsersStatus,
    UserUpdate,
)
from portal_api.problems import documented

NOT_A_STATE = Fault(
    "person.not_a_state",
    422,
    N_("People are deleted by DELETE, not by a state."),
    N_("Send “active” or “deactivated”."),
)
router = APIRouter(prefix="/users", tags=["users"])
Viewer = Annotated[Actor, needs(Permission.USERS_VIEW)]
Editor = Annotated[Actor, needs(Permission.USERS_EDIT)]
FIELD_FAULTS = (NO_ADDRESS, TOO_LONG, UNPRINTABLE, ADDRESS_TAKEN)
ROLE_FAULTS = (UNKNOWN, GUESTS_ONLY, ACCESS_GROUPS_ONLY, NOT_ENTITLED)


def person_filter(
    search: Annotated[str, Query(max_length=255, description="Words of the address, a name or the short name.")] = "",
    status: Annotated[UserStatus | None, Query()] = None,
    department: Annotated[str, Query(max_length=255)] = "",
    cost_center: Annotated[str, Query(max_length=255)] = "",
    group_id: Annotated[str, Query(max_length=32)] = "",
    role: Annotated[Role | None, Query(description="Held in whichever way.")] = None,
    sort: Annotated[PersonSort, Query()] = PersonSort.NAME,
    descending: Annotated[bool, Query()] = False,
) -> PersonFilter:
    """Which people, and in which order."""
    chosen = role.value if role else ""
    return PersonFilter(search, status, department, cost_center, group_id, chosen, sort, descending)


Chosen = Annotated[PersonFilter, Depends(person_filter)]


@router.get("", operation_id="list_users", responses=documented(BAD_CURSOR))
def list_all(
    actor: Viewer,
    chosen: Chosen,
    after: Annotated[str, Query(max_length=2000, description="The `next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> UserPage:
    """People of the organization, without those who were deleted."""
    people = list_people(actor, replace(chosen, after=key_of(after), limit=limit))
    following = cursor(people[-1].key) if len(people) == limit else None
    return UserPage(items=[UserPublic.of(view) for view in people], next=following)


@router.get("/count", operation_id="count_users")
def count(actor: Viewer, chosen: Chosen) -> Count:
    """How many people the filters let through, on all pages."""
    return Count(count=count_people(actor, chosen))


@router.get("/departments", operation_id="list_departments")
def departments(actor: Viewer) -> list[str]:
    """The departments that people are in (AC-111)."""
    return membership_names(actor, Membership.DEPARTMENT)


@router.get("/cost-centers", operation_id="list_cost_centers")
def cost_centers(actor: Viewer) -> list[str]:
    """The cost centres that people are in (AC-111)."""
    return membership_names(actor, Membership.COST_CENTER)


@router.post("", operation_id="create_user", status_code=201, responses=documented(*FIELD_FAULTS, *ROLE_FAULTS))
def create(
    actor: Annotated[Actor, needs(Permission.USERS_CREATE)], given: UserCreate, response: Response, locale: ReaderLocale
) -> UserDetails:
    """Create a person (AC-80)."""
    facts = PersonFields(
        given.email,
        given.first_name,
        given.last_name,
        given.display_name,
        given.short_name,
        given.department,
        given.cost_center,
    )
    password = given.password.get_secret_value() if given.password else ""
    details = create_person(actor, NewPerson(facts, password, given.roles, given.send_link))
    response.headers["Location"] = f"/api/v1/users/{details.view.id}"
    return UserDetails.of_details(details, locale)


@router.patch(
    "",
    operation_id="update_users_status",
    status_code=204,
    responses=documented(NOT_FOUND, YOURSELF, LAST_ADMINISTRATOR, NOT_A_STATE, TOO_MANY),
)
def update_status(actor: Editor, given: UsersStatus) -> None:
    """Deactivate people, which ends their sessions at once, or let them in again; all of them or nobody."""
    if given.status in NO_ACCOUNT:
        raise NOT_A_STATE()
    set_status(actor, given.user_ids, given.status)


@router.delete(
    "",
    operation_id="delete_users",
    status_code=204,
    responses=documented(NOT_FOUND, YOURSELF, LAST_ADMINISTRATOR, TOO_MANY),
)
def delete_many(
    actor: Annotated[Actor, needs(Permission.USERS_DELETE)],
    user_id: Annotated[list[Id], Query(min_length=1, max_length=200)],
) -> None:
    """Delete people for good, all of them or nobody; what was counted stays under a pseudonym (AC-83)."""
    delete_people(actor, user_id)


@router.post(
    "/roles", operation_id="give_user_roles", status_code=204, responses=documented(NOT_FOUND, TOO_MANY, *ROLE_FAULTS)
)
def give_roles(actor: Annotated[Actor, needs(Permission.ROLES_USER_ASSIGN)], given: UsersRoles) -> None:
    """Give people roles of the user level (AC-85), all of them or nobody."""
    give_people_roles(actor, given.user_ids, given.roles)


@router.delete(
    "/roles",
    operation_id="take_user_roles",
    status_code=204,
    responses=documented(NOT_FOUND, TOO_MANY, AUTOMATIC, LAST_ADMINISTRATOR),
)
def take_roles(
    actor: Annotated[Actor, needs(Permission.ROLES_USER_ASSIGN)],
    user_id: Annotated[list[Id], Query(min_length=1, max_length=200)],
    role: Annotated[list[Label], Query(min_length=1, max_length=40)],
) -> None:
    """Take roles of the user level from people; another level may still give them (AC-45)."""
    take_people_roles(actor, user_id, role)


@router.get("/{user_id}", operation_id="get_user", responses=documented(NOT_FOUND))
def read(actor: Viewer, user_id: str, locale: ReaderLocale) -> UserDetails:
    """One person, with where each of their roles comes from."""
    return UserDetails.of_details(get_person(actor, user_id), locale)


@router.patch("/{user_id}", operation_id="update_user", responses=documented(NOT_FOUND, *FIELD_FAULTS))
def update(actor: Editor, user_id: str, given: UserUpdate, locale: ReaderLocale) -> UserDetails:
    """Change what is known of a person (AC-81); departments and cost centres keep their history."""
    return UserDetails.of_details(change_person(actor, user_id, given.change()), locale)


@router.get("/{user_id}/memberships", operation_id="list_user_memberships", responses=documented(NOT_FOUND))
def memberships(actor: Viewer, user_id: str) -> list[MembershipPublic]:
    """The departments and cost centres that a person has been in, newest first (AC-116)."""
    return [MembershipPublic.of(view) for view in membership_history(actor, user_id)]
