"""Print reports that are made and mailed on a schedule (F-28)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from connectors.messages import Message
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.print_reports.customers import BAD_SUBJECT
from domain.print_reports.kinds import ReportFormat, ReportKind
from domain.print_reports.periods import ReportPeriod
from domain.print_reports.schedules import service
from domain.print_reports.schedules.form import ReportScheduleForm, ReportScheduleView
from domain.print_reports.schedules.recipients import UNKNOWN_RECIPIENT
from domain.print_reports.scope import ReportSubject
from domain.print_reports.service import ReportState
from domain.recurrence import rules
from domain.recurrence.form import RecurrenceForm
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.api.error_models import ErrorPublic
from portal_api.problems import documented

router = APIRouter(prefix="/print-report-schedules", tags=["print reports"])
Reader = Annotated[Actor, needs(Permission.OWN_REPORTS)]
Id = Annotated[str, Path(max_length=32)]
FORM_FAULTS = (
    *(service.TOO_LONG, BAD_SUBJECT, UNKNOWN_RECIPIENT, NOT_FOUND),
    *(rules.NO_SUCH_ZONE, rules.ENDS_BEFORE, rules.NEVER_RUNS, rules.IN_THE_PAST, rules.DAYS_NEEDED),
)


class ReportSchedulePublic(BaseModel):
    """A scheduled report. `note` says why the last run made none; one that has stopped by itself is paused."""

    id: str
    name: str
    kind: ReportKind
    period: ReportPeriod
    subject: ReportSubject
    format: ReportFormat
    recipients: tuple[str, ...] = Field(description="Those who can still sign in.")
    times: RecurrenceForm
    is_paused: bool
    issuer: str = Field(description="On whose behalf it runs; empty when they are gone.")
    next_run: datetime | None = Field(description="Null: paused, or it has come to its end.")
    last_run: datetime | None
    last_report_id: str
    last_state: ReportState | None
    last_error: ErrorPublic | None = Field(description="Why the report of the last run could not be made.")
    note: Message | None

    @classmethod
    def of(cls, view: ReportScheduleView, locale: str) -> "ReportSchedulePublic":
        values = {name: getattr(view, name) for name in cls.model_fields}
        return cls.model_validate(
            values | {"last_error": ErrorPublic.of(view.last_error, locale)}, from_attributes=True
        )


class ReportSchedulePause(BaseModel):
    """Whether a schedule is paused. What falls into a pause is not made up for."""

    is_paused: bool


@router.get("", operation_id="list_print_report_schedules")
def list_schedules(actor: Reader) -> list[ReportSchedulePublic]:
    """One's own, by name; for who may report on everybody those of the organization."""
    return [ReportSchedulePublic.of(view, actor.locale) for view in service.list_report_schedules(actor)]


@router.post(
    "",
    operation_id="create_print_report_schedule",
    status_code=201,
    responses=documented(*FORM_FAULTS, service.TOO_MANY),
)
def create(actor: Reader, given: ReportScheduleForm) -> ReportSchedulePublic:
    """Have a report made and mailed again and again, as long as one may have it oneself."""
    return _one(actor, service.create_report_schedule(actor, given))


@router.get("/{schedule_id}", operation_id="get_print_report_schedule", responses=documented(NOT_FOUND))
def read(actor: Reader, schedule_id: Id) -> ReportSchedulePublic:
    """One schedule."""
    return _one(actor, schedule_id)


@router.put("/{schedule_id}", operation_id="update_print_report_schedule", responses=documented(*FORM_FAULTS))
def update(actor: Reader, schedule_id: Id, given: ReportScheduleForm) -> ReportSchedulePublic:
    """Change a schedule; from now on it runs on behalf of who changed it."""
    service.change_report_schedule(actor, schedule_id, given)
    return _one(actor, schedule_id)


@router.put(
    "/{schedule_id}/pause",
    operation_id="pause_print_report_schedule",
    responses=documented(NOT_FOUND, rules.IN_THE_PAST, BAD_SUBJECT),
)
def pause(actor: Reader, schedule_id: Id, given: ReportSchedulePause) -> ReportSchedulePublic:
    """Pause a schedule, or let it go on; from then on it runs on behalf of who let it go on."""
    service.pause_report_schedule(actor, schedule_id, paused=given.is_paused)
    return _one(actor, schedule_id)


@router.delete(
    "/{schedule_id}", operation_id="delete_print_report_schedule", status_code=204, responses=documented(NOT_FOUND)
)
def delete(actor: Reader, schedule_id: Id) -> Response:
    """Delete a schedule; reports that it has made stay as long as they would."""
    service.delete_report_schedule(actor, schedule_id)
    return Response(status_code=204)


def _one(actor: Actor, schedule_id: str) -> ReportSchedulePublic:
    return ReportSchedulePublic.of(service.get_report_schedule(actor, schedule_id), actor.locale)
