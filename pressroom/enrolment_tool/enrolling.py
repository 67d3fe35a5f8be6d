"""Enrolling one printer (F-2): at the printer by its management interface, at the portal by the code that it makes."""

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from connectors.printers.device import Device
from connectors.printers.device_answers import DeviceIdentity, SettingValue
from connectors.printers.device_connection import DeviceAddress
from connectors.printers.levels import is_at_least, level
from pressroom.enrolment_tool.portal import Portal
from pressroom.enrolment_tool.rules import LOWEST_FRAMEWORK, NATIVE, PRINTER, TOO_LOW, Candidate
from steps.printer_device import OTHER_PRINTER
from steps.printer_work import Access, AuthenticationType
from steps.printers.update_credentials import OTHER_TYPE

NEEDS_CREDENTIALS = Fault(
    "enrolment_tool.needs_credentials",
    403,
    N_("The printer is secured, and no credentials were given."),
    N_("Enrol it again with the authentication type and the credentials of its administrator."),
    spec="FL-97",
)
CONTROLS_OFF = Fault(
    "enrolment_tool.access_controls",
    409,
    N_("These access controls of the printer do not allow enrolment: {controls}."),
    N_("Allow them for the printer's administrator at its web page (Security > Access controls)."),
    spec="FL-557",
)
REFUSED_AT_PRINTER = Fault(
    "enrolment_tool.not_taken",
    409,
    N_("The portal did not take the printer in."),
    N_("See the printer's own history of events. A printer of another organization has to be unenrolled there first."),
    spec="FL-541",
)
TIMED_OUT = N_("It was not done within {seconds} seconds. The printer may still appear in the portal later.")
LATER = N_("The printer is enrolled; its credentials could not be handed over: {reason}")
CONTROLS = {
    "security.remote_management": (N_("Remote management"), "3.0"),
    "security.firmware_updates": (N_("Firmware updates"), "3.0"),
    "security.app_configuration": (N_("App configuration"), "4.0"),
}
"""What has to be allowed, and from which app framework on (FL-557)."""
PAUSE = 0.5


class Result(StrEnum):
    """What became of a printer."""

    ENROLLED = "enrolled"
    RE_ENROLLED = "re_enrolled"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class Outcome:
    """It, and why; `remedy` says what to do (FL-101)."""

    serial_number: str
    address: str
    result: Result
    reason: Message | None = None
    remedy: Message | None = None


async def enrol(portal: Portal, chosen: Candidate, access: Access | None, seconds: float) -> Outcome:
    """Enrol a printer; never raises what is expected. `access` None: the step of signing in is skipped (FL-97)."""
    found = chosen.found
    try:
        async with asyncio.timeout(seconds):
            reason = await _enrolled(portal, chosen, access)
    except TimeoutError:
        told = Message.of(TIMED_OUT, seconds=round(seconds))
        return Outcome(found.serial_number, found.address, Result.TIMED_OUT, told)
    except PressroomError as error:
        facts = {name: str(value) for name, value in error.facts.items()}
        reason, remedy = Message.of(error.fault.message, **facts), Message.of(error.fault.remedy, **facts)
        return Outcome(found.serial_number, found.address, Result.REFUSED, reason, remedy)
    result = Result.RE_ENROLLED if chosen.enrolled else Result.ENROLLED
    return Outcome(found.serial_number, found.address, result, reason)


async def _enrolled(portal: Portal, chosen: Candidate, access: Access | None) -> Message | None:
    """Steps 3 to 8; returns a remark where there is one."""
    address = _device_address(chosen, access)
    async with Device(address) as device:
        identity = await device.identity()
        if identity.serial_number != chosen.found.serial_number:
            raise OTHER_PRINTER(address=chosen.found.address, serial_number=identity.serial_number)
        _check_type(chosen, identity, access)
        agent = _agent(chosen, identity)
        _check_controls(await device.settings(), identity)
        if agent == PRINTER:
            await _install_agent(portal, device, identity)
        await _take_in(portal, device, agent)
    return await _with_credentials(portal, chosen, access) if access is not None else None


def _device_address(chosen: Candidate, access: Access | None) -> DeviceAddress:
    found = chosen.found
    user, secret = (access.user, access.secret.get_secret_value()) if access is not None else ("", "")
    return DeviceAddress(host=found.address, port=found.ports.get("http", 80), user=user, secret=secret)


def _check_type(chosen: Candidate, identity: DeviceIdentity, access: Access | None) -> None:
    """FL-97, FL-98."""
    needed = identity.authentication_type
    if access is None and needed != AuthenticationType.NONE:
        raise NEEDS_CREDENTIALS()
    if access is not None and needed != access.type:
        raise OTHER_TYPE(address=chosen.found.address, type=needed)


def _agent(chosen: Candidate, identity: DeviceIdentity) -> str:
    """The kind that the printer can have, now that it has said so itself; raises where it can have none."""
    if chosen.agent == NATIVE and not identity.iot_capable:
        if not is_at_least(identity.framework or "", LOWEST_FRAMEWORK):
            raise _too_low(identity)
        return PRINTER
    return chosen.agent


def _too_low(identity: DeviceIdentity) -> PressroomError:
    return FIRMWARE_TOO_LOW(level=identity.firmware)


FIRMWARE_TOO_LOW = Fault(
    "enrolment_tool.firmware_too_low",
    422,
    TOO_LOW,
    N_("Then search again and enrol the printer."),
    spec="FL-99",
)


def _check_controls(settings: Mapping[str, SettingValue], identity: DeviceIdentity) -> None:
    """FL-557: what the printer's own framework has of them."""
    framework = level(identity.framework or "5.0")
    missing = [
        title
        for name, (title, since) in CONTROLS.items()
        if framework >= level(since) and settings.get(name, True) is False
    ]
    if missing:
        raise CONTROLS_OFF(controls=", ".join(missing))


async def _install_agent(portal: Portal, device: Device, identity: DeviceIdentity) -> None:
    """Put the printer agent on the printer, or a newer one in the place of an older one (FL-70)."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "printer-agent.fls"
        await portal.save_printer_agent(identity.framework or "", package)
        await device.install_app(package)


async def _take_in(portal: Portal, device: Device, agent: str) -> None:
    """Let the printer make a code, type it in the portal, and wait until the printer is in."""
    if agent == NATIVE:
        await device.change_enrolment(communication=True)
    if (await device.enrolment()).state != "none":
        await device.leave_enrolment()
    code = await device.enrolment_code(portal.server, agent)
    while not await portal.claim(code):
        await asyncio.sleep(PAUSE)
    while (state := (await device.enrolment()).state) != "enrolled":
        if state == "none":
            raise REFUSED_AT_PRINTER()
        await asyncio.sleep(PAUSE)


async def _with_credentials(portal: Portal, chosen: Candidate, access: Access) -> Message | None:
    """What the agent needs to sign in to its printer; that it fails does not undo the enrolment."""
    if access.type is AuthenticationType.NONE:
        return None
    try:
        printer_id, _kind = (await portal.known([chosen.found.serial_number]))[chosen.found.serial_number]
        await portal.hand_over_credentials(printer_id, access)
    except PressroomError as error:
        return Message.of(LATER, reason=error.message)
    return None
