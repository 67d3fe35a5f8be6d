"""Enrolled printers: lists with filters, details, history, files (FL-176…FL-226, FL-314, FL-315)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate
from fleet.agents.communication import communication_faults
from fleet.agents.models import AgentKind
from fleet.printers.cells import Words
from fleet.printers.columns import Column
from fleet.printers.details import get_printer, printer_events, printer_history
from fleet.printers.exports import export_installed_apps, export_printers
from fleet.printers.filters import Id, Name, PrinterFilter
from fleet.printers.hardware_report import export_report
from fleet.printers.home_screens import home_screen_of
from fleet.printers.identification import BAD_VALUE, change_identification
from fleet.printers.listing import NO_PLACE, NOT_SORTABLE, PrinterQuery, count_printers, list_printers
from fleet.printers.models import Communication, Compliance, MspStatus, Severity
from fleet.printers.selection import selected_ids
from fleet.printers.time_zones import UNKNOWN_ZONE, set_time_zone
from fleet.printers.views import STANDARD, get_view
from portal_api.access import needs
from portal_api.api.cursor import BAD_CURSOR, cursor, key_of
from portal_api.api.printer_models import (
    CommunicationPublic,
    DayPublic,
    HomeScreenPublic,
    PrinterCountPublic,
    PrinterDetailsPublic,
    PrinterEventPublic,
    PrinterPage,
    PrinterPublic,
    PrinterUpdate,
    TimeZoneOfPrinters,
)
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

router = APIRouter(prefix="/printers", tags=["printers"])
Viewer = Annotated[Actor, needs(Permission.FLEET_VIEW)]
Manager = Annotated[Actor, needs(Permission.FLEET_MANAGE)]
Partner = Annotated[Actor, needs(Permission.FLEET_ALL_ORGANIZATIONS)]
Many = Query(max_length=100)
Columns = Annotated[list[Column], Query(max_length=len(Column), description="Columns instead of a view's.")]
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


def printer_filter(
    search: Annotated[str, Query(max_length=255, description="Words of the address, a name, the model …")] = "",
    agent_kind: Annotated[list[AgentKind], Many] = [],  # noqa: B006 — FastAPI copies it
    communication: Annotated[list[Communication], Many] = [],  # noqa: B006
    firmware_update: Annotated[bool | None, Query()] = None,
    supply_alerts: Annotated[list[Severity], Many] = [],  # noqa: B006
    printer_alerts: Annotated[list[Severity], Many] = [],  # noqa: B006
    tag_id: Annotated[list[Id], Many] = [],  # noqa: B006
    model: Annotated[list[Name], Many] = [],  # noqa: B006
    manufacturer: Annotated[list[Name], Many] = [],  # noqa: B006
    configuration_id: Annotated[list[Id], Many] = [],  # noqa: B006
    compliance: Annotated[list[Compliance], Many] = [],  # noqa: B006
    supplies_programme: Annotated[list[MspStatus], Many] = [],  # noqa: B006
    organization_id: Annotated[list[Id], Many] = [],  # noqa: B006
) -> PrinterFilter:
    """Which printers: any value of a filter will do, all filters must be met."""
    return PrinterFilter(
        search=search,
        agent_kinds=tuple(agent_kind),
        communication=tuple(communication),
        firmware_update=firmware_update,
        supply_alerts=tuple(supply_alerts),
        printer_alerts=tuple(printer_alerts),
        tag_ids=tuple(tag_id),
        models=tuple(model),
        manufacturers=tuple(manufacturer),
        configuration_ids=tuple(configuration_id),
        compliance=tuple(compliance),
        supplies_programme=tuple(supplies_programme),
        organization_ids=tuple(organization_id),
    )


Chosen = Annotated[PrinterFilter, Depends(printer_filter)]
Across = Annotated[bool, Query(description="In all organizations of a partner (FL-176).")]


def printer_query(
    chosen: Chosen,
    sort: Annotated[Column, Query()] = Column.ADDRESS,
    descending: Annotated[bool, Query()] = False,
    across: Across = False,
) -> PrinterQuery:
    """Which printers, in which order."""
    return PrinterQuery(chosen, sort, descending, across=across)


Asked = Annotated[PrinterQuery, Depends(printer_query)]


@router.get("", operation_id="list_printers", responses=documented(BAD_CURSOR, NOT_SORTABLE, NO_PLACE))
def list_all(
    actor: Viewer,
    asked: Asked,
    after: Annotated[str, Query(max_length=2000, description="The `next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PrinterPage:
    """Printers of the organization, or of all organizations."""
    found = list_printers(actor, replace(asked, after=key_of(after), limit=limit))
    following = cursor(found[-1].key) if len(found) == limit else None
    return PrinterPage(items=[PrinterPublic.of(view) for view in found], next=following)


@router.get("/count", operation_id="count_printers")
def count(actor: Viewer, chosen: Chosen, across: Across = False) -> PrinterCountPublic:
    """How many printers the filters let through, on all pages."""
    found = count_printers(actor, chosen, across=across)
    return PrinterCountPublic(count=found.count, is_capped=found.is_capped)


@router.get("/communication", operation_id="get_communication_faults")
def communication(actor: Viewer) -> CommunicationPublic:
    """How many printers and agents do not communicate, and how many agents need credentials (FL-249)."""
    return CommunicationPublic.of(communication_faults(actor))


@router.get(
    "/export",
    operation_id="export_printers",
    response_class=StreamingResponse,
    responses={**CSV, **documented(NOT_FOUND, NOT_SORTABLE)},
)
def export(
    actor: Manager,
    asked: Asked,
    locale: ReaderLocale,
    view: Annotated[str, Query(max_length=32, description="A view, whose columns the file has.")] = STANDARD.id,
    column: Columns = [],  # noqa: B006
) -> StreamingResponse:
    """The printers that the filters let through, as a CSV file with a view's columns (FL-314)."""
    columns = column or list(get_view(actor, view).columns)
    return csv_answer("printers.csv", export_printers(actor, asked, columns, words_of(locale)))


