"""To whom print policies or quotas are assigned, by tabs as the organization's mode has them (PR-67, PR-95…PR-97)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic

from nicegui import ui

from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.print_definitions.assignments import (
    Assignment,
    assign,
    list_assignments,
    open_targets,
    remove_assignment,
    target_names,
)
from domain.print_definitions.definitions import Definition, list_definitions
from domain.print_definitions.models import TargetKind
from domain.print_definitions.subject import Content, Subject
from portal_api.pages import theme
from portal_api.pages.frame import heading
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _

TABS = {
    TargetKind.PERSONAL: N_("Personal"),
    TargetKind.COST_CENTER: N_("Cost centre"),
    TargetKind.DEPARTMENT: N_("Department"),
}
NAMES = {
    TargetKind.PERSONAL: N_("E-mail address"),
    TargetKind.COST_CENTER: N_("Name of the cost centre"),
    TargetKind.DEPARTMENT: N_("Name of the department"),
}


@dataclass(frozen=True, slots=True)
class AssignmentTexts:
    """The words of the page, to be translated."""

    title: str
    hint: str
    definition: str
    filter_all: str
    remove: str
    remove_hint: str
    nothing_defined: str
    definitions_address: str


class AssignmentsPage(Generic[Content]):
    """The open page: one tab at a time. `summary` tells in short what a definition says."""

    def __init__(
        self, subject: Subject[Content], texts: AssignmentTexts, summary: Callable[[Content], list[str]]
    ) -> None:
        self._subject, self._texts, self._summary = subject, texts, summary
        self._kind, self._only = TargetKind.PERSONAL, ""
        self._definitions: list[Definition[Content]] = []
        self._found: list[Assignment] = []
        self._names: list[str] = []
        self._chosen: set[str] = set()

    async def build(self) -> None:
        """Lay out the page."""
        heading(_(self._texts.title), _(self._texts.hint))
        kinds = await ask(open_targets, self._subject)
        self._definitions = await ask(list_definitions, self._subject)
        await self._read()
        with theme.block("filters"):
            with ui.tabs(on_change=lambda event: self._show(TargetKind(str(event.value)))).props(
                "no-caps dense"
            ) as tabs:
                for kind in kinds:
                    ui.tab(kind.value, _(TABS[kind]))
            tabs.set_value(self._kind.value)
            options = {"": _(self._texts.filter_all)} | {one.id: one.name for one in self._definitions}
            only = ui.select(options, value="", label=_(self._texts.definition), on_change=self._filter)
            only.props("outlined dense options-dense")
        self._form()
        self._rows()

    async def _read(self) -> None:
        self._found = await ask(list_assignments, self._subject, self._kind, self._only)
        self._names = await ask(target_names, self._subject, self._kind)
        self._chosen = set()

    async def _load(self) -> None:
        with faults_shown():
            await self._read()
        self._rows.refresh()

    async def _show(self, kind: TargetKind) -> None:
        if kind is self._kind:
            return  # the tab that is open from the beginning: what somebody has typed already stays
        self._kind = kind
        await self._load()
        self._form.refresh()

    async def _filter(self, event: object) -> None:
        self._only = str(getattr(event, "value", "") or "")
        await self._load()

    @ui.refreshable_method
    def _form(self) -> None:
        if not self._definitions:
            with theme.block("empty", role="status"):
                theme.icon("playlist_add")
                theme.text(_(self._texts.nothing_defined), "strong")
                theme.plain_button(_("Define one"), "add").props["href"] = self._texts.definitions_address
            return
        with theme.block("filters", "section", aria_label=_("Assign")):
            name = ui.input(_(NAMES[self._kind]), autocomplete=self._names).props("outlined dense").classes("search")
            options = {one.id: one.name for one in self._definitions}
            definition = ui.select(options, label=_("Assign"), value=next(iter(options)))
            definition.props("outlined dense options-dense")

            async def go() -> None:
                with faults_shown():
                    await ask(assign, self._subject, self._kind, name.value or "", str(definition.value))
                    tell(_("It is assigned."))
                    name.set_value("")
                    await self._load()

            theme.main_button(_("Assign"), "add_link").on_click(go)
        self._details(definition)

    def _details(self, definition: ui.select) -> None:
        """What the chosen definition says, so that nobody has to look it up before assigning it (PR-97)."""

        @ui.refreshable
        def lines() -> None:
            chosen = next(one for one in self._definitions if one.id == definition.value)
            with theme.block("verdict-lines", role="status", aria_label=_("What “{name}” says", name=chosen.name)):
                for line in self._summary(chosen.content):
                    theme.text(line, "hint")

        lines()
        definition.on_value_change(lambda: lines.refresh())

    @ui.refreshable_method
    def _rows(self) -> None:
        if not self._found:
            with theme.block("empty", role="status"):
                theme.icon("link_off")
                theme.text(_("Nothing is assigned here: the default counts."), "muted")
            return
        with theme.block("records", role="list"):
            for one in self._found:
                self._row(one)
        with theme.block("toolbar"):
            self._remove = theme.plain_button(_(self._texts.remove), "link_off").on_click(self._confirm)
        self._remove.set_enabled(False)

    def _row(self, one: Assignment) -> None:
        with theme.block("record", role="listitem"):
            box = ui.checkbox(on_change=partial(self._choose, one.id))
            box.props["aria-label"] = _("Select “{name}”", name=one.name)
            with theme.block("record-words"):
                theme.text(one.name, "strong clamp-one")
                if one.target_kind is not TargetKind.PERSONAL:
                    theme.text(_("People: {count}", count=one.members), "hint")
            theme.chip(one.definition_name, "quiet")

    def _choose(self, assignment_id: str, event: object) -> None:
        (self._chosen.add if getattr(event, "value", False) else self._chosen.discard)(assignment_id)
        self._remove.set_enabled(bool(self._chosen))

    def _confirm(self) -> None:
        chosen = sorted(self._chosen)

        def remove(actor: Actor) -> None:
            for each in chosen:
                remove_assignment(actor, self._subject, each)

        async def go() -> None:
            with faults_shown():
                await ask(remove)
                tell(_("The assignments are removed."))
                await self._load()

        title = _("Remove assignments: {count}?", count=len(chosen))
        confirm(title, (_(self._texts.remove_hint),), _("Remove"), go, icon="link_off")
