"""The bar that is there while entries of a list are chosen."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nicegui import ui

from portal_api.pages import theme
from portal_api.pages.words import _


class ChosenBar:
    """How many entries are chosen; what can be done with them is laid out once, within `actions`.

    It is never made anew: whoever presses a button right after a choice meets it.
    """

    def __init__(self, classes: str = "") -> None:
        self._whole = theme.box(f"chosen-bar {classes}".strip(), role="status")
        with self._whole:
            self._count = theme.text("", "strong")
            ui.space()
        self.show(0)

    @contextmanager
    def actions(self, choose_none: Callable[[], None] | None = None) -> Iterator[None]:
        """What is laid out here stands in the bar, after the button that chooses nothing."""
        with self._whole:
            if choose_none is not None:
                theme.plain_button(_("Choose none")).on_click(choose_none)
            yield

    def show(self, count: int) -> None:
        """So many are chosen now."""
        self._count.text = _("{count} chosen", count=count)
        self._whole.set_visibility(count > 0)
