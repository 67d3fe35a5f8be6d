"""Choosing a folder at a storage service: looked into with the visitor's own account, made where it is missing."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from nicegui import events, ui

from connectors.errors import PressroomError
from domain.scan_destinations.browsing import FolderPlace, create_folder, list_folders
from domain.storage_accounts.faults import SIGNED_OUT
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown
from portal_api.pages.words import _, error_texts

Chosen = Callable[[str], Awaitable[None] | None]


class FolderDialog:
    """The open dialog (SCAN-60…SCAN-65). `place.path` is where one is; “Select folder” takes it."""

    def __init__(self, place: FolderPlace, title: str, chosen: Chosen, sign_in: str = "") -> None:
        self._place, self._title, self._chosen, self._sign_in = place, title, chosen, sign_in
        self._names: list[str] = []
        self._problem: PressroomError | None = None

    async def open(self) -> None:
        """Show the folders at the place; a place that is not there yet is shown as such."""
        await self._read()
        with theme.dialog() as self._dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Select folder"), "dialog-title", "h2")
            theme.text(self._title, "hint")
            self._content()
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(self._dialog.close)
                self._select = theme.main_button(_("Select folder"), "check").on_click(self._take)
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    @ui.refreshable_method
    def _content(self) -> None:
        parts = self._place.path.split("/") if self._place.path else []
        with theme.block("crumbs", "nav", aria_label=_("Where you are")):
            self._crumb(_("Top folder"), "", is_here=not parts)
            for number, part in enumerate(parts, 1):
                theme.icon("chevron_right")
                self._crumb(part, "/".join(parts[:number]), is_here=number == len(parts))
        if self._problem is not None:
            self._show_problem(self._problem)
            return
        with theme.block("folder-list", role="list"):
            for name in self._names:
                with theme.block("", role="listitem"):
                    button = ui.button(name, icon=theme.symbol("folder"), color=None)
                    button.props("flat no-caps align=left").classes("folder-row")
                    button.on_click(lambda name=name: self._enter(name))
        if not self._names:
            theme.text(_("There is no folder in this one."), "hint", role="status")
        with theme.block("new-folder"):
            self._new = ui.input(_("New folder")).props("outlined dense maxlength=255")
            self._new.on("keydown.enter", self._make)
            theme.icon_button("create_new_folder", _("Make the folder")).on_click(self._make)

    def _crumb(self, name: str, path: str, *, is_here: bool) -> None:
        button = ui.button(name, color=None).props("flat dense no-caps").classes("crumb")
        if is_here:
            button.props["aria-current"] = "page"
        button.on_click(lambda: self._go(path))

    def _show_problem(self, error: PressroomError) -> None:
        message, remedy = error_texts(error)
        with theme.block("warning", role="alert"):
            theme.icon("warning")
            with theme.block("record-words"):
                theme.text(message)
                theme.text(remedy, "hint")
        if error.fault is SIGNED_OUT and self._sign_in:
            theme.main_button(_("Choose account"), "login").props(f"href={self._sign_in}")

    async def _enter(self, name: str) -> None:
        await self._go("/".join(filter(None, (self._place.path, name))))

    async def _go(self, path: str) -> None:
        self._place = replace(self._place, path=path)
        await self._read()
        self._content.refresh()

    async def _read(self) -> None:
        self._names, self._problem = [], None
        try:
            self._names = await ask(list_folders, self._place)
        except PressroomError as error:
            self._problem = error

    async def _make(self, _event: events.GenericEventArguments | events.ClickEventArguments | None = None) -> None:
        name = (self._new.value or "").strip()
        if not name:
            return
        path = "/".join(filter(None, (self._place.path, name)))
        with faults_shown():
            await ask(create_folder, replace(self._place, path=path))
            await self._go(path)

    async def _take(self) -> None:
        self._dialog.close()
        done = self._chosen(self._place.path)
        if done is not None:
            await done
