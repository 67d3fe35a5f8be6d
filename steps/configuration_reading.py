"""Reading of a printer what a configuration is about, and of its files the settings that they bring (F-24)."""

from functools import lru_cache
from pathlib import Path

from connectors.printers.device import Device
from connectors.printers.device_answers import DeviceIdentity
from connectors.printers.files import read_bundle, read_settings_file
from steps.printer_configuration import FileValues, PrinterConfiguration, PrinterState, WantedFile, takes_login_methods
from steps.printer_work import WorkFiles


async def read_state(device: Device, identity: DeviceIdentity, wanted: PrinterConfiguration) -> PrinterState:
    """What the printer has of the parts that are wanted; the rest is not asked for."""
    apps = {app.id: app.version for app in await device.apps()} if wanted.apps and identity.framework else {}
    app_settings = {app.id: await device.app_settings(app.id) for app in wanted.apps if app.settings and app.id in apps}
    login = None
    if wanted.login_methods is not None and takes_login_methods(identity.framework or ""):
        login = await device.login_methods()
    return PrinterState(
        model=identity.model,
        firmware=identity.firmware,
        framework=identity.framework or "",
        apps=apps,
        app_settings=app_settings,
        settings=await device.settings() if wanted.settings or wanted.files else {},
        login_methods=login,
    )


async def read_files(wanted: PrinterConfiguration, files: WorkFiles) -> list[FileValues]:
    """The settings of every file, in order: files cannot be read back from a printer, the values in them can."""
    return [_values(await files.fetch(one.file), one) for one in wanted.files]


@lru_cache(maxsize=64)
def _values(path: Path, wanted: WantedFile) -> FileValues:
    """Kept, because a thousand printers of a batch ask for the same file."""
    if wanted.kind == "bundle":
        bundle = read_bundle(path, wanted.name)
        return FileValues(wanted.name, bundle.values, bundle.models)
    file = read_settings_file(path, wanted.name)
    return FileValues(wanted.name, file.values, (file.model,) if file.model else ())
