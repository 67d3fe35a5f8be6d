"""Rows of a history or an overview, page after page below each other."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from portal_api.pages import theme
from portal_api.pages.visit import faults_shown
from portal_api.pages.words import _

V = TypeVar("V")


class PagedRows(Generic[V]):
    """The rows that `fetch` gives, each laid out by `row`; without any, `icon` and the words of `nothing` stand there.

    `fetch` takes the last row shown (None: from the beginning) and gives at most `page_size` that come after it. Where
    the filter changes while rows are on their way, those of the filter before are not shown.
    """

    def __init__(
        self,
        fetch: Callable[[V | None], Awaitable[Sequence[V]]],
        row: Callable[[V], None],
        *,
        page_size: int,
        icon: str,
        nothing: str,
    ) -> None:
        self._fetch, self._row = fetch, row
        self._page_size, self._icon, self._nothing = page_size, icon, nothing
        self._last: V | None = None
        self._round = 0
        self._rows = theme.box("records", role="list")
        self._more = theme.plain_button(_("Show more"), "expand_more").on_click(self._next)

    async def load(self) -> None:
        """Show the first page anew."""
        self._round += 1
        self._last = None
        await self._next()

    async def _next(self) -> None:
        this_round, last = self._round, self._last
        with faults_shown():
            found = await self._fetch(last)
            if this_round != self._round or last is not self._last:
                return
            if last is None:
                self._rows.clear()
            self._lay_out(found)

    def _lay_out(self, found: Sequence[V]) -> None:
        with self._rows:
            for one in found:
                self._row(one)
            if not found and self._last is None:
                with theme.block("empty", role="status"):
                    theme.icon(self._icon)
                    theme.text(self._nothing, "muted")
        self._more.set_visibility(len(found) == self._page_size)
        if found:
            self._last = found[-1]
