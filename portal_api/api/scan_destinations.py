"""Scan destinations of the organization and one's own (SCAN-30…SCAN-43)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StringConstraints

from connectors.storage.faults import (
    BAD_PATH,
    DUPLICATE_FOLDER,
    FOLDER_UNAVAILABLE,
    PATH_TOO_LONG,
    STORAGE_REFUSED,
    STORAGE_UNREACHABLE,
)
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.scan_destinations import browsing, service
from domain.scan_destinations.browsing import FolderPlace
from domain.scan_destinations.definition import DestinationDefinition, Service
from domain.scan_destinations.faults import (
    ACCESS_UNKNOWN,
    ADMINISTRATORS_ONLY,
    CHANGED_MEANWHILE,
    NAME_TAKEN,
    NO_FOLDERS,
    PERSONAL_OFF,
    PERSONAL_ONLY,
    SERVICE_OFF,
    TOO_MANY,
)
from domain.scan_destinations.service import DestinationView, Scope
from domain.scan_settings.faults import SCAN_OFF
from domain.storage_accounts.faults import SIGNED_OUT
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate_error
from portal_api.access import needs
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

router = APIRouter(prefix="/scan-destinations", tags=["scan management"])
Scanner = Annotated[Actor, needs(Permission.SCAN_OPEN)]
Administrator = Annotated[Actor, needs(Permission.SCAN_MANAGE)]
Owner = Annotated[Actor, needs(Permission.SCAN_OWN_DESTINATIONS)]
DestinationId = Annotated[str, StringConstraints(min_length=1, max_length=32)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Secrets = dict[Name, Annotated[str, StringConstraints(max_length=8192)]]
WRITING = documented(SCAN_OFF, PERSONAL_OFF, PERSONAL_ONLY, SERVICE_OFF, NAME_TAKEN, TOO_MANY, ACCESS_UNKNOWN)
CHANGING = documented(
    SCAN_OFF, ADMINISTRATORS_ONLY, PERSONAL_ONLY, SERVICE_OFF, NAME_TAKEN, ACCESS_UNKNOWN, CHANGED_MEANWHILE, NOT_FOUND
)
BROWSING = documented(
    SCAN_OFF, SERVICE_OFF, SIGNED_OUT, NO_FOLDERS, FOLDER_UNAVAILABLE, PATH_TOO_LONG, BAD_PATH, STORAGE_UNREACHABLE,
    STORAGE_REFUSED,
)  # fmt: skip


class NewScanDestination(BaseModel):
    """A destination to create. `secrets` are kept encrypted and never told again."""

    definition: DestinationDefinition
    secrets: Secrets = Field({}, max_length=10)


class ScanDestinationChange(BaseModel):
    """What a destination is to be. Secrets that are not given are kept as long as they go to the same place."""

    definition: DestinationDefinition
    secrets: Secrets = Field({}, max_length=10)
    based_on: int | None = Field(None, ge=1, description="It is changed only if it still has this version.")


class ScanDestinationPublic(BaseModel):
    """A destination. `problem` says in the reader's language why nobody can scan there now."""

    id: str
    version: int
    scope: Scope
    definition: DestinationDefinition
    place: str = Field(description="Where scans go, in short.")
    problem: str | None
    secrets: list[str] = Field(description="The names of what is kept and never told.")
    changed: datetime
    may_edit: bool

    @classmethod
    def of(cls, view: DestinationView, locale: str) -> "ScanDestinationPublic":
        return cls(
            id=view.id,
            version=view.version,
            scope=view.scope,
            definition=view.definition,
            place=view.definition.place,
            problem=" ".join(translate_error(view.problem, locale)) if view.problem else None,
            secrets=sorted(view.secrets),
            changed=view.changed,
            may_edit=view.may_edit,
        )


@router.get("", operation_id="list_scan_destinations", responses=documented(SCAN_OFF))
def list_scan_destinations(
    actor: Scanner, locale: ReaderLocale, scope: Scope | None = None
) -> list[ScanDestinationPublic]:
    """One's own destinations, those of the organization, or both in this order, by name."""
    scopes = [scope] if scope else [Scope.PERSONAL, Scope.ORGANIZATIONAL]
    found = [view for one in scopes for view in service.list_destinations(actor, one)]
    return [ScanDestinationPublic.of(view, locale) for view in found]


