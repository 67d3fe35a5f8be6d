"""The table of people: columns by choice, sorting, page after page, and actions on those chosen (AC-79, AC-83)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from connectors.messages import N_
from domain.organizations.models import UserStatus
from domain.organizations.permissions import Permission
from domain.people.listing import PersonFilter, PersonSort, PersonView, count_people, list_people
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, visitor
from portal_api.pages.widgets.chosen_bar import ChosenBar
from portal_api.pages.widgets.people_actions import PeopleActions
from portal_api.pages.words import _

PAGE_SIZE = 50
COOKIE = "pressroom_people_columns"
COLUMNS: dict[str, tuple[str, PersonSort | None]] = {
    "name": (N_("Name"), PersonSort.NAME),
    "email": (N_("E-mail address"), PersonSort.EMAIL),
    "department": (N_("Department"), PersonSort.DEPARTMENT),
    "cost_center": (N_("Cost centre"), PersonSort.COST_CENTER),
    "groups": (N_("Groups"), None),
    "roles": (N_("Roles"), None),
}
ALWAYS = frozenset({"name", "email"})


class PeopleTable:
    """The open table."""

    def __init__(self) -> None:
        self._filter = PersonFilter(limit=PAGE_SIZE)
        self._people: list[PersonView] = []
        self._chosen: set[str] = set()
        self._is_last, self._total = True, 0
        kept = ui.context.client.request.cookies.get(COOKIE, "") if ui.context.client.request else ""
        self._hidden = set(kept.split(".")) & (COLUMNS.keys() - ALWAYS)
        self._may_change = visitor().may(Permission.USERS_EDIT)
        self._actions = PeopleActions(self._those_chosen, self.load)

    async def build(self) -> None:
        """Lay out the table."""
        self._summary()
        self._bar = ChosenBar("people-bar")
        with self._bar.actions(self._choose_none):
            self._actions.build()
        self._table()
        await self.load()

    async def choose(self, **changed: Any) -> None:
        """Show whom another filter lets through."""
        self._filter = replace(self._filter, **changed)
        self._export.refresh()
        await self.load()

    async def load(self) -> None:
        """Show the first page anew, nobody chosen."""
        self._people, self._chosen = [], set()
        self._filter = replace(self._filter, after=None)
        await self._next()
        with faults_shown():
            self._total = await ask(count_people, self._filter)
            self._summary.refresh()

    def export_button(self) -> None:
        """The link to a file of whom the filters let through (AC-200)."""
        self._export()

    def column_button(self) -> None:
        """The choice of columns."""
        with theme.plain_button(_("Columns"), "view_column"), ui.menu().props("auto-close=false").classes("panel-menu"):
            theme.text(_("Columns"), "menu-title")
            for name, (title, _sort) in COLUMNS.items():
                box = ui.checkbox(_(title), value=name not in self._hidden, on_change=self._toggle(name))
                box.classes("menu-row").set_enabled(name not in ALWAYS)

    @ui.refreshable_method
    def _export(self) -> None:
        given = {
            "search": self._filter.search,
            "status": self._filter.status.value if self._filter.status else "",
            "department": self._filter.department,
            "cost_center": self._filter.cost_center,
            "group_id": self._filter.group_id,
            "role": self._filter.role,
        }
        query = urlencode({name: value for name, value in given.items() if value})
        button = theme.plain_button(_("Export"), "download")
        button.props["href"] = f"/api/v1/users/export?{query}"

    def _toggle(self, name: str) -> Callable[[Any], None]:
        def toggle(event: Any) -> None:
            (self._hidden.discard if event.value else self._hidden.add)(name)
            kept = ".".join(sorted(self._hidden))
            ui.run_javascript(f"document.cookie = '{COOKIE}={kept}; path=/; max-age=31536000; samesite=lax'")
            self._table.refresh()

        return toggle

    async def _next(self) -> None:
        with faults_shown():
            asked = self._filter
            found = await ask(list_people, asked)
            if asked is not self._filter:
                return  # others are wanted by now
            self._people += found
            self._is_last = len(found) < PAGE_SIZE
            if found:
                self._filter = replace(self._filter, after=found[-1].key)
        self._show_choice()
        self._table.refresh()

    async def _sort(self, sort: PersonSort) -> None:
        descending = sort is self._filter.sort and not self._filter.descending
        self._filter = replace(self._filter, sort=sort, descending=descending)
        await self.load()

    @ui.refreshable_method
    def _summary(self) -> None:
        words = _("1 person") if self._total == 1 else _("{count} people", count=self._total)
        theme.text(words, "hint", role="status")

    @ui.refreshable_method
    def _table(self) -> None:
        if not self._people:
            with theme.block("empty", role="status"):
                theme.icon("person_search")
                theme.text(_("Nobody is found."), "muted")
            return
        shown = [name for name in COLUMNS if name not in self._hidden]
        with theme.block("sheet table-sheet"), theme.block("table people", "table"):
            with theme.block("", "thead"), theme.block("", "tr"):
                if self._may_change:
                    self._choose_all_cell()
                for name in shown:
                    self._head(name)
            with theme.block("", "tbody"):
                for person in self._people:
                    self._row(person, shown)
        if not self._is_last:
            theme.plain_button(_("Show more"), "expand_more").on_click(self._next)

    def _choose_all_cell(self) -> None:
        with theme.block("", "th", scope="col"):
            box = ui.checkbox(value=False, on_change=lambda event: self._choose_all(is_chosen=bool(event.value)))
            box.props("dense").props["aria-label"] = _("Choose everybody shown")

    def _head(self, name: str) -> None:
        title, sort = COLUMNS[name]
        is_sorted = sort is not None and sort is self._filter.sort
        order = ("descending" if self._filter.descending else "ascending") if is_sorted else "none"
        with theme.block(f"column-{name}", "th", scope="col", aria_sort=order):
            if sort is None:
                theme.text(_(title))
                return
            button = ui.button(_(title), color=None, on_click=lambda: self._sort(sort)).props("flat dense no-caps")
            button.classes("sort-button")
            if is_sorted:
                with button:
                    theme.icon("arrow_downward" if self._filter.descending else "arrow_upward")

    def _row(self, person: PersonView, shown: list[str]) -> None:
        with theme.block("off" if person.status is UserStatus.DEACTIVATED else "", "tr"):
            if self._may_change:
                with theme.block("choice", "td"):
                    box = ui.checkbox(
                        value=person.id in self._chosen,
                        on_change=lambda event: self._choose_one(person.id, is_chosen=bool(event.value)),
                    )
                    box.props("dense").props["aria-label"] = _("Choose {name}", name=person.email)
            for name in shown:
                with theme.block(f"column-{name}", "td"):
                    _cell(person, name)

    def _choose_one(self, user_id: str, *, is_chosen: bool) -> None:
        (self._chosen.add if is_chosen else self._chosen.discard)(user_id)
        self._show_choice()

    def _choose_all(self, *, is_chosen: bool) -> None:
        self._chosen = {person.id for person in self._people} if is_chosen else set()
        self._show_choice()
        self._table.refresh()

    def _those_chosen(self) -> list[PersonView]:
        return [person for person in self._people if person.id in self._chosen]

    def _show_choice(self) -> None:
        self._bar.show(len(self._chosen))
        self._actions.fit()

    def _choose_none(self) -> None:
        self._choose_all(is_chosen=False)


def _cell(person: PersonView, column: str) -> None:
    if column == "name":
        theme.text(person.name or f"{person.first_name} {person.last_name}".strip() or "–", "strong")
        if person.status is UserStatus.DEACTIVATED:
            theme.chip(_("Deactivated"), "dry")
    elif column == "email":
        with theme.block("person-link", "a", href=f"/people/{person.id}"):
            theme.text(person.email)
    elif column == "groups":
        theme.text(", ".join(group.name for group in person.groups), "clamp")
    elif column == "roles":
        theme.text(", ".join(_(role) for role in person.roles), "clamp")
    else:
        theme.text(getattr(person, column))
