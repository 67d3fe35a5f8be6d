"""The resource library: files in the cloud that configurations use (FL-338…FL-345)."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, StringConstraints

from connectors.documents.inspection_faults import DAMAGED_FILE, ENCRYPTED, MALFORMED, UNSUPPORTED, ZIP_BOMB
from connectors.printers import firmware_web
from connectors.printers.files import (
    FILE_LIMIT,
    FIRMWARE_REFUSED,
    NOT_WHAT_IT_SAYS,
    UNKNOWN_KIND,
    FileKind,
)
from connectors.printers.files import TOO_LARGE as FILE_TOO_LARGE
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.runs.planning import TOO_LARGE
from domain.tenancy import NOT_FOUND
from fleet.resources import service
from fleet.resources.service import ResourceView
from portal_api.access import needs
from portal_api.downloads import DocumentResponse
from portal_api.multipart_form import BAD_FORM, FILE_MISSING
from portal_api.problems import documented
from portal_api.uploads import file_form, received_upload

router = APIRouter(prefix="/resources", tags=["fleet"])
Configurer = Annotated[Actor, needs(Permission.FLEET_CONFIGURE)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=32)]
UPLOAD_LIMIT = FILE_LIMIT + 1
FILE_FAULTS = (
    TOO_LARGE,
    FILE_TOO_LARGE,
    UNKNOWN_KIND,
    FIRMWARE_REFUSED,
    NOT_WHAT_IT_SAYS,
    ZIP_BOMB,
    MALFORMED,
    DAMAGED_FILE,
    ENCRYPTED,
    UNSUPPORTED,
    FILE_MISSING,
    BAD_FORM,
)


class ResourcePublic(BaseModel):
    """A resource. `facts` are what was read out of the file; `used_by` names configurations."""

    id: str
    kind: FileKind
    name: str
    description: str
    file_name: str
    size: int = Field(description="In bytes.")
    source: str = Field(description="Of firmware: the address or build name it came from.")
    facts: dict[str, Any]
    created: datetime
    used_by: list[str]

    @classmethod
    def of(cls, view: ResourceView) -> "ResourcePublic":
        return cls(
            id=view.id,
            kind=view.kind,
            name=view.name,
            description=view.description,
            file_name=view.file_name,
            size=view.size,
            source=view.source,
            facts=dict(view.facts),
            created=view.created,
            used_by=list(view.used_by),
        )


class ResourceChange(BaseModel):
    """The name and the description of a resource."""

    name: Name
    description: str = Field("", max_length=1000)


class FirmwareSource(BaseModel):
    """Where firmware is: its address, or the name of a build."""

    source: str = Field(min_length=1, max_length=2000)


class FirmwareKept(ResourceChange):
    """Verified firmware that is to be put into the library."""

    verified_id: Id = Field(description="The id that `verify_firmware` answered.")


class Resources(BaseModel):
    """Several resources."""

    ids: list[Id] = Field(min_length=1, max_length=200)


@router.get("", operation_id="list_resources")
def list_all(actor: Configurer, kind: Annotated[FileKind | None, Query()] = None) -> list[ResourcePublic]:
    """The library by name."""
    return [ResourcePublic.of(view) for view in service.list_resources(actor, kind)]


@router.post(
    "",
    operation_id="add_resource",
    status_code=201,
    openapi_extra=file_form(name={"type": "string", "maxLength": 255}, description={"type": "string"}),
    responses=documented(*FILE_FAULTS, service.NAME_MISSING),
)
async def add(request: Request, actor: Configurer, response: Response) -> ResourcePublic:
    """Take in a settings file (.ucf), a settings bundle (.zip) or an app (.fls); its content decides what it is."""
    async with received_upload(request, get_settings().scratch_folder, UPLOAD_LIMIT) as upload:
        name = upload.fields.get("name") or upload.name
        description = upload.fields.get("description", "")
        view = await run_in_threadpool(service.add_resource, actor, name, description, upload.path, upload.name)
    response.headers["Location"] = f"/api/v1/resources/{view.id}"
    return ResourcePublic.of(view)


@router.post(
    "/firmware/verification",
    operation_id="verify_firmware",
    responses=documented(
        firmware_web.UNSAFE,
        firmware_web.BAD_BUILD,
        firmware_web.NO_BUILDS,
        firmware_web.NOT_THERE,
        firmware_web.UNREACHABLE,
        firmware_web.TOO_LARGE,
        NOT_WHAT_IT_SAYS,
    ),
)
def verify_firmware(actor: Configurer, given: FirmwareSource) -> ResourcePublic:
    """Fetch firmware and look into it; it is not in the library until it is kept."""
    return ResourcePublic.of(service.verify_firmware(actor, given.source))


@router.post(
    "/firmware",
    operation_id="keep_firmware",
    status_code=201,
    responses=documented(service.NOT_VERIFIED, service.NAME_MISSING),
)
def keep_firmware(actor: Configurer, given: FirmwareKept) -> ResourcePublic:
    """Put verified firmware into the library."""
    return ResourcePublic.of(service.keep_firmware(actor, given.verified_id, given.name, given.description))


@router.post(
    "/removals",
    operation_id="delete_resources",
    status_code=204,
    responses=documented(NOT_FOUND, service.IN_USE),
)
def delete_many(actor: Configurer, given: Resources) -> None:
    """Delete several resources, all or none of them; what a configuration uses stays."""
    service.delete_resources(actor, given.ids)


@router.get("/{resource_id}", operation_id="get_resource", responses=documented(NOT_FOUND))
def get(actor: Configurer, resource_id: str) -> ResourcePublic:
    """One resource."""
    return ResourcePublic.of(service.get_resource(actor, resource_id))


@router.patch(
    "/{resource_id}",
    operation_id="update_resource",
    responses=documented(NOT_FOUND, service.IN_USE, service.NAME_MISSING),
)
def update(actor: Configurer, resource_id: str, given: ResourceChange) -> ResourcePublic:
    """Change name and description of a resource that no configuration uses."""
    return ResourcePublic.of(service.change_resource(actor, resource_id, given.name, given.description))


@router.delete(
    "/{resource_id}",
    operation_id="delete_resource",
    status_code=204,
    responses=documented(NOT_FOUND, service.IN_USE),
)
def delete(actor: Configurer, resource_id: str) -> None:
    """Delete a resource that no configuration uses."""
    service.delete_resources(actor, [resource_id])


@router.get(
    "/{resource_id}/content",
    operation_id="download_resource",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, **documented(NOT_FOUND, service.NOT_DOWNLOADABLE)},
)
def download(actor: Configurer, resource_id: str) -> Response:
    """The file of an app or a settings bundle."""
    return DocumentResponse(service.open_resource(actor, resource_id))
