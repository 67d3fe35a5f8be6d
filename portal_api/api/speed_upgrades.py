"""Speed upgrades of single printers with licence codes (F-30, FL-406…FL-419)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate_message
from fleet.speed_upgrades import licence, service
from fleet.speed_upgrades.service import SpeedReview
from portal_api.access import needs
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

router = APIRouter(prefix="/speed-upgrades", tags=["firmware and apps"])
Upgrader = Annotated[Actor, needs(Permission.FLEET_PRINT_SPEED)]
CODE_FAULTS = (
    NOT_FOUND,
    service.USED,
    licence.NO_CODE,
    licence.NO_SUCH_UPGRADE,
    licence.OTHER_PRINTER,
    licence.OTHER_SPEED,
)


class SpeedUpgradeForm(BaseModel):
    """A printer and the licence code that was bought for it."""

    printer_id: str = Field(min_length=1, max_length=32)
    code: str = Field(min_length=1, max_length=128)


class SpeedReviewPublic(BaseModel):
    """What the code would do, and all that stands in its way."""

    serial_number: str
    model: str
    speed: int | None
    new_model: str
    new_speed: int
    reasons: list[str]

    @classmethod
    def of(cls, review: SpeedReview, locale: str) -> "SpeedReviewPublic":
        return cls(
            serial_number=review.serial_number,
            model=review.model,
            speed=review.speed,
            new_model=review.new_model,
            new_speed=review.new_speed,
            reasons=[translate_message(reason, locale) for reason in review.reasons],
        )


class SpeedUpgradeStarted(BaseModel):
    """The fleet task that deploys the code."""

    fleet_task_id: str


@router.post("/review", operation_id="review_speed_upgrade", responses=documented(*CODE_FAULTS))
def review_speed_upgrade(actor: Upgrader, locale: ReaderLocale, given: SpeedUpgradeForm) -> SpeedReviewPublic:
    """Say what a code would do; nothing is done (FL-410)."""
    return SpeedReviewPublic.of(service.review_upgrade(actor, given.printer_id, given.code), locale)


@router.post(
    "", operation_id="deploy_speed_upgrade", status_code=202, responses=documented(*CODE_FAULTS, service.NOT_NOW)
)
def deploy_speed_upgrade(actor: Upgrader, given: SpeedUpgradeForm) -> SpeedUpgradeStarted:
    """Deploy a code to its printer (FL-411)."""
    return SpeedUpgradeStarted(fleet_task_id=service.deploy_upgrade(actor, given.printer_id, given.code))
