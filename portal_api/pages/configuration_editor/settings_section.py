"""Individual settings: the tree of categories, the search over it, and the summary of what is set (FL-364, FL-371)."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from nicegui import ui
from pydantic import SecretStr

from fleet.configurations.content import MASK, SettingPart
from fleet.configurations.settings_catalogue import (
    SettingFacts,
    SettingType,
    find_settings,
)
from portal_api.pages import theme
from portal_api.pages.configuration_editor.draft import EditedDraft
from portal_api.pages.widgets.setting_names import ARROW, item_title
from portal_api.pages.words import _, message_text


class SettingsSection:
    """The section. A category is laid out when it is opened; a search shows every path that leads to a match."""

    def __init__(self, draft: EditedDraft) -> None:
        self._draft, self._search = draft, ""

    def build(self) -> None:
        """Lay out the section."""
        with theme.block("sheet settings", "section", aria_label=_("Individual settings")):
            theme.text(_("Individual settings"), "section-title", "h2")
            if not self._draft.is_fixed:
                self._search_box()
                self._tree()
                theme.text(_("Modified settings"), "field-title", "h3")
            self._summary()

    def _search_box(self) -> None:
        box = ui.input(on_change=lambda event: self._find(event.value or ""))
        box.props("outlined dense clearable debounce=250").classes("search")
        box.props["placeholder"] = box.props["aria-label"] = _("Search for a setting")

    def _find(self, search: str) -> None:
        self._search = search
        self._tree.refresh()

    @ui.refreshable_method
    def _tree(self) -> None:
        found = find_settings(self._search, _)
        if not found:
            theme.text(_("No setting has these words."), "muted", role="status")
        elif self._search:
            for facts in found:
                theme.text(ARROW.join(_(part) for part in facts.path), "ticket")
                self._row(facts)
        else:
            for top in dict.fromkeys(facts.path[0] for facts in found):
                self._category(top, [facts for facts in found if facts.path[0] == top])

    def _category(self, top: str, settings: Sequence[SettingFacts]) -> None:
        with ui.expansion(_(top)).classes("fold") as fold:
            inside = theme.box("records")

        def open_it(is_open: bool) -> None:
            if is_open and not list(inside):
                with inside:
                    self._lay_out(settings)

        fold.on_value_change(lambda event: open_it(bool(event.value)))

    def _lay_out(self, settings: Sequence[SettingFacts]) -> None:
        below = ""
        for facts in settings:
            if ARROW.join(facts.path[1:]) != below:
                below = ARROW.join(facts.path[1:])
                theme.text(ARROW.join(_(part) for part in facts.path[1:]), "field-title", "h4")
            self._row(facts)

    def _row(self, facts: SettingFacts) -> None:
        holder = theme.box("record printer-setting")

        def show() -> None:
            holder.clear()
            with holder:
                self._cells(facts, show)

        show()

    def _cells(self, facts: SettingFacts, show: Callable[[], None]) -> None:
        part = self._draft.setting(facts.name)

        def tick(is_ticked: bool) -> None:
            self._put(facts.name, _first_part(facts) if is_ticked else None)
            show()

        box = ui.checkbox(value=part is not None, on_change=lambda event: tick(bool(event.value)))
        box.props["aria-label"] = _("Set “{name}”", name=_(facts.label))
        box.set_enabled(not self._draft.is_fixed)
        with theme.block("record-words"):
            theme.text(_(facts.label), "strong")
            theme.text(explained(facts), "hint")
        if part is not None:
            field = _field(facts, part, lambda value: self._set_value(facts, value))
            field.set_enabled(not self._draft.is_fixed)
            if not facts.is_secret:
                self._variable_button(facts, part, show)

    def _variable_button(self, facts: SettingFacts, part: SettingPart, show: Callable[[], None]) -> None:
        """Disabled until there is a variable settings file (FL-371)."""
        columns = self._draft.variables.columns if self._draft.variables else ()

        def choose(column: str) -> None:
            now = self._draft.setting(facts.name) or part
            self._put(facts.name, now.model_copy(update={"variable": column}))
            show()

        label = part.variable or _("Variable")
        with theme.plain_button(label, "table_view") as button, ui.menu().classes("panel-menu"):
            for column in columns:
                ui.menu_item(column, on_click=partial(choose, column))
            if part.variable:
                ui.menu_item(_("No variable"), on_click=partial(choose, ""))
        button.props["aria-label"] = _("Column for “{name}”", name=_(facts.label))
        button.set_enabled(bool(columns) and not self._draft.is_fixed)

    def _set_value(self, facts: SettingFacts, value: Any) -> None:
        part = self._draft.setting(facts.name)
        if part is None:
            return
        if facts.is_secret:
            self._put(facts.name, part.model_copy(update={"secret": SecretStr(value or "")}))
        elif value is not None:
            self._put(facts.name, part.model_copy(update={"value": value}))

    def _put(self, name: str, part: SettingPart | None) -> None:
        self._draft.set_setting(name, part)
        self._summary.refresh()

    @ui.refreshable_method
    def _summary(self) -> None:
        settings = self._draft.content.settings
        if not settings:
            theme.text(_("None."), "hint")
            return
        with theme.block("facts", "ul", aria_label=_("Modified settings")):
            for part in settings:
                with theme.block("", "li"):
                    theme.text(f"{item_title(part.name)}: {_shown(part)}")


def explained(facts: SettingFacts) -> str:
    """Default value and range."""
    told = [] if facts.is_secret else [_("Default: {value}", value=_value_text(facts.default) or _("empty"))]
    if facts.type is SettingType.INTEGER:
        told.append(_("From {least} to {most}", least=facts.low, most=facts.high))
    elif facts.type in (SettingType.TEXT, SettingType.PASSWORD):
        told.append(_("At most {count} characters", count=facts.high))
    if facts.unit:
        told.append(facts.unit)
    return " · ".join(told)


def _first_part(facts: SettingFacts) -> SettingPart:
    if facts.is_secret:
        return SettingPart(name=facts.name, secret=SecretStr(""))
    return SettingPart(name=facts.name, value=facts.default)


def _field(facts: SettingFacts, part: SettingPart, change: Callable[[Any], None]) -> Any:
    label = _(facts.label)
    field: Any
    match facts.type:
        case SettingType.BOOLEAN:
            field = ui.switch(value=bool(part.value), on_change=lambda event: change(bool(event.value)))
        case SettingType.INTEGER:
            field = ui.number(
                value=part.value if isinstance(part.value, int) else None,
                min=facts.low,
                max=facts.high,
                precision=0,
                on_change=lambda event: change(None if event.value is None else int(event.value)),
            )
        case SettingType.CHOICE:
            choices = {one: _(one) if one.islower() else one for one in facts.choices}
            field = ui.select(choices, value=part.value, on_change=lambda event: change(event.value)).props(
                "options-dense"
            )
        case SettingType.PASSWORD:
            kept = MASK if part.secret and part.secret.get_secret_value() else ""
            field = ui.input(value=kept, password=True, on_change=lambda event: change(event.value or ""))
            field.props("autocomplete=new-password")
        case _:
            field = ui.input(value=str(part.value or ""), on_change=lambda event: change(event.value or ""))
            field.props(f"maxlength={facts.high}")
    if facts.type is not SettingType.BOOLEAN:
        field.props("outlined dense").classes("setting-field")
        _complain(facts, field)
    field.props["aria-label"] = label
    return field


def _complain(facts: SettingFacts, field: Any) -> None:
    """Say under the field what is wrong with its value (FL-376)."""
    if isinstance(field, ui.input | ui.number):

        def wrong(value: Any) -> str | None:
            given = int(value) if facts.type is SettingType.INTEGER and value is not None else value or ""
            problem = facts.wrong(given)
            return message_text(problem) if problem else None

        field.validation = wrong


def _shown(part: SettingPart) -> str:
    value = "********" if part.secret is not None else _value_text(part.value)
    if part.variable:
        return _("column “{name}”", name=part.variable) + (f", {value}" if value else "")
    return value or _("empty")


def _value_text(value: object) -> str:
    if isinstance(value, bool):
        return _("on") if value else _("off")
    return "" if value is None else str(value)
