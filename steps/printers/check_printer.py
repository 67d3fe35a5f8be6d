"""Looking for what keeps a printer from being managed: every check is a part of the report, with what to do (FL-541…).

Nothing is changed. A check whose ground is missing is not made: without a web server there is no sign-in to try. The
checks stand with their symptoms in docs/troubleshooting.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from connectors.printers.device import Device
from connectors.printers.device_answers import BLANK, DeviceIdentity, SettingValue
from connectors.printers.device_connection import ACCESS_REFUSED, NOT_SUPPORTED, UNMANAGED
from connectors.printers.levels import is_at_least
from steps.app_conflicts import conflicts_on
from steps.printer_device import OTHER_PRINTER, device_address, target_of
from steps.printer_standards import AS_TOLD, read_by_standards
from steps.printer_work import ComponentResult, Order, Outcome, PrinterStepKind, PrinterTarget, Report, WorkFiles

REACHED_BY = {"SNMP": N_("Answers SNMP"), "IPP": N_("Answers IPP")}
WEB_SERVER = N_("Answers at its web server")
AUTHENTICATION_TYPE = N_("Authentication type")
SIGN_IN = N_("Sign-in of the agent")
ACCESS_CONTROLS = N_("Access controls")
NETWORK = N_("Address and name service")
CLOCK = N_("Clock")
STATE = N_("No errors, not in use")
FIRMWARE = N_("Firmware")
TLS = N_("TLS 1.2")
HOME_SCREEN = N_("Home screen")
APPS = N_("Apps together")

OTHER_TYPE = N_("The printer expects {expected}, the agent has {kept}. Update the agent's credentials with that type.")
REFUSED = N_("The printer does not accept the agent's credentials. Update them with those of its administrator.")
LACKING = N_("These rights are turned off at the printer: {rights}. Turn them on under Security at its web page.")
BY_HAND = N_(
    "The address is set by hand, and gateway or DNS server are missing (gateway {gateway}, DNS {dns}). First take the "
    "DNS server from DHCP, then set the address by hand."
)
CLOCK_WRONG = N_("The printer's clock differs by {minutes} minutes from ours. Set it by NTP.")
TROUBLED = N_("Somebody has to see to the printer: {errors}")
IN_USE = N_("The printer is in use: firmware and agent wait until it is ready.")
OLD_FIRMWARE = N_("Firmware {level} is not fully supported by the native agent. Update it to {lowest} or later.")
OLD_TLS = N_("The printer takes connections by {version}. Set the lowest version to TLS 1.2.")
STALE_LAYOUT = N_(
    "The home screen has places of apps that do not run: {apps}. Start the apps, or reset the home screen."
)
SOME_FAILED = N_("{count} checks did not pass; the first is “{what}”.")

CLOCK_TOLERANCE = timedelta(minutes=5)
FULL_SUPPORT = "075.272"
"""Of the native agent (FL-153)."""
RIGHTS = {
    "security.remote_management": "remote management",
    "security.firmware_updates": "firmware updates",
    "security.app_configuration": "app configuration",
}
APP_RIGHT, APP_RIGHT_SINCE = "security.app_configuration", "4.0"
"""Frameworks below have no such right (FL-557)."""


class CheckPrinter(BaseModel):
    """Needs nothing."""


@dataclass(slots=True)
class Checks:
    """What was looked at so far."""

    parts: list[ComponentResult] = field(default_factory=list)

    def passed(self, name: str) -> None:
        """It is as it should be."""
        self.parts.append(ComponentResult(kind="check", name=name, outcome=Outcome.COMPLETED))

    def failed(self, name: str, message: Message, outcome: Outcome = Outcome.FAILED) -> None:
        """It is not, and why."""
        self.parts.append(ComponentResult(kind="check", name=name, outcome=outcome, message=message))

    def judge(self, name: str, problem: Message | None) -> None:
        """Passed without a problem."""
        self.passed(name) if problem is None else self.failed(name, problem)

    def report(self) -> Report:
        """Failed where a check has; a printer that answers in no way does not communicate."""
        bad = [part for part in self.parts if part.outcome is not Outcome.COMPLETED]
        answers = any(part.outcome is Outcome.COMPLETED for part in self.parts)
        if not bad or (answers and all(part.name in REACHED_BY.values() for part in bad)):
            warnings = tuple(part.message for part in bad if part.message is not None)
            return Report(warnings=warnings, components=tuple(self.parts))
        outcome = Outcome.FAILED if answers else Outcome.NOT_COMMUNICATING
        reason = Message.of(SOME_FAILED, count=len(bad), what=bad[0].name)
        return Report(outcome=outcome, reason=reason, components=tuple(self.parts))


async def check_printer(order: Order, _files: WorkFiles) -> Report:
    """Make every check that there is a ground for. Raises `OTHER_PRINTER`."""
    target, checks = target_of(order), Checks()
    seen = await read_by_standards(order)
    for source in seen.sources:
        problem = None if source.message is None else source.message
        if problem is None:
            checks.passed(REACHED_BY[source.name])
        else:
            checks.failed(REACHED_BY[source.name], problem, source.outcome)
    if target.is_vendor:
        async with Device(device_address(target)) as device:
            await _managed(device, target, checks)
    return checks.report()


async def _managed(device: Device, target: PrinterTarget, checks: Checks) -> None:
    try:
        identity = await device.identity()
    except PressroomError as error:
        checks.failed(WEB_SERVER, Message.of(AS_TOLD, reason=error.message), Report.of(error).outcome)
        return
    if identity.serial_number != target.serial_number:
        raise OTHER_PRINTER(address=target.address, serial_number=identity.serial_number)
    checks.passed(WEB_SERVER)
    checks.judge(AUTHENTICATION_TYPE, _type_problem(identity, target))
    checks.judge(CLOCK, clock_problem(await device.clock(), datetime.now(UTC)))
    checks.judge(STATE, _state_problem(identity))
    checks.judge(FIRMWARE, _firmware_problem(identity))
    settings = await signed_in(device, checks)
    if settings is not None:
        checks.judge(NETWORK, _network_problem(settings))
        checks.judge(TLS, _tls_problem(settings))
        await _home_screen(device, checks)
        await _apps(device, checks)


async def signed_in(device: Device, checks: Checks) -> Mapping[str, SettingValue] | None:
    """Try the agent's credentials and rights (FL-103); the printer's settings, None where it shows none.

    Without the right of remote management a printer shows nothing to an agent, whoever it is.
    """
    try:
        settings = await device.settings()
    except PressroomError as error:
        if error.fault is ACCESS_REFUSED:
            checks.failed(SIGN_IN, Message.of(REFUSED))
        else:
            checks.passed(SIGN_IN)
            checks.failed(ACCESS_CONTROLS, Message.of(AS_TOLD, reason=error.message))
        return None
    identity = await device.identity()
    checks.passed(SIGN_IN)
    checks.judge(ACCESS_CONTROLS, _rights_problem(settings, identity.framework or ""))
    return settings


def _type_problem(identity: DeviceIdentity, target: PrinterTarget) -> Message | None:
    expected, kept = identity.authentication_type, target.access.type.value
    return Message.of(OTHER_TYPE, expected=expected, kept=kept) if expected != kept else None


def clock_problem(told: datetime | None, present: datetime) -> Message | None:
    """More than five minutes apart (TS-12); a printer that does not tell the time is not blamed."""
    if told is None or abs(told - present) <= CLOCK_TOLERANCE:
        return None
    return Message.of(CLOCK_WRONG, minutes=round(abs(told - present).total_seconds() / 60))


def _state_problem(identity: DeviceIdentity) -> Message | None:
    if identity.unresolved_errors:
        return Message.of(TROUBLED, errors="; ".join(identity.unresolved_errors))
    return Message.of(IN_USE) if identity.busy else None


def _firmware_problem(identity: DeviceIdentity) -> Message | None:
    if not identity.iot_capable or is_at_least(identity.firmware, FULL_SUPPORT):
        return None
    return Message.of(OLD_FIRMWARE, level=identity.firmware, lowest=FULL_SUPPORT)


def _rights_problem(settings: Mapping[str, SettingValue], framework: str) -> Message | None:
    needed = [name for name in RIGHTS if name != APP_RIGHT or is_at_least(framework, APP_RIGHT_SINCE)]
    lacking = [RIGHTS[name] for name in needed if settings.get(name) is False]
    return Message.of(LACKING, rights=", ".join(lacking)) if lacking else None


def _network_problem(settings: Mapping[str, SettingValue]) -> Message | None:
    gateway, dns = settings.get("network.gateway") or "", settings.get("network.dns1") or ""
    by_dhcp = settings.get("network.dhcp") is not False
    knows_names = bool(dns) or (by_dhcp and settings.get("network.dns_automatic") is not False)
    if knows_names and (by_dhcp or gateway):
        return None
    return Message.of(BY_HAND, gateway=gateway or "–", dns=dns or "–")


def _tls_problem(settings: Mapping[str, SettingValue]) -> Message | None:
    lowest = str(settings.get("security.tls_minimum", ""))
    return Message.of(OLD_TLS, version=lowest) if lowest in ("TLS 1.0", "TLS 1.1") else None


async def _home_screen(device: Device, checks: Checks) -> None:
    try:
        screen, apps = await device.home_screen(), await device.apps()
    except PressroomError as error:
        if error.fault not in (NOT_SUPPORTED, UNMANAGED):
            checks.failed(HOME_SCREEN, Message.of(AS_TOLD, reason=error.message))
        return
    shown = [item for page in screen.pages for item in page]
    known = {item.id for item in screen.offered} - {app.id for app in apps if not app.is_started}
    stale = sorted({item for item in shown if item != BLANK and item not in known})
    checks.judge(HOME_SCREEN, Message.of(STALE_LAYOUT, apps=", ".join(stale)) if stale else None)


async def _apps(device: Device, checks: Checks) -> None:
    """Whether apps that do not go together are on the printer (TS-37, TS-54, TS-55); the first conflict is told."""
    try:
        conflicts = await conflicts_on(device)
    except PressroomError as error:
        if error.fault not in (NOT_SUPPORTED, UNMANAGED):
            checks.failed(APPS, Message.of(AS_TOLD, reason=error.message))
        return
    checks.judge(APPS, conflicts[0] if conflicts else None)


STEPS = (PrinterStepKind("check_printer", N_("Check printers"), CheckPrinter, check_printer),)
