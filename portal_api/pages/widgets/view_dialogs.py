"""Choosing the columns of a list of printers: for a quick look, or for a view with a name (FL-196…FL-199)."""

from collections.abc import Awaitable, Callable, Sequence

from nicegui import events, ui

from fleet.printers.columns import COLUMNS, Column
from fleet.printers.views import STANDARD, ViewInfo, change_view, create_view
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.row_drag import RowDrag
from portal_api.pages.words import _


class ColumnChoice:
    """The first column, which leads to the printer, and further ones in an order of one's own."""

    def __init__(self, columns: Sequence[Column]) -> None:
        first, *rest = columns or (Column.ADDRESS,)
        self._first, self._rest = first, list(rest)

    @property
    def columns(self) -> list[Column]:
        """What is chosen, in order."""
        return [self._first, *(column for column in self._rest if column is not self._first)]

    def build(self) -> None:
        """Lay it out."""
        firsts = {column.value: _(facts.title) for column, facts in COLUMNS.items() if facts.identifies}
        first = ui.select(firsts, label=_("First column"), value=self._first.value, on_change=self._take_first)
        first.props("outlined dense options-dense")
        self._lists()

    @ui.refreshable_method
    def _lists(self) -> None:
        available = [column for column in Column if column not in self._rest and column is not self._first]
        with theme.block("column-lists"):
            with theme.block("column-list", "section", aria_label=_("Available columns")):
                theme.text(_("Available"), "field-title")
                with theme.block("column-scroll", role="list"):
                    for column in available:
                        self._available(column)
            with theme.block("column-list", "section", aria_label=_("Selected columns")):
                theme.text(_("Selected"), "field-title")
                with theme.block("column-scroll", role="list"):
                    drag = RowDrag(lambda place, target: self._change(lambda: self._move(place, target)))
                    for number, column in enumerate(self._rest):
                        self._selected(number, column, drag)

    def _available(self, column: Column) -> None:
        with theme.block("column-line", role="listitem"):
            theme.text(_(COLUMNS[column].title), "grow")
            add = theme.icon_button("add", _("Add {column}", column=_(COLUMNS[column].title)))
            add.on_click(lambda: self._change(lambda: self._rest.append(column)))

    def _selected(self, number: int, column: Column, drag: RowDrag) -> None:
        title = _(COLUMNS[column].title)
        with theme.block("column-line", role="listitem") as row:
            drag.grip(row, number)
            theme.text(title, "grow")
            if number > 0:
                up = theme.icon_button("arrow_upward", _("Move {column} up", column=title))
                up.on_click(lambda: self._change(lambda: self._move(number, number - 1)))
            if number < len(self._rest) - 1:
                down = theme.icon_button("arrow_downward", _("Move {column} down", column=title))
                down.on_click(lambda: self._change(lambda: self._move(number, number + 1)))
            away = theme.icon_button("close", _("Remove {column}", column=title))
            away.on_click(lambda: self._change(lambda: self._rest.remove(column)))

    def _move(self, place: int, other: int) -> None:
        self._rest.insert(other, self._rest.pop(place))

    def _change(self, change: Callable[[], None]) -> None:
        change()
        self._lists.refresh()

    def _take_first(self, event: events.ValueChangeEventArguments[str]) -> None:
        former, self._first = self._first, Column(event.value)
        self._rest = [former if column is self._first else column for column in self._rest]
        self._lists.refresh()


def columns_dialog(columns: Sequence[Column], apply: Callable[[Sequence[Column]], Awaitable[bool]]) -> None:
    """Other columns for the time being; the dialog closes once they are shown."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet wide"):
        theme.text(_("Quick view"), "dialog-title", "h2")
        theme.text(_("For this look only: your view is back when you open the list again."), "hint", "p")
        choice = ColumnChoice(columns)
        choice.build()

        async def go_on() -> None:
            if await apply(choice.columns):
                dialog.close()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Apply"), "check").on_click(go_on)
    dialog.on("hide", dialog.delete)
    dialog.open()


def view_dialog(
    view: ViewInfo | None,
    done: Callable[[ViewInfo], Awaitable[None]],
    *,
    copied: bool = False,
    is_chosen: bool = True,
) -> None:
    """A new view, a copy of `view`, or the view itself to be changed; `is_chosen`: the new one becomes the default."""
    is_new = view is None or copied
    caller = ui.context.slot.parent
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet wide"):
        theme.text(_("Create view") if is_new else _("Edit view"), "dialog-title", "h2")
        name = ui.input(_("Name of the view"), value=view.name if view and not copied else "")
        name.props("outlined dense autofocus maxlength=255")
        choice = ColumnChoice(view.columns if view else STANDARD.columns[:2])
        choice.build()

        async def keep() -> None:
            with faults_shown():
                if view is None or copied:
                    kept = await ask(create_view, name.value or "", choice.columns, is_chosen=is_chosen)
                else:
                    kept = await ask(change_view, view.id, name.value or "", choice.columns)
                dialog.close()
                tell(_("The view is saved."))
                with caller:  # the dialog is deleted once it is hidden
                    await done(kept)

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Create view") if is_new else _("Save changes"), "save").on_click(keep)
    dialog.on("hide", dialog.delete)
    dialog.open()
