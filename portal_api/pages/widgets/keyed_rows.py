"""Rows that stay while their list changes: only what is different is sent to the browser, over the page's socket.

A row that somebody has ticked, is pressing or has opened a menu in is never made anew, so that no press is lost.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from nicegui.element import Element

E = TypeVar("E", contravariant=True)
T = TypeVar("T")


class KeptRow(Protocol[E]):
    """One row. What can be pressed in it is made once; `show` changes texts and what is visible or enabled."""

    @property
    def element(self) -> Element:
        """The row's outermost element."""

    def show(self, entry: E) -> None:
        """Show the entry as it is now."""


R = TypeVar("R", bound=KeptRow[Any])


class KeyedRows(Generic[T, R]):
    """The rows in `container`, one for each entry by its key; `make` builds the row of a new one there."""

    def __init__(self, container: Element, key: Callable[[T], str], make: Callable[[T], R]) -> None:
        self._container, self._key, self._make = container, key, make
        self._rows: dict[str, R] = {}
        self._shown: dict[str, T] = {}

    @property
    def rows(self) -> Sequence[R]:
        """The rows that are shown now."""
        return list(self._rows.values())

    def show(self, entries: Sequence[T]) -> None:
        """Show these, in this order: rows of entries that are as they were are left alone."""
        wanted = {self._key(entry): entry for entry in entries}
        for key in [key for key in self._rows if key not in wanted]:
            self._rows.pop(key).element.delete()
            del self._shown[key]
        for place, (key, entry) in enumerate(wanted.items()):
            self._put(place, key, entry)

    def _put(self, place: int, key: str, entry: T) -> None:
        if key not in self._rows:
            with self._container:
                self._rows[key] = self._make(entry)
        elif self._shown[key] != entry:
            self._rows[key].show(entry)
        self._shown[key] = entry
        row = self._rows[key].element
        if self._container.default_slot.children[place] is not row:
            row.move(self._container, place)
