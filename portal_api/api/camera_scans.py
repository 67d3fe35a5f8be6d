"""Scans with a camera: photographs become pages, put right and in order, and the whole an original (docs/phone.md)."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from connectors.documents.inspection import DAMAGED_FILE, EMPTY, TOO_MANY_PIXELS, UNSUPPORTED
from connectors.documents.media_types import PDF
from connectors.documents.store import DAMAGED, MISSING
from connectors.page_photos.look import Look
from connectors.page_photos.photos import LARGEST_BYTES, PHOTO_FORMAT, PHOTO_TOO_LARGE, PHOTO_UNREADABLE
from connectors.settings import get_settings
from domain.camera_scans import service
from domain.camera_scans.handing_in import print_scan, run_scan
from domain.camera_scans.keeping import NO_PAGES, scanned_pdf
from domain.camera_scans.service import BAD_CORNERS, TOO_MANY_PHOTOS, TOO_MANY_SCANS, CameraPageView, CameraScanView
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.quotas.checks import NOT_ENTITLED
from domain.quotas.standing import QUOTA_REFUSALS
from domain.runs.planning import INPUT_FORMAT, LOCKED_VALUE, TOO_LARGE, UNKNOWN_VALUE, WRONG_SURFACE
from domain.tenancy import NOT_FOUND
from portal_api.access import Runner, needs
from portal_api.api.print_job_models import PrintJobPublic
from portal_api.api.reader import ReaderLocale
from portal_api.api.run_models import RunPublic
from portal_api.multipart_form import BAD_FORM, FILE_MISSING
from portal_api.problems import documented
from portal_api.uploads import file_form, received_upload

router = APIRouter(prefix="/camera-scans", tags=["scans with a camera"])
Owner = Annotated[Actor, needs(Permission.OWN_ACCOUNT)]
Submitter = Annotated[Actor, needs(Permission.PRINT_SUBMIT)]
ScanId = Annotated[str, InPath(alias="camera_scan_id", max_length=32)]
PageId = Annotated[str, InPath(alias="camera_page_id", max_length=32)]
PIECE = 1 << 18
BINARY = {"schema": {"type": "string", "format": "binary"}}
PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": BINARY, "image/png": BINARY}}}
PDF_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {PDF: BINARY}}}
PHOTO_FAULTS = (PHOTO_FORMAT, PHOTO_TOO_LARGE, PHOTO_UNREADABLE, UNSUPPORTED, EMPTY, DAMAGED_FILE, TOO_MANY_PIXELS)


class Corner(BaseModel):
    """A corner of the page, in parts of the upright photograph's width and height."""

    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)


class CameraPagePublic(BaseModel):
    """A page. Not `is_found`: no page was seen in the photograph, and all of it is used as it was taken.

    `corners` go clockwise from the page's top left; `version` counts how often the page was made; `size` in bytes.
    """

    id: str
    corners: list[Corner]
    is_found: bool
    look: Look
    turn: int
    version: int
    size: int

    @classmethod
    def of(cls, page: CameraPageView) -> "CameraPagePublic":
        corners = [Corner(x=_part(x), y=_part(y)) for x, y in page.corners]
        return cls(
            id=page.id,
            corners=corners,
            is_found=page.is_found,
            look=page.look,
            turn=page.turn,
            version=page.version,
            size=page.size,
        )


class CameraScanPublic(BaseModel):
    """A scan with its pages in order; forgotten a day after it was last touched."""

    id: str
    pages: list[CameraPagePublic]
    created: datetime
    size: int

    @classmethod
    def of(cls, scan: CameraScanView) -> "CameraScanPublic":
        pages = [CameraPagePublic.of(page) for page in scan.pages]
        return cls(id=scan.id, pages=pages, created=scan.created, size=scan.size)


class CameraPageChange(BaseModel):
    """How a page is to be made anew; what is left out stays."""

    corners: list[Corner] | None = Field(None, min_length=4, max_length=4)
    look: Look | None = None
    turn: int | None = Field(None, ge=0, le=270, multiple_of=90, description="In degrees, clockwise.")


class PageMove(BaseModel):
    """So many places later, or earlier with a negative number."""

    by: int = Field(ge=-service.MOST_PAGES, le=service.MOST_PAGES)


class CameraScanName(BaseModel):
    """What the file is to be called."""

    name: str = Field("", max_length=255)


class CameraScanRun(CameraScanName):
    """A run with the scan as its original; `overrides` as in `start_run`, by the position of the step."""

    solution_id: str = Field(max_length=32)
    overrides: dict[int, dict[str, Any]] = Field({}, max_length=20)
    dry_run: bool = False


@router.post("", operation_id="begin_camera_scan", status_code=201, responses=documented(TOO_MANY_SCANS))
def begin(actor: Owner) -> CameraScanPublic:
    """A new scan without pages."""
    return CameraScanPublic.of(service.begin_scan(actor))


@router.get("/{camera_scan_id}", operation_id="get_camera_scan", responses=documented(NOT_FOUND))
def read(actor: Owner, scan_id: ScanId) -> CameraScanPublic:
    """One's own scan."""
    return CameraScanPublic.of(service.camera_scan(actor, scan_id))


@router.delete("/{camera_scan_id}", operation_id="delete_camera_scan", status_code=204, responses=documented(NOT_FOUND))
def delete(actor: Owner, scan_id: ScanId) -> None:
    """Forget the scan and its photographs."""
    service.delete_scan(actor, scan_id)


