"""Commands of the menu Tags: give and take them, make one, tag by file (FL-209, FL-257, FL-258)."""

from nicegui import events, ui

from connectors.errors import PressroomError
from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.printers.tags.by_file import LARGEST, SUFFIXES, tag_by_file
from fleet.printers.tags.service import change_tags, create_tag, list_tags, tags_on
from portal_api.pages import theme
from portal_api.pages.printer_actions import ChosenPrinters, Menu, PrinterAction
from portal_api.pages.visit import ask, faults_shown, show_fault, tell
from portal_api.pages.words import _

FILE_RULES = (
    N_("A TXT or CSV file in UTF-8 of at most 200 KB, with one printer in each line and no blank lines."),
    N_("The first line says what the lines are: “IP Address” or “Serial Number”."),
    N_("Printers that have tags already simply gain these."),
)


async def choose_tags(chosen: ChosenPrinters) -> None:
    """Tick the tags that the printers are to carry; a tag that only some carry stays as it is until it is ticked."""
    with faults_shown():
        ids = await chosen.ids()
        tags, counts = await ask(list_tags), await ask(tags_on, ids)
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Tags"), "dialog-title", "h2")
            if not tags:
                theme.text(_("There are no tags yet. Create one first."), "muted", "p")
            boxes = {}
            with theme.block("tag-choices"):
                for tag in tags:
                    value = {0: False, len(ids): True}.get(counts.get(tag.id, 0))
                    boxes[tag.id] = (ui.checkbox(tag.name, value=value), value)

            async def apply() -> None:
                changed = {tag_id: box.value for tag_id, (box, before) in boxes.items() if box.value is not before}
                give = [tag_id for tag_id, value in changed.items() if value]
                take = [tag_id for tag_id, value in changed.items() if value is False]
                with faults_shown():
                    await ask(change_tags, ids, give=give, take=take)
                    dialog.close()
                    tell(_("The tags are changed."))
                    await chosen.done()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Apply"), "check").on_click(apply).set_enabled(bool(tags))
        dialog.on("hide", dialog.delete)
        dialog.open()


async def new_tag(chosen: ChosenPrinters) -> None:
    """Create a tag (FL-256)."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Create tag"), "dialog-title", "h2")
        name = ui.input(_("Name of the tag")).props("outlined dense autofocus maxlength=255")

        async def create() -> None:
            with faults_shown():
                await ask(create_tag, name.value or "")
                dialog.close()
                tell(_("The tag is created."))
                await chosen.done()

        name.on("keydown.enter", create)
        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Create tag"), "new_label").on_click(create)
    dialog.on("hide", dialog.delete)
    dialog.open()


async def by_file(chosen: ChosenPrinters) -> None:
    """Choose tags, then a file (FL-258…FL-266)."""
    with faults_shown():
        tags = {tag.id: tag.name for tag in await ask(list_tags)}
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Tag printers by file"), "dialog-title", "h2")
            select = ui.select(tags, label=_("Tags"), multiple=True, with_input=True)
            select.props("outlined dense options-dense use-chips").classes("with-chips")
            for rule in FILE_RULES:
                with theme.block("verdict-line"):
                    theme.icon("info")
                    theme.text(_(rule))

            async def take(event: events.UploadEventArguments) -> None:
                content = await event.file.read()
                try:
                    found = await ask(tag_by_file, list(select.value or ()), event.file.name, content)
                except PressroomError as error:
                    show_fault(error)
                    upload.reset()
                    return
                dialog.close()
                words = _("Printers tagged: {count}.", count=found.tagged)
                if found.not_tagged:
                    words += " " + _("Not in this organization, and not tagged: {count}.", count=found.not_tagged)
                tell(words)
                await chosen.done()

            upload = ui.upload(auto_upload=True, max_file_size=LARGEST, on_upload=take, on_rejected=_refused)
            upload.classes("only-heard").props["accept"] = ",".join(SUFFIXES)
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                pick = theme.main_button(_("Tag printers"), "folder_open")
                theme.picks_files(pick, upload)
        dialog.on("hide", dialog.delete)
        dialog.open()


async def manage(_chosen: ChosenPrinters) -> None:
    """The page of tags."""
    ui.navigate.to("/printer-tags")


def _refused() -> None:
    ui.notify(_("This file is not taken: it is larger than 200 KB, or no TXT or CSV file."), type="negative")


_MAY = Permission.FLEET_MANAGE
ACTIONS = (
    PrinterAction(Menu.TAGS, 10, N_("Choose tags"), "sell", _MAY, choose_tags),
    PrinterAction(Menu.TAGS, 20, N_("Create tag"), "new_label", _MAY, new_tag, needs_printers=False, on_page=False),
    PrinterAction(Menu.TAGS, 30, N_("Manage tags"), "settings", _MAY, manage, needs_printers=False, on_page=False),
    PrinterAction(
        Menu.TAGS, 40, N_("Tag printers by file"), "upload_file", _MAY, by_file, needs_printers=False, on_page=False
    ),
)
