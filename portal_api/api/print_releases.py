"""Releasing one's own jobs from a phone or the portal: choose a printer, choose jobs, print (PR-125, PR-126)."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.printing.states import BatchMode
from domain.tenancy import NOT_FOUND
from fleet.releasing import batches
from fleet.releasing.batches import ReleaseRequest
from fleet.releasing.printers import ReleasePrinter, release_printers
from portal_api.access import needs
from portal_api.api.printer_release import REFUSALS
from portal_api.api.printer_sign_in import PrinterId
from portal_api.api.reader import ReaderLocale
from portal_api.api.release_models import EVENT_STREAM, Release, Wanted, watched
from portal_api.problems import documented

router = APIRouter(tags=["print jobs"])
Printing = Annotated[Actor, needs(Permission.PRINT_SUBMIT)]
ReleaseId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


class ReleasePrinterPublic(BaseModel):
    """A printer to choose."""

    id: str
    name: str
    location: str
    model: str
    serial_number: str
    is_color: bool | None

    @classmethod
    def of(cls, printer: ReleasePrinter) -> "ReleasePrinterPublic":
        return cls.model_validate(printer, from_attributes=True)


class OwnRelease(Wanted):
    """What to print and where; without job ids everything that was not printed yet."""

    printer_id: PrinterId
    everything: bool = Field(False, description="All own jobs that were not printed yet, whatever `job_ids` says.")


@router.get("/release-printers", operation_id="list_release_printers")
def list_release_printers(
    actor: Printing, search: Annotated[str, Query(max_length=255)] = ""
) -> list[ReleasePrinterPublic]:
    """Printers of the organization at which jobs can be released, at most a hundred: search for others."""
    with actor.session(read_only=True) as session:
        return [ReleasePrinterPublic.of(printer) for printer in release_printers(session, search)]


@router.post("/print-releases", operation_id="release_print_jobs", status_code=202, responses=documented(*REFUSALS))
def release_print_jobs(actor: Printing, given: OwnRelease, locale: ReaderLocale) -> Release:
    """Print own jobs at a printer; the answer comes at once, `watch_print_release` tells how it goes on."""
    request = ReleaseRequest(
        printer_id=given.printer_id,
        mode=BatchMode.ALL if given.everything else BatchMode.SELECTED,
        job_ids=given.job_ids,
        changes=given.changes.changes(),
        keep=given.keep,
        origin="portal",
    )
    return Release.of(batches.start_release(actor, request), locale)


@router.get("/print-releases/{release_id}", operation_id="get_print_release", responses=documented(NOT_FOUND))
def get_print_release(actor: Printing, release_id: ReleaseId, locale: ReaderLocale) -> Release:
    """How a release is going."""
    return Release.of(batches.find_release(actor, release_id), locale)


@router.post(
    "/print-releases/{release_id}/cancel", operation_id="cancel_print_release", responses=documented(NOT_FOUND)
)
def cancel_print_release(actor: Printing, release_id: ReleaseId, locale: ReaderLocale) -> Release:
    """Stop it: what has not begun stays in the queue, what is being printed is cancelled at the printer."""
    return Release.of(batches.cancel_release(actor, release_id), locale)


@router.get(
    "/print-releases/{release_id}/events",
    operation_id="watch_print_release",
    response_class=StreamingResponse,
    responses={200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}, **documented(NOT_FOUND)},
)
def watch_print_release(actor: Printing, release_id: ReleaseId, locale: ReaderLocale) -> StreamingResponse:
    """Follow a release as server-sent events: `release` with all of it whenever something changed, and `end`."""
    batches.find_release(actor, release_id)
    return watched(actor, release_id, locale)
