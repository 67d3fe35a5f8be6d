"""One's own print passwords and queue addresses, by which computers and phones print (PR-322, PR-324)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.print_access import service
from domain.print_access.models import PrintCredentialKind
from domain.print_access.service import NO_LABEL, TOO_MANY, PrintCredentialView
from domain.sign_in.confirmation import CONFIRMATION_NEEDED, SESSION_NEEDED
from domain.tenancy import NOT_FOUND
from portal_api.access import Anyone, needs
from portal_api.ipp.public_addresses import QueueAddresses, queue_addresses
from portal_api.problems import documented

router = APIRouter(prefix="/me/print-credentials", tags=["me"])
Printing = Annotated[Actor, needs(Permission.PRINT_SUBMIT)]


class PrintCredentialCreate(BaseModel):
    """What is to print. `kind`: a password to go with one's e-mail address, or an address that needs none."""

    kind: PrintCredentialKind
    label: str = Field(min_length=1, max_length=service.LABEL_LENGTH)


class PrintCredentialPublic(BaseModel):
    """A print password or queue address, without the secret."""

    id: str
    kind: PrintCredentialKind
    label: str
    created: datetime
    last_used: datetime | None

    @classmethod
    def of(cls, view: PrintCredentialView) -> "PrintCredentialPublic":
        return cls.model_validate(view, from_attributes=True)


class QueueAddressesPublic(BaseModel):
    """Where one's print queue is: as printers are named, and as some systems want it."""

    ipps: str
    https: str

    @classmethod
    def of(cls, addresses: QueueAddresses) -> "QueueAddressesPublic":
        return cls(ipps=addresses.ipps, https=addresses.https)


class PrintCredentialMade(BaseModel):
    """What is told only here: a password to go with one's e-mail address, or the queue's addresses with the secret."""

    password: str | None
    addresses: QueueAddressesPublic
    details: PrintCredentialPublic


@router.get("", operation_id="list_own_print_credentials")
def list_own_print_credentials(actor: Anyone) -> list[PrintCredentialPublic]:
    """One's print passwords and queue addresses, the newest first."""
    return [PrintCredentialPublic.of(view) for view in service.own_credentials(actor)]


@router.get("/addresses", operation_id="get_print_queue_addresses")
def get_print_queue_addresses(actor: Printing) -> QueueAddressesPublic:
    """Where one's print queue is; a print password is asked for there."""
    return QueueAddressesPublic.of(queue_addresses(actor.home_organization_id))


@router.post(
    "",
    operation_id="create_own_print_credential",
    status_code=201,
    responses=documented(NO_LABEL, TOO_MANY, CONFIRMATION_NEEDED, SESSION_NEEDED),
)
def create_own_print_credential(actor: Printing, given: PrintCredentialCreate) -> PrintCredentialMade:
    """Make a print password or a queue address; it is told only in this answer."""
    secret, view = service.make_credential(actor, given.kind, given.label)
    is_password = given.kind is PrintCredentialKind.PASSWORD
    addresses = queue_addresses(actor.home_organization_id, "" if is_password else secret)
    return PrintCredentialMade(
        password=secret if is_password else None,
        addresses=QueueAddressesPublic.of(addresses),
        details=PrintCredentialPublic.of(view),
    )


@router.delete(
    "/{credential_id}", operation_id="delete_own_print_credential", status_code=204, responses=documented(NOT_FOUND)
)
def delete_own_print_credential(actor: Anyone, credential_id: str) -> None:
    """Make one of one's print passwords or queue addresses worthless at once."""
    service.revoke_credential(actor, credential_id)
