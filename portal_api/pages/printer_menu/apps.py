"""Starting, stopping, updating and uninstalling apps of chosen printers (FL-278…FL-283)."""

from collections.abc import Sequence
from functools import partial

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.panel_apps.catalogue import UPDATE_TITLES, AppUpdate
from fleet.panel_apps.overview import AppOnPrinter, AppOverview, apps_on, fleet_apps
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.preview import TaskPreview
from fleet.tasks.service import NewTask
from portal_api.pages import theme
from portal_api.pages.printer_actions import ChosenPrinters, Menu, PrinterAction, PrinterSection
from portal_api.pages.visit import ask, faults_shown, visitor
from portal_api.pages.widgets.chosen_list import ChosenList
from portal_api.pages.widgets.foreseen_refusals import confirm_task, foreseen_refusals
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
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
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


async def apps_section(printer_id: str) -> None:
    """The apps of a printer on its page (FL-220, FL-278)."""
    apps = await ask(apps_on, printer_id)
    if not apps:
        return
    with theme.block("sheet settings", "section", aria_label=_("Installed apps")):
        theme.text(_("Installed apps"), "section-title", "h2")
        await InstalledApps(printer_id, may_choose=visitor().may(Permission.FLEET_MANAGE)).build()


class InstalledApps(ChosenList[AppOnPrinter]):
    """The apps of one printer; what is chosen can be started, stopped, updated, uninstalled."""

    icon = "apps"
    page_size = 0

    def __init__(self, printer_id: str, *, may_choose: bool) -> None:
        super().__init__(may_choose=may_choose)
        self._printer_id = printer_id

    async def fetch(self, search: str, last: AppOnPrinter | None) -> Sequence[AppOnPrinter]:
        return await ask(apps_on, self._printer_id)

    def key(self, entry: AppOnPrinter) -> str:
        return entry.app_id

    def name(self, entry: AppOnPrinter) -> str:
        return entry.name

    def nothing(self, search: str) -> str:
        return _("The printer reports no apps any more.")

    def row(self, entry: AppOnPrinter) -> None:
        theme.icon("apps")
        with theme.block("record-words"):
            theme.text(entry.name, "strong clamp-one")
            theme.text(_("Installed: {version}", version=entry.installed), "hint")
        if entry.update is not AppUpdate.NONE:
            theme.text(_("Newest: {version}", version=entry.newest), "hint")
            theme.chip(_(UPDATE_TITLES[entry.update]), UPDATE_CHIPS[entry.update])
        theme.chip(_("Started") if entry.is_started else _("Stopped"), "good" if entry.is_started else "quiet")

    def actions(self) -> None:
        self._buttons = {
            kind: theme.plain_button(_(KINDS[kind].title), ICONS[kind]).on_click(partial(self._ask, kind))
            for kind in (TaskKind.START_APPS, TaskKind.STOP_APPS, TaskKind.UPDATE_APPS, TaskKind.UNINSTALL_APPS)
        }

    def fit_actions(self) -> None:
        chosen = self.chosen
        fits = {
            TaskKind.START_APPS: not any(one.is_started for one in chosen),  # FL-279
            TaskKind.STOP_APPS: all(one.is_started for one in chosen),
            TaskKind.UPDATE_APPS: any(one.update is not AppUpdate.NONE for one in chosen),
            TaskKind.UNINSTALL_APPS: not any(one.is_built_in for one in chosen),  # FL-280
        }
        for kind, is_fitting in fits.items():
            self._buttons[kind].set_enabled(is_fitting)

    async def _ask(self, kind: TaskKind) -> None:
        apps = [{"id": one.app_id, "name": one.name} for one in self.chosen]

        async def find() -> Sequence[str]:
            return [self._printer_id]

        new, title = NewTask(kind, {"apps": apps}), _(KINDS[kind].title)
        texts = (", ".join(one["name"] for one in apps),)
        await confirm_task(ChosenPrinters(1, find, self.load), new, f"{title}?", texts, title, icon=ICONS[kind])


ICONS = {
    TaskKind.START_APPS: "play_arrow",
    TaskKind.STOP_APPS: "stop",
    TaskKind.UPDATE_APPS: "upgrade",
    TaskKind.UNINSTALL_APPS: "delete",
}
UPDATE_CHIPS = {AppUpdate.NONE: "quiet", AppUpdate.AVAILABLE: "busy", AppUpdate.REQUIRED: "bad"}
ACTIONS = (
    PrinterAction(Menu.APPS, 10, N_("Start apps"), "play_arrow", Permission.FLEET_MANAGE, start),
    PrinterAction(Menu.APPS, 20, N_("Stop apps"), "stop", Permission.FLEET_MANAGE, stop),
    PrinterAction(Menu.APPS, 30, N_("Update apps"), "upgrade", Permission.FLEET_MANAGE, update),
    PrinterAction(Menu.APPS, 40, N_("Uninstall apps"), "delete", Permission.FLEET_MANAGE, uninstall),
)
SECTIONS = (PrinterSection(40, Permission.FLEET_VIEW, apps_section),)
