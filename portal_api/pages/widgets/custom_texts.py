"""The editor of custom texts to redact: one row each with its match mode (SC-82c…SC-82f)."""

from collections.abc import Callable, Iterable
from typing import Any

from nicegui import ui

from connectors.pii.custom_text import MatchMode
from portal_api.pages import theme
from portal_api.pages.widgets.choice_names import choice_name
from portal_api.pages.words import _

LONGEST = 512


def custom_texts_input(entries: Iterable[Any], change: Callable[[Any], None], most: int) -> None:
    """Rows for the entries ({text, mode}); `change` gets the list as plain values after each edit."""
    rows = [_plain(entry) for entry in entries]

    def changed() -> None:
        change([dict(row) for row in rows])

    @ui.refreshable
    def show() -> None:
        for number, row in enumerate(rows):
            _row(number, row, changed, remove)
        button = theme.plain_button(_("Add text"), "add").on_click(add).classes("add-text")
        button.set_enabled(len(rows) < most)
        theme.text(_("{count} of {most}", count=len(rows), most=most), "ticket")

    def add() -> None:
        rows.append({"text": "", "mode": MatchMode.WHOLE_WORD.value})
        changed()
        show.refresh()

    def remove(number: int) -> None:
        del rows[number]
        changed()
        show.refresh()

    show()


def _plain(entry: Any) -> dict[str, str]:
    values = entry if isinstance(entry, dict) else entry.model_dump(mode="json")
    return {"text": str(values.get("text", "")), "mode": str(values.get("mode", MatchMode.WHOLE_WORD.value))}


def _row(number: int, row: dict[str, str], changed: Callable[[], None], remove: Callable[[int], None]) -> None:
    def edit(name: str, value: str) -> None:
        row[name] = value
        changed()

    with theme.block("custom-text"):
        text = ui.input(value=row["text"], on_change=lambda event: edit("text", event.value or ""))
        text.props(f"outlined dense maxlength={LONGEST} autocomplete=off spellcheck=false").classes("custom-text-text")
        text.props["aria-label"] = _("Custom text {number}", number=number + 1)
        modes = {mode.value: choice_name(mode) for mode in MatchMode}
        mode = ui.select(modes, value=row["mode"], on_change=lambda event: edit("mode", event.value))
        mode.props("outlined dense options-dense").classes("custom-text-mode")
        mode.props["aria-label"] = _("Match mode of custom text {number}", number=number + 1)
        theme.icon_button("close", _("Remove custom text {number}", number=number + 1)).on_click(lambda: remove(number))
