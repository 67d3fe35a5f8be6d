"""Arranging a home screen: tiles on pages, moved by dragging or by commands for the chosen one (FL-293…FL-299)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import events, ui
from nicegui.element import Element

from connectors.printers.device_answers import BLANK
from portal_api.pages import theme
from portal_api.pages.home_screen_draft import HomeScreenDraft, Place
from portal_api.pages.widgets.palette import DRAG
from portal_api.pages.words import _

KEYS = {"alt.up": -1, "alt.left": -1, "alt.down": 1, "alt.right": 1}

FOCUS = """function look(id, left) {
    const tile = getHtmlElement(id);
    if (tile) tile.focus();
    else if (left) setTimeout(look, 20, id, left - 1);
}"""
"""Gives a tile the focus as soon as the browser has it, for a second at most."""


class HomeScreenEditor:
    """The pages in the making; a tile that is pressed is the one that the commands are about."""

    def __init__(self, draft: HomeScreenDraft) -> None:
        self._draft = draft
        self._dragged: Place | None = None
        self._for_chosen: list[ui.button] = []
        self._addition: ui.select
        self._by_keys = False  # what is moved by keys keeps the focus; under the pointer nothing may scroll

    def build(self) -> None:
        """Lay out commands and pages."""
        self._commands()
        self._pages()

    def _commands(self) -> None:
        """They are laid out once: what is made anew under the pointer would miss a quick press."""
        draft = self._draft
        with theme.block("tile-commands", role="toolbar", aria_label=_("Commands for the chosen tile")):
            for icon, title, act in (
                ("first_page", _("To the first place"), partial(draft.to_end, first=True)),
                ("arrow_back", _("Up"), partial(draft.move, -1)),
                ("arrow_forward", _("Down"), partial(draft.move, 1)),
                ("last_page", _("To the last place"), partial(draft.to_end, first=False)),
                ("visibility_off", _("Hide"), draft.hide),
            ):
                self._for_chosen.append(theme.icon_button(icon, title).on_click(partial(self._do, act)))
            with theme.icon_button("drive_file_move", _("To another page")) as other, ui.menu().classes("panel-menu"):
                self._page_choices()
            self._for_chosen.append(other)
            ui.space()
            blank = theme.plain_button(_("Add a blank space"), "check_box_outline_blank")
            blank.on_click(partial(self._do, partial(draft.add, BLANK)))
            self._addition = ui.select({}, label=_("Add an app"), with_input=True, on_change=self._add)
            self._addition.props("outlined dense options-dense").classes("tile-choice")
        self._show_commands()

    def _show_commands(self) -> None:
        for button in self._for_chosen:
            button.set_enabled(self._draft.chosen is not None)
        self._page_choices.refresh()
        offered = {item: self._draft.name(item) for item in self._draft.hidden}
        self._addition.set_options(offered, value=None)
        self._addition.set_enabled(bool(offered))

    @ui.refreshable_method
    def _page_choices(self) -> None:
        here = self._draft.chosen[0] if self._draft.chosen else -1
        for number in range(len(self._draft.pages) + 1):
            is_new = number == len(self._draft.pages)
            title = _("New page") if is_new else _("Page {number}", number=number + 1)
            item = ui.menu_item(title, on_click=partial(self._do, partial(self._draft.to_page, number)))
            item.set_enabled(number != here)

    def _add(self, event: events.ValueChangeEventArguments[str | None]) -> None:
        if event.value:
            self._do(partial(self._draft.add, event.value))

    @ui.refreshable_method
    def _pages(self) -> None:
        draft = self._draft
        if not draft.pages:
            theme.text(_("Nothing is shown. Add an app."), "muted", role="status")
        with theme.block("tile-pages"):
            for number, items in enumerate(draft.pages):
                title = _("Page {number}", number=number + 1)
                with theme.block("tile-page", "section", aria_label=title) as page:
                    theme.text(f"{title} · {len(items)}/{draft.items_per_page}", "field-title")
                    with theme.block("tiles", role="list"):
                        for position, item in enumerate(items):
                            self._tile((number, position), item)
                self._takes_drops(page, partial(self._end_of, number))

    def _tile(self, place: Place, item: str) -> None:
        is_chosen, is_blank = place == self._draft.chosen, item == BLANK
        name = _("Blank space") if is_blank else self._draft.name(item)
        look = f"tile{' blank' if is_blank else ''}{' chosen' if is_chosen else ''}"
        pressed = str(is_chosen).lower()
        with (
            theme.block("", role="listitem"),
            theme.block(look, "button", type="button", draggable="true", aria_pressed=pressed) as tile,
        ):
            theme.icon("check_box_outline_blank" if is_blank else "apps")
            theme.text(name)
        tile.on("click", lambda: self._choose(place))
        for keys, by in KEYS.items():
            tile.on(f"keydown.{keys}.prevent", partial(self._by_key, place, by))
        tile.on("keydown.delete.prevent", partial(self._by_key, place, 0))
        tile.on("dragstart", js_handler=DRAG)
        tile.on("dragstart", lambda: setattr(self, "_dragged", place))
        self._takes_drops(tile, lambda: place)
        if is_chosen and self._by_keys:
            self._by_keys = False
            ui.run_javascript(f"({FOCUS})({tile.id}, 50)")

    def _end_of(self, page: int) -> Place:
        return page, len(self._draft.pages[page])

    def _takes_drops(self, element: Element, target: Callable[[], Place]) -> None:
        def drop() -> None:
            if self._dragged is not None:
                self._draft.chosen, self._dragged = self._dragged, None
                self._do(partial(self._draft.move_to, target()))

        element.on("dragover.prevent.stop", js_handler="() => {}")
        element.on("drop.prevent.stop", drop)

    def _by_key(self, place: Place, by: int) -> None:
        self._draft.chosen, self._by_keys = place, True
        self._do(partial(self._draft.move, by) if by else self._draft.hide)

    def _choose(self, place: Place) -> None:
        self._by_keys = False
        self._draft.chosen = None if place == self._draft.chosen else place
        self._show()

    def _do(self, act: Callable[[], Any]) -> None:
        act()
        self._show()

    def _show(self) -> None:
        self._show_commands()
        self._pages.refresh()
