"""The scan app of the panel: choose a destination, scan, look at the pages, send (SCAN-110…SCAN-117)."""

from collections.abc import Collection, Mapping
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from fastapi.responses import Response
from pydantic import BaseModel, Field

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.recorded_errors import ErrorView
from domain.runs.models import Run, RunState
from domain.runs.views import RunView
from domain.scan_destinations import at_printer
from domain.scan_destinations.definition import CustomScan
from domain.scan_destinations.delivery import AtPrinter, size_limit
from domain.scan_destinations.instructions import mail_instructions
from domain.scan_destinations.offered import (
    OfferedDestination,
    folders_at_printer,
    make_folder_at_printer,
    offered_destination,
    offered_destinations,
)
from domain.scan_destinations.service import Scope
from domain.scan_settings.families import service_title
from domain.scanning.jobs import end_overdue, is_thought_lost, view_of
from domain.scanning.models import ScanJob
from domain.scanning.service import cancel_scan, open_preview, own_scans, scan_view
from domain.scanning.states import TITLES, PurposeKind, ScanState
from domain.scanning.views import ScanView
from domain.storage_accounts.service import AccountState
from domain.tenancy import tenant_session
from domain.texts.catalogue import translate
from fleet.configurations.app_rules import QUOTAS_APP
from fleet.panel_apps.scan_app import check_model
from portal_api.panel.access import NOBODY, PanelVisitor, Visitor
from portal_api.panel.app_kind import PanelApp
from portal_api.panel.events import News, Subject, watch, watched
from portal_api.panel.scan_choices import SettingField, setting_fields
from steps.app_conflicts import DEVICE_QUOTAS

router = APIRouter(prefix="/api/scan", responses=NOBODY)
Id = Annotated[str, InPath(pattern=r"^[0-9a-f]{32}$")]


class Trouble(BaseModel):
    """What went wrong and what to do."""

    code: str
    message: str
    remedy: str

    @classmethod
    def of(cls, error: ErrorView | None, locale: str) -> "Trouble | None":
        if error is None:
            return None
        message = translate(error.message_template, locale, **error.facts)
        return cls(code=error.code, message=message, remedy=translate(error.remedy_template, locale, **error.facts))


class DestinationAtPanel(BaseModel):
    """A destination, and what may be chosen for it here. `account`: None where it takes none."""

    id: str
    name: str
    description: str
    scope: Scope
    service: str
    service_title: str
    account: AccountState | None
    is_ready: bool
    place: str
    path: str
    file_name: str
    appends_time: bool
    may_name: bool
    may_choose_folder: bool
    limit: int
    settings: list[SettingField] = Field(description="None where they cannot be changed here.")

    @classmethod
    def of(cls, one: OfferedDestination, locale: str) -> "DestinationAtPanel":
        definition = one.definition
        return cls(
            id=one.id,
            name=definition.name,
            description=definition.description,
            scope=one.scope,
            service=definition.service,
            service_title=translate(service_title(definition.service), locale),
            account=one.account,
            is_ready=one.is_ready,
            place=definition.place,
            path=definition.path,
            file_name=definition.file_name,
            appends_time=definition.append_time,
            may_name=definition.allow_file_name,
            may_choose_folder=one.allow_folder,
            limit=size_limit(definition),
            settings=setting_fields(definition.scan or CustomScan(), locale) if definition.show_settings else [],
        )


class PageAtPanel(BaseModel):
    """A page that has come."""

    number: int
    is_complete: bool


class ScanAtPanel(BaseModel):
    """A scan. `problem`: why the last pages ended early; `left_out` are settings that the printer cannot do.

    `ended`: nothing happens to it by itself any more. Pages of a printer that was thought lost may come still.
    """

    id: str
    destination_id: str
    state: ScanState
    state_title: str
    is_busy: bool
    pages: list[PageAtPanel]
    size: int
    limit: int
    problem: Trouble | None
    left_out: list[str]
    ended: bool

    @classmethod
    def of(cls, scan: ScanView, locale: str) -> "ScanAtPanel":
        is_busy = scan.state.is_at_printer or scan.state is ScanState.ASSEMBLING
        return cls(
            id=scan.id,
            destination_id=scan.reference,
            state=scan.state,
            state_title=translate(TITLES[scan.state], locale),
            is_busy=is_busy,
            pages=[PageAtPanel(number=page.number, is_complete=page.is_complete) for page in scan.pages],
            size=scan.size,
            limit=scan.size_limit,
            problem=Trouble.of(scan.problem, locale),
            left_out=list(scan.ignored),
            ended=not is_busy and not is_thought_lost(scan),
        )


class ScanApp(BaseModel):
    """Everything that the app shows when it is opened; `scan` is one made here that was not sent."""

    destinations: list[DestinationAtPanel]
    scan: ScanAtPanel | None


class Chosen(BaseModel):
    """Scan settings by name, as far as they differ."""

    settings: dict[str, str | int | bool] | None = None


class FolderWanted(BaseModel):
    """A folder by its path from the top; None: the destination's own."""

    path: str | None = Field(None, max_length=4096)


class NewFolder(BaseModel):
    """A folder to make, by its path from the top."""

    path: str = Field(min_length=1, max_length=4096)


class Sending(BaseModel):
    """What was typed and chosen for the file."""

    file_name: str = Field("", max_length=255)
    folder: str | None = Field(None, max_length=4096)


