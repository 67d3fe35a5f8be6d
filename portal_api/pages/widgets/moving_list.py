"""A list of work in progress, page after page below each other; while something is at work, its rows move."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from nicegui import ui

from domain.organizations.actor import Actor
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, look_again
from portal_api.pages.words import _

View = TypeVar("View")
PAGE_SIZE = 25


class MovingList(ABC, Generic[View]):
    """The open list. `find` gives what a filter lets through, at most its `limit`; the filter is a frozen dataclass.

    It looks again every `every` seconds for as long as something that it shows has not ended.
    """

    def __init__(self, find: Callable[[Actor, Any], list[View]], chosen: Any, every: float) -> None:
        self._find, self._every = find, every
        self._filter = replace(chosen, limit=PAGE_SIZE)
        self._views: Sequence[View] = ()
        self._is_last = True

    @abstractmethod
    def is_final(self, view: View) -> bool:
        """Whether its row moves no more."""

    @abstractmethod
    def row(self, view: View) -> None:
        """Lay out one row."""

    async def begin(self) -> None:
        """Lay out the rows where the page is at, and keep them moving."""
        self._take(await ask(self._find, self._and_one_more()))
        self._rows()
        ui.timer(self._every, self._look)

    async def choose(self, **changed: Any) -> None:
        """Show the first page of what the changed filter lets through."""
        self._filter = replace(self._filter, limit=PAGE_SIZE, **changed)
        await self._refresh()

    async def _more(self) -> None:
        self._filter = replace(self._filter, limit=self._filter.limit + PAGE_SIZE)
        await self._refresh()

    async def _look(self) -> None:
        if not all(self.is_final(view) for view in self._views):
            with faults_shown():
                self._show(await look_again(self._find, self._and_one_more()))

    async def _refresh(self) -> None:
        with faults_shown():
            self._show(await ask(self._find, self._and_one_more()))

    def _and_one_more(self) -> Any:
        """The filter that tells whether there is a further page too."""
        return replace(self._filter, limit=self._filter.limit + 1)

    def _show(self, found: Sequence[View]) -> None:
        before = self._views, self._is_last
        self._take(found)
        if (self._views, self._is_last) != before:
            self._rows.refresh()

    def _take(self, found: Sequence[View]) -> None:
        self._is_last = len(found) <= self._filter.limit
        self._views = found[: self._filter.limit]

    @ui.refreshable_method
    def _rows(self) -> None:
        with theme.block("records", role="list"):
            for view in self._views:
                self.row(view)
        if not self._views:
            with theme.block("empty", role="status"):
                theme.icon("task_alt")
                theme.text(_("There are no such tasks."), "muted")
        if not self._is_last:
            theme.plain_button(_("Show more"), "expand_more").on_click(self._more)
