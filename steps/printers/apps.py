"""Panel apps of a printer: started, stopped, updated, uninstalled; several at a time, each with a result (F-28, F-29).

What the printer lacks is "not supported" for that app; what it refuses has failed, with the reason. At the end the list
of apps is read again.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from connectors.printers.device import Device
from connectors.printers.device_answers import DeviceApp
from connectors.printers.levels import is_at_least
from steps.printer_device import managed_device
from steps.printer_work import (
    ComponentResult,
    FileReference,
    Order,
    Outcome,
    PrinterStepKind,
    Report,
    WorkFiles,
)

MOST_APPS = 100
PRINTER_AGENT = "printer-agent"
NOT_INSTALLED = N_("The app is not on the printer.")
STARTED_ALREADY = N_("The app is started already.")
STOPPED_ALREADY = N_("The app is stopped already.")
IS_KEPT = N_("The app was delivered with the printer, or is its agent, and cannot be uninstalled.")
NOT_LISTED = N_("There is no newer version for this printer in the catalogue.")
NEWEST_ALREADY = N_("The newest version is installed already.")
OTHER_VERSION = N_("After the update the printer reports version {version}.")
SOME_FAILED = N_("It did not succeed for: {apps}.")
SOME_MISSING = N_("These apps are not on the printer, or nothing fits it: {apps}.")
NONE_THERE = N_("None of the apps is on the printer.")


class ChosenApp(BaseModel):
    """An app by its id, with the name by which people chose it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=64)
    name: str = Field("", max_length=255)

    @property
    def shown(self) -> str:
        return self.name or self.id


class ChosenApps(BaseModel):
    """The apps to start, stop or uninstall."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    apps: tuple[ChosenApp, ...] = Field(min_length=1, max_length=MOST_APPS)


class NewVersion(ChosenApp):
    """An app with the version that the printer is to have; without a package the catalogue has none that fits."""

    version: str = ""
    package: FileReference | None = None


class NewVersions(BaseModel):
    """The apps to update."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    apps: tuple[NewVersion, ...] = Field(min_length=1, max_length=MOST_APPS)


class _AppWork:
    """What every one of the four needs: the printer, what is on it, and whether it was begun before."""

    def __init__(self, device: Device, there: Sequence[DeviceApp], files: WorkFiles, *, resumed: bool) -> None:
        self.device, self.files, self.resumed = device, files, resumed
        self.there: Mapping[str, DeviceApp] = {app.id: app for app in there}


_One = Callable[[_AppWork, Any], Awaitable[ComponentResult]]


async def start_apps(order: Order, files: WorkFiles) -> Report:
    """Start stopped apps (FL-279)."""
    return await _each(order, files, ChosenApps.model_validate(order.parameters).apps, _start)


async def stop_apps(order: Order, files: WorkFiles) -> Report:
    """Stop started apps (FL-279)."""
    return await _each(order, files, ChosenApps.model_validate(order.parameters).apps, _stop)


async def uninstall_apps(order: Order, files: WorkFiles) -> Report:
    """Remove apps, never those of FL-280."""
    return await _each(order, files, ChosenApps.model_validate(order.parameters).apps, _uninstall)


async def update_apps(order: Order, files: WorkFiles) -> Report:
    """Install the version that is asked for, where it is newer than the one that is there."""
    return await _each(order, files, NewVersions.model_validate(order.parameters).apps, _update)


async def _each(order: Order, files: WorkFiles, apps: Sequence[ChosenApp], one: _One) -> Report:
    """Do it for each app; a printer that falls silent ends the order, with what was done until then."""
    results: list[ComponentResult] = []
    async with managed_device(order) as printer:
        work = _AppWork(printer.device, await printer.device.apps(), files, resumed=order.resumed)
        for app in apps:
            try:
                results.append(await one(work, app))
            except PressroomError as error:
                told = Report.of(error)
                results.append(_result(work.there.get(app.id, app), told.outcome, told.reason))
                if error.transient:
                    return told.model_copy(update={"components": tuple(results)})
        left = await printer.device.apps()
    return _report(results, left)


