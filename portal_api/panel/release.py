"""Print release on the panel (print sections 19 to 21): the jobs, their settings, printing, and how it goes on.

On a small screen everything is released and nothing is chosen (PR-207). Rules and work are those of `fleet.releasing`.
"""

from collections.abc import Collection, Mapping
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import func, select

from connectors.errors import PressroomError
from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.printer_login.rules import Screen
from domain.printing.changes import COPIES_FIXED, SETTING_UNAVAILABLE
from domain.printing.delegates.service import list_delegating
from domain.printing.models import PrintJob
from domain.printing.states import RELEASABLE, BatchMode
from fleet.releasing import batches, panel
from fleet.releasing.batches import NOTHING_TO_RELEASE, ReleaseRequest
from fleet.releasing.features import Feature
from fleet.releasing.following import releases_of, unfinished_release
from fleet.releasing.queue import ALREADY_CLAIMED, QueueNews, queue_news
from fleet.releasing.views import BatchView
from portal_api.api.printer_release import NOBODY as NOBODY_AT_PRINTER
from portal_api.api.printer_release import REFUSALS, OwnerAtPrinter, PanelOfferPublic, ReleaseId
from portal_api.api.release_models import JobId, ReleasableJob, Release, ReleaseChanges, Wanted
from portal_api.panel.access import NOBODY, PanelVisitor, Visitor
from portal_api.panel.app_kind import PanelApp
from portal_api.panel.events import News, Subject, watch, watched
from portal_api.problems import documented

router = APIRouter(prefix="/api/release")
APP_ID, PATH = "print-release", "/release"
ANSWERS = {**NOBODY, **documented(*REFUSALS, *NOBODY_AT_PRINTER)}
OwnerId = Annotated[str, Query(pattern=r"^([0-9a-f]{32})?$")]


class ReleaseApp(BaseModel):
    """Everything that the app shows when it is opened. `release` is one that has not ended yet."""

    offer: PanelOfferPublic
    jobs: list[ReleasableJob]
    owners: list[OwnerAtPrinter]
    release: Release | None
    queue: "QueueAtPanel"


class QueueAtPanel(BaseModel):
    """A queue as the page follows it: `mark` differs once its list has to be asked for anew; `coming` are prepared."""

    owner_id: str
    mark: str
    coming: int

    @classmethod
    def of(cls, owner_id: str, news: QueueNews) -> "QueueAtPanel":
        return cls(owner_id=owner_id, mark=news.mark, coming=news.coming)


class PanelWanted(Wanted):
    """What is to be printed: chosen jobs, or with `everything` all of one's own that were never printed."""

    everything: bool = False


@router.get("", responses=ANSWERS)
def open_release_app(at: PanelVisitor) -> ReleaseApp:
    """What the panel offers, one's own jobs, whose else one may print, and what is being printed."""
    with at.actor.session(read_only=True) as session:
        offer = panel.panel_offer(at.actor.organization_id, session, at.printer_id)
    owners = list_delegating(at.actor) if offer.delegation and at.screen is Screen.FULL else []
    found = unfinished_release(at.actor.organization_id, at.actor.user_id, at.printer_id)
    if found is not None:
        watch(at, RELEASES, found.id)
    queue = _queue_of(at)  # before the list: what comes meanwhile is news
    return ReleaseApp(
        offer=PanelOfferPublic.of(offer),
        jobs=[ReleasableJob.of(job) for job in panel.jobs_at_printer(at.actor, at.printer_id)],
        owners=[OwnerAtPrinter(id=one.user_id, name=one.name) for one in owners],
        release=Release.of(found, at.locale) if found else None,
        queue=queue,
    )


@router.get("/jobs", responses=ANSWERS)
def list_jobs(at: PanelVisitor, owner_id: OwnerId = "") -> list[ReleasableJob]:
    """One's own jobs, or those of somebody whose delegate one is (PR-170); the event `queue` tells when they change."""
    jobs = panel.jobs_at_printer(at.actor, at.printer_id, owner_id)
    watch(at, QUEUES, owner_id or at.actor.user_id)
    return [ReleasableJob.of(job) for job in jobs]


@router.patch("/jobs/{job_id}", responses={**ANSWERS, **documented(COPIES_FIXED, SETTING_UNAVAILABLE)})
def change_job(at: PanelVisitor, job_id: JobId, changes: ReleaseChanges) -> ReleasableJob:
    """Keep changed settings of one job (PR-192)."""
    return ReleasableJob.of(panel.change_settings(at.actor, job_id, changes.changes()))


@router.post("/deletions", status_code=204, responses=ANSWERS)
def delete_jobs(at: PanelVisitor, given: list[JobId]) -> None:
    """Delete jobs that wait."""
    panel.delete_jobs(at.actor, given[: batches.MOST_JOBS])


