"""Panel apps over the organization's printers, and one app with the printers that have it (FL-284…FL-288)."""

from collections.abc import Sequence
from urllib.parse import quote

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.panel_apps.catalogue import UPDATE_TITLES, AppUpdate
from fleet.panel_apps.overview import AppOnPrinter, AppOverview, count_printers_with, fleet_apps, printers_with
from fleet.panel_apps.service import set_minimum
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.service import NewTask
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.printer_actions import ChosenPrinters
from portal_api.pages.printer_menu.apps import ICONS, UPDATE_CHIPS
from portal_api.pages.visit import ask, faults_shown, tell, visitor
from portal_api.pages.widgets.chosen_list import ChosenList
from portal_api.pages.widgets.fleet_uploads import app_upload
from portal_api.pages.widgets.foreseen_refusals import confirm_task
from portal_api.pages.words import _


@portal_page("/panel-apps", N_("Apps"), Permission.FLEET_VIEW, "panel-apps")
async def panel_apps() -> None:
    """Every installed app."""
    listed = Apps(may_choose=False)
    with theme.block("toolbar"):
        heading(_("Apps"), _("The panel apps on your printers, and whether they are up to date."))
        ui.space()
        if visitor().may(Permission.FLEET_MANAGE):
            export = theme.plain_button(_("Export app version"), "download")
            export.props["href"] = "/api/v1/panel-apps/export"
            theme.main_button(_("Add a version"), "upload_file").on_click(lambda: app_upload(listed.load))
    with theme.block("filters", role="search"):
        update_filter(listed.choose)
    await listed.build()


@portal_page("/panel-apps/{app_id}", N_("App"), Permission.FLEET_VIEW, "panel-apps")
async def panel_app(app_id: str) -> None:
    """One app and the printers that have it."""
    (first,) = await ask(printers_with, app_id, limit=1)
    count = await ask(count_printers_with, app_id)
    may_manage = visitor().may(Permission.FLEET_MANAGE)
    listed = AppPrinters(app_id, first.name, may_choose=may_manage)
    with theme.block("toolbar"):
        heading(first.name, _("{id} · on {count} printers", id=app_id, count=count))
        ui.space()
        if may_manage:
            listed.export()
            _minimum(app_id, first.minimum, listed)
    with theme.block("filters", role="search"):
        update_filter(listed.choose)
    await listed.build()


def update_filter(choose: object) -> None:
    """The choice of what updates a list shows (FL-285)."""
    titles = {"": _("All")} | {update.value: _(title) for update, title in UPDATE_TITLES.items()}
    ui.select(titles, value="", label=_("App update"), on_change=choose).props(  # type: ignore[arg-type]
        "outlined dense options-dense"
    )


def _minimum(app_id: str, minimum: str, listed: "AppPrinters") -> None:
    field = ui.input(_("Minimum version"), value=minimum).props("outlined dense maxlength=32 spellcheck=false")

    async def save() -> None:
        with faults_shown():
            await ask(set_minimum, app_id, field.value or "")
            tell(_("Saved."))
            await listed.load()

    theme.plain_button(_("Save"), "save").on_click(save)


class Apps(ChosenList[AppOverview]):
    """The open list of apps."""

    icon = "apps"
    page_size = 0
    _update: AppUpdate | None = None

    async def choose(self, event: object) -> None:
        """Show those that are due one kind of update."""
        word = str(getattr(event, "value", "") or "")
        self._update = AppUpdate(word) if word else None
        await self.load()

    async def fetch(self, search: str, last: AppOverview | None) -> Sequence[AppOverview]:
        return await ask(fleet_apps, self._update)

    def key(self, entry: AppOverview) -> str:
        return entry.app_id

    def name(self, entry: AppOverview) -> str:
        return entry.name

    def nothing(self, search: str) -> str:
        return _("No printer reports such an app. Refresh the printers' information to read their apps.")

    def row(self, entry: AppOverview) -> None:
        theme.icon("apps")
        with theme.block("record-words"):
            link = ui.link(entry.name, f"/panel-apps/{entry.app_id}")
            link.classes("record-link strong")
            theme.text(_("Printers: {count}", count=entry.printers), "hint")
        with theme.block("record-words"):
            if entry.newest:
                theme.text(_("Newest: {version}", version=entry.newest), "hint")
            if entry.minimum:
                theme.text(_("Minimum: {version}", version=entry.minimum), "hint")
        if entry.printers_with_update:
            theme.text(_("With an update: {count}", count=entry.printers_with_update), "hint")
        theme.chip(_(UPDATE_TITLES[entry.update]), UPDATE_CHIPS[entry.update])


class AppPrinters(ChosenList[AppOnPrinter]):
    """The open list of printers with an app; what is chosen can be started, stopped, updated, uninstalled."""

    icon = "print"
    _update: AppUpdate | None = None

    def __init__(self, app_id: str, title: str, *, may_choose: bool) -> None:
        super().__init__(may_choose=may_choose)
        self._app_id, self._title = app_id, title

    async def choose(self, event: object) -> None:
        """Show those that are due one kind of update."""
        word = str(getattr(event, "value", "") or "")
        self._update = AppUpdate(word) if word else None
        self.export.refresh()
        await self.load()

    @ui.refreshable_method
    def export(self) -> None:
        """The printers that are shown, as a file (FL-317)."""
        query = f"?update={self._update.value}" if self._update else ""
        button = theme.plain_button(_("Export to CSV"), "download")
        button.props["href"] = f"/api/v1/panel-apps/{quote(self._app_id)}/printers/export{query}"

    async def fetch(self, search: str, last: AppOnPrinter | None) -> Sequence[AppOnPrinter]:
        after = (last.address, last.printer_id) if last else None
        return await ask(printers_with, self._app_id, self._update, after, self.page_size)

    def key(self, entry: AppOnPrinter) -> str:
        return entry.printer_id

    def name(self, entry: AppOnPrinter) -> str:
        return f"{entry.address} · {entry.serial_number}"

    def nothing(self, search: str) -> str:
        return _("No printer is due that.")

    def row(self, entry: AppOnPrinter) -> None:
        theme.icon("print")
        with theme.block("record-words"):
            theme.text(f"{entry.address} · {entry.model}", "strong clamp-one")
            theme.text(entry.serial_number, "hint")
        with theme.block("record-words"):
            theme.text(_("Installed: {version}", version=entry.installed), "hint")
            if entry.newest:
                theme.text(_("Newest: {version}", version=entry.newest), "hint")
        theme.chip(_("Started") if entry.is_started else _("Stopped"), "good" if entry.is_started else "quiet")
        theme.chip(_(UPDATE_TITLES[entry.update]), UPDATE_CHIPS[entry.update])

    def actions(self) -> None:
        for kind, icon in ICONS.items():
            button = theme.plain_button(_(KINDS[kind].title), icon)
            button.on_click(lambda kind=kind: self._ask(kind))

    async def _ask(self, kind: TaskKind) -> None:
        ids = [entry.printer_id for entry in self.chosen]

        async def find() -> Sequence[str]:
            return ids

        chosen = ChosenPrinters(len(ids), find, self.load)
        new = NewTask(kind, {"apps": [{"id": self._app_id, "name": self._title}]})
        title = _(KINDS[kind].title)
        await confirm_task(chosen, new, f"{title}?", (self._title,), title, icon=ICONS[kind])
