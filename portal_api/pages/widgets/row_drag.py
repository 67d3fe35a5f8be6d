"""Rows that are put into another order by dragging them at a grip; buttons do the same for the keyboard."""

from collections.abc import Callable

from nicegui.element import Element

from portal_api.pages import theme
from portal_api.pages.widgets.palette import DRAG


class RowDrag:
    """`move(place, target)` takes the row at `place` to `target`, and shows the rows anew."""

    def __init__(self, move: Callable[[int, int], None]) -> None:
        self._move = move
        self._dragged: int | None = None

    def grip(self, row: Element, place: int) -> None:
        """Lay out the grip of the row that stands at `place`; other rows can be dropped on the row."""
        with theme.block("step-grip row-grip", draggable="true", aria_hidden="true") as grip:
            theme.icon("drag_indicator")
        grip.on("dragstart", js_handler=DRAG)
        grip.on("dragstart", lambda: self._take(place))
        row.on("dragover.prevent", js_handler="() => {}")
        row.on("drop.prevent", lambda: self._drop(place))

    def _take(self, place: int) -> None:
        self._dragged = place

    def _drop(self, target: int) -> None:
        place, self._dragged = self._dragged, None
        if place is not None and place != target:
            self._move(place, target)
