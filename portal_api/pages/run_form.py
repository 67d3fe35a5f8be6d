"""Running a solution: hand in a document, give the values that are not locked, start (SC-110…SC-112)."""

from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from nicegui import ui

from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.runs.models import ClientType
from domain.runs.planning import Overrides, check_permitted
from domain.runs.service import HandIn, start_run
from domain.runs.views import RunView
from domain.solutions.rules import effective_order
from domain.solutions.service import SolutionView, get_solution
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, visitor
from portal_api.pages.widgets.file_drop import FileDrop
from portal_api.pages.widgets.parameter_form import ParameterForm
from portal_api.pages.widgets.samples import SAMPLES, fitting_samples
from portal_api.pages.widgets.step_chain import step_chain
from portal_api.pages.words import _
from steps.contract import Surface
from steps.registry import step_kind


@portal_page("/solutions/{solution_id}/run", N_("Run"), Permission.SOLUTIONS_RUN, "solutions")
async def run_solution(solution_id: str, dry: bool = False) -> None:
    """The form before a run; with `dry`, a run that delivers nothing is preset."""
    view = await ask(get_solution, solution_id)
    visitor().need(Permission.SOLUTIONS_RUN)
    check_permitted(view.definition, visitor(), Surface.PORTAL)
    RunForm(view, dry).build()


class RunForm:
    """One open form; `_values` holds what was given for unlocked values, by the step's place in the editor."""

    def __init__(self, view: SolutionView, dry: bool) -> None:
        self._view, self._dry = view, dry
        self._values: dict[int, dict[str, Any]] = {}
        self._samples = fitting_samples(view.definition)
        self._sample = next(iter(self._samples), None) if dry else None

    def build(self) -> None:
        """Lay out the page."""
        definition = self._view.definition
        with theme.block("toolbar"):
            heading(definition.name, definition.description)
        step_chain([definition.steps[place].kind for place in effective_order(definition.steps)])
        with theme.block("run-form"):
            with theme.block("sheet crop run-document"):
                theme.text(_("Document"), "section-title", "h2")
                self._document()
            self._open_values()
        with theme.block("sheet run-start"):
            self._choice_of_dry_run()
            ui.space()
            self._start_button = theme.main_button(_("Start"), "play_arrow").on_click(self._start)
        self._show_ready()

    def _choice_of_dry_run(self) -> None:
        ui.switch(
            _("Dry run: show what each step would do and deliver nothing"),
            value=self._dry,
            on_change=lambda event: setattr(self, "_dry", event.value),
        )

    def _document(self) -> None:
        options = {"": _("My own file")} | {key: _(sample.title) for key, sample in self._samples.items()}
        self._drop: FileDrop
        if self._samples:
            choice = ui.select(options, value=self._sample or "", label=_("Use"), on_change=self._choose)
            choice.props("outlined dense options-dense").classes("document-choice")
        with theme.block("drop-holder") as self._drop_holder:
            self._drop = FileDrop(self._view.definition, self._show_ready)
        self._drop_holder.set_visibility(self._sample is None)

    def _choose(self, event: Any) -> None:
        self._sample = event.value or None
        self._drop_holder.set_visibility(self._sample is None)
        self._show_ready()

    def _show_ready(self) -> None:
        if hasattr(self, "_start_button"):
            self._start_button.set_enabled(self._is_ready())

    def _is_ready(self) -> bool:
        """Whether there is something to hand in."""
        return self._sample is not None or self._drop.file is not None

    def _open_values(self) -> None:
        """Each unlocked value, in plan order, with its preset (SC-112)."""
        definition = self._view.definition
        for place in effective_order(definition.steps):
            step = definition.steps[place]
            kind = step_kind(step.kind)
            unlocked = [name for name in kind.parameters.model_fields if name not in step.locked]
            if unlocked:
                with theme.block(f"sheet run-step {kind.step_class.value}"):
                    with theme.block("run-step-head"):
                        theme.icon(kind.icon).classes("step-icon")
                        theme.text(_(kind.title), "section-title", "h2")
                    ParameterForm(
                        kind.parameters,
                        kind.name,
                        step.parameters,
                        partial(self._give, place),
                        only=unlocked,
                    )

    def _give(self, place: int, name: str, value: Any) -> None:
        self._values.setdefault(place, {})[name] = value

    async def _start(self) -> None:
        self._start_button.disable()
        with faults_shown():
            self._follow(await self._hand_in())
            return
        self._start_button.enable()

    async def _hand_in(self) -> RunView:
        """Start the run with what was chosen."""
        if self._sample is not None:
            return await ask(_run_sample, self._view.id, self._sample, self._dry, self._values)
        dropped = self._drop.file
        assert dropped is not None, "the button is off without a file"
        hand_in = HandIn(dropped.path, dropped.name, ClientType.BROWSER, self._dry)
        return await ask(start_run, self._view.id, hand_in, self._values)

    def _follow(self, started: RunView) -> None:
        """Show how it goes on."""
        ui.navigate.to(f"/runs/{started.id}")


def _run_sample(actor: Actor, solution_id: str, sample: str, dry: bool, given: Overrides) -> RunView:
    """Make the sample and hand it in."""
    root = get_settings().scratch_folder
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix="sample-", dir=root))
    try:
        path = SAMPLES[sample].make(folder)
        return start_run(actor, solution_id, HandIn(path, path.name, ClientType.BROWSER, dry), given)
    finally:
        rmtree(folder)
