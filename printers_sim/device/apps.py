"""Panel apps on a printer: installing, starting, stopping, removing, and their settings (FL-278…FL-280)."""

from collections.abc import Mapping
from typing import BinaryIO

from printers_sim.device.catalogue import Value
from printers_sim.device.package import AppPackage, read_app
from printers_sim.device.refusal import Refusal, not_supported
from printers_sim.device.settings import Outcome
from printers_sim.device.state import PRINTER_AGENT, EventKind, InstalledApp
from printers_sim.knobs import FailingStep
from printers_sim.printer import SimulatedPrinter

AGENT_FRAMEWORK = "3.0"
"""What the printer agent needs (FL-13, FL-600)."""


def version_key(version: str) -> tuple[int, ...]:
    """Dotted versions compare part by part, as numbers; what is no number counts as 0."""
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split("."))


def check_app(printer: SimulatedPrinter, package: AppPackage) -> None:
    """Refuse what the printer's framework cannot run."""
    framework = printer.profile.framework
    if not framework:
        raise not_supported("apps")
    needed = package.min_framework
    if package.id == PRINTER_AGENT:
        needed = max(needed, AGENT_FRAMEWORK, key=version_key)
    if needed and version_key(framework) < version_key(needed):
        reason = f"{package.name} needs app framework {needed}; this printer has {framework}."
        raise Refusal(422, "framework_too_old", reason)


def install_app(printer: SimulatedPrinter, file: BinaryIO) -> InstalledApp:
    """Install an app or another version of it; settings that it still declares are kept."""
    package = read_app(file)
    check_app(printer, package)
    printer.fail_if_asked(FailingStep.APP_INSTALL)
    former = printer.device.apps.get(package.id)
    app = InstalledApp(package.id, package.name, package.version, defaults=dict(package.defaults))
    if former is not None:
        app.is_started, app.built_in = former.is_started, former.built_in
        app.settings = {name: value for name, value in former.settings.items() if _fits(app, name, value)}
    printer.device.apps[app.id] = app
    _note(printer, f"{app.name} {app.version} installed")
    return app


def find_app(printer: SimulatedPrinter, app_id: str) -> InstalledApp:
    """The app; raises `Refusal` where it is not installed."""
    app = printer.device.apps.get(app_id)
    if app is None:
        raise Refusal(404, "no_such_app", f"No app “{app_id}” is installed.")
    return app


def start_app(printer: SimulatedPrinter, app_id: str) -> InstalledApp:
    """Only a stopped app can be started (FL-279)."""
    return _turn(printer, app_id, FailingStep.APP_START, is_started=True)


def stop_app(printer: SimulatedPrinter, app_id: str) -> InstalledApp:
    """Only a started app can be stopped (FL-279)."""
    return _turn(printer, app_id, FailingStep.APP_STOP, is_started=False)


def remove_app(printer: SimulatedPrinter, app_id: str) -> None:
    """Uninstall; what the printer was delivered with and the printer agent stay (FL-280)."""
    app = find_app(printer, app_id)
    if app.built_in or app.id == PRINTER_AGENT:
        raise Refusal(409, "app_is_kept", f"{app.name} cannot be uninstalled.")
    printer.fail_if_asked(FailingStep.APP_UNINSTALL)
    del printer.device.apps[app_id]
    _note(printer, f"{app.name} {app.version} uninstalled")


def app_settings(app: InstalledApp) -> dict[str, Value]:
    """Every setting that the app declares, with its value."""
    return {**app.defaults, **app.settings}


def change_app_settings(printer: SimulatedPrinter, app_id: str, wanted: Mapping[str, object]) -> Outcome:
    """Set what the app declares and what is of the declared type; the rest is reported by name."""
    app = find_app(printer, app_id)
    printer.fail_if_asked(FailingStep.APP_SETTINGS)
    outcome = Outcome()
    for name, value in wanted.items():
        if name not in app.defaults:
            outcome.refused[name] = "The app has no such setting."
        elif not isinstance(value, str | int) or not _fits(app, name, value):
            outcome.refused[name] = f"Has to be of the same type as {app.defaults[name]!r}."
        else:
            outcome.applied[name] = app.settings[name] = value
    _note(printer, f"Settings of {app.name} changed")
    return outcome


def _fits(app: InstalledApp, name: str, value: Value) -> bool:
    return name in app.defaults and type(value) is type(app.defaults[name])


def _turn(printer: SimulatedPrinter, app_id: str, step: FailingStep, *, is_started: bool) -> InstalledApp:
    app = find_app(printer, app_id)
    state = "started" if app.is_started else "stopped"
    if app.is_started is is_started:
        raise Refusal(409, "wrong_state", f"{app.name} is {state} already.")
    printer.fail_if_asked(step)
    app.is_started = is_started
    _note(printer, f"{app.name} {'started' if is_started else 'stopped'}")
    return app


def _note(printer: SimulatedPrinter, text: str) -> None:
    printer.device.note(EventKind.FRAMEWORK, text)
    printer.changes += 1
