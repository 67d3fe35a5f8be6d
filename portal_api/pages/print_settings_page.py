"""The organization's settings for printing: sections that fold, marks on what is changed or wrong (PR-16, PR-17)."""

import copy
from functools import partial
from typing import Any

from nicegui import events, ui
from pydantic import ValidationError

from connectors.errors import PressroomError
from connectors.messages import N_
from connectors.value_problems import value_problem
from domain.organizations.permissions import Permission
from domain.print_mail.provisioning import retry_address
from domain.print_settings.effects import EFFECTS
from domain.print_settings.models import AddressState, EffectState
from domain.print_settings.service import (
    SettingsView,
    change_print_settings,
    get_print_settings,
    preview_print_settings,
)
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.print_setting_fields import SECTIONS, SettingField, SettingSection
from portal_api.pages.words import _, error_texts, message_text

ADDRESS_STATES = {
    AddressState.PROVISIONING: (N_("The address is being tried out; mail to it is not taken in yet."), "busy"),
    AddressState.AVAILABLE: (N_("The address can be used."), "good"),
    AddressState.DISABLED: (N_("The address is reserved; printing by e-mail is off."), "quiet"),
    AddressState.ERROR: (N_("The address could not be set up."), "bad"),
}
EFFECT_STATES = {
    EffectState.PENDING: (N_("Pending"), "busy"),
    EffectState.APPLIED: (N_("Applied"), "good"),
    EffectState.FAILED: (N_("Failed"), "bad"),
}
Place = tuple[str, str]


@portal_page("/print/settings", N_("Print settings"), Permission.PRINT_SETTINGS_OPEN, "print-settings")
async def print_settings_page() -> None:
    """The page."""
    PrintSettingsPage(await ask(get_print_settings)).build()


