"""The catalogue of firmware: images are looked into and taken in, recommended, shared by the operator, deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from connectors.documents import open_store
from connectors.documents.file_names import safe_file_name
from connectors.errors import Fault
from connectors.messages import N_
from connectors.printers.files import read_firmware
from connectors.settings import get_settings
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND, new_id, system_session
from fleet.capabilities.levels import level
from fleet.capabilities.models_table import model_key
from fleet.firmware.models import FirmwareImage, RecommendedFirmware
from fleet.firmware.offers import offers_for, refresh_offers
from fleet.printers.models import Printer
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask

MEDIA_TYPE = "application/octet-stream"
ALREADY_THERE = Fault(
    "firmware.already_there",
    409,
    N_("This image is in the catalogue already, as level {level}."),
    N_("There is nothing to do: recommend it for a model, or update printers."),
)
IN_USE = Fault(
    "firmware.in_use",
    409,
    N_("Printers are being updated with this image."),
    N_("Wait until the tasks that update firmware with it have ended, or stop them, and delete it then."),
)
NO_SUCH_LEVEL = Fault(
    "firmware.no_such_level",
    422,
    N_("The catalogue has no firmware {level} for the model {model}."),
    N_("Add its image first, or recommend another level."),
)
OPERATOR_NEEDED = Fault(
    "firmware.operator_needed",
    403,
    N_("Only the operator shares firmware and apps with every organization."),
    N_("Ask the operator of this installation, or add the file to your own catalogue."),
)


@dataclass(frozen=True, slots=True)
class FirmwareView:
    """An image as the catalogue shows it. `is_own`: of this organization, which may delete it."""

    id: str
    level: str
    models: tuple[str, ...]
    notes: str
    file_name: str
    size: int
    is_shared: bool
    is_own: bool
    created: datetime


@dataclass(frozen=True, slots=True)
class ModelFirmware:
    """What a model of the fleet has and is offered. `recommended` is empty where the newest level counts."""

    model: str
    printers: int
    with_update: int
    offered: str
    recommended: str
    levels: tuple[str, ...]


def list_images(actor: Actor) -> list[FirmwareView]:
    """The images that the organization may use, the newest level first."""
    actor.need(Permission.FLEET_MANAGE)
    with system_session(read_only=True) as session:
        mine = FirmwareImage.organization_id == actor.organization_id
        images = session.scalars(select(FirmwareImage).where(or_(mine, FirmwareImage.is_shared))).all()
        views = [_view(image, actor) for image in images]
    return sorted(views, key=lambda view: (level(view.level), view.created), reverse=True)


def add_image(actor: Actor, path: Path, file_name: str, notes: str = "") -> FirmwareView:
    """Take an image in; raises the faults of `read_firmware`, and `ALREADY_THERE`."""
    actor.need(Permission.FLEET_MANAGE)
    name = safe_file_name(file_name)
    found = read_firmware(path, name)
    image = FirmwareImage(level=found.level, models=list(found.models), notes=notes.strip()[:2000], file_name=name)
    image.object_key = f"{actor.organization_id}/fleet/firmware/{new_id()}"
    store = open_store(get_settings())
    with path.open("rb") as source:
        stored = store.put(image.object_key, source, MEDIA_TYPE)
    image.size, image.sha256, image.uploader_id = stored.size, stored.sha256, actor.user_id or None
    try:
        with actor.session() as session:
            _check_new(session, image)
            image.organization_id = actor.organization_id
            session.add(image)
            session.flush()
            facts = {"level": image.level, "models": ", ".join(found.models)}
            record(session, actor, "firmware.added", "firmware", image.id, facts)
            view = _view(image, actor)
    except BaseException:
        store.delete(image.object_key)
        raise
    refresh_offers(actor.organization_id)
    return view


def delete_image(actor: Actor, image_id: str) -> None:
    """Take an own image out of the catalogue; raises `NOT_FOUND`, and `IN_USE` while printers get it."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        image = _own(session, image_id)
        _check_unused(session, image)
        key = image.object_key
        record(session, actor, "firmware.deleted", "firmware", image.id, {"level": image.level})
        session.delete(image)
    open_store(get_settings()).delete(key)
    refresh_offers(actor.organization_id)


