"""The organization one works in: what it is, how it is set (AC-8…AC-11), and the roles of everybody (AC-61…AC-63)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from domain.organizations import information
from domain.organizations.actor import Actor
from domain.organizations.entitlements import Entitlement
from domain.organizations.grants import (
    ACCESS_GROUPS_ONLY,
    AUTOMATIC,
    FOR_EVERYBODY,
    GUESTS_ONLY,
    NOT_ENTITLED,
    UNKNOWN,
    Level,
)
from domain.organizations.information import OrganizationChange, OrganizationView
from domain.organizations.last_administrator import LAST_ADMINISTRATOR
from domain.organizations.models import OrganizationStatus
from domain.organizations.names import NAME_CHARACTER, NAME_LONG, NAME_MISSING, NAME_TAKEN
from domain.organizations.permissions import Permission
from domain.organizations.roles import FACTS
from domain.texts.catalogue import translate, translate_error
from portal_api.access import needs
from portal_api.api.known_values import Locale, RoleLabel, TimeZone
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

router = APIRouter(tags=["organization"])

Reader = Annotated[Actor, needs(Permission.ORGANIZATION_VIEW)]
Manager = Annotated[Actor, needs(Permission.ORGANIZATION_MANAGE)]
RoleReader = Annotated[Actor, needs(Permission.ROLES_ORGANIZATION_VIEW)]
RoleGiver = Annotated[Actor, needs(Permission.ROLES_ORGANIZATION_ASSIGN)]


class OrganizationPublic(BaseModel):
    """An organization with its active services."""

    id: str
    name: str
    parent_name: str = Field(description="The partner's name; empty for an organization of the first level.")
    status: OrganizationStatus
    may_have_children: bool
    services: list[Entitlement]
    time_zone: str
    announcement_languages: list[str]
    created: datetime

    @classmethod
    def of(cls, view: OrganizationView) -> "OrganizationPublic":
        return cls(
            id=view.id,
            name=view.name,
            parent_name=view.parent_name,
            status=view.status,
            may_have_children=view.may_have_children,
            services=list(view.entitlements),
            time_zone=view.time_zone,
            announcement_languages=list(view.announcement_languages),
            created=view.created,
        )


class OrganizationUpdate(BaseModel):
    """What is to be changed; what is left out stays."""

    name: str | None = Field(None, max_length=400)
    time_zone: TimeZone | None = None
    announcement_languages: list[Locale] | None = Field(
        None, max_length=50, description="Languages that announcements are written in; English is always one."
    )


class RolePublic(BaseModel):
    """A role as it is granted somewhere."""

    role: str = Field(description="Its label, which is its name everywhere.")
    product: str
    essence: str
    counts: bool = Field(description="False while the service it belongs to is missing.")


class RoleChoicePublic(BaseModel):
    """A role with whether the asker can give it at the level asked about."""

    role: str
    product: str
    essence: str
    service: Entitlement | None
    can_be_given: bool
    refusal: str = Field(description="Why it cannot be given; else empty.")
    needs_confirmation: bool = Field(description="An administrator's role that would go to the whole organization.")


class RolesGiven(BaseModel):
    """Roles to give. `confirmed`: rights of administrators may go to everybody (AC-41)."""

    roles: list[RoleLabel] = Field(min_length=1, max_length=50)
    confirmed: bool = False


@router.get("/organization", operation_id="get_organization")
def get_organization(actor: Reader) -> OrganizationPublic:
    """The organization that one works in."""
    return OrganizationPublic.of(information.get_organization(actor))


@router.patch(
    "/organization",
    operation_id="update_organization",
    responses=documented(NAME_MISSING, NAME_LONG, NAME_CHARACTER, NAME_TAKEN),
)
def update_organization(actor: Manager, given: OrganizationUpdate) -> OrganizationPublic:
    """Change its name, time zone or languages."""
    change = OrganizationChange(given.name, given.time_zone, given.announcement_languages)
    return OrganizationPublic.of(information.change_organization(actor, change))


@router.get("/organization/roles", operation_id="list_organization_roles")
def list_organization_roles(actor: RoleReader, locale: ReaderLocale) -> list[RolePublic]:
    """The roles that everybody in the organization has."""
    return [
        RolePublic(
            role=each.facts.role.value,
            product=translate(each.facts.product, locale),
            essence=translate(each.facts.essence, locale),
            counts=each.counts,
        )
        for each in information.roles_of_everybody(actor)
    ]


@router.post(
    "/organization/roles",
    operation_id="assign_organization_roles",
    status_code=204,
    responses=documented(UNKNOWN, GUESTS_ONLY, ACCESS_GROUPS_ONLY, NOT_ENTITLED, FOR_EVERYBODY),
)
def assign_organization_roles(actor: RoleGiver, given: RolesGiven) -> None:
    """Give roles to everybody, at once."""
    information.give_roles_to_everybody(actor, given.roles, confirmed=given.confirmed)


@router.delete(
    "/organization/roles",
    operation_id="remove_organization_roles",
    status_code=204,
    responses=documented(AUTOMATIC, LAST_ADMINISTRATOR),
)
def remove_organization_roles(actor: RoleGiver, role: Annotated[list[RoleLabel], Query(min_length=1)]) -> None:
    """Take roles from everybody; who has one from a group or by themselves keeps it."""
    information.take_roles_from_everybody(actor, role)


@router.get("/roles", operation_id="list_roles")
def list_roles(
    actor: Annotated[Actor, needs(Permission.ACCOUNTS_OPEN)],
    locale: ReaderLocale,
    level: Annotated[Level, Query(description="Where the role is to be given.")] = Level.USER,
) -> list[RoleChoicePublic]:
    """Every role that can be given anywhere, and whether the asker can give it at a level."""
    return [
        RoleChoicePublic(
            role=choice.role.value,
            product=translate(FACTS[choice.role].product, locale),
            essence=translate(FACTS[choice.role].essence, locale),
            service=FACTS[choice.role].entitlement,
            can_be_given=choice.refusal is None,
            refusal=translate_error(choice.refusal, locale)[0] if choice.refusal else "",
            needs_confirmation=choice.needs_care,
        )
        for choice in information.choices_of_roles(actor, level)
    ]