class PrintSettingsPage:
    """The open form. `_values` is what stands in it, `_saved` what holds; `_problems` what was refused, by place.

    `_open` are the sections that are unfolded.
    """

    def __init__(self, view: SettingsView) -> None:
        self._open: set[str] = set()
        self._take(view)

    def _take(self, view: SettingsView) -> None:
        self._view = view
        self._saved: dict[str, dict[str, Any]] = view.settings.model_dump(mode="json")
        for values in self._saved.values():
            values.update({name: sorted(value) for name, value in values.items() if isinstance(value, list)})
        self._values = copy.deepcopy(self._saved)
        self._problems: dict[Place, str] = {}

    def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Print settings"), _("How your organization prints. Changes count once they are saved."))
            ui.space()
            discard = theme.plain_button(_("Discard changes")).on_click(self._discard)
            self._buttons = (discard, theme.main_button(_("Save changes"), "save").on_click(self._preview))
        self._form()
        self._note_changes()

    @ui.refreshable_method
    def _form(self) -> None:
        self._marks: dict[Place, Any] = {}
        self._heads: dict[str, Any] = {}
        self._folds: dict[str, ui.expansion] = {}
        with theme.block("form-sheets"):
            for section in SECTIONS:
                if section.name in self._view.sections:
                    self._section(section)
            self._effects()

    def _section(self, section: SettingSection) -> None:
        with theme.block("sheet folded", "section", aria_label=_(section.title)):
            fold = ui.expansion(value=section.name in self._open).classes("fold")
            self._folds[section.name] = fold
            fold.on_value_change(partial(self._fold, section.name))
            with fold.add_slot("header"), theme.block("fold-head"):
                theme.icon(section.icon)
                theme.text(_(section.title), "strong")

                @ui.refreshable
                def mark() -> None:
                    self._mark([field_place(section, field) for field in section.fields])

                mark()
                self._heads[section.name] = mark
            with fold, theme.block("settings"):
                for field in section.fields:
                    self._field(section, field)
                if section.name == "email" and self._view.address_state is not None:
                    self._address(self._view.address_state)

    def _address(self, state: AddressState) -> None:
        """The address as it stands, and why it cannot be used yet (PR-140)."""
        text, look = ADDRESS_STATES[state]
        with theme.block("setting"):
            theme.text(self._view.address, "strong")
            theme.text(_(text), f"state {look}")
            if self._view.address_error is not None and state is not AddressState.AVAILABLE:
                theme.text(" ".join(error_texts(self._view.address_error)), "hint")
            if state in (AddressState.ERROR, AddressState.PROVISIONING):
                theme.plain_button(_("Try out now"), "refresh").on_click(self._retry_address)

    async def _retry_address(self) -> None:
        with faults_shown():
            await ask(retry_address)
            tell(_("A test message is on its way. Look again in a moment."))

    def _fold(self, section: str, event: events.ValueChangeEventArguments[bool]) -> None:
        (self._open.add if event.value else self._open.discard)(section)

    def _field(self, section: SettingSection, field: SettingField) -> None:
        place = field_place(section, field)
        with theme.block("setting"):
            field.build(_(field.title), self._values[section.name][field.name], partial(self._set, place))
            if field.hint:
                theme.text(_(field.hint), "hint")

            @ui.refreshable
            def mark() -> None:
                self._mark([place])
                if problem := self._problems.get(place):
                    theme.text(problem, "hint bad", role="alert")
                elif place in self._view.suspended:
                    theme.text(_("On, but without effect while what it needs is off."), "hint")

            mark()
            self._marks[place] = mark

    def _mark(self, places: list[Place]) -> None:
        """Beside a section or a setting: something of it is wrong, or was changed (PR-17)."""
        if any(place in self._problems for place in places):
            theme.chip(_("Not valid"), "bad")
        elif any(self._is_changed(place) for place in places):
            theme.chip(_("Changed"), "organizational")

    def _effects(self) -> None:
        if not self._view.effects:
            return
        with theme.block("sheet settings", "section", aria_label=_("What follows from changes")):
            theme.text(_("What follows from changes"), "section-title", "h2")
            for one in self._view.effects:
                title, look = EFFECT_STATES[one.state]
                with theme.block("option-line"):
                    theme.text(_(title), f"state {look}")
                    theme.text(_(EFFECTS[one.name].title) if one.name in EFFECTS else one.name)
                    if one.error is not None:
                        theme.text(" ".join(error_texts(one.error)), "hint")

    def _set(self, place: Place, value: Any) -> None:
        section, name = place
        self._values[section][name] = value
        self._problems.pop(place, None)
        self._marks[place].refresh()
        self._heads[section].refresh()
        self._note_changes()

    def _is_changed(self, place: Place) -> bool:
        section, name = place
        return bool(self._values[section][name] != self._saved[section][name])

    def _changes(self) -> dict[str, dict[str, Any]]:
        """What was changed, by section."""
        found = {
            section: {name: value for name, value in values.items() if self._is_changed((section, name))}
            for section, values in self._values.items()
        }
        return {section: values for section, values in found.items() if values}

    def _note_changes(self) -> None:
        is_changed = bool(self._changes())
        for button in self._buttons:
            button.set_enabled(is_changed)
        ui.run_javascript(f"window.unsavedChanges = {str(is_changed).lower()}")

    def _discard(self) -> None:
        self._take(self._view)
        self._refresh()

    def _refresh(self) -> None:
        self._form.refresh()
        self._note_changes()

    async def _preview(self) -> None:
        """Say first what a change means that is not seen at once (PR-51)."""
        with faults_shown():
            try:
                found = await ask(preview_print_settings, self._changes())
            except ValidationError as error:
                self._refuse(error)
                return
            if not found:
                await self._save()
                return
            texts = tuple(message_text(one) for one in found)
            confirm(_("Save these changes?"), texts, _("Save changes"), self._save, icon="save")

    async def _save(self) -> None:
        with faults_shown():
            try:
                view = await ask(change_print_settings, self._changes(), self._view.version)
            except ValidationError as error:
                self._refuse(error)
                return
            self._take(view)
            self._refresh()
            tell(_("The changes are saved."))

    def _refuse(self, error: ValidationError) -> None:
        """Mark what is wrong; nothing was saved."""
        for item in error.errors():
            place = tuple(str(part) for part in item["loc"][:2])
            if len(place) == 2:
                self._problems[place[0], place[1]] = _problem_text(item)
        for section, name in self._problems:
            self._marks[section, name].refresh()
            self._heads[section].refresh()
            self._folds[section].value = True
        ui.notify(_("Nothing is saved yet: some values are not valid."), type="negative")


def field_place(section: SettingSection, field: SettingField) -> Place:
    """Where the value of a field is in the settings."""
    return section.name, field.name


def _problem_text(item: Any) -> str:
    """What is wrong with a value, with the remedy where there is one (PR-49)."""
    own = item.get("ctx", {}).get("error")
    return " ".join(error_texts(own)) if isinstance(own, PressroomError) else message_text(value_problem(item))
