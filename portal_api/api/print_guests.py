"""Print guests and mail for printing, for print administrators (sections 14 and 15, F-11 … F-14)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.print_guests import administration
from domain.print_guests.administration import GuestView
from domain.print_guests.models import GuestState
from domain.print_mail import listing, provisioning
from domain.print_mail.listing import MessageView
from domain.print_mail.models import MessageState
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.problems import documented

router = APIRouter(tags=["print guests"])
Manager = Annotated[Actor, needs(Permission.PRINT_QUEUES_MANAGE)]
SettingsManager = Annotated[Actor, needs(Permission.PRINT_SETTINGS_MANAGE)]
After = Annotated[str, Query(max_length=32, description="The `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200)]


class GuestPublic(BaseModel):
    """A guest. `name` and `user_id` are the identifier in jobs and reports, empty for who is blocked."""

    id: str
    user_id: str
    name: str
    state: GuestState
    department: str
    cost_center: str
    jobs: int = Field(description="Jobs that wait.")
    first_seen: datetime
    expires: datetime | None = Field(description="When the guest's queue ends.")
    pin_expires: datetime | None

    @classmethod
    def of(cls, view: GuestView) -> "GuestPublic":
        return cls.model_validate(view, from_attributes=True)


class GuestPage(BaseModel):
    """Some guests, newest first. `next` is the `after` of the following page, null on the last."""

    items: list[GuestPublic]
    next: str | None


class GuestsChosen(BaseModel):
    """Guests by their ids."""

    ids: list[str] = Field(min_length=1, max_length=200)


class GuestsRemoved(GuestsChosen):
    """Guests to be sent away; `block`: nothing more is taken from them."""

    block: bool = False


class PrintMailPublic(BaseModel):
    """A mail that came for printing: whose it was, and what became of it; nothing of what it said."""

    id: str
    received: datetime
    state: MessageState
    name: str = Field(description="Of the person or the guest; empty: nobody's.")
    is_guest: bool
    accepted: int = Field(description="Documents that went into the queue.")
    refused: int
    size: int = Field(description="Bytes.")
    reason: str | None = Field(description="Code of the error for which nothing was printed, or it is tried again.")

    @classmethod
    def of(cls, view: MessageView) -> "PrintMailPublic":
        return cls(
            id=view.id,
            received=view.received,
            state=view.state,
            name=view.name,
            is_guest=view.is_guest,
            accepted=view.accepted,
            refused=view.refused,
            size=view.size,
            reason=view.reason.code if view.reason else None,
        )


class PrintMailPage(BaseModel):
    """Some mails, newest first. `next` is the `after` of the following page, null on the last."""

    items: list[PrintMailPublic]
    next: str | None


@router.get("/print-guests", operation_id="list_print_guests")
def list_guests(actor: Manager, limit: Limit = 100, after: After = "") -> GuestPage:
    """Guests who may print now, and those who are blocked."""
    found = administration.list_guests(actor, limit=limit, after=after)
    return GuestPage(items=[GuestPublic.of(one) for one in found], next=found[-1].id if len(found) == limit else None)


@router.post(
    "/print-guests/remove", operation_id="remove_print_guests", status_code=204, responses=documented(NOT_FOUND)
)
def remove_guests(actor: Manager, chosen: GuestsRemoved) -> None:
    """Send guests away at once, with their PINs and jobs, all or none."""
    administration.remove_guests(actor, chosen.ids, block=chosen.block)


@router.post(
    "/print-guests/unblock", operation_id="unblock_print_guests", status_code=204, responses=documented(NOT_FOUND)
)
def unblock_guests(actor: Manager, chosen: GuestsChosen) -> None:
    """Take mail from blocked guests again, all or none."""
    administration.unblock_guests(actor, chosen.ids)


@router.get("/print-mail", operation_id="list_print_mail")
def list_mail(actor: Manager, limit: Limit = 50, after: After = "") -> PrintMailPage:
    """Mails that came for printing, as long as that is kept."""
    found = listing.list_messages(actor, limit=limit, after=after)
    last = found[-1].id if len(found) == limit else None
    return PrintMailPage(items=[PrintMailPublic.of(one) for one in found], next=last)


@router.post(
    "/print-mail/address", operation_id="retry_print_address", status_code=202, responses=documented(NOT_FOUND)
)
def retry_address(actor: SettingsManager) -> None:
    """Try out once more whether mail to the organization's address arrives."""
    provisioning.retry_address(actor)
