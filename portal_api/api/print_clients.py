"""Workstations that have called in (section 30)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.print_clients import status
from domain.print_clients.status import ClientState, ClientView
from domain.print_clients.updates import UpdateState
from domain.printing.features import FEATURE_DISABLED
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.api.cursor import BAD_CURSOR, cursor, key_of
from portal_api.problems import documented

router = APIRouter(prefix="/print-clients", tags=["workstations"])
Manager = Annotated[Actor, needs(Permission.PRINT_PACKAGES_MANAGE)]


class PrintClientPublic(BaseModel):
    """A workstation as it last described itself, with the policy that holds and by what it holds (PR-277)."""

    id: str
    host: str
    user_name: str
    email: str
    system: str
    kind: str
    version: str
    addresses: list[str]
    queues: list[str]
    state: ClientState
    last_contact: datetime
    policy: str
    policy_source: str
    update: UpdateState
    update_problem: str

    @classmethod
    def of(cls, one: ClientView) -> "PrintClientPublic":
        return cls.model_validate(one, from_attributes=True)


class PrintClientPage(BaseModel):
    """Some workstations. `next` is the `after` of the following page, null on the last."""

    items: list[PrintClientPublic]
    next: str | None


class ClientPolicyChoice(BaseModel):
    """Workstations, and the policy that is to hold for them; empty: none of their own."""

    ids: list[Annotated[str, Field(max_length=32)]] = Field(min_length=1, max_length=200)
    policy_id: str = Field("", max_length=32)


@router.get("", operation_id="list_print_clients", responses=documented(BAD_CURSOR))
def list_print_clients(
    actor: Manager,
    search: Annotated[str, Query(max_length=255, description="Words of the name or the person.")] = "",
    after: Annotated[str, Query(max_length=2000, description="The `next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=status.MOST_LISTED)] = 50,
) -> PrintClientPage:
    """The workstations by their names (PR-276)."""
    found = status.list_clients(actor, search, key_of(after), limit)
    following = cursor((found[-1].host, found[-1].id)) if len(found) == limit else None
    return PrintClientPage(items=[PrintClientPublic.of(one) for one in found], next=following)


@router.post(
    "/policy", operation_id="assign_policy_to_print_clients", responses=documented(FEATURE_DISABLED, NOT_FOUND)
)
def assign_policy(actor: Manager, chosen: ClientPolicyChoice) -> list[PrintClientPublic]:
    """Let a policy hold for workstations, whatever else is assigned (PR-274)."""
    found = status.assign_client_policy(actor, chosen.ids, chosen.policy_id)
    return [PrintClientPublic.of(one) for one in found]


@router.delete("/{client_id}", operation_id="forget_print_client", status_code=204, responses=documented(NOT_FOUND))
def forget(actor: Manager, client_id: Annotated[str, Path(max_length=32)]) -> None:
    """Take a workstation off the list."""
    status.forget_client(actor, client_id)