@router.get("/apps/export", operation_id="export_installed_apps", response_class=StreamingResponse, responses=dict(CSV))
def export_apps(actor: Manager, locale: ReaderLocale) -> StreamingResponse:
    """Every printer with the version of every app that there is in the fleet (FL-315)."""
    return csv_answer("installed-apps.csv", export_installed_apps(actor, words_of(locale)))


@router.get(
    "/all/export",
    operation_id="export_printers_of_all",
    response_class=StreamingResponse,
    responses={**CSV, **documented(NOT_FOUND, NOT_SORTABLE)},
)
def export_of_all(actor: Partner, asked: Asked, locale: ReaderLocale, column: Columns = []) -> StreamingResponse:  # noqa: B006
    """The printers of all organizations of a partner as a CSV file (FL-177)."""
    columns = column or [Column.ORGANIZATION, *STANDARD.columns]
    asked = replace(asked, across=True)
    return csv_answer("printers.csv", export_printers(actor, asked, columns, words_of(locale)))


@router.get(
    "/all/apps/export",
    operation_id="export_installed_apps_of_all",
    response_class=StreamingResponse,
    responses=dict(CSV),
)
def export_apps_of_all(actor: Partner, locale: ReaderLocale) -> StreamingResponse:
    """The installed apps of all organizations of a partner (FL-315)."""
    return csv_answer("installed-apps.csv", export_installed_apps(actor, words_of(locale), across=True))


@router.post(
    "/time-zone",
    operation_id="set_printer_time_zones",
    status_code=204,
    responses=documented(NOT_FOUND, UNKNOWN_ZONE),
)
def set_time_zones(actor: Manager, given: TimeZoneOfPrinters) -> None:
    """Say in which time zone printers stand: times of print policies are read in it (PR-91)."""
    set_time_zone(actor, selected_ids(actor, given.selection()), given.time_zone)


@router.get("/{printer_id}", operation_id="get_printer", responses=documented(NOT_FOUND))
def read(actor: Viewer, printer_id: str) -> PrinterDetailsPublic:
    """One printer: identity, state, supplies, counters, alerts, apps."""
    return PrinterDetailsPublic.of_details(get_printer(actor, printer_id))


@router.patch("/{printer_id}", operation_id="update_printer", responses=documented(NOT_FOUND, BAD_VALUE, UNKNOWN_ZONE))
def update(actor: Manager, printer_id: str, given: PrinterUpdate) -> PrinterDetailsPublic:
    """Write down asset tag, place, contact, name or description (FL-217), or the time zone (PR-91)."""
    if given.time_zone is not None:
        set_time_zone(actor, [printer_id], given.time_zone)
    change_identification(actor, printer_id, given.model_dump(exclude_none=True, exclude={"time_zone"}))
    return PrinterDetailsPublic.of_details(get_printer(actor, printer_id, Permission.FLEET_MANAGE))


@router.get("/{printer_id}/home-screen", operation_id="get_printer_home_screen", responses=documented(NOT_FOUND))
def home_screen(actor: Viewer, printer_id: str) -> HomeScreenPublic | None:
    """The printer's home screen as it was last read; null where it has told none (FL-292)."""
    screen = home_screen_of(actor, printer_id)
    return HomeScreenPublic.of(screen) if screen else None


@router.get(
    "/{printer_id}/report/export",
    operation_id="export_printer_report",
    response_class=StreamingResponse,
    responses={**CSV, **documented(NOT_FOUND)},
)
def export_hardware_report(actor: Manager, printer_id: str, locale: ReaderLocale) -> StreamingResponse:
    """Everything that a printer counts and reports as a CSV file (FL-213)."""
    return csv_answer("hardware-report.csv", export_report(actor, printer_id, words_of(locale)))


@router.get("/{printer_id}/events", operation_id="list_printer_events", responses=documented(NOT_FOUND))
def events(
    actor: Viewer,
    printer_id: str,
    locale: ReaderLocale,
    before: Annotated[int | None, Query(ge=1, description="The `id` of the last event already read.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[PrinterEventPublic]:
    """The printer's history, newest first (FL-224)."""
    return [PrinterEventPublic.of(event, locale) for event in printer_events(actor, printer_id, before, limit)]


@router.get("/{printer_id}/history", operation_id="list_printer_days", responses=documented(NOT_FOUND))
def history(actor: Viewer, printer_id: str, days: Annotated[int, Query(ge=1, le=730)] = 90) -> list[DayPublic]:
    """Counters and supply levels of the last days, oldest first."""
    return [DayPublic.of(day) for day in printer_history(actor, printer_id, days)]


def csv_answer(name: str, pieces: Iterator[str]) -> StreamingResponse:
    """A CSV file that is written while it is sent."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)


def words_of(locale: str) -> Words:
    """How files say things: in the reader's language, with times that programs read."""
    return Words(partial(_said, locale), _moment)


def _said(locale: str, template: str, **facts: object) -> str:
    return translate(template, locale, **facts) if template else ""


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