def share_image(actor: Actor, image_id: str, *, shared: bool) -> None:
    """Offer an own image to every organization, or no longer; raises `NOT_FOUND`, `OPERATOR_NEEDED`.

    Other organizations see it at the next daily check.
    """
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        image = _own(session, image_id)
        if not actor.is_operator:
            raise OPERATOR_NEEDED()
        image.is_shared = shared
        record(session, actor, "firmware.shared", "firmware", image.id, {"level": image.level, "shared": shared})


def recommend(actor: Actor, model: str, wanted: str) -> None:
    """Want that level for a model, even below the newest; an empty one: the newest counts. Raises `NO_SUCH_LEVEL`."""
    actor.need(Permission.FLEET_MANAGE)
    key = model_key(model)
    fitting = [image.level for image in offers_for(actor.organization_id).images if image.fits(model)]
    if wanted and level(wanted) not in {level(one) for one in fitting}:
        raise NO_SUCH_LEVEL(level=wanted, model=model)
    with actor.session() as session:
        session.execute(delete(RecommendedFirmware).where(RecommendedFirmware.model_key == key))
        if wanted:
            row = RecommendedFirmware(model=model[:128], model_key=key[:128], level=wanted)
            row.organization_id = actor.organization_id
            session.add(row)
        record(session, actor, "firmware.recommended", "printer_model", key, {"model": model, "level": wanted})
    refresh_offers(actor.organization_id)


def fleet_firmware(actor: Actor) -> list[ModelFirmware]:
    """By model, what the fleet has and is offered (FL-303)."""
    actor.need(Permission.FLEET_VIEW)
    offers = offers_for(actor.organization_id)
    with actor.session(read_only=True) as session:
        query = select(Printer.model, Printer.firmware_level, Printer.offered_firmware != "", func.count())
        rows = session.execute(
            query.where(Printer.is_vendor).group_by(
                Printer.model, Printer.firmware_level, Printer.offered_firmware != ""
            )
        ).all()
    models: dict[str, list[tuple[str, bool, int]]] = {}
    for model, installed, has_update, count in rows:
        models.setdefault(model, []).append((installed, bool(has_update), count))
    found = []
    for model, parts in sorted(models.items()):
        offered = offers.of_model(model)
        found.append(
            ModelFirmware(
                model=model,
                printers=sum(count for _, _, count in parts),
                with_update=sum(count for _, has_update, count in parts if has_update),
                offered=offered.level if offered else "",
                recommended=offers.recommended.get(model_key(model), ""),
                levels=tuple(sorted({installed for installed, _, _ in parts if installed}, key=level)),
            )
        )
    return found


def count_with_update(actor: Actor, printer_ids: Sequence[str]) -> int:
    """How many of these printers have an update (FL-304)."""
    actor.need(Permission.FLEET_VIEW)
    with actor.session(read_only=True) as session:
        ids = list(printer_ids)
        chunks = [ids[start : start + 500] for start in range(0, len(ids), 500)]
        query = select(func.count()).select_from(Printer).where(Printer.offered_firmware != "")
        return sum(session.scalar(query.where(Printer.id.in_(chunk))) or 0 for chunk in chunks)


def _view(image: FirmwareImage, actor: Actor) -> FirmwareView:
    return FirmwareView(
        id=image.id,
        level=image.level,
        models=tuple(image.models),
        notes=image.notes,
        file_name=image.file_name,
        size=image.size,
        is_shared=image.is_shared,
        is_own=image.organization_id == actor.organization_id,
        created=image.created,
    )


def _own(session: Session, image_id: str) -> FirmwareImage:
    image = session.scalar(select(FirmwareImage).where(FirmwareImage.id == image_id))
    if image is None:
        raise NOT_FOUND(what="firmware")
    return image


def _check_new(session: Session, image: FirmwareImage) -> None:
    if session.scalar(select(FirmwareImage.id).where(FirmwareImage.sha256 == image.sha256)) is not None:
        raise ALREADY_THERE(level=image.level)


def _check_unused(session: Session, image: FirmwareImage) -> None:
    query = select(FleetTask.parameters).where(FleetTask.kind == TaskKind.UPDATE_FIRMWARE, FleetTask.finished.is_(None))
    for parameters in session.scalars(query):
        if image.id in (parameters.get("image_id"), *parameters.get("images", {}).values()):
            raise IN_USE()
