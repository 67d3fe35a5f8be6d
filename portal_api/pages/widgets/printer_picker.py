"""Choosing printers in a dialog, for commands that begin elsewhere than in the list of printers."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from fleet.printers.choosing import find_printers
from portal_api.pages import theme
from portal_api.pages.printer_actions import ChosenPrinters
from portal_api.pages.visit import ask, faults_shown
from portal_api.pages.words import _


def pick_printers(title: str, go_on: Callable[[ChosenPrinters], Awaitable[None]]) -> None:
    """Ask for printers; `go_on` gets those that were ticked."""
    caller = ui.context.slot.parent
    chosen: dict[str, str] = {}
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet wide"):
        theme.text(title, "dialog-title", "h2")
        search = ui.input().props("outlined dense clearable debounce=250 autofocus").classes("search")
        search.props["placeholder"] = search.props["aria-label"] = _("Search for printers")
        holder = theme.box("records", role="list")

        async def show() -> None:
            found: list[tuple[str, str, str]] = []
            with faults_shown():
                found = await ask(find_printers, search.value or "")
            holder.clear()
            with holder:
                if not found:
                    theme.text(_("No printer of our own make is found."), "muted", role="status")
                for printer_id, subject, model in found:
                    row(printer_id, subject, model)

        def row(printer_id: str, subject: str, model: str) -> None:
            def toggle(is_ticked: bool) -> None:
                if is_ticked:
                    chosen[printer_id] = subject
                else:
                    chosen.pop(printer_id, None)
                button.set_enabled(bool(chosen))

            with theme.block("record", role="listitem"):
                box = ui.checkbox(value=printer_id in chosen, on_change=lambda event: toggle(bool(event.value)))
                box.props["aria-label"] = _("Choose {name}", name=subject)
                with theme.block("record-words"):
                    theme.text(subject, "strong")
                    theme.text(model, "hint")

        async def accept() -> None:
            ids = list(chosen)
            dialog.close()
            with caller:
                await go_on(ChosenPrinters(len(ids), lambda: _ready(ids), _nothing))

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            button = theme.main_button(_("Go on"), "arrow_forward").on_click(accept)
            button.disable()
        search.on_value_change(show)
        ui.timer(0, show, once=True)
    dialog.on("hide", dialog.delete)
    dialog.open()


async def _ready(ids: list[str]) -> list[str]:
    return ids


async def _nothing() -> None:
    """There is no list to show anew."""
