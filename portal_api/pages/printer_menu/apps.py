"""Starting, stopping, updating and uninstalling apps of chosen printers (FL-278…FL-283)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.panel_apps.service import AppOverview, fleet_apps
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.preview import TaskPreview
from fleet.tasks.service import NewTask
from portal_api.pages import theme
from portal_api.pages.printer_actions import ChosenPrinters, Menu, PrinterAction
from portal_api.pages.visit import ask, faults_shown
from portal_api.pages.widgets.foreseen_refusals import foreseen_refusals
from portal_api.pages.words import _

SET, OTHERS = "set", "others"


async def start(chosen: ChosenPrinters) -> None:
    """Start stopped apps."""
    await _open(chosen, TaskKind.START_APPS)


async def stop(chosen: ChosenPrinters) -> None:
    """Stop started apps."""
    await _open(chosen, TaskKind.STOP_APPS)


async def update(chosen: ChosenPrinters) -> None:
    """Bring the newest versions of the catalogue."""
    await _open(chosen, TaskKind.UPDATE_APPS)


async def uninstall(chosen: ChosenPrinters) -> None:
    """Remove the print app set, or other apps (FL-282)."""
    await _open(chosen, TaskKind.UNINSTALL_APPS)


async def _open(chosen: ChosenPrinters, kind: TaskKind) -> None:
    with faults_shown():
        _dialog(chosen, kind, await ask(fleet_apps), await chosen.foresee(kind))


def _dialog(chosen: ChosenPrinters, kind: TaskKind, apps: list[AppOverview], preview: TaskPreview) -> None:
    names = {app.app_id: app.name for app in apps}
    title = _(KINDS[kind].title)
    with ui.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(title, "dialog-title", "h2")
        what = ui.radio({SET: _("Print app set"), OTHERS: _("Other apps")}, value=OTHERS)
        what.set_visibility(kind is TaskKind.UNINSTALL_APPS)
        picked = ui.select(names, multiple=True, label=_("Apps")).props("outlined dense use-chips")
        picked.bind_visibility_from(what, "value", lambda value: value == OTHERS)
        foreseen_refusals(preview)

        async def go_on() -> None:
            if what.value == OTHERS and not picked.value:
                ui.notify(_("Pick one or more apps."), type="negative")
                return
            dialog.close()
            listed = [{"id": one, "name": names[one]} for one in picked.value or ()]
            parameters = {"print_app_set": True} if what.value == SET else {"apps": listed}
            await chosen.start(NewTask(kind, parameters))

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(title, "apps").on_click(go_on)
    dialog.on("hide", dialog.delete)
    dialog.open()


ACTIONS = (
    PrinterAction(Menu.APPS, 10, N_("Start apps"), "play_arrow", Permission.FLEET_MANAGE, start),
    PrinterAction(Menu.APPS, 20, N_("Stop apps"), "stop", Permission.FLEET_MANAGE, stop),
    PrinterAction(Menu.APPS, 30, N_("Update apps"), "upgrade", Permission.FLEET_MANAGE, update),
    PrinterAction(Menu.APPS, 40, N_("Uninstall apps"), "delete", Permission.FLEET_MANAGE, uninstall),
)
