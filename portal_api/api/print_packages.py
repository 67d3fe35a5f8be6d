"""Packages by which people set up their workstations (section 31)."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import BaseModel

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.print_clients.packages import PackageType
from domain.printing.features import FEATURE_DISABLED
from domain.tasks.files import FILES_EXPIRED, FILES_NOT_READY, open_file
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate_message
from fleet.print_packages import service
from fleet.print_packages.choice import PackageChoice
from fleet.print_packages.service import KIND, TOO_MANY_PRINTERS, PackageState, PackageView
from portal_api.access import needs
from portal_api.api.error_models import ErrorPublic
from portal_api.api.reader import ReaderLocale
from portal_api.downloads import DocumentResponse
from portal_api.ipp.public_addresses import queue_addresses
from portal_api.problems import documented

router = APIRouter(prefix="/print-packages", tags=["workstations"])
Owner = Annotated[Actor, needs(Permission.OWN_ACCOUNT)]
Id = Annotated[str, Path(max_length=32)]
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


class PrintPackagePublic(BaseModel):
    """A package. `signature` is of its manifest.json, which names every file with its SHA-256."""

    id: str
    title: str
    state: PackageState
    created: datetime
    name: str
    size: int
    signature: str
    error: ErrorPublic | None

    @classmethod
    def of(cls, one: PackageView, locale: str) -> "PrintPackagePublic":
        return cls(
            id=one.id,
            title=translate_message(one.title, locale),
            state=one.state,
            created=one.created,
            name=one.name,
            size=one.size,
            signature=one.signature,
            error=ErrorPublic.of(one.error, locale),
        )


class AssignmentOffer(BaseModel):
    """An assignment that a package for direct printing can be made of."""

    id: str
    name: str
    printers: int


class PackageOffers(BaseModel):
    """What one may have made."""

    types: list[PackageType]
    assignments: list[AssignmentOffer]


@router.get("/offers", operation_id="list_print_package_offers")
def list_offers(actor: Owner) -> PackageOffers:
    """Which packages one may have (PR-280)."""
    offers = service.package_offers(actor)
    found = [AssignmentOffer(id=one.id, name=one.name, printers=len(one.printers)) for one in offers.assignments]
    return PackageOffers(types=list(offers.types), assignments=found)


@router.get("", operation_id="list_print_packages")
def list_packages(actor: Owner, locale: ReaderLocale) -> list[PrintPackagePublic]:
    """The packages that one has asked for lately, newest first."""
    return [PrintPackagePublic.of(one, locale) for one in service.list_packages(actor)]


@router.post(
    "",
    operation_id="build_print_package",
    status_code=202,
    responses=documented(FEATURE_DISABLED, NOT_FOUND, TOO_MANY_PRINTERS),
)
def build(actor: Owner, choice: PackageChoice, locale: ReaderLocale) -> PrintPackagePublic:
    """Have a package made; it is kept for 24 hours (F-25)."""
    queue = queue_addresses(actor.organization_id).ipps
    return PrintPackagePublic.of(service.start_package(actor, choice, queue), locale)


@router.get("/{package_id}", operation_id="get_print_package", responses=documented(NOT_FOUND))
def read(actor: Owner, package_id: Id, locale: ReaderLocale) -> PrintPackagePublic:
    """How far a package is."""
    return PrintPackagePublic.of(service.package_of(actor, package_id), locale)


@router.get(
    "/{package_id}/file",
    operation_id="download_print_package",
    response_class=Response,
    responses={**FILE, **documented(NOT_FOUND, FILES_NOT_READY, FILES_EXPIRED)},
)
def download(actor: Owner, package_id: Id) -> DocumentResponse:
    """The package, for whoever asked for it."""
    return DocumentResponse(open_file(actor, package_id, KIND, 0))
