"""What is done to printers of several organizations at once: firmware and apps updated (FL-58, FL-62, FL-63)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.printers.exports import installed_apps
from fleet.tasks.kinds import TaskKind
from fleet.tasks.service import NewTask
from portal_api.pages import theme
from portal_api.pages.printer_actions import ChosenPrinters, Menu, PrinterAction
from portal_api.pages.visit import ask, faults_shown
from portal_api.pages.widgets.foreseen_refusals import confirm_task, foreseen_refusals
from portal_api.pages.words import _


async def update_firmware(chosen: ChosenPrinters) -> None:
    """Give each printer what is offered for its model now, after a question."""
    texts = (_("Printers restart by themselves. Those that are current already are left alone."),)
    new = NewTask(TaskKind.UPDATE_FIRMWARE)
    await confirm_task(chosen, new, _("Update firmware?"), texts, _("Update firmware"), icon="upgrade")


async def update_apps(chosen: ChosenPrinters) -> None:
    """Choose apps of the fleet, and have their newest versions installed."""
    with faults_shown():
        names = dict(await ask(installed_apps, across=True))
        preview = await chosen.foresee(TaskKind.UPDATE_APPS)
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Update apps"), "dialog-title", "h2")
            picked = ui.select(names, multiple=True, label=_("Apps"), with_input=len(names) > 12)
            picked.props("outlined dense options-dense use-chips").classes("with-chips")
            foreseen_refusals(preview)

            async def go_on() -> None:
                if not picked.value:
                    ui.notify(_("Pick one or more apps."), type="negative")
                    return
                dialog.close()
                apps = [{"id": one, "name": names[one]} for one in picked.value]
                await chosen.start(NewTask(TaskKind.UPDATE_APPS, {"apps": apps}))

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Update apps"), "upgrade").on_click(go_on)
        dialog.on("hide", dialog.delete)
        dialog.open()


_MAY = Permission.FLEET_UPDATE_ACROSS
ACTIONS = (
    PrinterAction(Menu.CONFIGURE, 40, N_("Update firmware"), "upgrade", _MAY, update_firmware, across=True),
    PrinterAction(Menu.APPS, 30, N_("Update apps"), "upgrade", _MAY, update_apps, across=True),
)
