"""Tags: made, renamed, deleted; and how many printers carry each (FL-255, FL-256)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.printers.tags.service import TagView, delete_tags, list_tags, rename_tag
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.printer_actions import ChosenPrinters
from portal_api.pages.printer_menu.tags import by_file, new_tag
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _


@portal_page("/printer-tags", N_("Tags"), Permission.FLEET_MANAGE, "printer-tags")
async def printer_tags() -> None:
    """The page."""
    await TagList().build()


class TagList:
    """The open list."""

    def __init__(self) -> None:
        self._tags: list[TagView] = []
        self._chosen: set[str] = set()

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Tags"), _("Words on printers, by which lists are narrowed and schedules and policies go."))
            ui.space()
            theme.plain_button(_("Tag printers by file"), "upload_file").on_click(lambda: by_file(self._nothing()))
            theme.main_button(_("Create tag"), "new_label").on_click(lambda: new_tag(self._nothing()))
        self._bar()
        self._rows()
        await self._load()

    def _nothing(self) -> ChosenPrinters:
        """What dialogs without printers take."""

        async def find() -> tuple[str, ...]:
            return ()

        return ChosenPrinters(0, find, self._load)

    async def _load(self) -> None:
        with faults_shown():
            self._tags, self._chosen = await ask(list_tags), set()
        self._bar.refresh()
        self._rows.refresh()

    @ui.refreshable_method
    def _bar(self) -> None:
        if not self._chosen:
            return
        with theme.block("chosen-bar", role="status"):
            theme.text(_("{count} chosen", count=len(self._chosen)), "strong")
            ui.space()
            theme.plain_button(_("Delete"), "delete").on_click(self._delete)

    @ui.refreshable_method
    def _rows(self) -> None:
        if not self._tags:
            with theme.block("empty", role="status"):
                theme.icon("sell")
                theme.text(_("There are no tags yet. Create one first."), "muted")
            return
        with theme.block("records", role="list"):
            for tag in self._tags:
                self._row(tag)

    def _row(self, tag: TagView) -> None:
        with theme.block("record", role="listitem"):
            box = ui.checkbox(on_change=lambda event: self._choose(tag.id, is_chosen=bool(event.value)))
            box.props("dense").props["aria-label"] = _("Choose {name}", name=tag.name)
            with theme.block("record-words"):
                theme.text(tag.name, "strong")
                count = tag.printers
                theme.text(_("1 printer") if count == 1 else _("{count} printers", count=count), "hint")
            rename = theme.icon_button("edit", _("Rename {name}", name=tag.name))
            rename.on_click(lambda: self._rename(tag))

    def _choose(self, tag_id: str, *, is_chosen: bool) -> None:
        (self._chosen.add if is_chosen else self._chosen.discard)(tag_id)
        self._bar.refresh()

    def _rename(self, tag: TagView) -> None:
        with ui.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Rename the tag"), "dialog-title", "h2")
            name = ui.input(_("Name of the tag"), value=tag.name).props("outlined dense autofocus maxlength=255")

            async def keep() -> None:
                with faults_shown():
                    await ask(rename_tag, tag.id, name.value or "")
                    await self._load()
                    dialog.close()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Save"), "save").on_click(keep)
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _delete(self) -> None:
        chosen = [tag for tag in self._tags if tag.id in self._chosen]

        async def delete() -> None:
            with faults_shown():
                await ask(delete_tags, [tag.id for tag in chosen])
                tell(_("Deleted: {count}", count=len(chosen)))
                await self._load()

        confirm(_("Delete tags?"), (", ".join(tag.name for tag in chosen),), _("Delete"), delete)
