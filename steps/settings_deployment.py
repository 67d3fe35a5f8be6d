"""Settings of a configuration on one printer: files in their order, then individual settings with evidence (FL-402).

Settings files are sent to every model (FL-347). Of the individual settings those that the model lacks are left out;
the others are read before, set where they differ, and read back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from connectors.printers.device import Device
from connectors.printers.device_answers import SettingValue
from steps.configuration_reading import read_files
from steps.deployment_record import DeploymentRecord, StepFailedError
from steps.printer_configuration import (
    SETTING,
    SETTINGS_FILE,
    PrinterConfiguration,
    WantedFile,
    final_values,
    shown,
)
from steps.printer_device import answers_again
from steps.printer_work import Outcome, WorkFiles

FILE_REFUSED = N_("The printer refuses a part of “{file}”: {item}: {reason}")
SOME_REFUSED = N_("The printer refuses {count} settings; the first is {name}: {reason}")
NOT_KEPT = N_("The printer has taken {name}, but reports {found} instead of {wanted}.")
NOT_ON_MODEL = N_("The model does not have these settings: {names}.")
REFRESH_ADVISED = N_("Refresh the printer's information, so that what is known of it is right.")
LOST = N_("The printer does not answer since its network settings were changed: {changes}. Set them back at it.")
NETWORK = "network."
OF_SETTING = "setting:"
AS_TOLD = "{reason}"
IS_SET = "********"


async def deploy_files(
    record: DeploymentRecord, device: Device, wanted: PrinterConfiguration, files: WorkFiles
) -> None:
    """Send every file in its order; what they changed in the end is the evidence."""
    if not wanted.files:
        return
    before = await device.settings()
    for file in wanted.files:
        await _deploy_file(record, device, file, files)
    after = await device.settings()
    for name, (file_name, _) in final_values(await read_files(wanted, files), record.identity.model).items():
        if before.get(name) != after.get(name):
            record.change(SETTINGS_FILE, f"{file_name}: {name}", shown(before.get(name)), shown(after.get(name)))


async def deploy_settings(record: DeploymentRecord, device: Device, wanted: PrinterConfiguration) -> None:
    """Set the individual settings and the variables; passwords are always set, because they cannot be read."""
    secrets = {
        name.removeprefix(OF_SETTING): secret.get_secret_value()
        for name, secret in wanted.secrets.items()
        if name.startswith(OF_SETTING)
    }
    if not wanted.settings and not secrets:
        return
    before = await device.settings()
    known = {facts.name for facts in await device.settings_catalogue()} if secrets else set(before)
    given: dict[str, SettingValue] = {**wanted.settings, **secrets}
    if missing := [name for name in given if name not in known]:
        record.remarks.append(Message.of(NOT_ON_MODEL, names=", ".join(missing)))
    differing = {name: value for name, value in given.items() if name in known and before.get(name) != value}
    if not differing:
        return
    outcome = await device.change_settings(differing)
    after = await _read_back(record, device, before, {name: differing[name] for name in outcome.applied})
    for name in outcome.applied:
        if name in secrets:
            record.change(SETTING, name, IS_SET, IS_SET)
        else:
            record.change(SETTING, name, shown(before.get(name)), shown(after.get(name)))
        record.result(SETTING, name)
    _check(
        record,
        outcome.refused,
        {name: wanted.settings[name] for name in outcome.applied if name in wanted.settings},
        after,
    )


async def _read_back(
    record: DeploymentRecord, device: Device, before: Mapping[str, SettingValue], applied: Mapping[str, SettingValue]
) -> Mapping[str, SettingValue]:
    """The settings afterwards. A printer that is lost by its new network settings is told what they were (TS-24)."""
    try:
        return await device.settings()
    except PressroomError as error:
        changed = {name: value for name, value in applied.items() if name.startswith(NETWORK)}
        if error.transient and changed:
            for name, value in changed.items():
                record.change(SETTING, name, shown(before.get(name)), shown(value))
            changes = [f"{name} ({shown(before.get(name))} → {shown(value)})" for name, value in changed.items()]
            record.warnings.append(Message.of(LOST, changes=", ".join(changes)))
        raise


@dataclass(frozen=True, slots=True)
class _Refused:
    """A part of a file that the printer did not take."""

    item: str
    reason: str
    is_setting: bool


async def _deploy_file(record: DeploymentRecord, device: Device, wanted: WantedFile, files: WorkFiles) -> None:
    """What the model just lacks is a remark: files go to every model. Anything else that is refused has failed."""
    refused = await _sent(device, wanted, files)
    known = {facts.name for facts in await device.settings_catalogue()} if refused else set[str]()
    for one in refused:
        message = Message.of(FILE_REFUSED, file=wanted.name, item=one.item, reason=one.reason)
        if one.is_setting and one.item not in known:
            record.remarks.append(message)
            continue
        if wanted.kind == "bundle":
            record.warnings.append(Message.of(REFRESH_ADVISED))  # FL-275
        raise StepFailedError(SETTINGS_FILE, message)
    record.result(SETTINGS_FILE, wanted.name)


async def _sent(device: Device, wanted: WantedFile, files: WorkFiles) -> Sequence[_Refused]:
    path = await files.fetch(wanted.file)
    if wanted.kind == "settings_file":
        outcome = await device.apply_settings_file(path, wanted.file.sha256)
        return [_Refused(name, reason, is_setting=True) for name, reason in outcome.refused.items()]
    items = await device.import_bundle(path, wanted.file.sha256)
    await answers_again(device)
    return [_Refused(one.item, one.reason, one.kind == "setting") for one in items if not one.is_applied]


def _check(
    record: DeploymentRecord,
    refused: Mapping[str, str],
    applied: Mapping[str, SettingValue],
    after: Mapping[str, SettingValue],
) -> None:
    """Raise `StepFailedError` for what was refused, or taken and not kept."""
    for name, reason in refused.items():
        record.result(SETTING, name, Outcome.FAILED, Message.of(AS_TOLD, reason=reason))
    if refused:
        name, reason = next(iter(refused.items()))
        message = Message.of(SOME_REFUSED, count=len(refused), name=name, reason=reason)
        raise StepFailedError(SETTING, message)
    for name, value in applied.items():
        if after.get(name) != value:
            message = Message.of(NOT_KEPT, name=name, found=shown(after.get(name)), wanted=shown(value))
            raise StepFailedError(SETTING, message)