@router.post(
    "/{camera_scan_id}/pages",
    operation_id="add_camera_photo",
    status_code=201,
    openapi_extra=file_form(),
    responses=documented(NOT_FOUND, TOO_MANY_PHOTOS, *PHOTO_FAULTS, TOO_LARGE, FILE_MISSING, BAD_FORM),
)
async def add_photo(request: Request, actor: Owner, scan_id: ScanId) -> CameraScanPublic:
    """Make the last page of a photograph (JPEG or PNG): its corners are found, the page is made flat and evenly lit."""
    await run_in_threadpool(service.camera_scan, actor, scan_id)
    async with received_upload(request, get_settings().scratch_folder, LARGEST_BYTES) as upload:
        scan = await run_in_threadpool(service.add_photo, actor, scan_id, upload.path, upload.name)
    return CameraScanPublic.of(scan)


@router.patch(
    "/{camera_scan_id}/pages/{camera_page_id}",
    operation_id="change_camera_page",
    responses=documented(NOT_FOUND, BAD_CORNERS, PHOTO_UNREADABLE, MISSING, DAMAGED),
)
def change_page(actor: Owner, scan_id: ScanId, page_id: PageId, change: CameraPageChange) -> CameraScanPublic:
    """Make a page anew of its photograph: with other corners, another look, or turned."""
    corners = None if change.corners is None else [(corner.x, corner.y) for corner in change.corners]
    return CameraScanPublic.of(
        service.change_page(actor, scan_id, page_id, corners=corners, look=change.look, turn=change.turn)
    )


@router.post(
    "/{camera_scan_id}/pages/{camera_page_id}/move",
    operation_id="move_camera_page",
    responses=documented(NOT_FOUND),
)
def move_page(actor: Owner, scan_id: ScanId, page_id: PageId, move: PageMove) -> CameraScanPublic:
    """Put a page to another place."""
    return CameraScanPublic.of(service.move_page(actor, scan_id, page_id, move.by))


@router.delete(
    "/{camera_scan_id}/pages/{camera_page_id}", operation_id="delete_camera_page", responses=documented(NOT_FOUND)
)
def delete_page(actor: Owner, scan_id: ScanId, page_id: PageId) -> CameraScanPublic:
    """Take a page out."""
    return CameraScanPublic.of(service.delete_page(actor, scan_id, page_id))


@router.get(
    "/{camera_scan_id}/pages/{camera_page_id}/picture",
    operation_id="read_camera_page",
    response_class=Response,
    responses={**PICTURE, **documented(NOT_FOUND, MISSING, DAMAGED)},
)
def read_picture(
    actor: Owner,
    scan_id: ScanId,
    page_id: PageId,
    photo: Annotated[bool, Query(description="The photograph, upright and small, instead of the page.")] = False,
) -> Response:
    """The page as it was made (JPEG, in black and white PNG)."""
    with service.open_picture(actor, scan_id, page_id, of_photo=photo) as (document, stream):
        return Response(stream.read(), media_type=document.media_type)


@router.get(
    "/{camera_scan_id}/file",
    operation_id="read_camera_scan",
    response_class=StreamingResponse,
    responses={**PDF_FILE, **documented(NOT_FOUND, NO_PAGES, MISSING, DAMAGED)},
)
def read_file(actor: Owner, scan_id: ScanId) -> StreamingResponse:
    """All pages as one PDF, in their physical sizes."""
    with ExitStack() as stack:
        path = stack.enter_context(scanned_pdf(actor, scan_id))
        return StreamingResponse(_pieces(path, stack.pop_all()), media_type=PDF)


@router.post(
    "/{camera_scan_id}/print-job",
    operation_id="print_camera_scan",
    status_code=201,
    responses=documented(NOT_FOUND, NO_PAGES, MISSING, DAMAGED),
)
def print_it(actor: Submitter, scan_id: ScanId, locale: ReaderLocale, given: CameraScanName) -> PrintJobPublic:
    """Put the scan into one's own print queue as a PDF; it is forgotten here."""
    return PrintJobPublic.of(print_scan(actor, scan_id, given.name), locale)


@router.post(
    "/{camera_scan_id}/runs",
    operation_id="run_camera_scan",
    status_code=202,
    responses=documented(
        NOT_FOUND, NO_PAGES, MISSING, DAMAGED, TOO_LARGE, INPUT_FORMAT, WRONG_SURFACE, LOCKED_VALUE, UNKNOWN_VALUE,
        NOT_ENTITLED, *QUOTA_REFUSALS,
    ),
)  # fmt: skip
def run_it(
    actor: Runner, scan_id: ScanId, locale: ReaderLocale, wanted: CameraScanRun, response: Response
) -> RunPublic:
    """Run a solution with the scan as its original, a PDF; it is forgotten here."""
    run = run_scan(actor, scan_id, wanted.solution_id, wanted.name, wanted.overrides, dry_run=wanted.dry_run)
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return RunPublic.of(run, locale)


def _part(value: float) -> float:
    """A found corner may lie a hair outside of the picture."""
    return round(min(max(value, 0.0), 1.0), 6)


def _pieces(path: Path, stack: ExitStack) -> Iterator[bytes]:
    with stack, path.open("rb") as source:
        while piece := source.read(PIECE):
            yield piece
