"""One's jobs that wait, and how the release that was begun here is going: choose, print, settings, delete (PR-224)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from nicegui import ui

from connectors.messages import N_
from domain.printing.changes import closed_settings
from domain.printing.evaluation import Changes
from domain.printing.states import BatchMode, BatchState
from domain.printing.views import JobView
from fleet.releasing.batches import ReleaseRequest, cancel_release, find_release, start_release
from fleet.releasing.panel import change_settings, delete_jobs, jobs_at_printer
from fleet.releasing.views import BatchView
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, look_again, tell
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.keyed_rows import KeyedRows
from portal_api.pages.words import _

LOOK_SECONDS, LIST_SECONDS = 0.5, 3.0
WORDS = {
    BatchState.WAITING_CANCEL: N_("Printing begins in a moment."),
    BatchState.RUNNING: N_("Printing …"),
    BatchState.CANCELLED: N_("Cancelled. What was not printed is still in the queue."),
    BatchState.COMPLETED: N_("Everything was printed."),
    BatchState.COMPLETED_WITH_ERRORS: N_("Not everything was printed. It is still in the queue."),
}
SIDES = {"one-sided": N_("One side"), "two-sided-long-edge": N_("Both sides")}
COLORS = {"color": N_("Colour"), "monochrome": N_("Black and white")}


class OwnJobs:
    """The list. `printer` is where to print, empty while none is chosen; `origin` is recorded with the release.

    `used` is awaited before anything is done; `printed` is called once everything was printed.
    """

    def __init__(
        self,
        printer: Callable[[], str],
        origin: str,
        used: Callable[[], Awaitable[None]] | None = None,
        printed: Callable[[], None] | None = None,
    ) -> None:
        self._printer, self._origin, self._used, self._printed = printer, origin, used, printed
        self._jobs: list[JobView] = []
        self._chosen: set[str] = set()
        self._release: BatchView | None = None

    async def build(self) -> None:
        """Lay it out; the list follows what happens, and what the person is using there stays as it is."""
        self._lay_out()
        self._show(await ask(jobs_at_printer))
        ui.timer(LOOK_SECONDS, self._look)
        ui.timer(LIST_SECONDS, self._look_at_list)

    async def load(self) -> None:
        """Show what waits now."""
        self._show(await ask(jobs_at_printer))

    def _lay_out(self) -> None:
        with theme.block("sheet settings", "section", role="status", aria_label=_("Printing")) as self._progress:
            self._progress_words = theme.box()
            with theme.block("actions") as self._while_printing:
                theme.plain_button(_("Cancel"), "close").on_click(self._cancel)
        with theme.block("empty", role="status") as self._nothing:
            theme.icon("print")
            theme.text(_("Nothing waits to be printed."), "strong")
        with theme.block("actions") as self._actions:
            theme.main_button(_("Print what is chosen"), "print").on_click(lambda: self._print(BatchMode.SELECTED))
            theme.plain_button(_("Print all"), "print").on_click(lambda: self._print(BatchMode.ALL))
            theme.plain_button(_("Settings"), "tune").on_click(self._settings_dialog)
            theme.plain_button(_("Delete"), "delete").on_click(self._ask_before_deleting)
        records = theme.box("records", role="list")
        self._rows = KeyedRows[JobView, _OwnRow](records, lambda job: job.id, lambda job: _OwnRow(job, self.tick))
        self._show_progress()

    def _show(self, jobs: list[JobView]) -> None:
        self._jobs = jobs
        self._chosen &= {job.id for job in jobs}
        self._rows.show(jobs)
        self._nothing.set_visibility(not jobs)
        self._actions.set_visibility(bool(jobs))

    def tick(self, job_id: str, *, is_chosen: bool) -> None:
        """Somebody has chosen a job, or not any more."""
        (self._chosen.add if is_chosen else self._chosen.discard)(job_id)

    def _show_progress(self) -> None:
        release = self._release
        self._progress.set_visibility(release is not None)
        if release is None:
            return
        self._while_printing.set_visibility(not release.state.is_final)
        self._progress_words.clear()
        with self._progress_words:
            theme.text(_(WORDS[release.state]), "strong", "p")
            for attempt in release.attempts:
                theme.text(f"{attempt.name}: {_('{count} sides', count=attempt.impressions)}", "muted", "p")
                if problem := attempt.trouble or attempt.error:
                    theme.text(_(problem.message_template, **problem.facts), "hint", "p")
                    theme.text(_(problem.remedy_template, **problem.facts), "muted", "p")

    async def _print(self, mode: BatchMode) -> None:
        if not self._printer():
            tell(_("Choose a printer first."))
            return
        if mode is BatchMode.SELECTED and not self._chosen:
            tell(_("Choose at least one job."))
            return
        with faults_shown():
            await self._use()
            chosen = [job.id for job in self._jobs if job.id in self._chosen]
            request = ReleaseRequest(self._printer(), mode, chosen, origin=self._origin)
            self._release = await ask(start_release, request)
            self._show_progress()
            await self.load()

    async def _cancel(self) -> None:
        with faults_shown():
            if self._release is not None:
                self._release = await ask(cancel_release, self._release.id)
            self._show_progress()

    async def _look(self) -> None:
        """Follow the release while it lasts; completed jobs leave the list by themselves (MOB-6)."""
        if self._release is None or self._release.state.is_final:
            return
        with faults_shown():
            seen = await ask(find_release, self._release.id)
            if seen == self._release:
                return
            self._release = seen
            self._show_progress()
            await self.load()
            if seen.state is BatchState.COMPLETED and self._printed is not None:
                self._printed()

    async def _look_at_list(self) -> None:
        """What was printed to the queue meanwhile appears by itself."""
        with faults_shown():
            self._show(await look_again(jobs_at_printer))

    async def _use(self) -> None:
        if self._used is not None:
            await self._used()

    async def _settings_dialog(self) -> None:
        """Of one job, with what holds for it now; what cannot be changed is disabled (PR-27, PR-110, PR-132)."""
        chosen = [job for job in self._jobs if job.id in self._chosen]
        if len(chosen) != 1:
            tell(_("Choose one job: settings are changed one job at a time."))
            return
        (job,) = chosen
        closed = await ask(closed_settings, job)
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Settings"), "dialog-title", "h2")
            copies = ui.number(_("Copies"), value=job.ticket.copies or 1, min=1, max=999, precision=0)
            copies.props("outlined dense").set_enabled("copies" not in closed)
            sides = _choice(_("Sides"), SIDES, job.ticket.sides)
            color = _choice(_("Colour"), COLORS, job.ticket.color_mode)
            color.set_enabled("color_mode" not in closed)

            async def save() -> None:
                with faults_shown():
                    await self._use()
                    count = int(copies.value) if copies.value else None
                    count = None if count == (job.ticket.copies or 1) else count
                    await ask(change_settings, job.id, _changes(count, sides.value, color.value))
                    dialog.close()
                    await self.load()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Save")).on_click(save)
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _ask_before_deleting(self) -> None:
        if not self._chosen:
            tell(_("Choose at least one job."))
            return
        texts = (_("They are not printed, and cannot be brought back."),)
        confirm(_("Delete {count} jobs?", count=len(self._chosen)), texts, _("Delete"), self._delete)

    async def _delete(self) -> None:
        with faults_shown():
            await self._use()
            await ask(delete_jobs, sorted(self._chosen))
            await self.load()


class _OwnRow:
    """The row of one job."""

    def __init__(self, job: JobView, tick: Callable[..., None]) -> None:
        with theme.block("record", role="listitem") as self.element:
            box = ui.checkbox(on_change=lambda event: tick(job.id, is_chosen=bool(event.value)))
            box.props["aria-label"] = _("Choose “{name}”", name=job.name)
            with theme.block("record-words"):
                theme.text(job.name, "strong clamp-one")
                self._pages = theme.text("", "muted")
        self.show(job)

    def show(self, job: JobView) -> None:
        """As it is now."""
        self._pages.set_text(_("{count} pages", count=job.pages or 0))


def _choice(title: str, titles: Mapping[str, str], value: str | None) -> ui.select:
    """One of the values; none is chosen where the job leaves it to the printer, or has another one."""
    options = {key: _(word) for key, word in titles.items()}
    return ui.select(options, value=value if value in options else None, label=title, clearable=True)


def _changes(
    copies: int | None,
    sides: Literal["one-sided", "two-sided-long-edge"] | None,
    color: Literal["color", "monochrome"] | None,
) -> Changes:
    return Changes(copies=copies, sides=sides, color_mode=color)
