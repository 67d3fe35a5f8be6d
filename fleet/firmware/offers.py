"""Which firmware is offered for which model: what is recommended, else the newest in the catalogue (F-27, FL-303)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select, update

from domain.tenancy import system_session, tenant_session
from fleet.capabilities.levels import level
from fleet.capabilities.models_table import model_key
from fleet.firmware.models import FirmwareImage, RecommendedFirmware
from fleet.printers.models import Printer
from steps.printer_work import FileReference

CHUNK = 500


@dataclass(frozen=True, slots=True)
class OfferedImage:
    """An image that an organization may use."""

    id: str
    level: str
    models: tuple[str, ...]
    file: FileReference

    def fits(self, model: str) -> bool:
        return model_key(model) in {model_key(one) for one in self.models}


@dataclass(frozen=True, slots=True)
class Offers:
    """The images an organization may use, and the level that it recommends by model key."""

    images: Sequence[OfferedImage]
    recommended: Mapping[str, str]

    def of_model(self, model: str) -> OfferedImage | None:
        """What is offered for a model: the recommended level, even below the newest, else the newest."""
        fitting = [image for image in self.images if image.fits(model)]
        wanted = self.recommended.get(model_key(model))
        if wanted is not None:
            fitting = [image for image in fitting if level(image.level) == level(wanted)]
        return max(fitting, key=lambda image: level(image.level), default=None)

    def newer_than(self, model: str, installed: str) -> str:
        """The offered level where it is above the installed one, else empty."""
        offered = self.of_model(model)
        return offered.level if offered is not None and level(offered.level) > level(installed) else ""


def offers_for(organization_id: str) -> Offers:
    """The organization's own images and those that the operator shares; read in a session of its own."""
    with system_session(read_only=True) as session:
        allowed = or_(FirmwareImage.organization_id == organization_id, FirmwareImage.is_shared)
        images = session.scalars(select(FirmwareImage).where(allowed)).all()
        query = select(RecommendedFirmware.model_key, RecommendedFirmware.level)
        wanted = session.execute(query.where(RecommendedFirmware.organization_id == organization_id)).tuples().all()
        return Offers([_offered(image) for image in images], dict(wanted))


def note_offers(organization_id: str, printers: Iterable[Printer]) -> None:
    """Set the firmware status of printers whose level or model may have changed."""
    ours = [printer for printer in printers if printer.is_vendor]
    if not ours:
        return
    offers = offers_for(organization_id)
    for printer in ours:
        printer.offered_firmware = offers.newer_than(printer.model, printer.firmware_level)


def refresh_offers(organization_id: str) -> int:
    """Compare every printer of the organization with the catalogue (F-27); returns how many have an update."""
    offers = offers_for(organization_id)
    with tenant_session(organization_id) as session:
        query = select(Printer.id, Printer.model, Printer.firmware_level, Printer.offered_firmware)
        rows = session.execute(query.where(Printer.is_vendor)).all()
        changes: dict[str, list[str]] = {}
        updates = 0
        for printer_id, model, installed, known in rows:
            offered = offers.newer_than(model, installed)
            updates += bool(offered)
            if offered != known:
                changes.setdefault(offered, []).append(printer_id)
        for offered, ids in changes.items():
            for start in range(0, len(ids), CHUNK):
                chosen = update(Printer).where(Printer.id.in_(ids[start : start + CHUNK]))
                session.execute(chosen.values(offered_firmware=offered))
    return updates


def _offered(image: FirmwareImage) -> OfferedImage:
    file = FileReference(key=image.object_key, name=image.file_name, size=image.size, sha256=image.sha256)
    return OfferedImage(image.id, image.level, tuple(image.models), file)
