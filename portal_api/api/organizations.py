"""A partner's customer organizations: making, finding, entitling, deleting (AC-13…AC-27)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from domain.organizations import children, deletion
from domain.organizations.actor import Actor
from domain.organizations.children import (
    BEING_DELETED,
    CANNOT_BE_TAKEN,
    NO_CHILDREN,
    NOT_OURS_TO_GIVE,
    ChildView,
)
from domain.organizations.deletion import HAS_CHILDREN, KEPT_BY_SERVICE, NAME_DIFFERS
from domain.organizations.entitlements import Entitlement
from domain.organizations.models import OrganizationStatus
from domain.organizations.names import NAME_CHARACTER, NAME_LONG, NAME_MISSING, NAME_TAKEN
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.api.known_values import SearchText
from portal_api.problems import documented

router = APIRouter(prefix="/organizations", tags=["customer organizations"])

Reader = Annotated[Actor, needs(Permission.CHILDREN_LIST)]
Maker = Annotated[Actor, needs(Permission.CHILDREN_CREATE)]
Entitler = Annotated[Actor, needs(Permission.CHILDREN_ENTITLE)]
Deleter = Annotated[Actor, needs(Permission.CHILDREN_DELETE)]


class ChildCreate(BaseModel):
    """A customer to make. Without `services` it gets the usual ones that the partner has itself."""

    name: str = Field(max_length=400)
    services: list[Entitlement] | None = Field(None, max_length=50)


class ServicesUpdate(BaseModel):
    """All services that the customer is to have; one that cannot be taken back must not be left out."""

    services: list[Entitlement] = Field(max_length=50)


class DeletionRequest(BaseModel):
    """The name of the organization, typed as it is."""

    name: str = Field(max_length=400)


class DeletionStarted(BaseModel):
    """The background task that deletes it; `GET /tasks/{task_id}` tells how far it is."""

    task_id: str


class ChildPublic(BaseModel):
    """A customer organization. `people` have an active account of its own."""

    id: str
    name: str
    status: OrganizationStatus
    services: list[Entitlement]
    people: int
    created: datetime

    @classmethod
    def of(cls, view: ChildView) -> "ChildPublic":
        return cls(
            id=view.id,
            name=view.name,
            status=view.status,
            services=list(view.entitlements),
            people=view.people,
            created=view.created,
        )


class ChildrenPage(BaseModel):
    """Some customers by name. `next` is the `after` of the following page, empty on the last."""

    items: list[ChildPublic]
    total: int
    next: str


@router.get("", operation_id="list_organizations")
def list_organizations(
    actor: Reader,
    search: SearchText = "",
    after: Annotated[str, Query(max_length=300, description="The `next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ChildrenPage:
    """The customers of the organization that one works in."""
    page = children.list_children(actor, search, after, limit)
    return ChildrenPage(items=[ChildPublic.of(view) for view in page.items], total=page.total, next=page.after)


@router.post(
    "",
    operation_id="create_organization",
    status_code=201,
    responses=documented(NAME_MISSING, NAME_LONG, NAME_CHARACTER, NAME_TAKEN, NO_CHILDREN, NOT_OURS_TO_GIVE),
)
def create_organization(actor: Maker, given: ChildCreate) -> ChildPublic:
    """Make a customer organization; members of access groups can work in it at once."""
    return ChildPublic.of(children.create_child(actor, given.name, given.services))


@router.get("/{organization_id}", operation_id="get_customer_organization", responses=documented(NOT_FOUND))
def get_customer_organization(actor: Reader, organization_id: str) -> ChildPublic:
    """One customer organization."""
    return ChildPublic.of(children.get_child(actor, organization_id))


@router.put(
    "/{organization_id}/services",
    operation_id="set_services",
    responses=documented(NOT_FOUND, BEING_DELETED, NOT_OURS_TO_GIVE, CANNOT_BE_TAKEN),
)
def set_services(actor: Entitler, organization_id: str, given: ServicesUpdate) -> ChildPublic:
    """Choose its services. The managed-print programme cannot be taken back."""
    return ChildPublic.of(children.entitle_child(actor, organization_id, given.services))


@router.post(
    "/{organization_id}/deletion",
    operation_id="delete_organization",
    status_code=202,
    responses=documented(NOT_FOUND, NAME_DIFFERS, BEING_DELETED, KEPT_BY_SERVICE, HAS_CHILDREN),
)
def delete_organization(actor: Deleter, organization_id: str, given: DeletionRequest) -> DeletionStarted:
    """Delete it with everything that belongs to it; its people are out at once, the rest goes in the background."""
    return DeletionStarted(task_id=deletion.request_deletion(actor, organization_id, given.name))
