"""Updating a printer's firmware: sent once, the restart waited for, the level verified (F-26, FL-303…FL-313)."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from connectors.printers.device import Device
from connectors.printers.device_answers import DeviceIdentity
from connectors.printers.levels import level
from steps.printer_device import ManagedDevice, back_from_restart, managed_device, restarted_by
from steps.printer_work import FileReference, Order, PrinterStepKind, Report, WorkFiles

WRONG_LEVEL = Fault(
    "firmware.wrong_level",
    502,
    N_("The printer has come back with firmware {found} instead of {wanted}."),
    N_("Look into the printer's history log for why it could not be installed, then try again."),
    spec="FL-313",
)
ALREADY_CURRENT = N_("Firmware {found} is current already: nothing was sent.")
APPS_REMOVED = N_("The downgrade has removed these apps: {apps}.")
APPS_NOT_READ = N_("The apps were not read again: {reason}")
AGENT_REMOVED = N_("The downgrade has removed the printer agent: enrol the printer again.")
PRINTER_AGENT = "printer-agent"


class UpdateFirmware(BaseModel):
    """The level and its image. Without `allow_downgrade` a printer with a higher level is left as it is (FL-310)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: str = Field(min_length=1, max_length=64)
    image: FileReference
    allow_downgrade: bool = False


async def update_firmware(order: Order, files: WorkFiles) -> Report:
    """Send the image unless the printer has the level; raises `WRONG_LEVEL` where it came back with another.

    A resumed order that finds the level has done its work. The facts are `identity`, `apps` and `former_level`.
    """
    wanted = UpdateFirmware.model_validate(order.parameters)
    async with managed_device(order, patient=True) as printer:
        identity, found = printer.identity, printer.identity.firmware
        if _is_current(found, wanted):
            done = restarted_by(order, identity)
            remarks = () if done else (Message.of(ALREADY_CURRENT, found=found),)
            return await _report(printer.device, identity, found, remarks=remarks)
        return await _updated(printer, wanted, files)


async def _updated(printer: ManagedDevice, wanted: UpdateFirmware, files: WorkFiles) -> Report:
    """Send it to the printer as it is now: getting the file may have taken longer than another's update of it."""
    image = await files.fetch(wanted.image)
    device, former = printer.device, await printer.device.identity()
    if _is_current(former.firmware, wanted):
        return await _report(device, former, former.firmware)
    flash = await device.install_firmware(image, wanted.image.sha256)
    identity = await back_from_restart(device, former.restarted_at)
    if level(identity.firmware) != level(wanted.level):
        raise WRONG_LEVEL(found=identity.firmware, wanted=wanted.level)
    warnings = []
    if flash.removed_apps:
        warnings.append(Message.of(APPS_REMOVED, apps=", ".join(flash.removed_apps)))
    if PRINTER_AGENT in flash.removed_apps:
        warnings.append(Message.of(AGENT_REMOVED))
    return await _report(device, identity, former.firmware, warnings=tuple(warnings))


def _is_current(found: str, wanted: UpdateFirmware) -> bool:
    if level(found) == level(wanted.level):
        return True
    return level(found) > level(wanted.level) and not wanted.allow_downgrade


async def _report(
    device: Device,
    identity: DeviceIdentity,
    former: str,
    *,
    warnings: tuple[Message, ...] = (),
    remarks: tuple[Message, ...] = (),
) -> Report:
    """What is known now. That the apps could not be read does not undo the update: it is a warning."""
    facts: dict[str, Any] = {"identity": identity.model_dump(mode="json"), "former_level": former}
    try:
        facts["apps"] = [app.model_dump(mode="json") for app in await device.apps()] if identity.framework else []
    except PressroomError as error:
        warnings = (*warnings, Message.of(APPS_NOT_READ, reason=error.message))
    return Report(warnings=warnings, remarks=remarks, facts=facts)


STEPS = (PrinterStepKind("update_firmware", N_("Update firmware"), UpdateFirmware, update_firmware),)
