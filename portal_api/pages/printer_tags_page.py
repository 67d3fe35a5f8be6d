"""Tags: made, renamed, deleted; and how many printers carry each (FL-255, FL-256)."""

from collections.abc import Sequence

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.printers.tags.service import TagView, delete_tags, list_tags, rename_tag
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.printer_actions import ChosenPrinters
from portal_api.pages.printer_menu.tags import by_file, new_tag
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.chosen_list import ChosenList
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _


@portal_page("/printer-tags", N_("Tags"), Permission.FLEET_MANAGE, "printer-tags")
async def printer_tags() -> None:
    """The page."""
    listed = Tags(may_choose=True)

    async def find() -> tuple[str, ...]:
        return ()

    nothing = ChosenPrinters(0, find, listed.load)
    with theme.block("toolbar"):
        heading(_("Tags"), _("Words on printers, by which lists are narrowed and schedules and policies go."))
        ui.space()
        theme.plain_button(_("Tag printers by file"), "upload_file").on_click(lambda: by_file(nothing))
        theme.main_button(_("Create tag"), "new_label").on_click(lambda: new_tag(nothing))
    await listed.build()


class Tags(ChosenList[TagView]):
    """The open list."""

    icon = "sell"
    page_size = 0

    async def fetch(self, search: str, last: TagView | None) -> Sequence[TagView]:
        return await ask(list_tags)

    def key(self, entry: TagView) -> str:
        return entry.id

    def name(self, entry: TagView) -> str:
        return entry.name

    def nothing(self, search: str) -> str:
        return _("There are no tags yet. Create one first.")

    def row(self, entry: TagView) -> None:
        with theme.block("record-words"):
            theme.text(entry.name, "strong")
            count = entry.printers
            theme.text(_("1 printer") if count == 1 else _("{count} printers", count=count), "hint")
        rename = theme.icon_button("edit", _("Rename {name}", name=entry.name))
        rename.on_click(lambda: self._rename(entry))

    def actions(self) -> None:
        theme.plain_button(_("Delete"), "delete").on_click(self._delete)

    def _rename(self, tag: TagView) -> None:
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Rename the tag"), "dialog-title", "h2")
            name = ui.input(_("Name of the tag"), value=tag.name).props("outlined dense autofocus maxlength=255")

            async def keep() -> None:
                with faults_shown():
                    await ask(rename_tag, tag.id, name.value or "")
                    await self.load()
                    dialog.close()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Save"), "save").on_click(keep)
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _delete(self) -> None:
        chosen = self.chosen

        async def delete() -> None:
            with faults_shown():
                await ask(delete_tags, [tag.id for tag in chosen])
                tell(_("Deleted: {count}", count=len(chosen)))
                await self.load()

        confirm(_("Delete tags?"), (", ".join(tag.name for tag in chosen),), _("Delete"), delete)