class Delivery(BaseModel):
    """How far a scan is on its way. `is_kept`: it did not arrive yet and is sent again by itself (SCAN-117)."""

    id: str
    name: str
    destination: str
    state: RunState
    is_kept: bool
    problem: Trouble | None
    ended: bool

    @classmethod
    def of(cls, run: RunView, locale: str) -> "Delivery":
        return cls(
            id=run.id,
            name=run.original.name,
            destination=run.solution_name,
            state=run.state,
            is_kept=run.next_attempt is not None,
            problem=Trouble.of(run.error, locale),
            ended=run.state.is_final,
        )


@router.get("")
def open_scan_app(at: PanelVisitor) -> ScanApp:
    """The destinations, and a scan that waits here; raises SCAN-E06, SCAN-E09 and `MODEL_UNSUPPORTED` (SCAN-3)."""
    at.actor.need(Permission.SCAN_USE)
    check_model(at.place.model)
    if DEVICE_QUOTAS in at.apps:
        raise QUOTAS_APP(app=translate(APP.title, at.locale))
    waiting = [one for one in own_scans(at.actor, at.printer_id) if one.purpose is PurposeKind.DESTINATION]
    found = [DestinationAtPanel.of(one, at.locale) for one in offered_destinations(at.actor)]
    known = {one.id for one in found}
    scan = next((one for one in waiting if one.reference in known and one.complete_pages), None)
    return ScanApp(destinations=found, scan=_followed(at, scan) if scan else None)


@router.post("/destinations/{destination_id}/instructions", status_code=204)
def send_instructions(at: PanelVisitor, destination_id: Id) -> None:
    """Mail the person how to sign in to the provider (SCAN-111)."""
    mail_instructions(at.actor, offered_destination(at.actor, destination_id))


@router.post("/destinations/{destination_id}/folders")
def list_folders(at: PanelVisitor, destination_id: Id, wanted: FolderWanted) -> list[str]:
    """The folders at a place of the destination's service; raises SCAN-E08."""
    return folders_at_printer(at.actor, destination_id, wanted.path)


@router.post("/destinations/{destination_id}/new-folder", status_code=204)
def make_folder(at: PanelVisitor, destination_id: Id, wanted: NewFolder) -> None:
    """Make a folder at the destination's service."""
    make_folder_at_printer(at.actor, destination_id, wanted.path)


@router.post("/destinations/{destination_id}/scans", status_code=201)
def begin_scan(at: PanelVisitor, destination_id: Id, chosen: Chosen) -> ScanAtPanel:
    """Have the printer scan; the page hears by the event `scan` how it goes on."""
    check_model(at.place.model)
    return _followed(at, at_printer.begin_scan(at.actor, destination_id, at.printer_id, chosen.settings))


@router.get("/scans/{scan_id}")
def get_scan(at: PanelVisitor, scan_id: Id) -> ScanAtPanel:
    """The scan as it is now."""
    return _followed(at, scan_view(at.actor, scan_id))


@router.post("/scans/{scan_id}/next")
def scan_next_page(at: PanelVisitor, scan_id: Id, chosen: Chosen) -> ScanAtPanel:
    """Scan next page (SCAN-113)."""
    return _followed(at, at_printer.next_scan(at.actor, scan_id, chosen.settings))


@router.delete("/scans/{scan_id}", status_code=204)
def throw_away(at: PanelVisitor, scan_id: Id) -> None:
    """Delete the pages."""
    cancel_scan(at.actor, scan_id)


@router.get("/scans/{scan_id}/pages/{number}/preview")
def show_page(at: PanelVisitor, scan_id: Id, number: Annotated[int, InPath(ge=1)]) -> Response:
    """A small picture of a page (SCAN-82)."""
    with open_preview(at.actor, scan_id, number) as (document, stream):
        content = stream.read()
    return Response(content, media_type=document.media_type, headers={"Cache-Control": "no-store"})


@router.post("/scans/{scan_id}/send", status_code=202)
def send_scan(at: PanelVisitor, scan_id: Id, given: Sending) -> Delivery:
    """Send (SCAN-114); whatever is refused, the scan is kept. The page hears by the event `delivery` what follows."""
    place = AtPrinter(at.printer_id, at.place.printer_name, at.place.time_zone)
    run = at_printer.send_scan(at.actor, scan_id, place, given.file_name, given.folder)
    watch(at, DELIVERIES, run.id)
    return Delivery.of(run, at.locale)


def _followed(at: Visitor, scan: ScanView) -> ScanAtPanel:
    found = ScanAtPanel.of(scan, at.locale)
    if not found.ended:
        watch(at, SCANS, scan.id)
    return found


def _scan_news(subjects: Collection[Subject]) -> Mapping[Subject, News | None]:
    return {subject: _one_scan(subject) for subject in subjects}


def _one_scan(subject: Subject) -> News | None:
    with tenant_session(subject.organization_id) as session:
        scan = session.get(ScanJob, subject.id)
        if scan is None:
            return None
        end_overdue(session, scan)
        return ScanAtPanel.of(view_of(session, scan), subject.locale).model_dump(mode="json")


def _delivery_news(subjects: Collection[Subject]) -> Mapping[Subject, News | None]:
    found: dict[Subject, News | None] = {}
    for subject in subjects:
        with tenant_session(subject.organization_id, read_only=True) as session:
            run = session.get(Run, subject.id)
            found[subject] = Delivery.of(RunView.of(run), subject.locale).model_dump(mode="json") if run else None
    return found


SCANS = watched("scan", _scan_news)
DELIVERIES = watched("delivery", _delivery_news)
APP = PanelApp(
    "scan",
    N_("Scan"),
    "scan",
    "/scan",
    "scan.js",
    lambda at: at.actor.may(Permission.SCAN_USE),
    router=router,
    styles="scan.css",
    on_small=True,
)
