"""Putting a configuration on one printer, component after component in the order of FL-402, with evidence.

Firmware first, then apps, settings files, individual settings, and login methods last, because they can lock an agent
out. What does not fit the model is left out with a remark. A component that fails ends it: the later ones are not
attempted, and the report names the failing step (FL-405). Everything looks first at what is there, so that it can be
repeated.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from connectors.printers.levels import level
from steps.app_deployment import deploy_apps
from steps.deployment_record import DeploymentRecord, StepFailedError
from steps.printer_configuration import (
    APP,
    APP_SETTING,
    COMPONENT_TITLES,
    FIRMWARE,
    LOGIN_METHODS,
    SETTING,
    SETTINGS_FILE,
    Difference,
    PrinterConfiguration,
    fits,
    login_text,
    needs_firmware,
    takes_login_methods,
)
from steps.printer_device import ManagedDevice
from steps.printer_work import ComponentResult, Order, Outcome, Report, WorkFiles
from steps.printers.update_firmware import update_firmware
from steps.settings_deployment import deploy_files, deploy_settings

STEP_FAILED = N_("The step “{step}” failed: {reason}")
NO_LOGIN_METHODS = N_("The login methods were left out: app framework 5.0 or later is needed.")
AGENT_GONE = N_("The downgrade has removed the printer agent: the rest of the configuration was not deployed.")
NO_PROXY_CREDENTIALS = N_("The printers use an authenticated proxy, for which this model takes no credentials.")
PROXY_NOT_SET = N_(
    "The printers use an authenticated proxy: set its host, user name and password at the printer under App framework"
    " configuration, and switch off “Use printer's proxy settings” there."
)
USE_PRINTER_PROXY = "framework.use_printer_proxy"
PROXY_CREDENTIALS = ("framework.proxy_host", "framework.proxy_user")
"""No printer tells the password."""
ACCOUNT = "account:"

Work = Callable[[], Awaitable[None]]


class Deployment:
    """One deployment on one printer. `record` is what came of it until now."""

    def __init__(self, order: Order, printer: ManagedDevice, wanted: PrinterConfiguration, files: WorkFiles) -> None:
        self.record = DeploymentRecord(printer.identity, warnings=list(wanted.warnings))
        self._order, self._device, self._wanted, self._files = order, printer.device, wanted, files
        self._apps: list[dict[str, Any]] | None = None

    async def deploy(self, differing: Sequence[Difference] | None = None) -> Report | None:
        """Deploy all components, or only those that differ; None for success, else the report of the failure."""
        chosen = None if differing is None else {difference.component for difference in differing}
        for component, covers, work in self._steps():
            if self.record.is_over or (chosen is not None and not chosen & covers):
                continue
            try:
                await work()
            except StepFailedError as failure:
                return self._failure(failure)
            except PressroomError as error:
                return self._failure(_failed(component, error))
        return await self._reread_apps()

    def report(self, **facts: Any) -> Report:
        """The report of success."""
        return Report(
            warnings=tuple(self.record.warnings),
            remarks=tuple(self.record.remarks),
            components=tuple(self.record.components),
            facts=self.facts() | facts,
        )

    def facts(self) -> dict[str, Any]:
        """What the operation keeps: the evidence, and what is known of the printer now."""
        known: dict[str, Any] = {} if self._apps is None else {"apps": self._apps}
        return known | {
            "title": self._wanted.title,
            "identity": self.record.identity.model_dump(mode="json"),
            "changes": [change.model_dump() for change in self.record.changes],
        }

    def _steps(self) -> tuple[tuple[str, set[str], Work], ...]:
        record, device, wanted, files = self.record, self._device, self._wanted, self._files
        return (
            (APP, {APP, APP_SETTING}, self._check_proxy),
            (FIRMWARE, {FIRMWARE}, self._deploy_firmware),
            (APP, {APP, APP_SETTING}, lambda: deploy_apps(record, device, wanted, files)),
            (SETTINGS_FILE, {SETTINGS_FILE}, lambda: deploy_files(record, device, wanted, files)),
            (SETTING, {SETTINGS_FILE, SETTING}, lambda: deploy_settings(record, device, wanted)),
            (LOGIN_METHODS, {LOGIN_METHODS}, self._deploy_login_methods),
        )

    async def _reread_apps(self) -> Report | None:
        """Read the list of apps again where it has changed, so that what is known of the printer is right."""
        if not {change.component for change in self.record.changes} & {FIRMWARE, APP}:
            return None
        try:
            self._apps = [app.model_dump(mode="json") for app in await self._device.apps()]
        except PressroomError as error:
            return self._failure(_failed(APP, error))
        return None

    async def _check_proxy(self) -> None:
        """Before anything is changed (FL-290): what apps need to reach the cloud through an authenticated proxy."""
        framework = self.record.identity.framework or ""
        if self._wanted.behind_proxy and any(fits(app, framework) for app in self._wanted.apps):
            settings = await self._device.settings()
            if USE_PRINTER_PROXY not in settings:
                raise StepFailedError(APP, Message.of(NO_PROXY_CREDENTIALS))
            if settings[USE_PRINTER_PROXY] or not all(settings.get(name) for name in PROXY_CREDENTIALS):
                raise StepFailedError(APP, Message.of(PROXY_NOT_SET))

    async def _deploy_firmware(self) -> None:
        wanted, before = self._wanted.firmware, self.record.identity.firmware
        if wanted is None or not needs_firmware(wanted, before):
            return
        parameters = {"level": wanted.level, "image": wanted.file.model_dump(mode="json")}
        order = self._order.model_copy(update={"parameters": parameters | {"allow_downgrade": wanted.is_specific}})
        told = await update_firmware(order, self._files)
        self.record.identity = await self._device.identity()
        self.record.change(FIRMWARE, FIRMWARE, before, self.record.identity.firmware)
        self.record.result(FIRMWARE, wanted.level)
        self.record.warnings.extend(told.warnings)
        is_agent_gone = self.record.identity.printer_agent is None
        if self._wanted.by_printer_agent and is_agent_gone and level(wanted.level) < level(before):
            self.record.is_over = True
            self.record.warnings.append(Message.of(AGENT_GONE))

    async def _deploy_login_methods(self) -> None:
        wanted = self._wanted.login_methods
        if wanted is None:
            return
        if not takes_login_methods(self.record.identity.framework or ""):
            self.record.warnings.append(Message.of(NO_LOGIN_METHODS))
            return
        before = await self._device.login_methods()
        await self._device.set_login_methods(_with_secrets(self._wanted))
        after = await self._device.login_methods()
        for part in wanted:
            texts = login_text(before.get(part)), login_text(after.get(part))
            if texts[0] != texts[1]:
                self.record.change(LOGIN_METHODS, part, *texts)
        self.record.result(LOGIN_METHODS, LOGIN_METHODS)

    def _failure(self, failure: StepFailedError) -> Report:
        step = COMPONENT_TITLES[failure.component]
        failed = ComponentResult(kind=failure.component, name=step, outcome=Outcome.FAILED, message=failure.reason)
        return Report(
            outcome=failure.outcome,
            reason=Message.of(STEP_FAILED, step=step, reason=str(failure.reason)),
            warnings=tuple(self.record.warnings),
            remarks=tuple(self.record.remarks),
            components=(*self.record.components, failed),
            facts=self.facts() | ({"code": failure.code} if failure.code else {}),
        )


def _failed(component: str, error: PressroomError) -> StepFailedError:
    """The fault of a step: a printer that fell silent is silent, everything else has failed (FL-405)."""
    told = Report.of(error)
    outcome = Outcome.NOT_COMMUNICATING if error.transient else Outcome.FAILED
    return StepFailedError(component, told.reason or Message.of(error.message), outcome, error.code)


def _with_secrets(wanted: PrinterConfiguration) -> dict[str, Any]:
    """The login methods with the passwords and PINs of their accounts, as the printer takes them."""
    whole = dict(wanted.login_methods or {})
    local = dict(whole.get("local") or {})
    local["accounts"] = [_account(row, wanted) for row in local.get("accounts", [])]
    return {**whole, "local": local}


def _account(row: dict[str, Any], wanted: PrinterConfiguration) -> dict[str, Any]:
    secret = wanted.secrets.get(f"{ACCOUNT}{row.get('name')}")
    if secret is None:
        return row
    return {**row, "pin" if row.get("type") == "pin" else "password": secret.get_secret_value()}
