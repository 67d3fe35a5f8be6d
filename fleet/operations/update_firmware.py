"""Updating firmware (F-26): each printer gets the level that is offered for its model, or the image that was chosen."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from fleet.capabilities.models_table import model_key
from fleet.firmware.offers import OfferedImage, Offers, note_offers, offers_for
from fleet.printers.models import Printer
from fleet.printers.reports import store_reports
from fleet.tasks.gates import Refusal
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask
from fleet.tasks.operations import Operation, Settled
from fleet.tasks.status import JobStatus

NOTHING_OFFERED = N_("The catalogue has no firmware for the model {model}.")
OTHER_MODEL = N_("The chosen firmware is not for the model {model}.")
IMAGE_GONE = N_("The chosen firmware is no longer in the catalogue.")


class FirmwareTask(BaseModel):
    """`image_id`: one image for all printers. Else `images` are those that were offered when the task was made, by
    model key, so that a task that takes days does not change its mind; empty: what is offered now.

    Only with `allow_downgrade` a printer that has a higher level gets it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    image_id: str | None = None
    images: dict[str, str] = {}
    allow_downgrade: bool = False


def _orders(_session: Session, task: FleetTask, printers: Sequence[Printer]) -> Mapping[str, dict[str, Any] | Refusal]:
    wanted = FirmwareTask.model_validate(task.parameters)
    offers = offers_for(task.organization_id)
    return {printer.id: _order(offers, wanted, printer) for printer in printers}


def _unfit(session: Session, task: FleetTask, printers: Sequence[Printer]) -> Mapping[str, Refusal]:
    orders = _orders(session, task, printers)
    return {printer_id: order for printer_id, order in orders.items() if isinstance(order, Refusal)}


def _order(offers: Offers, wanted: FirmwareTask, printer: Printer) -> dict[str, Any] | Refusal:
    image = _chosen(offers, wanted, printer)
    if isinstance(image, Refusal):
        return image
    return {
        "level": image.level,
        "image": image.file.model_dump(mode="json"),
        "allow_downgrade": wanted.allow_downgrade,
    }


def _chosen(offers: Offers, wanted: FirmwareTask, printer: Printer) -> OfferedImage | Refusal:
    image_id = wanted.image_id or wanted.images.get(model_key(printer.model))
    if image_id is None:
        offered = None if wanted.images else offers.of_model(printer.model)
        return offered or Refusal(JobStatus.NOT_SUPPORTED, Message.of(NOTHING_OFFERED, model=printer.model))
    image = next((one for one in offers.images if one.id == image_id), None)
    if image is None:
        return Refusal(JobStatus.FAILED, Message.of(IMAGE_GONE))
    if not image.fits(printer.model):
        return Refusal(JobStatus.NOT_SUPPORTED, Message.of(OTHER_MODEL, model=printer.model))
    return image


def _keep(session: Session, task: FleetTask, settled: Sequence[Settled]) -> None:
    store_reports(session, settled)
    note_offers(task.organization_id, [printer for _, printer, _ in settled])


OPERATIONS = (Operation(TaskKind.UPDATE_FIRMWARE, FirmwareTask, orders=_orders, foresee=_unfit, settle_all=_keep),)
