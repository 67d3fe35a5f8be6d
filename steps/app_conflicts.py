"""Which panel apps do not go together on one printer, whoever installed them (SCAN-101…SCAN-105, TS-37, TS-54, TS-55).

Configurations are checked by the same rules before they are published; what is on a printer already is known there.
"""

from collections.abc import Iterator, Mapping, Sequence

from connectors.messages import N_, Message
from connectors.printers.device import Device
from connectors.printers.device_answers import DeviceApp, SettingValue

DEVICE_QUOTAS = "device-quotas"
NOT_BESIDE_QUOTAS = frozenset({"scan", "translation"})
AUTHENTICATED_ALIKE = ("print-release", "scan")
AUTHENTICATION = "auth_"
"""What the names of an app's settings for the authentication app begin with."""
PLUGIN_SWITCH = "auth_plugin"
"""The setting by which apps make the cloud authentication app the printer's main one (FL-359)."""
CLOUD_AUTHENTICATION = "cloud-authentication"

QUOTAS_THERE = N_(
    "The device quotas app is on the printer, beside which “{app}” tells everybody “Invalid user”. Stop, disable or "
    "uninstall it first."
)
DIFFERENT = N_(
    "“{app}” and “{other}” have different settings of the authentication app on the printer, which do not take effect: "
    "{names}. Deploy one configuration in which both are identical."
)
PLUGIN_ON = N_(
    "“{other}” manages who signs in at the printer and stops working while “{name}” of “{app}” is on. Deploy a "
    "configuration in which it is off, and restart the printer."
)


def is_other_authentication(app_id: str) -> bool:
    """Whether the app signs people in, and is not ours."""
    return app_id.endswith("authentication") and app_id != CLOUD_AUTHENTICATION


def differing(mine: Mapping[str, object], theirs: Mapping[str, object]) -> list[str]:
    """The names of settings for the authentication app that are not the same in both apps."""
    names = {name for name in (*mine, *theirs) if name.startswith(AUTHENTICATION)}
    return sorted(name for name in names if mine.get(name) != theirs.get(name))


def quota_conflict(app_id: str, name: str, installed: Sequence[DeviceApp]) -> Message | None:
    """Why that app cannot be on a printer with these apps (TS-55)."""
    has_quotas = any(app.id == DEVICE_QUOTAS and app.is_started for app in installed)
    return Message.of(QUOTAS_THERE, app=name) if has_quotas and app_id in NOT_BESIDE_QUOTAS else None


async def conflicts_on(device: Device) -> list[Message]:
    """Everything about the started apps of a printer together that keeps one of them from working."""
    started = [app for app in await device.apps() if app.is_started]
    settings = {app.id: await device.app_settings(app.id) for app in started}
    return list(_conflicts(started, settings))


def _conflicts(started: Sequence[DeviceApp], settings: Mapping[str, Mapping[str, SettingValue]]) -> Iterator[Message]:
    by_id = {app.id: app for app in started}
    for app in started:
        if (problem := quota_conflict(app.id, app.name, started)) is not None:
            yield problem
    alike = [by_id[app_id] for app_id in AUTHENTICATED_ALIKE if app_id in by_id]
    if len(alike) == len(AUTHENTICATED_ALIKE):
        one, other = alike
        if names := differing(settings[one.id], settings[other.id]):
            yield Message.of(DIFFERENT, app=one.name, other=other.name, names=", ".join(names))
    others = [app for app in started if is_other_authentication(app.id)]
    for app in started:
        if others and settings[app.id].get(PLUGIN_SWITCH) is True:
            yield Message.of(PLUGIN_ON, other=others[0].name, name=PLUGIN_SWITCH, app=app.name)
