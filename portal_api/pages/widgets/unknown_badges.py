"""The list of badges that were held to readers and that nobody has, each registered with one press (TS-3, TS-6)."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from domain.printer_login.unknown_badges import (
    LIKENESSES,
    UnknownBadgeView,
    list_unknown_badges,
    register_unknown_badge,
)
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell, when
from portal_api.pages.words import _


class UnknownBadgeList:
    """The open list."""

    def __init__(self) -> None:
        self._found: list[UnknownBadgeView] = []

    async def build(self) -> None:
        """Lay it out."""
        theme.text(
            _("Badges that were held to a reader within a week and that nobody has, as the reader sent them."),
            "hint",
        )
        self._found = await ask(list_unknown_badges)
        self._rows()

    async def load(self) -> None:
        """Show what is there now."""
        self._found = await ask(list_unknown_badges)
        self._rows.refresh()

    def search_for(self, _search: str) -> None:
        """They are found by nothing: there are few of them."""

    async def find(self, _search: str) -> None:
        """As above."""

    @ui.refreshable_method
    def _rows(self) -> None:
        if not self._found:
            with theme.block("empty", role="status"):
                theme.icon("badge")
                theme.text(_("Every badge that was held to a reader belongs to somebody."), "strong")
            return
        with theme.block("records", role="list"):
            for view in self._found:
                with theme.block("record", role="listitem"):
                    self._row(view)

    def _row(self, view: UnknownBadgeView) -> None:
        theme.icon("badge")
        with theme.block("record-words"):
            theme.text(view.number, "badge-number")
            if view.nearly is not None and view.likeness is not None:
                name = view.nearly.name or view.nearly.email
                theme.text(_("Nearly a badge of {name}", name=name), "strong clamp-one")
                theme.text(_(LIKENESSES[view.likeness]), "hint")
        with theme.block("record-when wide"):
            theme.text(_("Held to readers: {count}", count=view.times), "ticket")
            theme.text(_("Last seen {time}", time=when(view.last_seen)), "ticket")
        with theme.block("record-buttons"):
            printer = theme.icon_button("print", _("Show the printer"))
            printer.props["href"] = f"/printers/{view.printer_id}"
            if view.nearly is not None:
                nearly = view.nearly
                theme.plain_button(_("Correct the badge"), "auto_fix_high").on_click(
                    lambda: self._register(view, nearly.email, nearly.id)
                )
            theme.plain_button(_("Register…"), "add_card").on_click(lambda: self._dialog(view))

    async def _register(self, view: UnknownBadgeView, email: str, instead_of: str = "") -> None:
        with faults_shown():
            await ask(register_unknown_badge, view.id, email, instead_of=instead_of)
            tell(_("The badge is registered."))
            await self.load()

    def _dialog(self, view: UnknownBadgeView) -> None:
        register_dialog(view.number, lambda email: self._register(view, email))


def register_dialog(number: str, register: Callable[[str], Awaitable[None]]) -> None:
    """Ask whose badge it is."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Whose badge is {number}?", number=number), "dialog-title", "h2")
        address = ui.input(_("E-mail address")).props("outlined dense autofocus autocomplete=off maxlength=255")
        address.props("inputmode=email")

        async def go_on() -> None:
            dialog.close()
            await register(address.value or "")

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Register badge")).on_click(go_on)
        address.on("keydown.enter", go_on)
    dialog.on("hide", dialog.delete)
    dialog.open()
