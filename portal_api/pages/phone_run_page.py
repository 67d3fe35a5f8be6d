"""Running a solution with the phone at a printer: a file of the phone or a scan with its camera (SC-120…SC-128)."""

from nicegui import ui

from connectors.messages import N_
from domain.camera_scans.handing_in import pdf_name
from domain.camera_scans.service import CameraScanView, camera_scan
from domain.organizations.permissions import Permission
from domain.runs.models import RunState
from domain.runs.planning import check_permitted
from domain.runs.service import get_run
from domain.runs.views import RunDetails, RunView
from domain.solutions.service import SolutionView, get_solution
from fleet.phones.solutions import run_at_printer, run_scan_at_printer
from portal_api.pages import theme
from portal_api.pages.frame import PHONE, portal_page
from portal_api.pages.run_form import RunForm
from portal_api.pages.scan_pictures import picture_address
from portal_api.pages.visit import ask, faults_shown, look_again, visitor, when
from portal_api.pages.widgets.file_drop import FileDrop
from portal_api.pages.widgets.phone_turn import PhoneTurn, no_turn, open_turn, prompt_to_end, turn_ended
from portal_api.pages.widgets.run_steps import RunSteps, error_card
from portal_api.pages.widgets.states import state_mark
from portal_api.pages.words import _
from steps.contract import Surface

EVERY = 0.5
"""Seconds between two looks at the run."""


@portal_page("/phone/solutions/{solution_id}", N_("Run"), Permission.SOLUTIONS_RUN, PHONE)
async def run_with_phone(solution_id: str, scan: str = "") -> None:
    """The page; with a `scan`, the pages photographed are the original."""
    view = await ask(get_solution, solution_id)
    check_permitted(view.definition, visitor(), Surface.PRINTER)
    turn = await open_turn()
    if isinstance(turn, PhoneTurn):
        PhoneRun(view, turn, await ask(camera_scan, scan) if scan else None).build()
    else:
        no_turn(turn)


class PhoneRun(RunForm):
    """The form of a run at the printer, and then how the run goes."""

    def __init__(self, view: SolutionView, turn: PhoneTurn, scan: CameraScanView | None) -> None:
        super().__init__(view, dry=False)
        self._turn, self._scan = turn, scan

    def build(self) -> None:
        """Lay out the page."""
        with theme.block("phone") as self._whole:
            self._turn.build(lambda: turn_ended(self._whole))
            theme.plain_button(_("All solutions"), "arrow_back").props("href=/phone?tab=solutions flat")
            with theme.block("phone-form") as self._form:
                super().build()

    def _document(self) -> None:
        if self._scan is not None:
            self._scanned(self._scan)
            return
        with theme.block("drop-holder"):
            self._drop = FileDrop(self._view.definition, self._show_ready)
        theme.plain_button(_("Scan with the camera"), "photo_camera").props("href=/phone/scan")

    def _scanned(self, scan: CameraScanView) -> None:
        with theme.block("scan-strip", role="img", aria_label=_("{count} pages", count=len(scan.pages))):
            for page in scan.pages:
                theme.box("", "img", src=picture_address(scan.id, page.id, page.version), alt="", loading="lazy")
        self._name = ui.input(_("File name"), value=_("Scan {time}", time=when(scan.created))).props("outlined dense")
        theme.plain_button(_("Back to the pages"), "arrow_back").props(f"href=/phone/scan?scan={scan.id} flat")

    def _is_ready(self) -> bool:
        return bool(self._scan.pages) if self._scan is not None else super()._is_ready()

    def _choice_of_dry_run(self) -> None:
        """At a printer there is none."""

    async def _hand_in(self) -> RunView:
        if self._scan is not None:
            name = pdf_name(self._name.value or "")
            return await ask(run_scan_at_printer, self._turn.visit, self._view.id, self._scan.id, name, self._values)
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