async def _start(work: _AppWork, app: ChosenApp) -> ComponentResult:
    there = work.there.get(app.id)
    if there is None:
        return _result(app, Outcome.NOT_SUPPORTED, NOT_INSTALLED)
    if there.is_started:
        return _result(there, Outcome.COMPLETED if work.resumed else Outcome.FAILED, STARTED_ALREADY)
    await work.device.start_app(app.id)
    return _result(there, Outcome.COMPLETED)


async def _stop(work: _AppWork, app: ChosenApp) -> ComponentResult:
    there = work.there.get(app.id)
    if there is None:
        return _result(app, Outcome.NOT_SUPPORTED, NOT_INSTALLED)
    if not there.is_started:
        return _result(there, Outcome.COMPLETED if work.resumed else Outcome.FAILED, STOPPED_ALREADY)
    await work.device.stop_app(app.id)
    return _result(there, Outcome.COMPLETED)


async def _uninstall(work: _AppWork, app: ChosenApp) -> ComponentResult:
    there = work.there.get(app.id)
    if there is None:
        return _result(app, Outcome.COMPLETED if work.resumed else Outcome.NOT_SUPPORTED, NOT_INSTALLED)
    if there.built_in or there.id == PRINTER_AGENT:
        return _result(there, Outcome.FAILED, IS_KEPT)
    await work.device.uninstall_app(app.id)
    return _result(there, Outcome.COMPLETED)


async def _update(work: _AppWork, app: NewVersion) -> ComponentResult:
    there = work.there.get(app.id)
    if there is None:
        return _result(app, Outcome.NOT_SUPPORTED, NOT_INSTALLED)
    if app.package is None:
        return _result(there, Outcome.COMPLETED, NOT_LISTED)
    if is_at_least(there.version, app.version):
        return _result(there, Outcome.COMPLETED, None if work.resumed else NEWEST_ALREADY)
    installed = await work.device.install_app(await work.files.fetch(app.package), app.package.sha256)
    if installed.version != app.version:
        return _result(there, Outcome.FAILED, Message.of(OTHER_VERSION, version=installed.version))
    return _result(installed, Outcome.COMPLETED)


def _result(app: ChosenApp | DeviceApp, outcome: Outcome, message: Message | str | None = None) -> ComponentResult:
    """The result under the name that the printer reports, as it may differ between models (FL-283)."""
    name = app.name if isinstance(app, DeviceApp) else app.shown
    told = Message.of(message) if isinstance(message, str) else message
    return ComponentResult(kind="app", name=name, outcome=outcome, message=told)


def _report(results: Sequence[ComponentResult], left: Sequence[DeviceApp]) -> Report:
    facts = {"apps": [app.model_dump(mode="json") for app in left]}
    failed = [one.name for one in results if one.outcome is Outcome.FAILED]
    missing = [one.name for one in results if one.outcome is Outcome.NOT_SUPPORTED]
    if failed:
        reason = Message.of(SOME_FAILED, apps=", ".join(failed))
        return Report(outcome=Outcome.FAILED, reason=reason, components=tuple(results), facts=facts)
    if len(missing) == len(results):
        reason = Message.of(NONE_THERE)
        return Report(outcome=Outcome.NOT_SUPPORTED, reason=reason, components=tuple(results), facts=facts)
    warnings = (Message.of(SOME_MISSING, apps=", ".join(missing)),) if missing else ()
    remarks = tuple(one.message for one in results if one.outcome is Outcome.COMPLETED and one.message is not None)
    return Report(warnings=warnings, remarks=remarks, components=tuple(results), facts=facts)


STEPS = (
    PrinterStepKind("start_apps", N_("Start apps"), ChosenApps, start_apps),
    PrinterStepKind("stop_apps", N_("Stop apps"), ChosenApps, stop_apps),
    PrinterStepKind("update_apps", N_("Update apps"), NewVersions, update_apps),
    PrinterStepKind("uninstall_apps", N_("Uninstall apps"), ChosenApps, uninstall_apps),
)
