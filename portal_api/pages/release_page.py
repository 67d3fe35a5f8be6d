"""Releasing one's own jobs with the phone: at a chosen printer, or at the one whose code was scanned (PR-125, PR-224).

`/release?printer=SERIAL` is what the code of a small printer leads to: it takes one's turn there until it is ended.
"""

from typing import Literal

from nicegui import ui

from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.printing.evaluation import Changes
from domain.printing.states import BatchMode, BatchState
from domain.printing.views import JobView
from fleet.releasing.batches import ReleaseRequest, cancel_release, find_release, start_release
from fleet.releasing.mobile import MobileVisit, enter_printer, leave_printer, touch_printer
from fleet.releasing.panel import change_settings, delete_jobs, jobs_at_printer
from fleet.releasing.printers import ReleasePrinter, release_printers
from fleet.releasing.views import BatchView
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.words import _

LOOK_SECONDS = 0.5
WORDS = {
    BatchState.WAITING_CANCEL: N_("Printing begins in a moment."),
    BatchState.RUNNING: N_("Printing …"),
    BatchState.CANCELLED: N_("Cancelled. What was not printed is still in the queue."),
    BatchState.COMPLETED: N_("Everything was printed."),
    BatchState.COMPLETED_WITH_ERRORS: N_("Not everything was printed. It is still in the queue."),
}
SIDES = {"one-sided": N_("One side"), "two-sided-long-edge": N_("Both sides")}
COLORS = {"color": N_("Colour"), "monochrome": N_("Black and white")}


def printers_to_choose(actor: Actor, search: str) -> list[ReleasePrinter]:
    """Printers of the actor's organization."""
    with actor.session(read_only=True) as session:
        return release_printers(session, search)


@portal_page("/release", N_("Release at a printer"), Permission.PRINT_SUBMIT, "release")
async def release_at_printer(printer: str = "") -> None:
    """The page."""
    heading(_("Release at a printer"), _("Choose what to print while you stand at the printer."))
    await ReleasePanel(printer).build()


