"""What a fleet task would come to, told before it is started (section 43.1)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate_message
from fleet.printers.selection import selected_ids
from fleet.tasks.preview import TaskPreview, preview_task
from portal_api.access import needs
from portal_api.api.fleet_tasks import FleetTaskForm
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

router = APIRouter(prefix="/fleet-tasks", tags=["fleet tasks"])
Manager = Annotated[Actor, needs(Permission.FLEET_MANAGE)]


class RefusedPrinterPublic(BaseModel):
    """A printer that the task would not be sent to, with everything that stands in its way."""

    printer_id: str
    subject: str
    model: str
    reasons: list[str]


class TaskPreviewPublic(BaseModel):
    """How many printers a task would not be sent to as they are now."""

    total: int
    refused: int
    printers: list[RefusedPrinterPublic] = Field(description="The first hundred of those that are refused.")

    @classmethod
    def of(cls, preview: TaskPreview, locale: str) -> "TaskPreviewPublic":
        named = [
            RefusedPrinterPublic(
                printer_id=one.printer_id,
                subject=one.subject,
                model=one.model,
                reasons=[translate_message(reason, locale) for reason in one.reasons],
            )
            for one in preview.named
        ]
        return cls(total=preview.total, refused=preview.refused, printers=named)


@router.post("/preview", operation_id="preview_fleet_task", responses=documented(NOT_FOUND))
def preview(actor: Manager, given: FleetTaskForm, locale: ReaderLocale) -> TaskPreviewPublic:
    """Say which printers the task would not be sent to, and why; nothing is started. Agents are not looked at."""
    ids = selected_ids(actor, given.selection(across=given.across))
    return TaskPreviewPublic.of(preview_task(actor, given.new_task(), ids, across=given.across), locale)
