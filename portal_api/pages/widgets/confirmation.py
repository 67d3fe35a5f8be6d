"""The question before something that cannot be undone; what takes much with it is confirmed by typing its name."""

from collections.abc import Awaitable, Callable

from nicegui import events, ui

from portal_api.pages import theme
from portal_api.pages.words import _


def confirm(
    title: str,
    paragraphs: tuple[str, ...],
    action: str,
    act: Callable[[], Awaitable[None]],
    *,
    icon: str = "delete",
    typed: str = "",
    notes: Callable[[], None] | None = None,
) -> None:
    """Ask; on `action` the dialog closes and `act` is called. `notes` lays out what there is to know besides.

    With `typed` the button stays disabled until that text stands in a field, exactly.
    """
    place = theme.on_page()
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(title, "dialog-title", "h2")
        for paragraph in paragraphs:
            theme.text(paragraph, "", "p")
        if notes is not None:
            notes()

        async def go_on() -> None:
            dialog.close()
            with place:  # the dialog is deleted once it is hidden, the list behind it may be by now
                await act()

        field = ui.input(_("Type “{name}”", name=typed)) if typed else None
        with theme.block("dialog-actions"):
            cancel = theme.plain_button(_("Cancel")).on_click(dialog.close)
            button = theme.main_button(action, icon).classes("danger").on_click(go_on)
        if field is None:
            cancel.props("autofocus")
        else:
            button.disable()

            def compare(event: events.ValueChangeEventArguments[str | None]) -> None:
                button.set_enabled((event.value or "").strip() == typed)

            field.props("outlined dense autofocus autocomplete=off spellcheck=false maxlength=400")
            field.on_value_change(compare)
    dialog.on("hide", dialog.delete)
    dialog.open()
