"""Firmware: the catalogue, what models are offered, and updates of printers (F-26, F-27, FL-303…FL-313)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, StringConstraints

from connectors.documents.inspection_faults import DAMAGED_FILE, ENCRYPTED, MALFORMED, UNSUPPORTED, ZIP_BOMB
from connectors.printers.files import NOT_WHAT_IT_SAYS
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.runs.planning import TOO_LARGE
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate_message
from fleet.firmware import service, updates
from fleet.firmware.service import FirmwareView, ModelFirmware
from fleet.firmware.updates import FirmwareUpdate, UpdateTime
from fleet.printers.selection import selected_ids
from fleet.tasks.rollout import Rollout
from fleet.tasks.service import BAD_REQUEST, NOTHING_CHOSEN
from portal_api.access import needs
from portal_api.api.printer_models import Selection
from portal_api.api.reader import ReaderLocale
from portal_api.multipart_form import BAD_FORM, FILE_MISSING
from portal_api.problems import documented
from portal_api.uploads import file_form, received_upload

router = APIRouter(prefix="/firmware", tags=["firmware and apps"])
Viewer = Annotated[Actor, needs(Permission.FLEET_VIEW)]
Manager = Annotated[Actor, needs(Permission.FLEET_MANAGE)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=32)]
IMAGE_LIMIT = 512 << 20
FILE_FAULTS = (
    TOO_LARGE,
    NOT_WHAT_IT_SAYS,
    ZIP_BOMB,
    MALFORMED,
    DAMAGED_FILE,
    ENCRYPTED,
    UNSUPPORTED,
    FILE_MISSING,
    BAD_FORM,
)
FORM = file_form(notes={"type": "string", "maxLength": 2000, "default": ""})


class FirmwarePublic(BaseModel):
    """An image of the catalogue. Only an own one can be deleted."""

    id: str
    level: str
    models: list[str]
    notes: str
    file_name: str
    size: int = Field(description="In bytes.")
    is_shared: bool = Field(description="The operator offers it to every organization.")
    is_own: bool
    created: datetime

    @classmethod
    def of(cls, view: FirmwareView) -> "FirmwarePublic":
        return cls.model_validate(view, from_attributes=True)


class ModelFirmwarePublic(BaseModel):
    """A model of the fleet: how many printers, their levels, and what they are offered."""

    model: str
    printers: int
    with_update: int
    offered: str = Field(description="Empty: the catalogue has nothing for the model.")
    recommended: str = Field(description="Empty: the newest level counts.")
    levels: list[str]

    @classmethod
    def of(cls, row: ModelFirmware) -> "ModelFirmwarePublic":
        return cls.model_validate(row, from_attributes=True)


class SharedChange(BaseModel):
    """Whether every organization is offered it."""

    is_shared: bool


class Recommendation(BaseModel):
    """The level wanted for a model, even below the newest; empty: the newest counts."""

    model: str = Field(min_length=1, max_length=128)
    level: str = Field("", max_length=64)


class FirmwareUpdateForm(Selection):
    """Which printers get which firmware, when, and in which stages.

    Without `image_id` each printer gets what is offered for its model now. A printer that has the level, or a higher
    one, is left alone; only with `allow_downgrade` a higher level is replaced.
    """

    image_id: Id | None = None
    allow_downgrade: bool = False
    when: UpdateTime | None = Field(None, description="Null: now (FL-305).")
    rollout: Rollout | None = Field(None, description="Null: all printers at once.")


class UpdateStarted(BaseModel):
    """The fleet task that does it. `hint` warns of a window that may be too short (FL-308)."""

    fleet_task_id: str
    hint: str | None


@router.get("", operation_id="list_firmware")
def list_firmware(actor: Manager) -> list[FirmwarePublic]:
    """The images that the organization may use, the newest level first."""
    return [FirmwarePublic.of(view) for view in service.list_images(actor)]


@router.post(
    "",
    operation_id="add_firmware",
    status_code=201,
    openapi_extra=FORM,
    responses=documented(*FILE_FAULTS, service.ALREADY_THERE),
)
async def add_firmware(request: Request, actor: Manager) -> FirmwarePublic:
    """Take an image into the catalogue; what it is for is read out of it."""
    async with received_upload(request, get_settings().scratch_folder, IMAGE_LIMIT) as upload:
        notes = upload.fields.get("notes", "")
        return FirmwarePublic.of(await run_in_threadpool(service.add_image, actor, upload.path, upload.name, notes))


@router.get("/models", operation_id="list_model_firmware")
def list_model_firmware(actor: Viewer) -> list[ModelFirmwarePublic]:
    """The models of the fleet and what they are offered (FL-303)."""
    return [ModelFirmwarePublic.of(row) for row in service.fleet_firmware(actor)]


@router.put(
    "/recommendations",
    operation_id="recommend_firmware",
    status_code=204,
    responses=documented(service.NO_SUCH_LEVEL),
)
def recommend_firmware(actor: Manager, given: Recommendation) -> Response:
    """Recommend a level for a model."""
    service.recommend(actor, given.model, given.level)
    return Response(status_code=204)


@router.post(
    "/updates",
    operation_id="update_firmware",
    status_code=202,
    responses=documented(updates.NO_SUCH_ZONE, updates.IN_THE_PAST, NOTHING_CHOSEN, BAD_REQUEST, NOT_FOUND),
)
def update_firmware(actor: Manager, locale: ReaderLocale, given: FirmwareUpdateForm) -> UpdateStarted:
    """Update printers, now or later (F-26)."""
    wanted = FirmwareUpdate(given.image_id, given.allow_downgrade, given.when, given.rollout)
    printers = selected_ids(actor, given.selection())
    task_id = updates.start_update(actor, printers, wanted)
    hint = updates.window_hint(len(printers), given.when.window_minutes) if given.when else None
    return UpdateStarted(fleet_task_id=task_id, hint=translate_message(hint, locale) if hint else None)


@router.put(
    "/{image_id}/sharing",
    operation_id="share_firmware",
    status_code=204,
    responses=documented(service.OPERATOR_NEEDED, NOT_FOUND),
)
def share_firmware(actor: Manager, image_id: str, given: SharedChange) -> Response:
    """Offer an image to every organization, or no longer; the operator only."""
    service.share_image(actor, image_id, shared=given.is_shared)
    return Response(status_code=204)


@router.delete(
    "/{image_id}",
    operation_id="delete_firmware",
    status_code=204,
    responses=documented(NOT_FOUND, service.IN_USE),
)
def delete_firmware(actor: Manager, image_id: str) -> Response:
    """Take an own image out of the catalogue."""
    service.delete_image(actor, image_id)
    return Response(status_code=204)
