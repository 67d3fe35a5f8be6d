"""Commands of the menu Configure: deploy, assign, check, enforce (FL-400, FL-420…FL-423); a printer's compliance."""

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import events, ui

from connectors.errors import PressroomError
from connectors.messages import N_
from connectors.printers.files import FILE_LIMIT
from domain.organizations.permissions import Permission
from fleet.configurations.compliance import DriftView, PrinterCompliance, list_drift, printer_compliance
from fleet.configurations.deployment import (
    assign_configuration,
    check_compliance,
    deploy_configuration,
    deploy_upload,
    enforce_configuration,
    unassign_configuration,
)
from fleet.configurations.drafts import get_version
from fleet.configurations.models import DriftEnding
from fleet.configurations.service import ConfigurationView, get_configuration, list_configurations
from fleet.printers.models import Compliance
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.preview import TaskPreview
from portal_api.pages import theme
from portal_api.pages.printer_actions import ChosenPrinters, Menu, PrinterAction, PrinterSection
from portal_api.pages.visit import ask, faults_shown, show_fault, tell, when
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.foreseen_refusals import foreseen_refusals
from portal_api.pages.widgets.resource_dialogs import discard, scratch_path
from portal_api.pages.widgets.setting_names import item_title
from portal_api.pages.words import _, message_text
from steps.printer_configuration import COMPONENT_TITLES

RESULT_TITLES = {
    Compliance.COMPLIANT: (N_("Compliant"), "good"),
    Compliance.NOT_COMPLIANT: (N_("Not compliant"), "bad"),
    Compliance.UNKNOWN: (N_("Could not check"), "dry"),
}
ENDING_TITLES = {
    DriftEnding.ENFORCED: N_("Put right by enforcement"),
    DriftEnding.RETURNED: N_("Put right elsewhere"),
    DriftEnding.REPLACED: N_("Another configuration or version counts now"),
}
Choice = Callable[[str], Awaitable[None]]


async def deploy(chosen: ChosenPrinters, configuration_id: str = "") -> None:
    """Deploy a published configuration (FL-400); that it may be a downgrade is told before (FL-356)."""

    async def go_on(one: str) -> None:
        with faults_shown():
            await ask(deploy_configuration, one, await chosen.ids())
            await _started(TaskKind.DEPLOY_CONFIGURATION, chosen)

    warning = _("Firmware below the installed level is a downgrade: apps and the printer agent are removed.")
    with faults_shown():
        preview = await chosen.foresee(TaskKind.DEPLOY_CONFIGURATION)
        notes = partial(foreseen_refusals, preview)
        if configuration_id:
            texts = (warning,) if await _sets_firmware(configuration_id) else ()
            if not texts and not preview.refused:
                await go_on(configuration_id)
                return
            act = partial(go_on, configuration_id)
            confirm(_("Deploy configuration?"), (chosen.words, *texts), _("Deploy"), act, icon="send", notes=notes)
            return
        await choose_configuration(_("Deploy configuration"), _("Deploy"), go_on, hint=warning, notes=notes)


async def _sets_firmware(configuration_id: str) -> bool:
    """Whether what is deployed, the newest published version, sets specific levels."""
    view = await ask(get_configuration, configuration_id)
    version = await ask(get_version, configuration_id, view.version)
    return bool(version.content.firmware.resource_ids)


async def try_draft(view: ConfigurationView, chosen: ChosenPrinters) -> None:
    """Deploy the draft to one printer (FL-350)."""
    with faults_shown():
        await ask(deploy_configuration, view.id, await chosen.ids(), draft=True)
        await _started(TaskKind.DEPLOY_CONFIGURATION, chosen)


async def assign(chosen: ChosenPrinters, configuration_id: str = "") -> None:
    """Assign a published configuration, and say which printers cannot have one (FL-420)."""

    async def go_on(one: str) -> None:
        with faults_shown():
            result = await ask(assign_configuration, one, await chosen.ids())
            tell(_("Assigned: {count}", count=result.assigned))
            for refused in result.refused:
                words = message_text(refused.reason)
                ui.notify(f"{refused.subject}: {words}", type="warning", timeout=9000, close_button=_("Close"))
            await chosen.done()

    with faults_shown():
        await choose_configuration(_("Assign configuration"), _("Assign"), go_on, configuration_id)


