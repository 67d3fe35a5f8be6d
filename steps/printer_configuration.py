"""What a configuration wants of one printer, what the printer has, and how the two differ (F-21, F-24).

Variables are resolved and firmware is chosen before an order is made; what does not fit the model is found out at the
printer: apps by their framework, settings and files by what the printer has. Comparing is a pure function.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, SecretStr

from connectors.messages import N_, Message
from connectors.printers.device_answers import SettingValue
from connectors.printers.levels import level
from steps.printer_work import FileReference

FIRMWARE, APP, APP_SETTING, SETTINGS_FILE, SETTING, LOGIN_METHODS = (
    "firmware",
    "app",
    "app_setting",
    "settings_file",
    "setting",
    "login_methods",
)
COMPONENT_TITLES = {
    FIRMWARE: N_("Firmware"),
    APP: N_("App"),
    APP_SETTING: N_("Setting of an app"),
    SETTINGS_FILE: N_("Settings file"),
    SETTING: N_("Setting"),
    LOGIN_METHODS: N_("Login methods"),
}
"""The components in the order in which they are deployed (FL-402)."""
LOGIN_FRAMEWORK = "5.0"
MISSING = "–"
TRUE, FALSE = ("true", "on", "1"), ("false", "off", "0")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WantedFirmware(_Part):
    """A level and its image. `is_specific`: exactly that level (FL-352…FL-354); else printers are only raised to it."""

    level: str
    file: FileReference
    is_specific: bool = False


class WantedApp(_Part):
    """An app in a version, with the settings that it is to have."""

    id: str
    name: str
    version: str
    min_framework: str = ""
    file: FileReference
    settings: dict[str, SettingValue] = {}


class WantedFile(_Part):
    """A settings file or bundle, sent to every model (FL-347)."""

    kind: Literal["settings_file", "bundle"]
    name: str
    file: FileReference


class PrinterConfiguration(_Part):
    """The parameters of the steps that deploy, check and enforce a configuration.

    `secrets` are passwords of settings, PINs or passwords of login accounts, and keys of apps, by `setting:NAME`,
    `account:NAME` and `app:ID:NAME`.
    `warnings` tell what was left out before the order was made. `by_printer_agent`: a downgrade removes the agent that
    manages the printer (FL-356). `behind_proxy`: apps reach the cloud only with credentials of a proxy (FL-290).
    """

    title: str
    firmware: WantedFirmware | None = None
    apps: tuple[WantedApp, ...] = ()
    files: tuple[WantedFile, ...] = ()
    settings: dict[str, SettingValue] = {}
    login_methods: dict[str, Any] | None = None
    secrets: dict[str, SecretStr] = {}
    warnings: tuple[Message, ...] = ()
    by_printer_agent: bool = False
    behind_proxy: bool = False


@dataclass(frozen=True, slots=True)
class FileValues:
    """The settings that a file brings, as text; `models` is empty where it is for any."""

    name: str
    values: Mapping[str, str]
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrinterState:
    """What was read from a printer: versions of apps by id, settings without passwords, login methods if it has any."""

    model: str
    firmware: str
    framework: str
    apps: Mapping[str, str] = field(default_factory=dict)
    app_settings: Mapping[str, Mapping[str, SettingValue]] = field(default_factory=dict)
    settings: Mapping[str, SettingValue] = field(default_factory=dict)
    login_methods: Mapping[str, Any] | None = None


class Difference(_Part):
    """One part that is not as it is wanted; texts for people, never a secret."""

    component: str
    item: str
    expected: str
    found: str


class Change(_Part):
    """Evidence of what a deployment changed: a part, its value before, and its value read back after."""

    component: str
    item: str
    before: str
    after: str


class ComplianceFacts(BaseModel):
    """What a check or an enforcement reports: the result, and its evidence.

    `found` is what the first check of an enforcement found, `differences` what is so at the end; `restarted_at` is when
    the printer came back before the second check. `result` is missing where it could not be checked.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    title: str = ""
    result: Literal["compliant", "not_compliant"] | None = None
    differences: tuple[Difference, ...] = ()
    found: tuple[Difference, ...] | None = None
    changes: tuple[Change, ...] = ()
    restarted_at: str = ""


def differences(wanted: PrinterConfiguration, files: Sequence[FileValues], found: PrinterState) -> list[Difference]:
    """How the printer differs from what is wanted; what does not fit its model is left out (F-24)."""
    return [
        *_firmware(wanted.firmware, found),
        *_apps(wanted.apps, found),
        *_files(files, set(wanted.settings), found),
        *_settings(wanted.settings, found),
        *_login(wanted.login_methods, found),
    ]