@router.post("", operation_id="create_scan_destination", status_code=201, responses=WRITING)
def create_scan_destination(
    actor: Administrator, given: NewScanDestination, locale: ReaderLocale
) -> ScanDestinationPublic:
    """Create a destination of the organization; Box and Dropbox take personal ones only (SCAN-32)."""
    view = service.create_destination(actor, Scope.ORGANIZATIONAL, given.definition, given.secrets)
    return ScanDestinationPublic.of(view, locale)


@router.post("/personal", operation_id="create_personal_scan_destination", status_code=201, responses=WRITING)
def create_personal_scan_destination(
    actor: Owner, given: NewScanDestination, locale: ReaderLocale
) -> ScanDestinationPublic:
    """Create a destination of one's own, where the organization allows that (SCAN-31)."""
    view = service.create_destination(actor, Scope.PERSONAL, given.definition, given.secrets)
    return ScanDestinationPublic.of(view, locale)


@router.get("/{destination_id}", operation_id="get_scan_destination", responses=documented(SCAN_OFF, NOT_FOUND))
def get_scan_destination(actor: Scanner, destination_id: str, locale: ReaderLocale) -> ScanDestinationPublic:
    """One destination."""
    return ScanDestinationPublic.of(service.get_destination(actor, destination_id), locale)


@router.put("/{destination_id}", operation_id="update_scan_destination", responses=CHANGING)
def update_scan_destination(
    actor: Scanner, destination_id: str, given: ScanDestinationChange, locale: ReaderLocale
) -> ScanDestinationPublic:
    """Change a destination."""
    view = service.change_destination(actor, destination_id, given.definition, given.secrets, given.based_on)
    return ScanDestinationPublic.of(view, locale)


@router.delete(
    "",
    operation_id="delete_scan_destinations",
    status_code=204,
    responses=documented(SCAN_OFF, ADMINISTRATORS_ONLY, NOT_FOUND),
)
def delete_scan_destinations(
    actor: Scanner, destination_id: Annotated[list[DestinationId], Query(min_length=1, max_length=100)]
) -> None:
    """Delete one or several, all of them or none; scans on their way there are not touched (SCAN-34)."""
    service.delete_destinations(actor, destination_id)


class FolderQuestion(BaseModel):
    """Where to look. `secrets` and `access` are for services that need no account; those kept for `destination_id`
    count where no secrets are given and the address is the same.
    """

    service: Service
    path: str = Field("", max_length=4096, description="Folders with “/” between them; empty: the top folder.")
    drive_name: str = Field("", max_length=255)
    site_name: str = Field("", max_length=255)
    access: Secrets = Field({}, max_length=10)
    secrets: Secrets = Field({}, max_length=10)
    destination_id: str = Field("", max_length=32)

    def place(self) -> FolderPlace:
        return FolderPlace(**self.model_dump())


class PlacesQuestion(FolderQuestion):
    """Where to look for drives, sites or libraries."""

    within: str = Field("", max_length=255, description="A site, whose libraries are asked for.")

    def place(self) -> FolderPlace:
        return FolderPlace(**self.model_dump(exclude={"within"}))


class FolderNames(BaseModel):
    """Names, sorted."""

    names: list[str]


@router.post("/folders", operation_id="list_scan_folders", responses=BROWSING)
def list_scan_folders(actor: Scanner, asked: FolderQuestion) -> FolderNames:
    """The folders at a place, with the actor's own account; nothing is changed."""
    return FolderNames(names=browsing.list_folders(actor, asked.place()))


@router.post("/places", operation_id="list_scan_places", responses=BROWSING)
def list_scan_places(actor: Scanner, asked: PlacesQuestion) -> FolderNames:
    """The drives of Google Drive, the sites of SharePoint, or the libraries of a site; nothing is changed."""
    return FolderNames(names=browsing.list_places(actor, asked.place(), asked.within))


@router.post(
    "/new-folder",
    operation_id="create_scan_folder",
    status_code=204,
    responses={**BROWSING, **documented(DUPLICATE_FOLDER)},
)
def create_scan_folder(actor: Scanner, asked: FolderQuestion) -> None:
    """Make the folder `path`, and what is missing above it."""
    browsing.create_folder(actor, asked.place())
