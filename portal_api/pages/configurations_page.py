"""The configurations of the organization: the list, making, copying, deleting, the default one (FL-393…FL-396)."""

from collections.abc import Sequence

from nicegui import ui

from connectors.messages import N_
from domain.organizations.entering import workplaces
from domain.organizations.permissions import Permission
from fleet.configurations.copying import copy_configuration
from fleet.configurations.proxies import get_behind_proxy, set_behind_proxy
from fleet.configurations.service import (
    ConfigurationView,
    create_configuration,
    delete_configurations,
    list_configurations,
    remove_default,
    set_default,
)
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, visitor, when
from portal_api.pages.widgets.chosen_list import ChosenList
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _


@portal_page("/configurations", N_("Configurations"), Permission.FLEET_CONFIGURE, "configurations")
async def configurations() -> None:
    """The page."""
    listed = Configurations(may_choose=True)
    with theme.block("toolbar"):
        heading(_("Configurations"), _("Firmware, apps, settings and login methods that printers are to have."))
        ui.space()
        theme.plain_button(_("Drift history"), "download").props["href"] = "/api/v1/compliance/history"
        theme.main_button(_("Create"), "add").on_click(create_dialog)
    with theme.block("filters", role="search"):
        search = ui.input(on_change=lambda event: listed.find(event.value or ""))
        search.props("outlined dense clearable debounce=250").classes("search")
        search.props["placeholder"] = search.props["aria-label"] = _("Search for a configuration")
    await listed.build()
    await _proxy()


async def _proxy() -> None:
    """Guidance for networks with an authenticated proxy, and the switch that makes it a condition (FL-289, FL-290)."""
    with theme.block("sheet settings", "section", aria_label=_("Authenticated proxy")):
        theme.text(_("Authenticated proxy"), "section-title", "h2")
        is_on = await ask(get_behind_proxy)
        switch = ui.switch(_("Our printers use a proxy that asks for user name and password"), value=is_on)
        theme.text(
            _(
                "Apps then reach the cloud only with credentials: at each printer, switch off “Use printer's proxy"
                " settings” and give host, user name and password of the HTTPS proxy. App framework 5.0 or later: Apps,"
                " App framework configuration. Framework 4.0 or earlier: System, Configure in the menu of apps."
                " Only some models take credentials. A configuration without apps can set them."
            ),
            "hint",
            "p",
        )
        theme.text(_("While this is on, configurations with apps go only to printers that have them."), "hint", "p")

        async def change() -> None:
            with faults_shown():
                await ask(set_behind_proxy, is_on=bool(switch.value))
                tell(_("The changes are saved."))

        switch.on_value_change(change)


