"""Dialogs that take firmware images and app packages into the catalogues; what a file is, is read out of it."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from nicegui import events, ui

from connectors.errors import PressroomError
from connectors.printers.files import FILE_LIMIT
from fleet.firmware.service import add_image
from fleet.panel_apps.service import add_package
from portal_api.pages import theme
from portal_api.pages.visit import ask, show_fault, tell, visitor
from portal_api.pages.widgets.resource_dialogs import discard, scratch_path
from portal_api.pages.words import _

IMAGE_LIMIT = 512 << 20
Done = Callable[[], Awaitable[None]]


def firmware_upload(done: Done) -> None:
    """Add a firmware image."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Add a firmware image"), "dialog-title", "h2")
        theme.text(_("A firmware image (.fls) as it came from the maker, at most 512 MB."), "hint")
        notes = ui.input(_("Notes")).props("outlined dense autofocus maxlength=2000")

        async def take(path: Path, name: str) -> None:
            view = await ask(add_image, path, name, notes.value or "")
            tell(_("Level {level} is in the catalogue.", level=view.level))

        _finish(dialog, take, IMAGE_LIMIT, done)


def app_upload(done: Done) -> None:
    """Add a version of a panel app."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Add a version of an app"), "dialog-title", "h2")
        theme.text(_("An app package (.fls), at most 50 MB."), "hint")
        shared = ui.switch(_("For every organization")) if visitor().is_operator else None

        async def take(path: Path, name: str) -> None:
            await ask(add_package, path, name, shared=bool(shared and shared.value))
            tell(_("“{name}” is in the catalogue.", name=name))

        _finish(dialog, take, FILE_LIMIT, done)


def _finish(dialog: ui.dialog, take: Callable[[Path, str], Awaitable[None]], limit: int, done: Done) -> None:
    async def received(event: events.UploadEventArguments) -> None:
        path = scratch_path()
        try:
            await event.file.save(path)
            await take(path, event.file.name)
        except PressroomError as error:
            show_fault(error)
            upload.reset()
            return
        finally:
            discard(path)
        dialog.close()
        await done()

    upload = ui.upload(auto_upload=True, max_file_size=limit, on_upload=received, on_rejected=_refused)
    upload.classes("only-heard").props["accept"] = ".fls"
    with theme.block("dialog-actions"):
        theme.plain_button(_("Cancel")).on_click(dialog.close)
        choose = theme.main_button(_("Choose a file"), "folder_open")
        theme.picks_files(choose, upload)
    dialog.on("hide", dialog.delete)
    dialog.open()


def _refused() -> None:
    ui.notify(_("This file is not taken: it is too large, or of another kind."), type="negative")
