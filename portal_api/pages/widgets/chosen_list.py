"""A list of which several entries can be chosen and acted on at once, page after page below each other."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from nicegui import ui

from portal_api.pages import theme
from portal_api.pages.visit import faults_shown
from portal_api.pages.widgets.chosen_bar import ChosenBar
from portal_api.pages.words import _

E = TypeVar("E")


class ChosenList(Generic[E]):
    """What a list of people, groups or roles has in common; the rest is told by the methods that raise here.

    `page_size` 0: everything is on one page.
    """

    icon: str
    page_size = 50

    def __init__(self, *, may_choose: bool) -> None:
        self._may_choose = may_choose
        self._entries: list[E] = []
        self._chosen: set[str] = set()
        self._search, self._is_last = "", True

    async def build(self) -> None:
        """Lay out the list."""
        self._bar = ChosenBar()
        if self._may_choose:
            with self._bar.actions(self._choose_none):
                self.actions()
        self._rows()
        await self.load()

    async def find(self, search: str) -> None:
        """Show what the search finds."""
        self._search = search
        await self.load()

    async def load(self) -> None:
        """Show the first page anew, nothing chosen."""
        self._entries, self._chosen = [], set()
        await self._next()

    @property
    def entries(self) -> Sequence[E]:
        """The entries shown."""
        return self._entries

    @property
    def chosen(self) -> list[E]:
        """The entries chosen, in the order of the list."""
        return [entry for entry in self._entries if self.key(entry) in self._chosen]

    async def fetch(self, search: str, last: E | None) -> Sequence[E]:
        """The entries of the page after the one that ends with `last`."""
        raise NotImplementedError

    def key(self, entry: E) -> str:
        """What tells an entry from the others."""
        raise NotImplementedError

    def name(self, entry: E) -> str:
        """What an entry is called where it is chosen."""
        raise NotImplementedError

    def nothing(self, search: str) -> str:
        """What stands there when there are no entries."""
        raise NotImplementedError

    def row(self, entry: E) -> None:
        """What stands in an entry's row."""
        raise NotImplementedError

    def actions(self) -> None:
        """Lay out buttons for what can be done with the entries chosen."""
        raise NotImplementedError

    def fit_actions(self) -> None:
        """Others are chosen now: switch the buttons on that fit them."""

    def can_be_chosen(self, entry: E) -> bool:
        """Whether anything can be done with this entry."""
        return True

    async def _next(self) -> None:
        with faults_shown():
            found = await self.fetch(self._search, self._entries[-1] if self._entries else None)
            self._entries += found
            self._is_last = not self.page_size or len(found) < self.page_size
        self._show_choice()
        self._rows.refresh()

    def _show_choice(self) -> None:
        self._bar.show(len(self._chosen))
        if self._may_choose:
            self.fit_actions()

    @ui.refreshable_method
    def _rows(self) -> None:
        if not self._entries:
            with theme.block("empty", role="status"):
                theme.icon(self.icon)
                theme.text(self.nothing(self._search), "muted")
            return
        with theme.block("records", role="list"):
            for entry in self._entries:
                self._record(entry)
        if not self._is_last:
            theme.plain_button(_("Show more"), "expand_more").on_click(self._next)

    def _record(self, entry: E) -> None:
        with theme.block("record", role="listitem"):
            if self._may_choose:
                box = ui.checkbox(
                    value=self.key(entry) in self._chosen,
                    on_change=lambda event: self._choose(entry, is_chosen=bool(event.value)),
                )
                box.props["aria-label"] = _("Choose {name}", name=self.name(entry))
                box.set_enabled(self.can_be_chosen(entry))
            self.row(entry)

    def _choose(self, entry: E, *, is_chosen: bool) -> None:
        (self._chosen.add if is_chosen else self._chosen.discard)(self.key(entry))
        self._show_choice()

    def _choose_none(self) -> None:
        self._chosen.clear()
        self._show_choice()
        self._rows.refresh()
