"""The picker for kinds of personal data: two lists, Available and Selected, grouped by country (SC-82b)."""

from collections.abc import Callable, Iterable
from typing import Any

from nicegui import ui
from nicegui.element import Element

from connectors.pii.catalogue import PiiEntity, catalogue, entities
from domain.texts.catalogue import territory_name
from portal_api.pages import theme
from portal_api.pages.words import _, spoken

DRAG = "(event) => event.dataTransfer.setData('text/plain', 'pii')"


def pii_input(title: str, chosen: tuple[str, ...], change: Callable[[Any], None]) -> Element:
    """What is chosen, as slips, and a button that opens the picker."""
    holder = theme.box("pii-input")
    selected = list(chosen)

    def picked(names: list[str]) -> None:
        selected[:] = names
        change(tuple(names))
        slips.refresh()

    @ui.refreshable
    def slips() -> None:
        with theme.block("slips"):
            for name in selected[:8]:
                entry = entities().get(name)
                theme.chip(_(entry.label) if entry else name, "quiet")
            if len(selected) > 8:
                theme.chip(_("and {count} more", count=len(selected) - 8), "quiet")
            if not selected:
                theme.text(_("Nothing chosen yet."), "muted")

    with holder:
        theme.text(title, "field-title")
        slips()
        button = theme.plain_button(_("Choose personal data"), "fact_check")
        button.on_click(lambda: PiiPicker(selected, picked).open())
    return holder


class PiiPicker:
    """The dialog. Entries are marked by click or space, moved by the arrows, double click, Enter or by dragging."""

    def __init__(self, chosen: Iterable[str], done: Callable[[list[str]], None]) -> None:
        self._chosen, self._done = set(chosen), done
        self._marked: set[str] = set()
        self._search = ""
        self._items: dict[tuple[bool, int], Element] = {}
        self._groups: dict[tuple[bool, str], Element] = {}
        self._entries = catalogue()
        self._dialog = theme.dialog().props("aria-labelledby=pii-title").classes("pii-dialog")

    def open(self) -> None:
        """Show the dialog."""
        with self._dialog, theme.block("sheet dialog-sheet wide"):
            theme.text(_("Personal data to redact"), "dialog-title", "h2", id="pii-title")
            search = ui.input(_("Search"), on_change=lambda event: self._find(event.value or ""))
            search.props("outlined dense clearable autofocus")
            with theme.block("pii-lists"):
                self._list(False, _("Available"))
                with theme.block("pii-arrows"):
                    theme.icon_button("chevron_right", _("Select the marked entries")).on_click(
                        lambda: self._move(True)
                    )
                    theme.icon_button("chevron_left", _("Take the marked entries back")).on_click(
                        lambda: self._move(False)
                    )
                self._list(True, _("Selected"))
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(self._dialog.close)
                theme.main_button(_("Use these")).on_click(self._finish)
        self._show()
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    def _list(self, is_chosen: bool, title: str) -> None:
        with theme.block("pii-list"):
            self._title(is_chosen, title)
            with theme.block("pii-scroll", role="listbox", aria_label=title, aria_multiselectable="true") as area:
                area.on("dragover.prevent", js_handler="() => {}").on("drop.prevent", lambda: self._move(is_chosen))
                for country in dict.fromkeys(entry.country for entry in self._entries):
                    heading = theme.text(self._country(country), "pii-country", aria_hidden="true")
                    self._groups[is_chosen, country] = heading
                    for number, entry in enumerate(self._entries):
                        if entry.country == country:
                            self._items[is_chosen, number] = self._item(entry, is_chosen)

    def _title(self, is_chosen: bool, title: str) -> None:
        with theme.block("pii-list-title"):
            theme.text(title)
            count = theme.text("", "ticket")
        if is_chosen:
            self._count = count
        else:
            count.set_visibility(False)

    def _item(self, entry: PiiEntity, is_chosen: bool) -> Element:
        can_move = entry.available or is_chosen
        with theme.block("pii-item", role="option", tabindex="0" if can_move else "-1") as item:
            theme.text(_(entry.label))
            if not entry.available:
                theme.text(_(entry.reason), "pii-reason")
        item.props["aria-selected"] = "false"
        if not can_move:
            item.props["aria-disabled"] = "true"
            return item.classes("unavailable")
        item.props["draggable"] = "true"
        item.on("click", lambda: self._mark(entry.entity))
        item.on("keydown.space.prevent", lambda: self._mark(entry.entity))
        item.on("dblclick", lambda: self._move(not is_chosen, entry.entity))
        item.on("keydown.enter.prevent", lambda: self._move(not is_chosen, entry.entity))
        item.on("dragstart", js_handler=DRAG)
        item.on("dragstart", lambda: self._mark(entry.entity, True))
        return item

    def _mark(self, name: str, always: bool = False) -> None:
        if name in self._marked and not always:
            self._marked.discard(name)
        else:
            self._marked.add(name)
        self._show()

    def _move(self, to_chosen: bool, name: str | None = None) -> None:
        moving = {name} if name else {one for one in self._marked if (one in self._chosen) != to_chosen}
        if to_chosen:
            self._chosen |= {one for one in moving if entities()[one].available}
        else:
            self._chosen -= moving
        self._marked.clear()
        self._show()

    def _find(self, words: str) -> None:
        self._search = words.strip().casefold()
        self._show()

    def _show(self) -> None:
        """Bring every entry, group and count up to date; the elements stay, so that scrolling and focus stay too."""
        shown: set[tuple[bool, str]] = set()
        for (is_chosen, number), item in self._items.items():
            entry = self._entries[number]
            is_here = (entry.entity in self._chosen) == is_chosen and self._fits(entry)
            item.set_visibility(is_here)
            is_marked = entry.entity in self._marked
            if item.props.get("aria-selected") != str(is_marked).lower():
                item.props["aria-selected"] = str(is_marked).lower()
            if is_here:
                shown.add((is_chosen, entry.country))
        for key, heading in self._groups.items():
            heading.set_visibility(key in shown)
        self._count.text = str(len(self._chosen))

    def _fits(self, entry: PiiEntity) -> bool:
        words = " ".join((_(entry.label), entry.label, entry.entity, self._country(entry.country))).casefold()
        return all(word in words for word in self._search.split())

    def _country(self, code: str) -> str:
        english = next(entry.country_name for entry in self._entries if entry.country == code)
        return territory_name(code, spoken(), english)

    def _finish(self) -> None:
        order = [entry.entity for entry in self._entries]
        self._done(list(dict.fromkeys(name for name in order if name in self._chosen)))
        self._dialog.close()
