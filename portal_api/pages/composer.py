"""The composer: a palette of steps, the solution as a line of sheets through the press, and its job ticket."""

import asyncio
from collections.abc import Mapping

from nicegui import ui

from connectors.errors import PressroomError
from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.solutions.definition import MAX_STEPS, SolutionDefinition
from domain.solutions.service import create_solution, get_solution, update_solution
from domain.solutions.sharing import customers_to_share_with
from portal_api.choices import learn_installed_languages
from portal_api.pages import theme
from portal_api.pages.draft import Draft, DraftStep
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.solution_templates import template
from portal_api.pages.visit import ask, faults_shown, show_fault, tell, visitor
from portal_api.pages.widgets.job_ticket import JobTicket
from portal_api.pages.widgets.palette import Dragged, palette
from portal_api.pages.widgets.scan_settings import scan_settings_form
from portal_api.pages.widgets.step_card import StepCard
from portal_api.pages.words import _

CHECK_AFTER = 0.3
"""Seconds without typing after which the composition is checked."""


@portal_page("/solutions/new", N_("New solution"), Permission.SOLUTIONS_CREATE, "solutions")
async def new_solution(template_name: str = "") -> None:
    """An empty composer, or one that begins with a ready-made solution."""
    visitor().need(Permission.SOLUTIONS_CREATE)
    start = template(template_name)
    await asyncio.to_thread(learn_installed_languages)
    Composer(Draft.of(start) if start else Draft(), await ask(customers_to_share_with)).build()


@portal_page("/solutions/{solution_id}/edit", N_("Edit solution"), Permission.SOLUTIONS_RUN, "solutions")
async def edit_solution(solution_id: str) -> None:
    """The composer with a saved solution; who may not change it can look and try it."""
    draft = Draft.of_saved(await ask(get_solution, solution_id))
    await asyncio.to_thread(learn_installed_languages)
    Composer(draft, await ask(customers_to_share_with)).build()


