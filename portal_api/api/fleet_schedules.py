"""Recurring fleet tasks (FL-502…FL-517)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from connectors.messages import Message
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.recurrence import rules
from domain.tenancy import NOT_FOUND
from fleet.schedules import service
from fleet.schedules.views import ScheduleForm, ScheduleView
from portal_api.access import needs
from portal_api.problems import documented

router = APIRouter(prefix="/fleet-schedules", tags=["fleet"])
Reader = Annotated[Actor, needs(Permission.FLEET_MANAGE)]
Manager = Annotated[Actor, needs(Permission.FLEET_CONFIGURE)]
FORM_FAULTS = (
    service.NAME_TAKEN,
    service.NOT_RECURRING,
    rules.NO_SUCH_ZONE,
    service.TARGET_NEEDED,
    rules.ENDS_BEFORE,
    rules.NEVER_RUNS,
    rules.IN_THE_PAST,
    rules.DAYS_NEEDED,
    NOT_FOUND,
)


class SchedulePublic(BaseModel):
    """A schedule. `note` says why the last run started nothing."""

    id: str
    schedule: ScheduleForm
    is_paused: bool
    issuer: str = Field(description="On whose behalf it runs; empty when they are gone.")
    next_run: datetime | None = Field(description="Null: paused, or it has come to its end.")
    last_run: datetime | None
    last_count: int | None = Field(description="Printers of the last run.")
    note: Message | None

    @classmethod
    def of(cls, view: ScheduleView) -> "SchedulePublic":
        return cls(
            id=view.id,
            schedule=view.form,
            is_paused=view.is_paused,
            issuer=view.issuer,
            next_run=view.next_run,
            last_run=view.last_run,
            last_count=view.last_count,
            note=view.note,
        )


class SchedulePause(BaseModel):
    """Whether a schedule is paused. What falls into a pause is not made up for."""

    is_paused: bool


@router.get("", operation_id="list_fleet_schedules")
def list_fleet_schedules(actor: Reader, kind: Annotated[str, Query(max_length=48)] = "") -> list[SchedulePublic]:
    """All of the organization, by name."""
    return [SchedulePublic.of(view) for view in service.list_schedules(actor, kind)]


@router.post("", operation_id="create_fleet_schedule", status_code=201, responses=documented(*FORM_FAULTS))
def create_fleet_schedule(actor: Manager, given: ScheduleForm) -> SchedulePublic:
    """Make a schedule; which printers it is for is looked up at each run."""
    return _changed(actor, service.create_schedule(actor, given))


@router.get("/{schedule_id}", operation_id="get_fleet_schedule", responses=documented(NOT_FOUND))
def get_fleet_schedule(actor: Reader, schedule_id: str) -> SchedulePublic:
    """One schedule."""
    return SchedulePublic.of(service.get_schedule(actor, schedule_id))


@router.put("/{schedule_id}", operation_id="update_fleet_schedule", responses=documented(*FORM_FAULTS))
def update_fleet_schedule(actor: Manager, schedule_id: str, given: ScheduleForm) -> SchedulePublic:
    """Change a schedule; from now on it runs on behalf of who changed it."""
    service.change_schedule(actor, schedule_id, given)
    return _changed(actor, schedule_id)


@router.put("/{schedule_id}/pause", operation_id="pause_fleet_schedule", responses=documented(NOT_FOUND))
def pause_fleet_schedule(actor: Manager, schedule_id: str, given: SchedulePause) -> SchedulePublic:
    """Pause a schedule, or let it go on."""
    service.pause_schedule(actor, schedule_id, paused=given.is_paused)
    return _changed(actor, schedule_id)


@router.delete("/{schedule_id}", operation_id="delete_fleet_schedule", status_code=204, responses=documented(NOT_FOUND))
def delete_fleet_schedule(actor: Manager, schedule_id: str) -> Response:
    """Delete a schedule; tasks that it has started go on."""
    service.delete_schedule(actor, schedule_id)
    return Response(status_code=204)


def _changed(actor: Actor, schedule_id: str) -> SchedulePublic:
    return SchedulePublic.of(service.get_schedule(actor, schedule_id, Permission.FLEET_CONFIGURE))
