"""Running a solution with the phone at a printer: a file of the phone or a scan with its camera (SC-120…SC-128)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.runs.models import RunState
from domain.runs.planning import check_permitted
from domain.runs.service import get_run
from domain.runs.views import RunDetails, RunView
from domain.solutions.service import SolutionView, get_solution
from fleet.phones.solutions import run_at_printer
from portal_api.pages import theme
from portal_api.pages.frame import PHONE, portal_page
from portal_api.pages.run_form import RunForm
from portal_api.pages.visit import ask, faults_shown, look_again, visitor
from portal_api.pages.widgets.file_drop import FileDrop
from portal_api.pages.widgets.phone_turn import PhoneTurn, no_turn, open_turn, prompt_to_end, turn_ended
from portal_api.pages.widgets.run_steps import RunSteps, error_card
from portal_api.pages.widgets.states import state_mark
from portal_api.pages.words import _
from steps.contract import Surface

EVERY = 0.5
"""Seconds between two looks at the run."""


@portal_page("/phone/solutions/{solution_id}", N_("Run"), Permission.SOLUTIONS_RUN, PHONE)
async def run_with_phone(solution_id: str) -> None:
    """The page."""
    view = await ask(get_solution, solution_id)
    check_permitted(view.definition, visitor(), Surface.PRINTER)
    turn = await open_turn()
    if isinstance(turn, PhoneTurn):
        PhoneRun(view, turn).build()
    else:
        no_turn(turn)


class PhoneRun(RunForm):
    """The form of a run at the printer, and then how the run goes."""

    def __init__(self, view: SolutionView, turn: PhoneTurn) -> None:
        super().__init__(view, dry=False)
        self._turn = turn

    def build(self) -> None:
        """Lay out the page."""
        with theme.block("phone") as self._whole:
            self._turn.build(lambda: turn_ended(self._whole))
            theme.plain_button(_("All solutions"), "arrow_back").props("href=/phone?tab=solutions flat")
            with theme.block("phone-form") as self._form:
                super().build()

    def _document(self) -> None:
        with theme.block("drop-holder"):
            self._drop = FileDrop(self._view.definition, self._show_ready)

    def _choice_of_dry_run(self) -> None:
        """At a printer there is none."""

    async def _hand_in(self) -> RunView:
        dropped = self._drop.file
        assert dropped is not None, "the button is off without a file"
        return await ask(run_at_printer, self._turn.visit, self._view.id, dropped.path, dropped.name, self._values)

    def _follow(self, started: RunView) -> None:
        self._form.clear()
        with self._form:
            RunWatch(started).build()


class RunWatch:
    """A run as it goes; it goes on when the page is left."""

    def __init__(self, run: RunView) -> None:
        self._run = run

    def build(self) -> None:
        """Lay it out."""
        theme.text(self._run.solution_name, "", "h2")
        self._state(None)
        self._steps = RunSteps(self._run.plan)
        theme.text(_("You may leave: the run goes on. You find it under Runs in the portal."), "hint")
        self._timer = ui.timer(EVERY, self._look)

    @ui.refreshable_method
    def _state(self, details: RunDetails | None) -> None:
        run = details.run if details else self._run
        with theme.block("run-status", role="status"):
            state_mark(run.state)
            theme.text(run.original.name, "hint clamp-one")
        if run.error is not None:
            error_card(run.error)

    async def _look(self) -> None:
        with faults_shown():
            details = await look_again(get_run, self._run.id)
            if details.run != self._run:
                self._run = details.run
                self._state.refresh(details)
            self._steps.update(details)
            if not details.run.state.is_final:
                return
            if details.run.state is RunState.COMPLETED:
                prompt_to_end(_("“{name}” is done.", name=details.run.solution_name))
        self._timer.cancel()
