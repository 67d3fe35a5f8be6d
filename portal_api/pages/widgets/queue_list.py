"""The jobs of a print queue: search, order, page after page, actions on those chosen; what moves is looked at again."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from nicegui import ui

from connectors.messages import N_
from domain.printing.changes import delete_jobs
from domain.printing.queue import list_queue
from domain.printing.queue_pages import REFUSED, QueueFilter, QueueSort, key_of_job
from domain.printing.states import AT_PRINTER, INCOMING, SOURCE_TITLES, TITLES, JobState
from domain.printing.views import JobView
from domain.recorded_errors import ErrorView
from domain.texts.catalogue import translate
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, look_again, show_fault, tell, when
from portal_api.pages.widgets.chosen_bar import ChosenBar
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.keyed_rows import KeyedRows
from portal_api.pages.widgets.queue_dialogs import job_dialog, summary
from portal_api.pages.words import _, spoken

PAGE_SIZE = 25
MOST_LOOKED_AT = 200
LOOK_SECONDS = 2.0
SORTS = {
    QueueSort.SUBMITTED: N_("Time"),
    QueueSort.NAME: N_("Name"),
    QueueSort.PAGES: N_("Pages"),
    QueueSort.SIZE: N_("Size"),
    QueueSort.EXPIRES: N_("Expiry"),
}
KINDS = {JobState.HELD: "good", JobState.KEPT: "good", JobState.STOPPED: "dry"}
"""Colours of the states; what is on its way has none."""


class QueueList:
    """The open list of one person's queue."""

    def __init__(self, user_id: str) -> None:
        self._filter = QueueFilter(user_id)
        self._jobs: Sequence[JobView] = ()
        self._shown, self._is_last = PAGE_SIZE, True
        self._chosen: set[str] = set()

    async def build(self) -> None:
        """Lay out search, actions and rows."""
        with theme.block("filters", role="search"):
            search = ui.input(_("Search"), on_change=lambda event: self.choose(search=event.value or ""))
            search.props("outlined dense clearable debounce=250 maxlength=255").classes("search")
            orders = {sort.value: _(title) for sort, title in SORTS.items()}
            order = ui.select(orders, value=self._filter.sort.value, label=_("Order by"), on_change=self._order)
            order.props("outlined dense options-dense")
        self._lay_out()
        self._show(await self._read(ask))
        ui.timer(LOOK_SECONDS, self._look)

    async def load(self) -> None:
        """Show what is there now."""
        with faults_shown():
            self._show(await self._read(ask))

    async def choose(self, **changed: Any) -> None:
        """Show what another filter lets through, from the first page on."""
        self._filter, self._shown = replace(self._filter, **changed), PAGE_SIZE
        await self.load()

    async def _order(self, event: Any) -> None:
        await self.choose(sort=QueueSort(event.value))

    async def _more(self) -> None:
        self._shown += PAGE_SIZE
        await self.load()

    async def _look(self) -> None:
        """Look again by itself: a new job appears, a moving one moves, and what is in use stays as it is.

        Very long lists are left alone.
        """
        if self._shown <= MOST_LOOKED_AT:
            with faults_shown():
                self._show(await self._read(look_again))

    async def _read(self, way: Any) -> Sequence[JobView]:
        found: list[JobView] = []
        chosen = replace(self._filter, after=None, limit=min(self._shown + 1, MOST_LOOKED_AT))
        while page := await way(list_queue, chosen):
            found += page
            if len(page) < chosen.limit or len(found) > self._shown:
                break
            chosen = replace(chosen, after=key_of_job(page[-1], chosen.sort))
        self._is_last = len(found) <= self._shown
        return found[: self._shown]

    def _lay_out(self) -> None:
        self._bar = ChosenBar()
        with self._bar.actions(self._choose_none):
            theme.plain_button(_("Delete"), "delete").on_click(lambda: self.confirm(sorted(self._chosen)))
        with theme.block("empty", role="status") as self._nothing:
            theme.icon("print")
            self._why = theme.text("", "strong")
            self._hint = theme.text(
                _("What is uploaded or printed to the queue waits here until it is released."), "muted"
            )
        self._records = theme.box("records", role="list")
        self._rows = KeyedRows[JobView, _JobRow](self._records, lambda job: job.id, lambda job: _JobRow(job, self))
        self._more_button = theme.plain_button(_("Show more"), "expand_more").on_click(self._more)

    def _show(self, jobs: Sequence[JobView]) -> None:
        """Rows of jobs that have not changed stay as they are, with everything that is open or being pressed there."""
        self._jobs = jobs
        self._chosen &= {job.id for job in jobs}
        self._rows.show(jobs)
        self._records.set_visibility(bool(jobs))
        self._nothing.set_visibility(not jobs)
        is_search = bool(self._filter.search.strip())
        nothing = _("No job has these words in its name or description.") if is_search else ""
        self._why.set_text(nothing or _("Nothing waits to be printed."))
        self._hint.set_visibility(not is_search)
        self._more_button.set_visibility(not self._is_last)
        self._bar.show(len(self._chosen))

    def tick(self, job_id: str, *, is_chosen: bool) -> None:
        """Somebody has chosen a job, or not any more."""
        (self._chosen.add if is_chosen else self._chosen.discard)(job_id)
        self._bar.show(len(self._chosen))

    def _choose_none(self) -> None:
        for row in self._rows.rows:
            row.choose(is_chosen=False)

    def confirm(self, ids: list[str]) -> None:
        """Ask before these are deleted."""
        names = [job.name for job in self._jobs if job.id in ids]

        async def delete() -> None:
            with faults_shown():
                results = await ask(delete_jobs, ids)
                for result in results:
                    if result.error is not None:
                        show_fault(result.error)
                deleted = sum(result.error is None for result in results)
                if deleted:
                    tell(_("Deleted: {count}", count=deleted))
            await self.load()

        title = _("Delete this job?") if len(ids) == 1 else _("Delete {count} jobs?", count=len(ids))
        shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
        confirm(title, (shown, _("Their content is deleted at once and cannot be brought back.")), _("Delete"), delete)


