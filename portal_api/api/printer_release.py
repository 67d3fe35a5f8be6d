"""What panels need to release jobs (sections 19 to 21): who is signed in shows the token of their session there.

The program of the printer has the access token of its client application, as for signing people in; the person is who
the session's token says. Reports of usage need no session: they come when the paper does.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, StringConstraints

from domain.printer_login.printer_sessions import PERSON_REFUSED, SESSION_ENDED, PrinterVisitor, visitor_at_printer
from domain.printer_login.rules import Screen
from domain.printing.changes import COPIES_FIXED, SETTING_UNAVAILABLE
from domain.printing.delegates.service import list_delegating
from domain.printing.jobs import JOB_EXPIRED, WRONG_STATE
from domain.printing.states import BatchMode
from domain.tenancy import NOT_FOUND
from fleet.releasing import batches, panel, usage
from fleet.releasing.batches import FEATURE_DISABLED, NOTHING_TO_RELEASE, ReleaseRequest
from fleet.releasing.features import Feature
from fleet.releasing.panel import PanelOffer
from fleet.releasing.queue import ALREADY_CLAIMED, NOT_HERE
from fleet.releasing.usage import IMPLAUSIBLE, NOT_ITS_RELEASE, UsageReport
from portal_api.api.printer_sign_in import Device, PrinterId, Token
from portal_api.api.reader import ReaderLocale
from portal_api.api.release_models import EVENT_STREAM, JobId, ReleasableJob, Release, ReleaseChanges, Wanted, watched
from portal_api.problems import documented

router = APIRouter(prefix="/printer-release", tags=["releasing at printers"])
NOBODY = (SESSION_ENDED, PERSON_REFUSED)
REFUSALS = (NOT_FOUND, ALREADY_CLAIMED, JOB_EXPIRED, WRONG_STATE, NOT_HERE, NOTHING_TO_RELEASE, FEATURE_DISABLED)
Paper = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{0,255}$")]
MOST_SIDES = 10_000_000


def visitor(device: Device, token: Token) -> PrinterVisitor:
    """Who is signed in at the printer; counts as a touch. Raises `SESSION_ENDED`, `PERSON_REFUSED`."""
    return visitor_at_printer(device.organization_id, token, device.address)


Visitor = Annotated[PrinterVisitor, Depends(visitor)]
OwnerId = Annotated[str, Query(pattern=r"^([0-9a-f]{32})?$", description="Whose jobs; empty: one's own.")]
ReleaseId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


class PanelOfferPublic(BaseModel):
    """What the panel of a printer may offer people; what it cannot do itself is off already (PR-54)."""

    printer_id: str
    printer_name: str
    features: list[Feature]
    change_copies: bool
    print_and_keep: bool
    auto_release: bool
    grace_seconds: int = Field(description="So long the message with Cancel is shown before auto-release begins.")
    oldest_first: bool
    delegation: bool

    @classmethod
    def of(cls, offer: PanelOffer) -> "PanelOfferPublic":
        return cls(
            printer_id=offer.printer.id,
            printer_name=offer.printer.name,
            features=sorted(offer.printer.features),
            change_copies=offer.change_copies,
            print_and_keep=offer.print_and_keep,
            auto_release=offer.auto_release,
            grace_seconds=offer.grace_seconds,
            oldest_first=offer.oldest_first,
            delegation=offer.delegation,
        )


class OwnerAtPrinter(BaseModel):
    """Somebody whose jobs one may release as their delegate."""

    id: str
    name: str


class PanelRelease(Wanted):
    """A release at the panel: chosen jobs, everything at sign-in (`auto`), or everything at a small screen (`all`)."""

    mode: BatchMode = BatchMode.SELECTED
    screen: Screen = Screen.FULL


class PrinterUsage(BaseModel):
    """What a printer's usage app counted for one job: `release` is what the job's name at the printer ends in."""

    release: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16,32}$")]
    impressions: int = Field(ge=0, le=MOST_SIDES, description="Sides that carry toner.")
    color_impressions: int = Field(0, ge=0, le=MOST_SIDES)
    sheets: int = Field(ge=0, le=MOST_SIDES)
    paper: Paper = ""
    paper_type: Paper = ""


class Usage(PrinterUsage):
    """The same with the printer that it is about."""

    printer_id: PrinterId


class UsageOutcome(BaseModel):
    """Whether the report changed what was known; one that comes twice changes nothing."""

    changed: bool


@router.get("/panel", operation_id="get_release_panel", responses=documented(NOT_FOUND, *NOBODY))
def get_release_panel(at: Visitor) -> PanelOfferPublic:
    """What the panel may offer whoever is signed in."""
    with at.actor.session(read_only=True) as session:
        return PanelOfferPublic.of(panel.panel_offer(at.actor.organization_id, session, at.printer_id))


@router.get("/jobs", operation_id="list_jobs_at_printer", responses=documented(NOT_FOUND, *NOBODY))
def list_jobs_at_printer(at: Visitor, owner_id: OwnerId = "") -> list[ReleasableJob]:
    """The jobs that can be released, in the order in which the panel shows them (PR-195): the person's own, or those
    of an owner whose delegate they are (PR-170).
    """
    return [ReleasableJob.of(job) for job in panel.jobs_at_printer(at.actor, at.printer_id, owner_id)]


@router.get("/owners", operation_id="list_owners_at_printer", responses=documented(*NOBODY))
def list_owners_at_printer(at: Visitor) -> list[OwnerAtPrinter]:
    """Whose jobs the person may release besides their own (PR-170); nobody's at a printer without the full app."""
    with at.actor.session(read_only=True) as session:
        offer = panel.panel_offer(at.actor.organization_id, session, at.printer_id)
    owners = list_delegating(at.actor) if offer.delegation else []
    return [OwnerAtPrinter(id=one.user_id, name=one.name) for one in owners]


