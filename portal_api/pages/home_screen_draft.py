"""A home screen while it is being arranged: pages of items, always as the printer would show them (FL-293…FL-301)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.printers.device_answers import Layout
from steps.printers.home_screen import laid_out

Place = tuple[int, int]
"""Page and position in it, from 0."""


@dataclass(slots=True)
class HomeScreenDraft:
    """The pages in the making. What does not fit on a page flows to the next one; empty pages vanish.

    `names` are those of all that can be shown; `chosen` is the place of the item that the commands are about.
    """

    pages: Layout
    items_per_page: int
    names: Mapping[str, str]
    chosen: Place | None = None

    def __post_init__(self) -> None:
        self.pages = laid_out(self.pages, self.items_per_page)

    @property
    def hidden(self) -> Sequence[str]:
        """What can be shown and is not, by name."""
        shown = {item for page in self.pages for item in page}
        return sorted((one for one in self.names if one not in shown), key=lambda one: self.names[one].casefold())

    @property
    def here(self) -> Place:
        """The chosen place; raises `LookupError` when nothing is chosen."""
        if self.chosen is None:
            raise LookupError("nothing is chosen")
        return self.chosen

    def add(self, item: str) -> None:
        """Put an item, or a blank space, at the end of the chosen item's page, or of the last page."""
        page = self.here[0] if self.chosen else max(len(self.pages) - 1, 0)
        end = len(self.pages[page]) if self.pages else 0
        self._put(item, (page, end))

    def move(self, by: int) -> None:
        """Up or down; beyond the end of its page to the neighbouring page."""
        page, position = self.here
        order = [(number, place) for number, one in enumerate(self.pages) for place in range(len(one))]
        number = order.index((page, position)) + by
        if 0 <= number < len(order):
            target = order[number]
            self.move_to(self._bottom(target[0]) if by < 0 and target[0] != page else target)

    def to_end(self, *, first: bool) -> None:
        """To the first or the last place of its page (FL-294)."""
        page, _position = self.here
        self.move_to((page, 0 if first else len(self.pages[page]) - 1))

    def to_page(self, page: int) -> None:
        """To the bottom of another page, or of a new one after the last (FL-295)."""
        self.move_to(self._bottom(page))

    def move_to(self, target: Place) -> None:
        """To that place, counted without the item itself."""
        page, position = self.here
        item = self.pages[page].pop(position)
        self._put(item, target)

    def hide(self) -> None:
        """Take the chosen item off the screen (FL-297)."""
        page, position = self.here
        del self.pages[page][position]
        self.pages, self.chosen = laid_out(self.pages, self.items_per_page), None

    def name(self, item: str) -> str:
        """What an item is called; its id where the printer does not name it."""
        return self.names.get(item, item)

    def _bottom(self, page: int) -> Place:
        """The last place of a page, where an item pushes another to the next page if the page is full."""
        return page, min(len(self.pages[page]), self.items_per_page - 1) if page < len(self.pages) else 0

    def _put(self, item: str, place: Place) -> None:
        """Insert it, let the pages flow, and remember where it came to lie."""
        page, position = place
        pages = [[(one, False) for one in items] for items in self.pages]
        pages += [[] for _ in range(page + 1 - len(pages))]
        pages[page].insert(position, (item, True))
        flowing = _flow(pages, self.items_per_page)
        self.pages = [[one for one, _is_new in items] for items in flowing]
        self.chosen = next(
            (number, spot)
            for number, items in enumerate(flowing)
            for spot, (_one, is_new) in enumerate(items)
            if is_new
        )


Marked = list[list[tuple[str, bool]]]


def _flow(pages: Marked, items_per_page: int) -> Marked:
    """As `laid_out`, of items that carry a mark."""
    flat = [one for items in pages for one in items]
    sizes = [len(items) for items in laid_out([[one for one, _ in items] for items in pages], items_per_page)]
    found, start = [], 0
    for size in sizes:
        found.append(flat[start : start + size])
        start += size
    return found