def secrets_of_app(wanted: PrinterConfiguration, app: WantedApp) -> dict[str, SettingValue]:
    """The settings of an app that nobody may read on the way."""
    start = f"app:{app.id}:"
    return {
        name.removeprefix(start): secret.get_secret_value()
        for name, secret in wanted.secrets.items()
        if name.startswith(start)
    }


def needs_firmware(firmware: WantedFirmware, installed: str) -> bool:
    """Whether the image is to be sent: a specific level whenever it differs, the recommended one only upwards."""
    if firmware.is_specific:
        return level(firmware.level) != level(installed)
    return level(installed) < level(firmware.level)


def fits(app: WantedApp, framework: str) -> bool:
    """Whether the printer's framework can run the app."""
    return bool(framework) and level(framework) >= level(app.min_framework)


def takes_login_methods(framework: str) -> bool:
    """FL-377, FL-602."""
    return bool(framework) and level(framework) >= level(LOGIN_FRAMEWORK)


def like(text: str, value: SettingValue) -> SettingValue:
    """The text of a settings file as a value of the same type as the printer's, where it can be read so."""
    if isinstance(value, bool):
        return text.lower() in TRUE if text.lower() in TRUE + FALSE else text
    if isinstance(value, int):
        return int(text) if text.removeprefix("-").isdecimal() else text
    return text


def shown(value: object) -> str:
    """A value for people and for evidence."""
    if isinstance(value, bool):
        return str(value).lower()
    return MISSING if value is None else str(value)


def final_values(files: Sequence[FileValues], model: str) -> dict[str, tuple[str, str]]:
    """By setting: the file that has the last word on it, and its text; files for other models do not count."""
    return {
        name: (file.name, text)
        for file in files
        if not file.models or model in file.models
        for name, text in file.values.items()
    }


def _firmware(wanted: WantedFirmware | None, found: PrinterState) -> Iterator[Difference]:
    if wanted is not None and needs_firmware(wanted, found.firmware):
        yield Difference(component=FIRMWARE, item=FIRMWARE, expected=wanted.level, found=found.firmware)


def _apps(apps: Sequence[WantedApp], found: PrinterState) -> Iterator[Difference]:
    for app in apps:
        if not fits(app, found.framework):
            continue
        version = found.apps.get(app.id)
        if version != app.version:
            yield Difference(component=APP, item=app.name, expected=app.version, found=shown(version))
        present = found.app_settings.get(app.id, {})
        for name, value in app.settings.items():
            if name in present and present[name] != value:
                item = f"{app.name}: {name}"
                yield Difference(component=APP_SETTING, item=item, expected=shown(value), found=shown(present[name]))


def _files(files: Sequence[FileValues], overridden: set[str], found: PrinterState) -> Iterator[Difference]:
    for name, (file, text) in final_values(files, found.model).items():
        if name in overridden or name not in found.settings:
            continue
        value = like(text, found.settings[name])
        if value != found.settings[name]:
            yield Difference(
                component=SETTINGS_FILE,
                item=f"{file}: {name}",
                expected=shown(value),
                found=shown(found.settings[name]),
            )


def _settings(settings: Mapping[str, SettingValue], found: PrinterState) -> Iterator[Difference]:
    for name, value in settings.items():
        if name in found.settings and found.settings[name] != value:
            yield Difference(component=SETTING, item=name, expected=shown(value), found=shown(found.settings[name]))


def _login(wanted: Mapping[str, Any] | None, found: PrinterState) -> Iterator[Difference]:
    if wanted is None or found.login_methods is None:
        return
    for part, value in wanted.items():
        present = found.login_methods.get(part)
        if _plain(value) != _plain(present):
            yield Difference(component=LOGIN_METHODS, item=part, expected=login_text(value), found=login_text(present))


def login_text(value: object) -> str:
    """A part of the login methods in one line, so that evidence can be read."""
    if isinstance(value, dict):
        return "; ".join(f"{name}: {login_text(one)}" for name, one in sorted(value.items())) or MISSING
    if isinstance(value, list | tuple):
        return ", ".join(f"({login_text(one)})" if isinstance(one, dict) else shown(one) for one in value) or MISSING
    return shown(value)


def _plain(value: Any) -> Any:
    """The value so that what is left out and what is empty are the same."""
    if isinstance(value, dict):
        kept = {name: _plain(one) for name, one in value.items()}
        return {name: one for name, one in kept.items() if one not in (None, {}, [], "")}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
