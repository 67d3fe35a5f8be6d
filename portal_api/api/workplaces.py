"""Where one may work: one's own organization and the customers of it, and entering them (AC-31, AC-40)."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from domain.organizations.entering import Workplace, workplaces
from domain.sign_in.sessions import NO_SESSION, enter_organization
from domain.tenancy import NOT_FOUND
from portal_api.access import Anyone
from portal_api.api.known_values import ObjectId, SearchText
from portal_api.problems import documented
from portal_api.sign_in import session_token

router = APIRouter(prefix="/me", tags=["me"])


class WorkplacePublic(BaseModel):
    """An organization that one may work in."""

    id: str
    name: str
    own: bool = Field(description="One's own organization.")
    current: bool = Field(description="Where this request works.")

    @classmethod
    def of(cls, place: Workplace) -> "WorkplacePublic":
        return cls(id=place.id, name=place.name, own=place.is_own, current=place.is_current)


class WorkplacesPublic(BaseModel):
    """One's own organization first, then customers by name. `customers` counts all that fit the search."""

    items: list[WorkplacePublic]
    customers: int


class WorkplaceChosen(BaseModel):
    """The organization to work in from now on."""

    organization_id: ObjectId


@router.get("/organizations", operation_id="list_own_organizations")
def list_own_organizations(
    actor: Anyone,
    search: SearchText = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> WorkplacesPublic:
    """Where one may work. People of an access group may work in every customer."""
    found = workplaces(actor, search, limit)
    return WorkplacesPublic(items=[WorkplacePublic.of(place) for place in found.items], customers=found.total)


@router.put(
    "/organization", operation_id="enter_organization", status_code=204, responses=documented(NOT_FOUND, NO_SESSION)
)
def enter(request: Request, actor: Anyone, given: WorkplaceChosen) -> None:
    """From now on this session works there; a single request may name another by `Pressroom-Organization`."""
    enter_organization(actor, session_token(request) or "", given.organization_id)