class ReleasePanel:
    """What is waiting, and how the release that was begun here is going."""

    def __init__(self, scanned: str) -> None:
        self._scanned = scanned
        self._visit: MobileVisit | None = None
        self._printer_id = ""
        self._jobs: list[JobView] = []
        self._chosen: set[str] = set()
        self._release: BatchView | None = None

    async def build(self) -> None:
        """Lay out the page; the list follows what happens."""
        if self._scanned:
            self._visit = await ask(enter_printer, self._scanned)
            self._printer_id = self._visit.printer.id
        self._jobs = await ask(jobs_at_printer)
        found = [] if self._visit else await ask(printers_to_choose, "")
        with theme.block("sheet settings", "section", aria_label=_("Printer")):
            self._where(found)
        self._sheet()
        ui.timer(LOOK_SECONDS, self._look)

    def _where(self, found: list[ReleasePrinter]) -> None:
        if self._visit is not None:
            theme.text(self._visit.printer.name, "section-title", "h2")
            theme.text(_("It is yours until you end the session, or do nothing for three minutes."), "muted")
            with theme.block("actions"):
                theme.plain_button(_("End the session"), "logout").on_click(self._leave)
            return
        names = {one.id: " · ".join(filter(None, (one.name, one.location, one.model))) for one in found}
        ui.select(names, label=_("Printer"), with_input=True, on_change=self._choose).props("outlined dense")

    def _choose(self, event: object) -> None:
        self._printer_id = str(getattr(event, "value", "") or "")

    @ui.refreshable_method
    def _sheet(self) -> None:
        if self._release is not None:
            self._progress(self._release)
        if not self._jobs:
            with theme.block("empty", role="status"):
                theme.icon("print")
                theme.text(_("Nothing waits to be printed."), "strong")
            return
        with theme.block("actions"):
            theme.main_button(_("Print what is chosen"), "print").on_click(lambda: self._print(BatchMode.SELECTED))
            theme.plain_button(_("Print all"), "print").on_click(lambda: self._print(BatchMode.ALL))
            theme.plain_button(_("Settings"), "tune").on_click(self._settings_dialog)
            theme.plain_button(_("Delete"), "delete").on_click(self._delete_dialog)
        with theme.block("records", role="list"):
            for job in self._jobs:
                self._job(job)

    def _job(self, job: JobView) -> None:
        with theme.block("record", role="listitem"):
            box = ui.checkbox(value=job.id in self._chosen)
            box.props["aria-label"] = _("Choose “{name}”", name=job.name)
            box.on_value_change(lambda event: self._tick(job.id, is_chosen=bool(event.value)))
            with theme.block("record-words"):
                theme.text(job.name, "strong clamp-one")
                theme.text(_("{count} pages", count=job.pages or 0), "muted")

    def _tick(self, job_id: str, *, is_chosen: bool) -> None:
        (self._chosen.add if is_chosen else self._chosen.discard)(job_id)

    def _progress(self, release: BatchView) -> None:
        with theme.block("sheet settings", "section", role="status", aria_label=_("Printing")):
            theme.text(_(WORDS[release.state]), "strong")
            for attempt in release.attempts:
                theme.text(f"{attempt.name}: {_('{count} sides', count=attempt.impressions)}", "muted")
                if problem := attempt.trouble or attempt.error:
                    theme.text(_(problem.message_template, **problem.facts), "hint")
                    theme.text(_(problem.remedy_template, **problem.facts), "muted")
            if not release.state.is_final:
                with theme.block("actions"):
                    theme.plain_button(_("Cancel"), "close").on_click(self._cancel)

    async def _print(self, mode: BatchMode) -> None:
        if not self._printer_id:
            tell(_("Choose a printer first."))
            return
        if mode is BatchMode.SELECTED and not self._chosen:
            tell(_("Choose at least one job."))
            return
        with faults_shown():
            await self._touch()
            origin = "mobile_panel" if self._visit else "portal"
            chosen = [job.id for job in self._jobs if job.id in self._chosen]
            request = ReleaseRequest(self._printer_id, mode, chosen, origin=origin)
            self._release = await ask(start_release, request)
            await self._again()

    async def _cancel(self) -> None:
        with faults_shown():
            if self._release is not None:
                self._release = await ask(cancel_release, self._release.id)
            self._sheet.refresh()

    async def _look(self) -> None:
        """Follow the release while it lasts."""
        if self._release is None or self._release.state.is_final:
            return
        with faults_shown():
            seen = await ask(find_release, self._release.id)
            if seen != self._release:
                self._release = seen
                await self._again()

    async def _again(self) -> None:
        self._jobs = await ask(jobs_at_printer)
        self._chosen &= {job.id for job in self._jobs}
        self._sheet.refresh()

    async def _touch(self) -> None:
        if self._visit is not None:
            await ask(touch_printer, self._visit.token)

    async def _leave(self) -> None:
        with faults_shown():
            if self._visit is not None:
                await ask(leave_printer, self._visit.token)
            ui.navigate.to("/print-queue")

    def _settings_dialog(self) -> None:
        if len(self._chosen) != 1:
            tell(_("Choose one job: settings are changed one job at a time."))
            return
        (job_id,) = self._chosen
        with ui.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Settings"), "dialog-title", "h2")
            copies = ui.number(_("Copies"), min=1, max=999, precision=0).props("outlined dense")
            sides = ui.select({key: _(word) for key, word in SIDES.items()}, label=_("Sides"), clearable=True)
            color = ui.select({key: _(word) for key, word in COLORS.items()}, label=_("Colour"), clearable=True)

            async def save() -> None:
                with faults_shown():
                    await self._touch()
                    count = int(copies.value) if copies.value else None
                    await ask(change_settings, job_id, _changes(count, sides.value, color.value))
                    dialog.close()
                    await self._again()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Save")).on_click(save)
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _delete_dialog(self) -> None:
        if not self._chosen:
            tell(_("Choose at least one job."))
            return
        with ui.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Delete {count} jobs?", count=len(self._chosen)), "dialog-title", "h2")
            theme.text(_("They are not printed, and cannot be brought back."))

            async def delete() -> None:
                with faults_shown():
                    await self._touch()
                    await ask(delete_jobs, sorted(self._chosen))
                    dialog.close()
                    await self._again()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Delete")).on_click(delete)
        dialog.on("hide", dialog.delete)
        dialog.open()


def _changes(
    copies: int | None,
    sides: Literal["one-sided", "two-sided-long-edge"] | None,
    color: Literal["color", "monochrome"] | None,
) -> Changes:
    return Changes(copies=copies, sides=sides, color_mode=color)
