"""The apps of a configuration on one printer, in their order, each with its settings (FL-402).

What is on the printer already may not go together with them: an app that could not work is not installed (TS-55), and
what differs from an app that another configuration has brought is a warning (TS-37, TS-54).
"""

from collections.abc import Mapping

from connectors.messages import N_, Message
from connectors.printers.device import Device
from connectors.printers.device_answers import SettingValue
from steps.app_conflicts import conflicts_on, quota_conflict
from steps.deployment_record import DeploymentRecord, StepFailedError
from steps.printer_configuration import (
    APP,
    APP_SETTING,
    MISSING,
    PrinterConfiguration,
    WantedApp,
    fits,
    secrets_of_app,
    shown,
)
from steps.printer_work import WorkFiles

DOES_NOT_FIT = N_("“{app}” needs app framework {framework} and was left out.")
NOT_INSTALLED = N_("After the installation the printer reports “{app}” in version {version}.")
HIDDEN = "••••"
"""What evidence shows of a secret."""
SETTING_REFUSED = N_("“{app}” refuses the setting {name}: {reason}")


async def deploy_apps(record: DeploymentRecord, device: Device, wanted: PrinterConfiguration, files: WorkFiles) -> None:
    """Install what is missing or has another version; set what differs; read both back."""
    framework = record.identity.framework or ""
    installed = await device.apps() if framework and wanted.apps else []
    there = {app.id: app.version for app in installed}
    for app in wanted.apps:
        if (conflict := quota_conflict(app.id, app.name, installed)) is not None:
            raise StepFailedError(APP, conflict)
        if not fits(app, framework):
            record.remarks.append(Message.of(DOES_NOT_FIT, app=app.name, framework=app.min_framework or "2.0"))
            continue
        if there.get(app.id) != app.version:
            await _install(record, device, app, there, files)
        await _set(record, device, app, secrets_of_app(wanted, app))
    if wanted.apps and framework:
        record.warnings += await conflicts_on(device)


async def _install(
    record: DeploymentRecord, device: Device, app: WantedApp, there: Mapping[str, str], files: WorkFiles
) -> None:
    installed = await device.install_app(await files.fetch(app.file), app.file.sha256)
    record.change(APP, app.name, shown(there.get(app.id)), installed.version)
    if installed.version != app.version:
        raise StepFailedError(APP, Message.of(NOT_INSTALLED, app=app.name, version=installed.version))
    record.result(APP, f"{app.name} {app.version}")


async def _set(record: DeploymentRecord, device: Device, app: WantedApp, secrets: Mapping[str, SettingValue]) -> None:
    given = {**app.settings, **secrets}
    if not given:
        return
    before = await device.app_settings(app.id)
    differing: dict[str, SettingValue] = {name: value for name, value in given.items() if before.get(name) != value}
    if not differing:
        return
    outcome = await device.change_app_settings(app.id, differing)
    after = await device.app_settings(app.id)
    for name in outcome.applied:
        if name in secrets:
            record.change(APP_SETTING, f"{app.name}: {name}", MISSING, HIDDEN)
        else:
            record.change(APP_SETTING, f"{app.name}: {name}", shown(before.get(name)), shown(after.get(name)))
    for name, reason in outcome.refused.items():
        raise StepFailedError(APP, Message.of(SETTING_REFUSED, app=app.name, name=name, reason=reason))
