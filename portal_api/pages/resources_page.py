"""The resource library: files that configurations use, by kind; adding, changing, downloading, deleting."""

from collections.abc import Sequence

from nicegui import ui

from connectors.messages import N_
from connectors.printers.files import FileKind
from domain.organizations.permissions import Permission
from fleet.resources.service import ResourceView, delete_resources, list_resources
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.chosen_list import ChosenList
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.resource_dialogs import (
    KIND_ICONS,
    KIND_TITLES,
    change_dialog,
    facts_text,
    firmware_dialog,
    upload_dialog,
)
from portal_api.pages.words import _


@portal_page("/resources", N_("Resource library"), Permission.FLEET_CONFIGURE, "resources")
async def resources() -> None:
    """The page."""
    listed = Resources(may_choose=True)

    async def added(_view: ResourceView) -> None:
        await listed.load()

    with theme.block("toolbar"):
        heading(_("Resource library"), _("Files that configurations use: settings, apps and firmware."))
        ui.space()
        theme.plain_button(_("Add firmware"), "memory").on_click(lambda: firmware_dialog(added))
        theme.main_button(_("Upload"), "upload_file").on_click(lambda: upload_dialog(added))
    with theme.block("filters", role="search"):
        kinds = {"": _("All kinds")} | {kind.value: _(title) for kind, title in KIND_TITLES.items()}
        ui.select(kinds, value="", label=_("Kind"), on_change=lambda event: listed.choose_kind(event.value)).props(
            "outlined dense options-dense"
        )
    await listed.build()


class Resources(ChosenList[ResourceView]):
    """The open list."""

    icon = "folder_open"
    page_size = 0
    _kind: FileKind | None = None

    async def choose_kind(self, kind: str) -> None:
        """Show one kind only (FL-345)."""
        self._kind = FileKind(kind) if kind else None
        await self.load()

    async def fetch(self, search: str, last: ResourceView | None) -> Sequence[ResourceView]:
        return await ask(list_resources, self._kind)

    def key(self, entry: ResourceView) -> str:
        return entry.id

    def name(self, entry: ResourceView) -> str:
        return entry.name

    def nothing(self, search: str) -> str:
        return _("There is nothing of the kind yet. Upload a file, or add firmware by its address.")

    def row(self, entry: ResourceView) -> None:
        theme.icon(KIND_ICONS[entry.kind])
        with theme.block("record-words"):
            theme.text(entry.name, "strong clamp-one")
            theme.text(entry.description or facts_text(entry), "hint clamp-one")
        with theme.block("record-words"):
            theme.text(facts_text(entry), "hint clamp-one")
            if entry.used_by:
                theme.text(_("Used by: {names}", names=", ".join(entry.used_by)), "hint clamp-one")
        theme.chip(_(KIND_TITLES[entry.kind]), "quiet")
        if entry.is_downloadable:
            link = theme.icon_button("download", _("Download {name}", name=entry.name))
            link.props["href"] = f"/api/v1/resources/{entry.id}/content"
        edit = theme.icon_button("edit", _("Edit {name}", name=entry.name))
        edit.on_click(lambda: change_dialog(entry, self.load))
        edit.set_enabled(not entry.used_by)

    def actions(self) -> None:
        theme.plain_button(_("Remove"), "delete").on_click(self._confirm)

    def _confirm(self) -> None:
        chosen = list(self.chosen)

        async def delete() -> None:
            with faults_shown():
                await ask(delete_resources, [resource.id for resource in chosen])
                tell(_("Removed: {count}", count=len(chosen)))
            await self.load()

        named = ", ".join(resource.name for resource in chosen)
        confirm(_("Delete resources?"), (named, _("What a configuration uses cannot be deleted.")), _("Delete"), delete)