async def unassign(chosen: ChosenPrinters) -> None:
    """Take the assignment away (FL-421)."""

    async def go_on() -> None:
        with faults_shown():
            count = await ask(unassign_configuration, await chosen.ids())
            tell(_("Assignments removed: {count}", count=count))
            await chosen.done()

    texts = (chosen.words, _("Nothing changes on the printers."))
    confirm(_("Remove assignments?"), texts, _("Remove"), go_on, icon="assignment_return")


async def check(chosen: ChosenPrinters) -> None:
    """Check compliance (FL-422); asked first where there are printers that cannot be checked."""

    async def go_on() -> None:
        with faults_shown():
            await ask(check_compliance, await chosen.ids())
            await _started(TaskKind.CHECK_COMPLIANCE, chosen)

    with faults_shown():
        preview = await chosen.foresee(TaskKind.CHECK_COMPLIANCE)
        if not preview.refused:
            await go_on()
            return
        notes = partial(foreseen_refusals, preview)
        confirm(_("Check compliance?"), (chosen.words,), _("Check"), go_on, icon="fact_check", notes=notes)


async def enforce(chosen: ChosenPrinters) -> None:
    """Enforce what is assigned (FL-423); whether printers restart is asked."""
    with faults_shown():
        _enforce_dialog(chosen, await chosen.foresee(TaskKind.ENFORCE_CONFIGURATION))


def _enforce_dialog(chosen: ChosenPrinters, preview: TaskPreview) -> None:
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Enforce assigned configuration"), "dialog-title", "h2")
        theme.text(chosen.words, "", "p")
        theme.text(_("What differs is deployed, then everything is checked again."), "", "p")
        restart = ui.checkbox(_("Restart changed printers before the second check"), value=True)
        foreseen_refusals(preview)

        async def go_on() -> None:
            with faults_shown():
                await ask(enforce_configuration, await chosen.ids(), restart=bool(restart.value))
                dialog.close()
                await _started(TaskKind.ENFORCE_CONFIGURATION, chosen)

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Enforce"), "gavel").on_click(go_on)
    dialog.on("hide", dialog.delete)
    dialog.open()


async def deploy_file(chosen: ChosenPrinters) -> None:
    """Deploy an app or a settings file that does not enter the library (FL-273)."""
    with faults_shown():
        _file_dialog(chosen, await chosen.foresee(TaskKind.DEPLOY_FILE))


def _file_dialog(chosen: ChosenPrinters, preview: TaskPreview) -> None:
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Deploy app or settings file"), "dialog-title", "h2")
        theme.text(chosen.words, "", "p")
        theme.text(_("A settings bundle (.zip, 32 MB), a settings file (.ucf) or an app (.fls), 50 MB."), "hint")
        theme.text(_("Passwords are not in files that a printer has exported: add them first."), "hint")
        foreseen_refusals(preview)

        async def take(event: events.UploadEventArguments) -> None:
            path = scratch_path()
            try:
                await event.file.save(path)
                await ask(deploy_upload, path, event.file.name, await chosen.ids())
            except PressroomError as error:
                show_fault(error)
                upload.reset()
                return
            finally:
                discard(path)
            dialog.close()
            await _started(TaskKind.DEPLOY_FILE, chosen)

        upload = ui.upload(auto_upload=True, max_file_size=FILE_LIMIT, on_upload=take)
        upload.classes("only-heard").props["accept"] = ".ucf,.zip,.fls"
        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            choose = theme.main_button(_("Choose a file"), "folder_open")
            theme.picks_files(choose, upload)
    dialog.on("hide", dialog.delete)
    dialog.open()