class Configurations(ChosenList[ConfigurationView]):
    """The open list."""

    icon = "tune"
    page_size = 0

    async def fetch(self, search: str, last: ConfigurationView | None) -> Sequence[ConfigurationView]:
        words = search.casefold().split()
        found = await ask(list_configurations)
        return [view for view in found if all(word in view.name.casefold() for word in words)]

    def key(self, entry: ConfigurationView) -> str:
        return entry.id

    def name(self, entry: ConfigurationView) -> str:
        return entry.name

    def nothing(self, search: str) -> str:
        return _("There is no such configuration yet.")

    def row(self, entry: ConfigurationView) -> None:
        with theme.block("record-words plain-link", "a", href=f"/configurations/{entry.id}"):
            theme.text(entry.name, "strong clamp-one")
            theme.text(entry.description, "hint clamp-one")
        with theme.block("record-words"):
            theme.text(_("Changed by {name}, {when}", name=entry.editor or "–", when=when(entry.changed)), "hint")
            if entry.is_published:
                by, moment = entry.publisher or "–", when(entry.published)
                theme.text(_("Published by {name}, {when}", name=by, when=moment), "hint")
        status_chips(entry)
        self._menu(entry)

    def actions(self) -> None:
        theme.plain_button(_("Remove"), "delete").on_click(self._confirm)

    def _menu(self, entry: ConfigurationView) -> None:
        with theme.icon_button("more_vert", _("More for {name}", name=entry.name)), ui.menu().classes("panel-menu"):
            ui.menu_item(_("Copy"), on_click=lambda: self._copy(entry))
            if entry.is_default:
                ui.menu_item(_("Remove default"), on_click=lambda: self._set_default(entry, is_default=False))
            elif entry.is_published:
                ui.menu_item(_("Set as default"), on_click=lambda: self._set_default(entry, is_default=True))

    async def _set_default(self, entry: ConfigurationView, *, is_default: bool) -> None:
        with faults_shown():
            await ask(set_default if is_default else remove_default, entry.id)
            tell(_("Newly enrolled printers get it.") if is_default else _("It is no longer the default."))
        await self.load()

    async def _copy(self, entry: ConfigurationView) -> None:
        with faults_shown():
            await copy_dialog(entry, self)

    def _confirm(self) -> None:
        chosen = list(self.chosen)

        async def delete() -> None:
            with faults_shown():
                await ask(delete_configurations, [one.id for one in chosen])
                tell(_("Removed: {count}", count=len(chosen)))
            await self.load()

        texts = [", ".join(one.name for one in chosen), _("Nothing is removed from printers.")]
        if assigned := sum(one.assigned for one in chosen):
            texts.append(_("{count} printers lose their assigned configuration.", count=assigned))
        if any(one.is_default for one in chosen):
            texts.append(_("Newly enrolled printers no longer get a default configuration."))
        confirm(_("Delete configurations?"), tuple(texts), _("Delete"), delete)


def status_chips(view: ConfigurationView) -> None:
    """What state it is in: version, draft, default, how many printers it is assigned to."""
    if view.is_published:
        theme.chip(_("Version {number}", number=view.version), "good")
    if view.has_draft:
        theme.chip(_("Draft"), "dry")
    if view.is_default:
        theme.chip(_("Default"), "shared")
    if view.assigned:
        theme.chip(_("Assigned: {count}", count=view.assigned), "quiet")


def create_dialog() -> None:
    """Make one, and open it."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Create a configuration"), "dialog-title", "h2")
        name = ui.input(_("Name")).props("outlined dense autofocus maxlength=255")
        description = ui.input(_("Description")).props("outlined dense maxlength=1000")

        async def create() -> None:
            with faults_shown():
                configuration_id = await ask(create_configuration, name.value or "", description.value or "")
                dialog.close()
                ui.navigate.to(f"/configurations/{configuration_id}")

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Create configuration")).on_click(create)
        name.on("keydown.enter", create)
    dialog.on("hide", dialog.delete)
    dialog.open()


async def copy_dialog(entry: ConfigurationView, listed: Configurations) -> None:
    """Copy it, into another organization too where somebody works in several (FL-396)."""
    here = visitor().organization_id
    places = {one.id: one.name for one in (await ask(workplaces)).items}
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Copy “{name}”", name=entry.name), "dialog-title", "h2")
        name = ui.input(_("Name"), value=_("Copy of {name}", name=entry.name)[:255])
        name.props("outlined dense autofocus maxlength=255")
        place = None
        if len(places) > 1:
            place = ui.select(places, value=here, label=_("Organization")).props("outlined dense options-dense")
        edit = ui.checkbox(_("Edit after copy"), value=True)
        if place is not None:
            edit.bind_visibility_from(place, "value", lambda value: value == here)
        theme.text(_("The copy starts as a draft."), "hint")

        async def copy() -> None:
            there = str(place.value) if place is not None else here
            with faults_shown():
                copy_id = await ask(copy_configuration, entry.id, name.value or "", there)
                dialog.close()
                tell(_("The copy is made."))
                if edit.value and there == here:
                    ui.navigate.to(f"/configurations/{copy_id}")
                else:
                    await listed.load()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Copy"), "content_copy").on_click(copy)
    dialog.on("hide", dialog.delete)
    dialog.open()