@router.patch(
    "/jobs/{job_id}",
    operation_id="change_job_at_printer",
    responses=documented(*REFUSALS, COPIES_FIXED, SETTING_UNAVAILABLE, *NOBODY),
)
def change_job_at_printer(at: Visitor, job_id: JobId, changes: ReleaseChanges) -> ReleasableJob:
    """Keep changed settings of one job (PR-224)."""
    return ReleasableJob.of(panel.change_settings(at.actor, job_id, changes.changes()))


@router.delete(
    "/jobs/{job_id}", operation_id="delete_job_at_printer", status_code=204, responses=documented(*REFUSALS, *NOBODY)
)
def delete_job_at_printer(at: Visitor, job_id: JobId) -> None:
    """Delete a job that waits."""
    panel.delete_jobs(at.actor, [job_id])


@router.post("/releases", operation_id="release_at_panel", status_code=202, responses=documented(*REFUSALS, *NOBODY))
def release_at_panel(at: Visitor, given: PanelRelease, locale: ReaderLocale) -> Release:
    """Print at this printer; the answer comes at once, `watch_release_at_panel` tells how it goes on."""
    is_small = given.screen is Screen.SMALL
    request = ReleaseRequest(
        printer_id=at.printer_id,
        mode=BatchMode.ALL if is_small else given.mode,
        job_ids=given.job_ids,
        changes=given.changes.changes(),
        keep=given.keep,
        origin="compact" if is_small else "panel",
    )
    return Release.of(batches.start_release(at.actor, request), locale)


@router.get("/releases/{release_id}", operation_id="get_release_at_panel", responses=documented(NOT_FOUND, *NOBODY))
def get_release_at_panel(at: Visitor, release_id: ReleaseId, locale: ReaderLocale) -> Release:
    """How a release is going."""
    return Release.of(batches.find_release(at.actor, release_id), locale)


@router.post(
    "/releases/{release_id}/cancel", operation_id="cancel_release_at_panel", responses=documented(NOT_FOUND, *NOBODY)
)
def cancel_release_at_panel(at: Visitor, release_id: ReleaseId, locale: ReaderLocale) -> Release:
    """Stop it: what has not begun stays in the queue, what is being printed is cancelled at the printer."""
    return Release.of(batches.cancel_release(at.actor, release_id), locale)


@router.get(
    "/releases/{release_id}/events",
    operation_id="watch_release_at_panel",
    response_class=StreamingResponse,
    responses={200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}, **documented(NOT_FOUND, *NOBODY)},
)
def watch_release_at_panel(at: Visitor, release_id: ReleaseId, locale: ReaderLocale) -> StreamingResponse:
    """Follow a release as server-sent events."""
    batches.find_release(at.actor, release_id)  # one that the person cannot see is a 404, not a broken stream
    return watched(at.actor, release_id, locale)


@router.post(
    "/usage",
    operation_id="report_print_usage",
    responses=documented(NOT_FOUND, NOT_ITS_RELEASE, IMPLAUSIBLE),
)
def report_print_usage(device: Device, given: Usage) -> UsageOutcome:
    """Take what the printer's usage app counted; it replaces what was assumed of the job (F-7)."""
    report = UsageReport(**given.model_dump(exclude={"printer_id"}))
    return UsageOutcome(changed=usage.report_usage(device.organization_id, given.printer_id, report))
