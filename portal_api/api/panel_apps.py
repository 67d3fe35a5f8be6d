"""Panel apps over the fleet: which printers have what, minimum versions, and the catalogue (FL-284…FL-288)."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from connectors.printers.files import FILE_LIMIT, FIRMWARE_REFUSED
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.panel_apps import overview, service, to_library
from fleet.panel_apps.catalogue import AppUpdate, CatalogueApp
from fleet.panel_apps.overview import AppOnPrinter, AppOverview
from portal_api.access import needs
from portal_api.api.firmware import FILE_FAULTS
from portal_api.api.printers import CSV, csv_answer, words_of
from portal_api.api.reader import ReaderLocale
from portal_api.api.resources import ResourcePublic
from portal_api.problems import documented
from portal_api.uploads import file_form, received_upload

router = APIRouter(prefix="/panel-apps", tags=["firmware and apps"])
Viewer = Annotated[Actor, needs(Permission.FLEET_VIEW)]
Manager = Annotated[Actor, needs(Permission.FLEET_MANAGE)]
Configurer = Annotated[Actor, needs(Permission.FLEET_CONFIGURE)]
Due = Annotated[AppUpdate | None, Query(description="Only those that are due this.")]
SHARING = "Offer it to every organization; the operator only."
FORM = file_form(is_shared={"type": "boolean", "default": False, "description": SHARING})


class AppPublic(BaseModel):
    """An app over all printers of the organization."""

    app_id: str
    name: str
    printers: int
    update: AppUpdate
    printers_with_update: int
    newest: str = Field(description="Of the catalogue; empty where it has none.")
    minimum: str = Field(description="Below it an update is required; empty for none.")

    @classmethod
    def of(cls, row: AppOverview) -> "AppPublic":
        return cls.model_validate(row, from_attributes=True)


class AppOnPrinterPublic(BaseModel):
    """An app on one printer. `newest` is what this printer can run."""

    printer_id: str
    address: str
    serial_number: str
    model: str
    name: str
    installed: str
    update: AppUpdate
    newest: str
    minimum: str
    is_started: bool
    is_built_in: bool

    @classmethod
    def of(cls, row: AppOnPrinter) -> "AppOnPrinterPublic":
        return cls.model_validate(row, from_attributes=True)


class PackagePublic(BaseModel):
    """A version in the organization's own catalogue."""

    id: str
    name: str
    version: str
    min_framework: str
    is_shared: bool


class PackageAdded(BaseModel):
    """The package that was taken in."""

    id: str


class CatalogueAppPublic(BaseModel):
    """A version of an app that can be installed where the app framework is at least `min_framework`."""

    id: str
    app_id: str
    name: str
    version: str
    min_framework: str = Field(description="Empty for any.")
    file_name: str
    size: int = Field(description="In bytes.")

    @classmethod
    def of(cls, app: CatalogueApp) -> "CatalogueAppPublic":
        return cls(
            id=app.id,
            app_id=app.app_id,
            name=app.name,
            version=app.version,
            min_framework=app.min_framework,
            file_name=app.file.name,
            size=app.file.size,
        )


class MinimumForm(BaseModel):
    """The lowest version that is fit for use; empty: none."""

    version: str = Field("", max_length=32)


@router.get("", operation_id="list_panel_apps")
def list_panel_apps(actor: Viewer, update: Due = None) -> list[AppPublic]:
    """Every installed app, by name (FL-284, FL-285)."""
    return [AppPublic.of(row) for row in overview.fleet_apps(actor, update)]


@router.get(
    "/export",
    operation_id="export_panel_apps",
    response_class=StreamingResponse,
    responses=dict(CSV),
)
def export_panel_apps(actor: Manager, locale: ReaderLocale) -> StreamingResponse:
    """The list of apps as a CSV file (FL-286, FL-316)."""
    return csv_answer("apps.csv", overview.export_apps(actor, words_of(locale)))


@router.get("/packages", operation_id="list_app_packages")
def list_app_packages(actor: Manager) -> list[PackagePublic]:
    """The organization's own packages."""
    rows = service.list_packages(actor)
    return [
        PackagePublic(id=one, name=name, version=version, min_framework=framework, is_shared=shared)
        for one, name, version, framework, shared in rows
    ]


@router.post(
    "/packages",
    operation_id="add_app_package",
    status_code=201,
    openapi_extra=FORM,
    responses=documented(*FILE_FAULTS, FIRMWARE_REFUSED, service.ALREADY_THERE, service.OPERATOR_NEEDED),
)
async def add_app_package(request: Request, actor: Manager) -> PackageAdded:
    """Take a package into the catalogue; which app and version it is, is read out of it."""
    async with received_upload(request, get_settings().scratch_folder, FILE_LIMIT) as upload:
        shared = upload.fields.get("is_shared", "").strip().lower() in ("true", "1", "on")
        added = await run_in_threadpool(service.add_package, actor, upload.path, upload.name, shared=shared)
        return PackageAdded(id=added)


@router.get("/catalogue", operation_id="list_catalogue_apps")
def list_catalogue_apps(actor: Configurer) -> list[CatalogueAppPublic]:
    """Every version that the organization may install, shared ones too: by name, the newest of each app first."""
    return [CatalogueAppPublic.of(app) for app in to_library.offered_apps(actor)]


@router.post(
    "/catalogue/{package_id}/resource",
    operation_id="take_app_into_library",
    status_code=201,
    responses=documented(NOT_FOUND),
)
def take_app_into_library(actor: Configurer, package_id: str, response: Response) -> ResourcePublic:
    """Take a version into the resource library, so that configurations can use it (FL-357).

    Where the library holds the same file already, that resource is the answer.
    """
    view = to_library.take_into_library(actor, package_id)
    response.headers["Location"] = f"/api/v1/resources/{view.id}"
    return ResourcePublic.of(view)


@router.delete(
    "/packages/{package_id}", operation_id="delete_app_package", status_code=204, responses=documented(NOT_FOUND)
)
def delete_app_package(actor: Manager, package_id: str) -> Response:
    """Take an own package out of the catalogue."""
    service.delete_package(actor, package_id)
    return Response(status_code=204)


@router.put(
    "/{app_id}/minimum",
    operation_id="set_minimum_app_version",
    status_code=204,
    responses=documented(service.BAD_VERSION, NOT_FOUND),
)
def set_minimum_app_version(actor: Manager, app_id: str, given: MinimumForm) -> Response:
    """Require at least a version (FL-288)."""
    service.set_minimum(actor, app_id, given.version)
    return Response(status_code=204)


@router.get("/{app_id}/printers", operation_id="list_printers_with_app", responses=documented(NOT_FOUND))
def list_printers_with_app(actor: Viewer, app_id: str, update: Due = None) -> list[AppOnPrinterPublic]:
    """The printers that have an app (FL-287)."""
    return [AppOnPrinterPublic.of(row) for row in overview.printers_with(actor, app_id, update)]


@router.get(
    "/{app_id}/printers/export",
    operation_id="export_printers_with_app",
    response_class=StreamingResponse,
    responses={**CSV, **documented(NOT_FOUND)},
)
def export_printers_with_app(
    actor: Manager, app_id: str, locale: ReaderLocale, update: Due = None
) -> StreamingResponse:
    """The printers that have an app as a CSV file (FL-317)."""
    found = overview.export_printers_with(actor, app_id, words_of(locale), update)
    return csv_answer("printers-with-app.csv", found)
