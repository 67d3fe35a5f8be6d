"""How the supplies programme runs for a partner's customers, as a form of the supplies desk."""

from typing import Any

from nicegui import ui

from connectors.messages import N_
from connectors.supplies import ProgrammeKind, programme_kinds
from fleet.managed_supplies.programme import (
    LONGEST_TERMS,
    MOST_THRESHOLD,
    STANDARD_TERMS,
    ProgrammeSettings,
    ProgrammeView,
    change_programme,
    partner_programme,
)
from fleet.notifications.policies import WATCHED_SUPPLIES
from fleet.printers.kept_reading import SUPPLY_KINDS
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell, visitor
from portal_api.pages.words import _

OPTION_TITLES = {
    "email": N_("E-mail address of the desk"),
    "address": N_("Address of the service"),
    "token": N_("Secret token"),
}
"""Titles of what programmes of ours want; others are called by their names."""


class ProgrammeForm:
    """The open form; what is typed for the kind is kept in `_options` and `_secrets`."""

    async def build(self) -> None:
        """Lay it out."""
        self._view: ProgrammeView = await ask(partner_programme)
        settings = self._view.settings
        self._options, self._secrets = dict(settings.options), dict[str, str]()
        with theme.block("sheet settings", "section", aria_label=_("Programme")):
            theme.text(_("Programme"), "section-title", "h2")
            kinds = {name: _(kind.title) for name, kind in programme_kinds().items()}
            self._kind = ui.select(kinds, value=settings.kind, label=_("Who sends supplies"))
            self._kind.props("outlined dense options-dense").on_value_change(self._choose_kind)
            self._fields()
            self._rules(settings)
            with theme.block("dialog-actions"):
                theme.main_button(_("Save changes"), "save").on_click(self._save)

    def _rules(self, settings: ProgrammeSettings) -> None:
        self._threshold = ui.number(
            _("Order at this percentage or less"), value=settings.threshold, min=1, max=MOST_THRESHOLD, precision=0
        )
        types = {kind.value: _(SUPPLY_KINDS[kind]) for kind in WATCHED_SUPPLIES}
        chosen = [kind.value for kind in settings.types if kind.value in types]
        self._types = ui.select(types, value=chosen, multiple=True, label=_("What is ordered"))
        self._models = ui.textarea(_("Models, one a line; * stands for anything"), value="\n".join(settings.models))
        theme.text(_("Without any, printers of every model may join."), "hint")
        self._pages = ui.number(
            _("Largest life page count of a printer that joins (optional)"),
            value=settings.most_pages,
            min=1,
            precision=0,
        )
        self._terms = ui.textarea(_("Terms that customers accept"), value=settings.terms)
        self._terms.props(f"maxlength={LONGEST_TERMS}").props["placeholder"] = _(STANDARD_TERMS)
        theme.text(_("Left empty, the standard terms count."), "hint")
        for field in (self._threshold, self._types, self._models, self._pages, self._terms):
            field.props("outlined dense")
        self._types.props("options-dense use-chips").classes("with-chips")
        for text in (self._models, self._terms):
            text.props("autogrow")

    def _choose_kind(self, _event: Any) -> None:
        """What was typed for another kind does not fit this one."""
        settings = self._view.settings
        self._options = dict(settings.options) if self._kind.value == settings.kind else {}
        self._secrets = {}
        self._fields.refresh()

    @ui.refreshable_method
    def _fields(self) -> None:
        kind: ProgrammeKind = programme_kinds()[str(self._kind.value)]
        for name in kind.options:
            self._text(name, self._options)
        for name in kind.secrets:
            field = self._text(name, self._secrets).props("type=password autocomplete=new-password")
            if name in self._view.known_secrets and kind.name == self._view.settings.kind:
                field.props["placeholder"] = _("Kept as it is")
        if kind.by_people:
            theme.text(_("Requests and orders are mailed there; people answer on this page."), "hint")

    def _text(self, name: str, kept: dict[str, str]) -> ui.input:
        field = ui.input(_(OPTION_TITLES.get(name, name)), value=kept.get(name, ""))
        field.on_value_change(lambda event: kept.update({name: event.value or ""}))
        return field.props("outlined dense maxlength=1000")

    async def _save(self) -> None:
        with faults_shown():
            settings = ProgrammeSettings.read(
                {
                    "kind": self._kind.value,
                    "options": self._options,
                    "threshold": int(self._threshold.value or 0),
                    "types": list(self._types.value or ()),
                    "models": [line for line in (self._models.value or "").splitlines() if line.strip()],
                    "most_pages": int(self._pages.value) if self._pages.value else None,
                    "terms": (self._terms.value or "").strip(),
                    "locale": visitor().locale,
                }
            )
            given = {name: value for name, value in self._secrets.items() if value}
            self._view = await ask(change_programme, settings, given)
            tell(_("The changes are saved."))
