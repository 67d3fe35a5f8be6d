"""The list of printers: columns by views, sorting, pages, choosing some or all, and the menus of commands.

It looks again by itself while it is open; the longer a look takes, the longer the next one waits.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from inspect import isawaitable
from typing import Any
from urllib.parse import urlencode

from nicegui import events, ui

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from fleet.printers.columns import COLUMNS, SORTABLE, Column
from fleet.printers.filters import PrinterFilter
from fleet.printers.listing import (
    LARGEST_PAGE,
    PrinterCount,
    PrinterQuery,
    count_printers,
    list_printers,
    printers_shown,
)
from fleet.printers.rows import PrinterView
from fleet.printers.selection import PrinterSelection, selected_ids
from fleet.printers.views import ViewInfo, choose_view, current_view, list_views, quick_view
from portal_api.pages import theme
from portal_api.pages.printer_actions import (
    MENU_TITLES,
    ChosenPrinters,
    Menu,
    PrinterAction,
    printer_actions,
)
from portal_api.pages.visit import ask, faults_shown, look_again, visitor
from portal_api.pages.widgets.chosen_bar import ChosenBar
from portal_api.pages.widgets.printer_cells import identifier_cell, printer_cell
from portal_api.pages.widgets.view_dialogs import columns_dialog, view_dialog
from portal_api.pages.words import _

PAGE_SIZE = 50
EVERY, PATIENCE = 5.0, 20.0
"""Seconds between two looks, and how many times as long as a look took the next one waits at least."""
API_NAMES = {
    "agent_kinds": "agent_kind",
    "tag_ids": "tag_id",
    "models": "model",
    "manufacturers": "manufacturer",
    "configuration_ids": "configuration_id",
    "organization_ids": "organization_id",
}
"""What the API calls otherwise than the filter does."""


class PrinterList:
    """The open list."""

    def __init__(self, *, across: bool, chosen: PrinterFilter) -> None:
        self._across = across
        self._query = PrinterQuery(chosen, limit=PAGE_SIZE, across=across)
        self._printers: list[PrinterView] = []
        self._chosen: set[str] = set()
        self._is_all_chosen = False
        self._is_last, self._total = True, PrinterCount(0, is_capped=False)
        self._view: ViewInfo
        self._views: list[ViewInfo] = []
        self._next_look = 0.0
        self._changes = 0  # what the visitor did meanwhile makes a look out of date
        self._may_choose = visitor().may(Permission.FLEET_MANAGE) or across

    async def prepare(self) -> None:
        """Ask for the views and which of them is the visitor's."""
        self._views, view = await ask(list_views), await ask(current_view)
        self._show_as(view)

    def menus(self) -> None:
        """The menus of commands (FL-206…FL-211)."""
        self._place = theme.box("dialogs")
        self._commands: list[tuple[PrinterAction, ui.menu_item]] = []
        with theme.block("printer-menus", "nav", aria_label=_("Commands")):
            for menu in Menu:
                actions = [one for one in printer_actions() if one.menu is menu and self._offers(one)]
                if actions:
                    self._menu(menu, actions)
            self._view_and_export()

    def _kept(self, act: Callable[[], Any]) -> Callable[[], Awaitable[None]]:
        """`act` in a place that stays when the menus are made anew, together with the dialogs that it opens."""

        async def go() -> None:
            with self._place:
                result = act()
                if isawaitable(result):
                    await result

        return go

    def build(self) -> None:
        """Lay out the list."""
        self._summary()
        self._bar = ChosenBar("people-bar")
        with self._bar.actions(lambda: self._choose_all(is_chosen=False)):
            self._all_button = theme.plain_button(_("Choose all that the filters let through"))
            self._all_button.on_click(self._choose_everything)
        self._table()
        ui.timer(EVERY, self._look)

    async def filter_by(self, chosen: PrinterFilter) -> None:
        """Show what another filter lets through."""
        self._query = replace(self._query, chosen=chosen)
        await self.load()

    async def load(self) -> None:
        """Show the first page anew, nothing chosen."""
        self._changes += 1
        self._printers, self._chosen, self._is_all_chosen = [], set(), False
        self._query = replace(self._query, after=None)
        self._view_and_export.refresh()
        await self._next()
        with faults_shown():
            self._total = await ask(count_printers, self._query.chosen, across=self._across)
            self._summary.refresh()
            if not self._is_last and not self._total.is_capped and len(self._printers) >= self._total.count:
                self._is_last = True
                self._table.refresh()

    def _show_as(self, view: ViewInfo) -> None:
        columns = list(view.columns)
        if self._across and Column.ORGANIZATION not in columns:
            columns.insert(1, Column.ORGANIZATION)  # FL-59
        self._view = replace(view, columns=tuple(columns))
        self._query = replace(self._query, columns=frozenset(columns), after=None)

    async def _next(self) -> None:
        self._changes += 1
        with faults_shown():
            asked = self._query
            found = await ask(list_printers, asked)
            if asked is not self._query:
                return  # another list is wanted by now
            self._printers += found
            self._is_last = len(found) < PAGE_SIZE
            if found:
                self._query = replace(self._query, after=found[-1].key)
        self._show_count()
        self._table.refresh()

    async def _look(self) -> None:
        if time.monotonic() < self._next_look:
            return
        began, changes = time.monotonic(), self._changes
        with faults_shown():
            found = await look_again(self._now_shown)
            if changes == self._changes and found != self._printers:
                self._printers = found
                self._table.refresh()
        self._next_look = time.monotonic() + PATIENCE * (time.monotonic() - began)

    def _now_shown(self, actor: Actor) -> list[PrinterView]:
        """What stands in the list now; at the end of the list also printers that came since."""
        shown = len(self._printers)
        if self._is_last and shown + PAGE_SIZE <= LARGEST_PAGE:
            return list_printers(actor, replace(self._query, after=None, limit=shown + PAGE_SIZE))
        return printers_shown(actor, [view.id for view in self._printers], self._query)

    async def _sort(self, column: Column) -> None:
        is_descending = column is self._query.sort and not self._query.descending
        self._query = replace(self._query, sort=column, descending=is_descending)
        await self.load()

    @ui.refreshable_method
    def _view_and_export(self) -> None:
        self._view_menu()
        if visitor().may(Permission.FLEET_MANAGE) or self._across:
            self._export_menu()

    def _offers(self, action: PrinterAction) -> bool:
        return action.in_list and action.is_open_to(visitor()) and action.across is self._across

    def _menu(self, menu: Menu, actions: Sequence[PrinterAction]) -> None:
        title, icon = MENU_TITLES[menu]
        with theme.plain_button(_(title), icon).props("icon-right=arrow_drop_down"), ui.menu().classes("panel-menu"):
            for action in actions:
                self._command(action)

    def _command(self, action: PrinterAction) -> None:
        async def open_dialog() -> None:
            await action.open(self._chosen_printers())

        with ui.menu_item(on_click=self._kept(open_dialog)).classes("menu-row").props("role=menuitem") as item:
            theme.icon(action.icon).classes("menu-icon")
            theme.text(_(action.title))
        item.set_enabled(self._fits(action))
        self._commands.append((action, item))

    def _fits(self, action: PrinterAction) -> bool:
        count = self._count_chosen()
        return not action.needs_printers or (count == 1 if action.one_only else count > 0)

    def _chosen_printers(self) -> ChosenPrinters:
        ids = tuple(view.id for view in self._printers if view.id in self._chosen)
        chosen = self._query.chosen if self._is_all_chosen else None
        selection = PrinterSelection(ids, chosen, self._across)

        async def find() -> Sequence[str]:
            return await ask(selected_ids, selection)

        return ChosenPrinters(self._count_chosen(), find, self.load, across=self._across)

    def _count_chosen(self) -> int:
        return self._total.count if self._is_all_chosen else len(self._chosen)

    def _view_menu(self) -> None:
        with (
            theme.plain_button(_(self._view.name) if self._view.is_system else self._view.name, "view_column").props(
                "icon-right=arrow_drop_down"
            ) as button,
            ui.menu().classes("panel-menu"),
        ):
            button.props["aria-label"] = _("View: {name}", name=button.text)
            theme.text(_("Views"), "menu-title")
            for view in self._views:
                self._view_item(view)
            ui.separator()
            with (
                ui.menu_item(on_click=self._kept(lambda: columns_dialog(self._view.columns, self._quick)))
                .classes("menu-row")
                .props("role=menuitem")
            ):
                theme.icon("bolt").classes("menu-icon")
                theme.text(_("Quick view"))
            if visitor().may(Permission.FLEET_VIEWS):
                with (
                    ui.menu_item(on_click=self._kept(lambda: view_dialog(None, self._made)))
                    .classes("menu-row")
                    .props("role=menuitem")
                ):
                    theme.icon("add").classes("menu-icon")
                    theme.text(_("Create view"))
                with (
                    ui.menu_item(on_click=lambda: ui.navigate.to("/printer-views"))
                    .classes("menu-row")
                    .props("role=menuitem")
                ):
                    theme.icon("settings").classes("menu-icon")
                    theme.text(_("Manage views"))

    def _view_item(self, view: ViewInfo) -> None:
        with (
            ui.menu_item(on_click=self._kept(lambda: self._choose_view(view)))
            .classes("menu-row")
            .props("role=menuitem") as item
        ):
            item.props["role"], item.props["aria-checked"] = "menuitemradio", str(view.id == self._view.id).lower()
            theme.icon("check").classes("menu-icon").style("" if view.id == self._view.id else "visibility:hidden")
            theme.text(_(view.name) if view.is_system else view.name)

    async def _choose_view(self, view: ViewInfo) -> None:
        with faults_shown():
            self._show_as(await ask(choose_view, view.id))
            await self.load()

    async def _quick(self, columns: Sequence[Column]) -> bool:
        with faults_shown():
            self._show_as(quick_view(self._view, columns))
            await self.load()
            return True
        return False

    async def _made(self, view: ViewInfo) -> None:
        self._views = await ask(list_views)
        self._show_as(view)
        await self.load()

    def _export_menu(self) -> None:
        base = "/api/v1/printers/all" if self._across else "/api/v1/printers"
        with (
            theme.plain_button(_("Export to CSV"), "download").props("icon-right=arrow_drop_down"),
            ui.menu().classes("panel-menu"),
        ):
            with theme.block("menu-link", "a", href=f"{base}/export?{self._export_query()}", download=""):
                theme.icon("table").classes("menu-icon")
                theme.text(_("The list as it is shown"))
            with theme.block("menu-link", "a", href=f"{base}/apps/export", download=""):
                theme.icon("apps").classes("menu-icon")
                theme.text(_("Export installed app versions"))

    def _export_query(self) -> str:
        given = self._query.chosen.model_dump(mode="json", exclude_defaults=True)
        pairs: list[tuple[str, Any]] = [("column", column.value) for column in self._view.columns]
        pairs += [("sort", self._query.sort.value), ("descending", str(self._query.descending).lower())]
        for name, value in given.items():
            values = value if isinstance(value, list) else [str(value).lower() if isinstance(value, bool) else value]
            pairs += [(API_NAMES.get(name, name), one) for one in values]
        return urlencode(pairs)

    @ui.refreshable_method
    def _summary(self) -> None:
        count = self._total.count
        words = _("1 printer") if count == 1 else _("{count} printers", count=f"{count:,}".replace(",", "\u202f"))
        if self._total.is_capped:
            words = _("More than {count} printers", count=f"{count:,}".replace(",", "\u202f"))
        with theme.block("list-summary"):
            theme.text(words, "hint", role="status")
            options = {column.value: _(COLUMNS[column].title) for column in self._view.columns if column in SORTABLE}
            value = self._query.sort.value if self._query.sort.value in options else None
            sort = ui.select(options, label=_("Sort by"), value=value, on_change=self._sort_by)
            sort.props("outlined dense options-dense").classes("only-on-phones")

    async def _sort_by(self, event: events.ValueChangeEventArguments[str | None]) -> None:
        if event.value and event.value != self._query.sort.value:
            await self._sort(Column(event.value))

    @ui.refreshable_method
    def _table(self) -> None:
        if not self._printers:
            with theme.block("empty", role="status"):
                theme.icon("print_disabled")
                theme.text(_("No printer fits the filters."), "muted")
            return
        columns = self._view.columns
        with theme.block("sheet table-sheet"), theme.block("table printers", "table"):
            with theme.block("", "thead"), theme.block("", "tr"):
                if self._may_choose:
                    self._choose_all_cell()
                for column in columns:
                    self._head(column)
            with theme.block("", "tbody"):
                for view in self._printers:
                    self._row(view, columns)
        if not self._is_last:
            theme.plain_button(_("Show more"), "expand_more").on_click(self._next)

    def _choose_all_cell(self) -> None:
        with theme.block("choice", "th", scope="col"):
            value = bool(self._printers) and len(self._chosen) == len(self._printers)
            box = ui.checkbox(value=value, on_change=lambda event: self._choose_all(is_chosen=bool(event.value)))
            box.props("dense").props["aria-label"] = _("Choose all printers shown")

    def _head(self, column: Column) -> None:
        title, is_sorted = _(COLUMNS[column].title), column is self._query.sort
        order = ("descending" if self._query.descending else "ascending") if is_sorted else "none"
        with theme.block(f"column-{column.value}", "th", scope="col", aria_sort=order):
            if column not in SORTABLE:
                theme.text(title)
                return
            button = ui.button(title, color=None, on_click=lambda: self._sort(column)).props("flat dense no-caps")
            button.classes("sort-button")
            if is_sorted:
                with button:
                    theme.icon("arrow_downward" if self._query.descending else "arrow_upward")

    def _row(self, view: PrinterView, columns: Sequence[Column]) -> None:
        with theme.block("", "tr"):
            if self._may_choose:
                with theme.block("choice", "td"):
                    box = ui.checkbox(
                        value=self._is_all_chosen or view.id in self._chosen,
                        on_change=lambda event: self._choose_one(view.id, is_chosen=bool(event.value)),
                    )
                    box.props("dense").props["aria-label"] = _("Choose {name}", name=view.address)
            for number, column in enumerate(columns):
                with theme.block(f"column-{column.value}", "td"):
                    if number == 0:
                        identifier_cell(view, column, across=self._across)
                        continue
                    theme.text(_(COLUMNS[column].title), "cell-title")
                    printer_cell(view, column, across=self._across)

    def _choose_one(self, printer_id: str, *, is_chosen: bool) -> None:
        if self._is_all_chosen:
            self._is_all_chosen, self._chosen = False, {view.id for view in self._printers}
        (self._chosen.add if is_chosen else self._chosen.discard)(printer_id)
        self._show_count()

    def _choose_all(self, *, is_chosen: bool) -> None:
        self._is_all_chosen = False
        self._chosen = {view.id for view in self._printers} if is_chosen else set()
        self._show_choice()

    def _choose_everything(self) -> None:
        self._is_all_chosen = True
        self._show_choice()

    def _show_choice(self) -> None:
        self._show_count()
        self._table.refresh()

    def _show_count(self) -> None:
        """How many are chosen, and which commands fit that: none of them is made anew."""
        self._bar.show(self._count_chosen())
        is_page = bool(self._chosen) and len(self._chosen) == len(self._printers) < self._total.count
        self._all_button.set_visibility(is_page and not self._is_all_chosen)
        for action, item in self._commands:
            item.set_enabled(self._fits(action))
