"""Scan destinations: those of the organization and one's own, in two tabs (SCAN-30…SCAN-34)."""

from collections.abc import Sequence

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.scan_destinations.service import (
    DestinationView,
    Scope,
    delete_destinations,
    list_destinations,
    may_edit,
    may_have_personal,
)
from domain.scan_settings.families import SERVICES, service_title
from domain.scan_settings.service import scan_settings
from domain.scan_settings.settings import ScanSettings
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, visitor
from portal_api.pages.widgets.chosen_list import ChosenList
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _, error_texts

TABS = {Scope.ORGANIZATIONAL: N_("Organizational"), Scope.PERSONAL: N_("Personal")}


@portal_page("/scan", N_("Scan destinations"), Permission.SCAN_OPEN, "scan-destinations")
async def scan_destinations(tab: str = "") -> None:
    """The page."""
    settings = await ask(scan_settings)
    has_personal = may_have_personal(visitor(), settings)
    personal = has_personal and (tab == Scope.PERSONAL.value or not visitor().may(Permission.SCAN_MANAGE))
    chosen = Scope.PERSONAL if personal and tab != Scope.ORGANIZATIONAL.value else Scope.ORGANIZATIONAL
    await DestinationsPage(settings, chosen, has_personal=has_personal).build()


class DestinationsPage:
    """The open page with the list of the chosen tab."""

    def __init__(self, settings: ScanSettings, scope: Scope, *, has_personal: bool) -> None:
        self._settings, self._scope, self._has_personal = settings, scope, has_personal

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Scan destinations"), _("Where people's scans go from the printer."))
            ui.space()
            self._buttons()
        if not self._settings.enabled:
            _note("pause_circle", _("Scan Management is off: nobody can scan to these destinations."))
        if self._has_personal:
            with (
                theme.block("filters"),
                ui.tabs(on_change=lambda event: self._choose(Scope(str(event.value)))).props("no-caps dense") as tabs,
            ):
                for scope, title in TABS.items():
                    ui.tab(scope.value, _(title))
            tabs.value = self._scope.value
        self._holder = theme.box("list-holder")
        await self._show()

    @ui.refreshable_method
    def _buttons(self) -> None:
        if visitor().may(Permission.SCAN_MANAGE):
            theme.plain_button(_("Scan settings"), "settings").props("href=/scan/settings")
        if may_edit(visitor(), self._settings, self._scope):
            create = theme.main_button(_("Create scan destination"), "add")
            create.props(f"href=/scan/new?scope={self._scope.value}")

    async def _choose(self, scope: Scope) -> None:
        if scope is not self._scope:
            self._scope = scope
            self._buttons.refresh()
            await self._show()

    async def _show(self) -> None:
        self._holder.clear()
        with self._holder:
            await DestinationList(self._scope, may_choose=may_edit(visitor(), self._settings, self._scope)).build()


class DestinationList(ChosenList[DestinationView]):
    """The destinations of one tab; at most fifty, on one page."""

    icon = "drive_folder_upload"
    page_size = 0

    def __init__(self, scope: Scope, *, may_choose: bool) -> None:
        super().__init__(may_choose=may_choose)
        self._scope = scope

    async def fetch(self, search: str, last: DestinationView | None) -> Sequence[DestinationView]:
        return await ask(list_destinations, self._scope)

    def key(self, entry: DestinationView) -> str:
        return entry.id

    def name(self, entry: DestinationView) -> str:
        return entry.definition.name

    def nothing(self, search: str) -> str:
        if self._scope is Scope.PERSONAL:
            return _("You have no scan destination of your own yet.")
        return _("The organization has no scan destination yet.")

    def row(self, entry: DestinationView) -> None:
        definition = entry.definition
        theme.icon(SERVICES[definition.service].icon)
        with theme.block("record-words"):
            with theme.block("record-link", "a", href=f"/scan/{entry.id}"):
                theme.text(definition.name, "strong clamp-one")
            theme.text(definition.description or definition.place, "hint clamp-one")
            if entry.problem is not None:
                theme.text(error_texts(entry.problem)[0], "hint bad")
        theme.chip(_(service_title(definition.service)), "quiet")
        if entry.may_edit:
            edit = theme.icon_button("edit", _("Change “{name}”", name=definition.name))
            edit.props(f"href=/scan/{entry.id}")

    def actions(self) -> None:
        theme.plain_button(_("Delete"), "delete").on_click(self._confirm)

    def _confirm(self) -> None:
        chosen = list(self.chosen)

        async def delete() -> None:
            with faults_shown():
                count = await ask(delete_destinations, [view.id for view in chosen])
                tell(_("Deleted: {count}", count=count))
            await self.load()

        title = _("Delete destination") if len(chosen) == 1 else _("Delete {count} destinations", count=len(chosen))
        named = ", ".join(view.definition.name for view in chosen)
        confirm(f"{title}?", (named, _("Scans that are on their way there still arrive.")), title, delete)


def _note(icon: str, text: str) -> None:
    with theme.block("warning", role="note"):
        theme.icon(icon)
        theme.text(text)
