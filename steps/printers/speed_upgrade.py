"""Making a printer faster with a licence code that was bought for it (F-30, FL-406…FL-412)."""

from pydantic import BaseModel, ConfigDict, Field

from connectors.errors import Fault
from connectors.messages import N_, Message
from steps.printer_device import managed_device
from steps.printer_work import Order, PrinterStepKind, Report, WorkFiles

NOT_FASTER = Fault(
    "speed_upgrade.not_faster",
    502,
    N_("The printer took the code, but reports {speed} pages per minute instead of {wanted}."),
    N_("Restart the printer and refresh its information."),
    spec="FL-410",
)
ALREADY_FASTER = N_("The printer has that speed already.")


class SpeedUpgrade(BaseModel):
    """The code, and the speeds in pages per minute before and after."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(min_length=1, max_length=128)
    slower: int = Field(gt=0)
    faster: int = Field(gt=0)


async def upgrade_speed(order: Order, _files: WorkFiles) -> Report:
    """Deploy the code and verify the speed; the facts are `identity` and `used`: whether the code was spent on it."""
    wanted = SpeedUpgrade.model_validate(order.parameters)
    async with managed_device(order) as printer:
        identity, used = printer.identity, order.resumed
        remarks: tuple[Message, ...] = ()
        if identity.speed_ppm != wanted.faster:
            await printer.device.upgrade_speed(wanted.code, wanted.slower, wanted.faster)
            identity, used = await printer.device.identity(), True
        elif not order.resumed:
            remarks = (Message.of(ALREADY_FASTER),)
        if identity.speed_ppm != wanted.faster:
            raise NOT_FASTER(speed=identity.speed_ppm or 0, wanted=wanted.faster)
        return Report(remarks=remarks, facts={"identity": identity.model_dump(mode="json"), "used": used})


STEPS = (PrinterStepKind("speed_upgrade", N_("Speed upgrade"), SpeedUpgrade, upgrade_speed),)