@router.post("/releases", status_code=202, responses=ANSWERS)
def print_jobs(at: PanelVisitor, given: PanelWanted) -> Release:
    """Print here; the page hears by the event `release` how it goes on."""
    is_small = at.screen is Screen.SMALL
    request = ReleaseRequest(
        printer_id=at.printer_id,
        mode=BatchMode.ALL if is_small or given.everything else BatchMode.SELECTED,
        job_ids=given.job_ids,
        changes=given.changes.changes(),
        keep=given.keep,
        origin="compact" if is_small else "panel",
    )
    return _followed(at, batches.start_release(at.actor, request))


@router.get("/releases/{release_id}", responses=ANSWERS)
def get_release(at: PanelVisitor, release_id: ReleaseId) -> Release:
    """How a release is going."""
    return _followed(at, batches.find_release(at.actor, release_id))


@router.post("/releases/{release_id}/cancel", responses=ANSWERS)
def cancel_release(at: PanelVisitor, release_id: ReleaseId) -> Release:
    """Stop it: what has not begun stays in the queue (PR-199, PR-209)."""
    return _followed(at, batches.cancel_release(at.actor, release_id))


def release_at_sign_in(at: Visitor) -> str:
    """Begin auto-release (PR-198…PR-204); the address of the page that shows it, empty where there is none."""
    if at.screen is Screen.SMALL:
        return ""
    with at.actor.session(read_only=True) as session:
        offer = panel.panel_offer(at.actor.organization_id, session, at.printer_id)
    if not offer.auto_release:
        return ""
    try:
        found = batches.start_release(at.actor, ReleaseRequest(printer_id=at.printer_id, mode=BatchMode.AUTO))
    except PressroomError as error:
        if error.fault in (NOTHING_TO_RELEASE, ALREADY_CLAIMED):  # by the same person, at another printer
            return ""
        raise
    watch(at, RELEASES, found.id)
    return f"{PATH}/{found.id}"


def _followed(at: Visitor, found: BatchView) -> Release:
    if not found.state.is_final:
        watch(at, RELEASES, found.id)
    return Release.of(found, at.locale)


def _queue_of(at: Visitor) -> QueueAtPanel:
    owner_id = at.actor.user_id
    watch(at, QUEUES, owner_id)
    return QueueAtPanel.of(owner_id, queue_news(at.actor.organization_id, [owner_id])[owner_id])


def _queue_news(subjects: Collection[Subject]) -> Mapping[Subject, News | None]:
    """One query for each organization, whoever many panels it has."""
    found: dict[Subject, News | None] = {}
    for organization_id in {subject.organization_id for subject in subjects}:
        here = [subject for subject in subjects if subject.organization_id == organization_id]
        now = queue_news(organization_id, {subject.id for subject in here})
        found |= {one: QueueAtPanel.of(one.id, now[one.id]).model_dump(mode="json") for one in here}
    return found


def _news(subjects: Collection[Subject]) -> Mapping[Subject, News | None]:
    found: dict[Subject, News | None] = dict.fromkeys(subjects)
    for organization_id in {subject.organization_id for subject in subjects}:
        here = [subject for subject in subjects if subject.organization_id == organization_id]
        now = releases_of(organization_id, {subject.id for subject in here})
        for subject in here:
            if (batch := now.get(subject.id)) is not None:
                found[subject] = Release.of(batch, subject.locale).model_dump(mode="json")
    return found


def _may_release(at: Visitor) -> bool:
    return at.actor.may(Permission.PRINT_SUBMIT) or at.actor.may(Permission.PRINT_GUEST)


def _is_there(at: Visitor) -> bool:
    """Where the app is installed; a small screen needs only firmware that can do it (PR-205)."""
    if APP_ID in at.apps:
        return True
    if at.screen is not Screen.SMALL:
        return False
    with at.actor.session(read_only=True) as session:
        offer = panel.panel_offer(at.actor.organization_id, session, at.printer_id)
    return Feature.COMPACT_PANEL in offer.printer.features


def _waiting(at: Visitor) -> int:
    """How many of one's own jobs can be released."""
    with at.actor.session(read_only=True) as session:
        query = select(func.count()).select_from(PrintJob)
        own = query.where(PrintJob.user_id == at.actor.user_id, PrintJob.state.in_(RELEASABLE))
        return session.scalar(own) or 0


RELEASES = watched("release", _news)
QUEUES = watched("queue", _queue_news, every=4)
APP = PanelApp(
    app_id=APP_ID,
    title=N_("Print release"),
    icon="print",
    path=PATH,
    module="release.js",
    may_use=_may_release,
    is_there=_is_there,
    router=router,
    on_small=True,
    count=_waiting,
    at_sign_in=release_at_sign_in,
)
