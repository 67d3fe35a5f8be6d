"""Deploying a single file to a printer: a settings bundle, a flat settings file or an app (F-20, FL-269…FL-277)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from steps.printer_device import ManagedDevice, answers_again, managed_device
from steps.printer_work import ComponentResult, FileReference, Order, Outcome, PrinterStepKind, Report, WorkFiles

SOME_REFUSED = N_("The printer refuses {count} parts of “{name}”; the first is {item}: {reason}")
AS_TOLD = "{reason}"
NOT_APPLIED = N_("The printer has applied nothing of “{name}”.")
REFRESH_ADVISED = N_("Refresh the printer's information, so that what is known of it is right.")


class DeployFile(BaseModel):
    """The file and what it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["settings_file", "bundle", "app"]
    file: FileReference


async def deploy_file(order: Order, files: WorkFiles) -> Report:
    """Send the file, which the printer applies, and read its result: every part is a component of the report.

    A bundle that fails leaves the advice to refresh the printer's information (FL-275).
    """
    wanted = DeployFile.model_validate(order.parameters)
    path = await files.fetch(wanted.file)
    async with managed_device(order) as printer:
        try:
            if wanted.kind == "app":
                return await _app(printer, wanted, files)
            if wanted.kind == "settings_file":
                outcome = await printer.device.apply_settings_file(path, wanted.file.sha256)
                applied, refused = list(outcome.applied), dict(outcome.refused)
            else:
                items = await printer.device.import_bundle(path, wanted.file.sha256)
                await answers_again(printer.device)
                applied = [item.item for item in items if item.is_applied]
                refused = {item.item: item.reason for item in items if not item.is_applied}
        except PressroomError as error:
            return _with_advice(Report.of(error), wanted)
    return _with_advice(_report(wanted, applied, refused), wanted)


async def _app(printer: ManagedDevice, wanted: DeployFile, files: WorkFiles) -> Report:
    path = await files.fetch(wanted.file)
    app = await printer.device.install_app(path, wanted.file.sha256)
    done = ComponentResult(kind="app", name=f"{app.name} {app.version}", outcome=Outcome.COMPLETED)
    apps = [one.model_dump(mode="json") for one in await printer.device.apps()]
    return Report(components=(done,), facts={"apps": apps})


def _report(wanted: DeployFile, applied: list[str], refused: dict[str, str]) -> Report:
    components = [ComponentResult(kind="setting", name=name, outcome=Outcome.COMPLETED) for name in applied]
    components += [
        ComponentResult(
            kind="setting", name=name, outcome=Outcome.FAILED, message=Message.of("{reason}", reason=reason)
        )
        for name, reason in refused.items()
    ]
    reason = None
    if refused:
        item, why = next(iter(refused.items()))
        reason = Message.of(SOME_REFUSED, count=len(refused), name=wanted.file.name, item=item, reason=why)
    elif not applied:
        reason = Message.of(NOT_APPLIED, name=wanted.file.name)
    outcome = Outcome.FAILED if reason else Outcome.COMPLETED
    return Report(outcome=outcome, reason=reason, components=tuple(components))


def _with_advice(report: Report, wanted: DeployFile) -> Report:
    if wanted.kind != "bundle" or report.outcome is Outcome.COMPLETED:
        return report
    return report.model_copy(update={"warnings": (*report.warnings, Message.of(REFRESH_ADVISED))})


STEPS = (PrinterStepKind("deploy_file", N_("Deploy file"), DeployFile, deploy_file),)