class Composer:
    """One open composer. The draft is the truth; the cards show it and write into it.

    `customers` are those that the visitor may share it with, as names by id.
    """

    def __init__(self, draft: Draft, customers: Mapping[str, str]) -> None:
        self.draft, self._customers = draft, customers
        self.dragged: Dragged | None = None
        self._cards: dict[int, StepCard] = {}
        self._is_changed = False
        self._pause: ui.timer | None = None

    def build(self) -> None:
        """Lay out the page."""
        self._toolbar()
        if not self.draft.may_edit:
            theme.text(_("You can look at this solution and try it, but not change it."), "alarm quiet")
        with theme.block("composer"):
            with theme.block("composer-palette", "aside", aria_label=_("Steps to add")):
                palette(self)
            with theme.block("composer-line", "section", aria_label=_("Steps of the solution")):
                self._about()
                self._line = theme.box("line", role="list")
                self._end()
                scan_settings_form(self.draft, self.changed)
            with theme.block("composer-ticket", "aside", aria_label=_("Job ticket")):
                self._ticket = JobTicket(self.focus)
        self._live = theme.text("", "only-heard", aria_live="polite")
        for step in self.draft.steps:
            self._show_step(step)
        self._renumber()
        self._check()

    # --- changes

    def add(self, kind: str, at: int | None = None) -> None:
        """Add a step of that kind at the position, or at the end."""
        if self.draft.is_full:
            ui.notify(_("A solution has at most {limit} steps.", limit=MAX_STEPS), type="warning")
            return
        step = self.draft.add(kind, at)
        self._show_step(step)
        self._arrange(step.key)
        self.focus(self.draft.position(step.key))
        self._say(_("Step {number} added.", number=self.draft.position(step.key) + 1))

    def remove(self, key: int) -> None:
        """Take a step out."""
        self.draft.remove(key)
        self._cards.pop(key).element.delete()
        self._renumber()
        self.changed()
        self._say(_("Step removed."))

    def move(self, key: int, by: int, button: str = "") -> None:
        """Move a step up (-1) or down (+1); the focus stays with it."""
        to = self.draft.position(key) + by
        if 0 <= to < len(self.draft.steps):
            self.draft.move(key, to)
            self._arrange(key)
            ui.run_javascript(
                f"setTimeout(() => document.querySelector('#step-{key} {button}')?.focus(), 60)"
                if button
                else f"setTimeout(() => document.getElementById('step-{key}')?.focus(), 60)"
            )
            self._say(_("Moved to position {number}.", number=to + 1))

    def drop(self, at: int) -> None:
        """What was dragged has been dropped before position `at`."""
        dragged, self.dragged = self.dragged, None
        if dragged is None:
            return
        if dragged.key is None:
            self.add(dragged.kind, at)
            return
        position = self.draft.position(dragged.key)
        self.draft.move(dragged.key, at - 1 if position < at else at)
        self._arrange(dragged.key)

    def changed(self) -> None:
        """Note that there is something to save, and check the composition once the typing pauses."""
        if self.draft.may_edit:
            if not self._is_changed:
                ui.run_javascript("window.unsavedChanges = true")
            self._is_changed = True
            self._saved.text = _("Not saved")
        if self._pause is not None:
            self._pause.cancel()
        with self._live:
            self._pause = ui.timer(CHECK_AFTER, self._check, once=True)

    def toggle_lock(self, key: int, name: str) -> bool:
        """Lock or unlock a value; answers whether it is locked afterwards (SC-90, SC-92)."""
        step = self.draft.steps[self.draft.position(key)]
        if name in step.locked:
            self.draft.unlock(key, name)
        else:
            with faults_shown():
                self.draft.lock(key, name)
        self.changed()
        return name in step.locked

    def focus(self, position: int) -> None:
        """Bring a step into view and give it the focus."""
        key = self.draft.steps[position].key
        ui.run_javascript(
            f"setTimeout(() => {{const step = document.getElementById('step-{key}');"
            "step?.scrollIntoView({block: 'nearest', behavior: "
            "matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth'}); step?.focus()}, 80)"
        )

    # --- parts of the page

    def _toolbar(self) -> None:
        with theme.block("toolbar"):
            heading(_("Edit solution") if self.draft.solution_id else _("New solution"))
            self._saved = theme.text("", "ticket", role="status")
            ui.space()
            theme.plain_button(_("Dry run"), "science").on_click(self._dry_run)
            if self.draft.may_edit:
                theme.main_button(_("Save"), "save").on_click(self.save).classes("save")

    def _about(self) -> None:
        draft = self.draft
        with theme.block("sheet about"):
            name = ui.input(_("Name"), value=draft.name, on_change=lambda event: self._set("name", event.value or ""))
            name.props("outlined maxlength=255").classes("solution-name")
            description = ui.input(
                _("Description"),
                value=draft.description,
                on_change=lambda event: self._set("description", event.value or ""),
            )
            description.props("outlined dense maxlength=1024")
            if visitor().may(Permission.SOLUTIONS_PUBLISH):
                ui.switch(
                    _("Share with my organization"),
                    value=draft.share_with_organization,
                    on_change=lambda event: self._set("share_with_organization", event.value),
                )
            if self._customers:
                ui.select(
                    dict(self._customers),
                    label=_("Share with customers"),
                    value=sorted(draft.shared_with & self._customers.keys()),
                    multiple=True,
                    with_input=True,
                    on_change=lambda event: self._set("shared_with", frozenset(event.value or ())),
                ).props("outlined dense options-dense use-chips").classes("with-chips")

    def _end(self) -> None:
        with theme.block("line-end") as end:
            theme.text(_("Drop a step here, or choose one from the list of steps."), "muted")
        end.on("dragover.prevent", js_handler="() => {}")
        end.on("drop.prevent", lambda: self.drop(len(self.draft.steps)))

    def _show_step(self, step: DraftStep) -> None:
        with self._line:
            self._cards[step.key] = StepCard(self, step)

    def _arrange(self, key: int) -> None:
        self._cards[key].element.move(target_index=self.draft.position(key))
        self._renumber()
        self.changed()

    def _renumber(self) -> None:
        for number, step in enumerate(self.draft.steps):
            self._cards[step.key].number(number, len(self.draft.steps))

    def _set(self, name: str, value: object) -> None:
        setattr(self.draft, name, value)
        self.changed()

    def _say(self, words: str) -> None:
        self._live.text = words

    # --- checking and saving

    def _check(self) -> None:
        found = self.draft.violations() if not self.draft.scan_problems() else []
        for position, step in enumerate(self.draft.steps):
            own = [one for one in found if one.step == position]
            self._cards[step.key].complain(own)
        self._ticket.show(self.draft, found)

    async def save(self) -> bool:
        """Save as a new solution or a new version; answers whether that succeeded."""
        draft = self.draft
        try:
            definition: SolutionDefinition = draft.definition()
            if draft.solution_id is None:
                view = await ask(create_solution, definition)
            else:
                view = await ask(update_solution, draft.solution_id, definition, draft.version)
        except PressroomError as error:
            self._check()
            show_fault(error)
            return False
        draft.solution_id, draft.version = view.id, view.version
        self._is_changed = False
        self._saved.text = _("Saved")
        ui.run_javascript("window.unsavedChanges = false")
        ui.navigate.history.replace(f"/solutions/{view.id}/edit")
        tell(_("“{name}” is saved.", name=view.definition.name))
        return True

    async def _dry_run(self) -> None:
        if (self._is_changed or self.draft.solution_id is None) and not await self.save():
            return
        ui.navigate.to(f"/solutions/{self.draft.solution_id}/run?dry=1")