async def choose_configuration(
    title: str,
    action: str,
    go_on: Choice,
    chosen_id: str = "",
    hint: str = "",
    notes: Callable[[], None] = lambda: None,
) -> None:
    """Ask which published configuration, the last changed first (FL-400); `notes` lays out what to know besides."""
    offered = {view.id: f"{view.name} ({view.version})" for view in await ask(list_configurations, published=True)}
    if chosen_id in offered:
        await go_on(chosen_id)
        return
    caller = ui.context.slot.parent
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(title, "dialog-title", "h2")
        if not offered:
            theme.text(_("No configuration is published yet."), "", "p")
        only = next(iter(offered)) if len(offered) == 1 else None
        choice = ui.select(offered, value=only, label=_("Configuration"), with_input=len(offered) > 12)
        choice.props("outlined dense options-dense").set_visibility(bool(offered))
        if hint:
            theme.text(hint, "hint")
        notes()

        async def accept() -> None:
            if choice.value:
                dialog.close()
                with caller:
                    await go_on(str(choice.value))

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(action, "check").on_click(accept).set_enabled(bool(offered))
    dialog.on("hide", dialog.delete)
    dialog.open()


async def compliance_section(printer_id: str) -> None:
    """What is assigned to a printer, the result of the last check, and how it drifted, with values before and after."""
    compliance = await ask(printer_compliance, printer_id)
    drift = await ask(list_drift, printer_id, 50)
    if compliance.assigned is None and not drift:
        return
    with theme.block("sheet settings", "section", aria_label=_("Compliance")):
        theme.text(_("Compliance"), "section-title", "h2")
        _standing(compliance)
        with theme.block("records", role="list"):
            for one in drift:
                drift_row(one)


def result_chip(result: Compliance) -> None:
    """The result of a check as a slip."""
    title, kind = RESULT_TITLES[result]
    theme.chip(_(title), kind)


def _standing(compliance: PrinterCompliance) -> None:
    with theme.block("slips"):
        if compliance.assigned is not None:
            theme.text(_("Assigned configuration: {name}", name=compliance.assigned))
        if compliance.result is not None:
            result_chip(compliance.result)
            theme.text(when(compliance.checked), "hint")
    theme.text(_("Last configuration: {name}", name=compliance.last or "–"), "hint")


def drift_row(one: DriftView) -> None:
    """A difference, with its value before and after where it was put right."""
    with theme.block("record", role="listitem"):
        with theme.block("record-words"):
            theme.text(
                f"{_(COMPONENT_TITLES.get(one.component, one.component))}: {item_title(one.item)}", "strong clamp-one"
            )
            theme.text(_("Expected: {expected}. Found: {found}.", expected=one.expected, found=one.found), "hint")
            if one.ending is DriftEnding.ENFORCED:
                theme.text(_("Before: {before}. After: {after}.", before=one.found, after=one.after), "hint")
        if one.ending is None:
            theme.chip(_("Open"), "bad")
        else:
            theme.chip(_(ENDING_TITLES[one.ending]), "quiet")
        theme.text(when(one.seen), "hint")


async def _started(kind: TaskKind, chosen: ChosenPrinters) -> None:
    tell(_("Started: {task}. Follow it under Tasks.", task=_(KINDS[kind].title)))
    await chosen.done()


_MAY = Permission.FLEET_CONFIGURE
ACTIONS = (
    PrinterAction(Menu.CONFIGURE, 10, N_("Deploy configuration"), "tune", _MAY, deploy),
    PrinterAction(Menu.CONFIGURE, 20, N_("Deploy app or settings file"), "upload_file", _MAY, deploy_file),
    PrinterAction(Menu.CONFIGURE, 40, N_("Assign configuration"), "assignment", _MAY, assign),
    PrinterAction(Menu.CONFIGURE, 41, N_("Unassign configuration"), "assignment_return", _MAY, unassign),
    PrinterAction(Menu.CONFIGURE, 50, N_("Check compliance"), "fact_check", _MAY, check),
    PrinterAction(Menu.CONFIGURE, 51, N_("Enforce assigned configuration"), "gavel", _MAY, enforce),
)
SECTIONS = (PrinterSection(60, Permission.FLEET_VIEW, compliance_section),)