class _JobRow:
    """The row of one job."""

    def __init__(self, job: JobView, page: QueueList) -> None:
        self._job = job
        with theme.block("record print-job-row", role="listitem") as self.element:
            self._box = ui.checkbox(on_change=lambda event: page.tick(job.id, is_chosen=bool(event.value)))
            self._box.props["aria-label"] = _("Choose “{name}”", name=job.name)
            self._picture = theme.box("print-thumb")
            self._words = theme.box("record-words")
            self._state = theme.text("", "slip")
            self._when = theme.box("record-when wide")
            with theme.block("record-buttons"):
                self._settings = theme.icon_button("tune", _("Settings of “{name}”", name=job.name))
                self._settings.on_click(lambda: job_dialog(self._job, page.load))
                self._delete = theme.icon_button("delete", _("Delete “{name}”", name=job.name))
                self._delete.on_click(lambda: page.confirm([job.id]))
        self._lay_out_picture()
        self._show_rest()

    def show(self, job: JobView) -> None:
        """As it is now."""
        before, self._job = self._job, job
        if _thumb(before) != _thumb(job):
            self._lay_out_picture()
        self._show_rest()

    def choose(self, *, is_chosen: bool) -> None:
        """Tick it, or not any more."""
        self._box.set_value(is_chosen)

    def _show_rest(self) -> None:
        job, is_free = self._job, self._job.state not in AT_PRINTER
        self._box.set_enabled(is_free)
        if not is_free:
            self.choose(is_chosen=False)
        self._settings.set_visibility(job.state not in REFUSED)
        self._delete.set_visibility(is_free)
        kind = "bad" if job.state in REFUSED else KINDS.get(job.state, "")
        self._state.set_text(_(TITLES[job.state]))
        self._state.classes(replace=f"slip {kind}".strip())
        self._words.clear()
        with self._words:
            theme.text(job.name, "strong clamp-one")
            if job.description:
                theme.text(job.description, "hint clamp-one")
            if job.reason is not None:
                _reason(job.reason)
            theme.text(f"{_(SOURCE_TITLES[job.source])} · {summary(job)}", "ticket")
        self._when.clear()
        with self._when:
            theme.text(when(job.submitted), "ticket")
            if job.expires_at is not None and job.state not in REFUSED:
                theme.text(_("expires {moment}", moment=when(job.expires_at)), "ticket")

    def _lay_out_picture(self) -> None:
        self._picture.clear()
        with self._picture:
            if thumb := _thumb(self._job):
                theme.icon(thumb)
            else:
                picture = theme.box("", "img", alt="", loading="lazy")
                picture.props["src"] = f"/api/v1/print-jobs/{self._job.id}/preview"


def _thumb(job: JobView) -> str:
    """The symbol that stands for a job without a picture; empty where there is one."""
    if job.preview is not None:
        return ""
    return "hourglass_top" if job.state in INCOMING else "description"


def _reason(reason: ErrorView) -> None:
    message = translate(reason.message_template, spoken(), **reason.facts)
    remedy = translate(reason.remedy_template, spoken(), **reason.facts)
    theme.text(f"{message} {remedy}", "complaint")
