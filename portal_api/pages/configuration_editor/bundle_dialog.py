"""Importing a settings bundle into a draft: examined first, then the chosen parts are taken (FL-387…FL-392)."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from nicegui import events, ui

from connectors.errors import PressroomError
from connectors.messages import N_
from connectors.printers.files import BUNDLE_LIMIT, FileKind
from fleet.configurations.bundle_import import BundleReport, LineState, ReportLine, examine_bundle, import_bundle
from fleet.resources.service import ResourceView, copy_resource
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, show_fault, tell
from portal_api.pages.widgets.resource_dialogs import discard, scratch_path
from portal_api.pages.widgets.setting_names import item_title
from portal_api.pages.words import _, message_text

STATE_TITLES = {
    LineState.NEW: (N_("New"), "good"),
    LineState.DIFFERS: (N_("Other value"), "good"),
    LineState.SAME: (N_("Same"), "quiet"),
    LineState.UNSUPPORTED: (N_("Not supported"), "dry"),
    LineState.INVALID: (N_("Invalid"), "bad"),
}


class BundleDialog:
    """From an uploaded ZIP or from the library; `done` shows the draft anew."""

    def __init__(
        self, configuration_id: str, library: Sequence[ResourceView], done: Callable[[], Awaitable[None]]
    ) -> None:
        self._configuration_id, self._done = configuration_id, done
        self._bundles = [one for one in library if one.kind is FileKind.BUNDLE]
        self._path: Path | None = None
        self._name = ""

    def open(self) -> None:
        """Show the dialog."""
        with theme.dialog() as self._dialog, theme.block("sheet dialog-sheet wide"):
            theme.text(_("Import a settings bundle"), "dialog-title", "h2")
            self._body = theme.box("list-holder")
            with self._body:
                self._choice()
        self._dialog.on("hide", self._close)
        self._dialog.open()

    def _choice(self) -> None:
        upload = ui.upload(auto_upload=True, max_file_size=BUNDLE_LIMIT, on_upload=self._take)
        upload.classes("only-heard").props["accept"] = ".zip"
        if self._bundles:
            names = {one.id: one.name for one in self._bundles}
            ui.select(names, label=_("From the library"), on_change=self._from_library).props("outlined dense")
        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(self._dialog.close)
            button = theme.main_button(_("Choose a file"), "folder_open")
            theme.picks_files(button, upload)

    async def _take(self, event: events.UploadEventArguments) -> None:
        self._path, self._name = scratch_path(), event.file.name
        await event.file.save(self._path)
        await self._examine()

    async def _from_library(self, event: events.ValueChangeEventArguments[str | None]) -> None:
        bundle = next((one for one in self._bundles if one.id == event.value), None)
        if bundle is None:
            return
        self._path, self._name = scratch_path(), bundle.file_name
        with faults_shown():
            await ask(copy_resource, bundle.id, self._path)
            await self._examine()

    async def _examine(self) -> None:
        if self._path is None:
            return
        try:
            report = await ask(examine_bundle, self._configuration_id, self._path, self._name)
        except PressroomError as error:
            show_fault(error)
            self._dialog.close()
            return
        self._body.clear()
        with self._body:
            self._report(report)

    def _report(self, report: BundleReport) -> None:
        settings = _part(_("Printer settings"), report.settings)
        login = _part(_("Login methods"), report.login_methods)

        async def take() -> None:
            with faults_shown():
                chosen = {"settings": bool(settings.value), "login_methods": bool(login.value)}
                if self._path is not None:
                    await ask(import_bundle, self._configuration_id, self._path, self._name, **chosen)
                    tell(_("The bundle is imported."))
                self._dialog.close()
                await self._done()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(self._dialog.close)
            theme.main_button(_("Import"), "download_done").on_click(take)

    def _close(self) -> None:
        if self._path is not None:
            discard(self._path)
            self._path = None
        self._dialog.delete()


def _part(title: str, lines: Sequence[ReportLine]) -> ui.checkbox:
    """One part with its counts, its tick and its detailed report (FL-388, FL-390, FL-391)."""
    taken = sum(line.state.is_imported for line in lines)
    words = _("{part}: {taken} of {count} are imported", part=title, taken=taken, count=len(lines))
    box = ui.checkbox(words, value=taken > 0)
    box.set_enabled(taken > 0)
    if lines:
        with ui.expansion(_("Report: {part}", part=title)).classes("fold"), theme.block("records", role="list"):
            for line in lines:
                _line(line)
    return box


def _line(line: ReportLine) -> None:
    title, kind = STATE_TITLES[line.state]
    with theme.block("record", role="listitem"):
        with theme.block("record-words"):
            theme.text(item_title(line.item), "strong clamp-one")
            theme.text(message_text(line.problem) if line.problem else line.value, "hint")
        theme.chip(_(title), kind)
