"""Delegates: who may release whose print jobs (PR-163…PR-172)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.printing.delegates import service
from domain.printing.delegates.rules import (
    ALREADY_DELEGATE,
    DELEGATION_OFF,
    MOST_DAYS,
    NOT_A_DELEGATE,
    OWN_DELEGATE,
)
from domain.printing.delegates.service import DelegationView, NewDelegate
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.problems import documented

router = APIRouter(prefix="/print-delegates", tags=["print delegates"])
Owner = Annotated[Actor, needs(Permission.OWN_ACCOUNT)]
Whose = Annotated[str, Query(max_length=32, description="Whose delegates, for print administrators; empty: one's own.")]


class DelegateCreate(BaseModel):
    """Somebody who is to release jobs, by id or by address. `days` null: the permission never expires."""

    user_id: str = Field("", max_length=32)
    email: str = Field("", max_length=255)
    days: int | None = Field(None, ge=1, le=MOST_DAYS)
    owner_id: str = Field("", max_length=32, description="Whose jobs, for print administrators; empty: one's own.")


class DelegatePublic(BaseModel):
    """An active delegation: `user_id`, `name` and `email` are of the other person."""

    id: str
    user_id: str
    name: str
    email: str
    created: datetime
    expires: datetime | None

    @classmethod
    def of(cls, view: DelegationView) -> "DelegatePublic":
        return cls.model_validate(view, from_attributes=True)


class DelegatesChosen(BaseModel):
    """Delegations by their ids."""

    ids: list[str] = Field(min_length=1, max_length=200)


class CandidatePublic(BaseModel):
    """Somebody who can be chosen as a delegate."""

    user_id: str
    name: str
    email: str


@router.get("", operation_id="list_print_delegates", responses=documented(DELEGATION_OFF, NOT_FOUND))
def list_delegates(actor: Owner, owner_id: Whose = "") -> list[DelegatePublic]:
    """Who may release one's jobs."""
    return [DelegatePublic.of(one) for one in service.list_delegates(actor, owner_id)]


@router.get("/owners", operation_id="list_delegating_people")
def list_delegating(actor: Owner) -> list[DelegatePublic]:
    """Whose jobs one may release."""
    return [DelegatePublic.of(one) for one in service.list_delegating(actor)]


@router.get(
    "/candidates", operation_id="list_print_delegate_candidates", responses=documented(DELEGATION_OFF, NOT_FOUND)
)
def list_candidates(
    actor: Owner, search: Annotated[str, Query(max_length=255)] = "", owner_id: Whose = ""
) -> list[CandidatePublic]:
    """People of the organization who could be chosen."""
    found = service.candidates(actor, search, owner_id)
    return [CandidatePublic.model_validate(one, from_attributes=True) for one in found]


@router.post(
    "",
    operation_id="add_print_delegate",
    status_code=201,
    responses=documented(DELEGATION_OFF, NOT_FOUND, OWN_DELEGATE, NOT_A_DELEGATE, ALREADY_DELEGATE),
)
def add(actor: Owner, new: DelegateCreate) -> DelegatePublic:
    """Let somebody release jobs; with mail if the organization wants it."""
    chosen = NewDelegate(new.user_id, new.email, new.days, new.owner_id)
    return DelegatePublic.of(service.add_delegate(actor, chosen))


@router.post(
    "/remove",
    operation_id="remove_print_delegates",
    status_code=204,
    responses=documented(DELEGATION_OFF, NOT_FOUND),
)
def remove_several(actor: Owner, chosen: DelegatesChosen) -> None:
    """Take several delegations back, all or none."""
    service.remove_delegates(actor, chosen.ids)


@router.delete(
    "/{delegation_id}",
    operation_id="remove_print_delegate",
    status_code=204,
    responses=documented(DELEGATION_OFF, NOT_FOUND),
)
def remove(actor: Owner, delegation_id: Annotated[str, Path(max_length=32)]) -> None:
    """Take a delegation back."""
    service.remove_delegates(actor, [delegation_id])
