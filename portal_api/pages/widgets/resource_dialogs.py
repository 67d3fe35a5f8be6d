"""Adding to the resource library: a file, or firmware by its address with Verify; changing name and description."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import mkdtemp

from nicegui import events, ui

from connectors.errors import PressroomError
from connectors.messages import N_
from connectors.printers.files import FILE_LIMIT, FileKind
from connectors.settings import get_settings
from fleet.resources.service import (
    ResourceView,
    add_resource,
    change_resource,
    keep_firmware,
    verify_firmware,
)
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, show_fault, tell
from portal_api.pages.words import _

KIND_TITLES = {
    FileKind.SETTINGS_FILE: N_("Flat settings file"),
    FileKind.BUNDLE: N_("Settings bundle"),
    FileKind.FIRMWARE: N_("Firmware"),
    FileKind.APP: N_("Imported app"),
}
KIND_ICONS = {
    FileKind.SETTINGS_FILE: "description",
    FileKind.BUNDLE: "folder_zip",
    FileKind.FIRMWARE: "memory",
    FileKind.APP: "apps",
}
SUFFIXES = {FileKind.SETTINGS_FILE: ".ucf", FileKind.BUNDLE: ".zip", FileKind.APP: ".fls"}
Added = Callable[[ResourceView], Awaitable[None]]


def upload_dialog(added: Added, *kinds: FileKind) -> None:
    """Take a file into the library; its content decides what it is (FL-338…FL-342)."""
    suffixes = [SUFFIXES[kind] for kind in kinds or SUFFIXES]
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Upload a resource"), "dialog-title", "h2")
        name = ui.input(_("Name")).props("outlined dense autofocus maxlength=255")
        description = ui.input(_("Description")).props("outlined dense maxlength=1000")
        theme.text(_("Files: {suffixes}. At most 50 MB, settings bundles 32 MB.", suffixes=", ".join(suffixes)), "hint")

        async def take(event: events.UploadEventArguments) -> None:
            path = scratch_path()
            try:
                await event.file.save(path)
                title = name.value or Path(event.file.name).stem
                view = await ask(add_resource, title, description.value or "", path, event.file.name)
            except PressroomError as error:
                show_fault(error)
                upload.reset()
                return
            finally:
                discard(path)
            dialog.close()
            tell(_("“{name}” is in the library.", name=view.name))
            await added(view)

        upload = ui.upload(auto_upload=True, max_file_size=FILE_LIMIT, on_upload=take, on_rejected=_refused)
        upload.classes("only-heard").props["accept"] = ",".join(suffixes)
        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            choose = theme.main_button(_("Choose a file"), "folder_open")
            theme.picks_files(choose, upload)
    dialog.on("hide", dialog.delete)
    dialog.open()


def firmware_dialog(added: Added) -> None:
    """Firmware by its address or build name: verified, then saved (FL-340, FL-342)."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Add firmware"), "dialog-title", "h2")
        name = ui.input(_("Name")).props("outlined dense autofocus maxlength=255")
        description = ui.input(_("Description")).props("outlined dense maxlength=1000")
        source = ui.input(_("Address or build name")).props("outlined dense maxlength=2000 spellcheck=false")
        verdict = theme.text("", "hint", role="status")
        verified: list[ResourceView] = []

        def forget() -> None:
            verified.clear()
            verdict.text = ""
            save.disable()

        async def verify() -> None:
            forget()
            check.props("loading")
            with faults_shown():
                view = await ask(verify_firmware, source.value or "")
                verified.append(view)
                models = ", ".join(view.facts["models"])
                verdict.text = _("Verified: level {level} for {models}.", level=view.facts["level"], models=models)
                save.enable()
            check.props(remove="loading")

        async def keep() -> None:
            with faults_shown():
                view = await ask(keep_firmware, verified[0].id, name.value or "", description.value or "")
                dialog.close()
                await added(view)

        source.on_value_change(forget)
        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            check = theme.plain_button(_("Verify"), "verified").on_click(verify)
            save = theme.main_button(_("Save"), "save").on_click(keep)
            save.disable()
    dialog.on("hide", dialog.delete)
    dialog.open()


def change_dialog(resource: ResourceView, done: Callable[[], Awaitable[None]]) -> None:
    """Change name and description (FL-343)."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Edit the resource"), "dialog-title", "h2")
        name = ui.input(_("Name"), value=resource.name).props("outlined dense autofocus maxlength=255")
        description = ui.input(_("Description"), value=resource.description).props("outlined dense maxlength=1000")

        async def save() -> None:
            with faults_shown():
                await ask(change_resource, resource.id, name.value or "", description.value or "")
                dialog.close()
                await done()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Save"), "save").on_click(save)
    dialog.on("hide", dialog.delete)
    dialog.open()


def facts_text(resource: ResourceView) -> str:
    """What was read out of the file, in a line."""
    facts = resource.facts
    if resource.kind is FileKind.APP:
        return _("{name} {version}", name=facts["name"], version=facts["version"])
    if resource.kind is FileKind.FIRMWARE:
        return _("Level {level} for {models}", level=facts["level"], models=", ".join(facts["models"]))
    models = ", ".join(facts.get("models") or [facts.get("model") or ""]) or _("any model")
    return _("{count} settings for {models}", count=facts["settings"], models=models)


def scratch_path() -> Path:
    """A place for an upload, in a folder of its own."""
    folder = get_settings().scratch_folder
    folder.mkdir(parents=True, exist_ok=True)
    return Path(mkdtemp(prefix="portal-", dir=folder)) / "upload"


def discard(path: Path) -> None:
    """Remove the upload and its folder."""
    path.unlink(missing_ok=True)
    path.parent.rmdir()


def _refused() -> None:
    ui.notify(_("This file is not taken: it is too large, or of another kind."), type="negative")
