"""The jobs of a print queue: search, order, page after page, actions on those chosen; what moves is looked at again."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from nicegui import ui

from connectors.messages import N_
from domain.printing.changes import delete_jobs
from domain.printing.queue import REFUSED, QueueFilter, QueueSort, key_of_job, list_queue
from domain.printing.states import AT_PRINTER, INCOMING, SOURCE_TITLES, TITLES, JobState
from domain.printing.views import JobView
from domain.texts.catalogue import translate
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, look_again, show_fault, tell, when
from portal_api.pages.widgets.confirmation import confirm
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
        self._jobs = await self._read(ask)
        self._bar()
        self._rows()
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
        """Look again by itself: a new job appears, a moving one moves. Very long lists are left alone."""
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

    def _show(self, jobs: Sequence[JobView]) -> None:
        if jobs == self._jobs:
            return
        self._jobs = jobs
        self._chosen &= {job.id for job in jobs}
        self._bar.refresh()
        self._rows.refresh()

    @ui.refreshable_method
    def _bar(self) -> None:
        if not self._chosen:
            return
        with theme.block("chosen-bar", role="status"):
            theme.text(_("{count} chosen", count=len(self._chosen)), "strong")
            ui.space()
            theme.plain_button(_("Choose none")).on_click(self._choose_none)
            theme.plain_button(_("Delete"), "delete").on_click(lambda: self._confirm(sorted(self._chosen)))

    @ui.refreshable_method
    def _rows(self) -> None:
        if not self._jobs:
            with theme.block("empty", role="status"):
                theme.icon("print")
                if self._filter.search.strip():
                    theme.text(_("No job has these words in its name or description."), "muted")
                else:
                    theme.text(_("Nothing waits to be printed."), "strong")
                    theme.text(_("What is uploaded or printed to the queue waits here until it is released."), "muted")
            return
        with theme.block("records", role="list"):
            for job in self._jobs:
                self._row(job)
        if not self._is_last:
            theme.plain_button(_("Show more"), "expand_more").on_click(self._more)

    def _row(self, job: JobView) -> None:
        with theme.block("record print-job-row", role="listitem"):
            box = ui.checkbox(
                value=job.id in self._chosen, on_change=lambda event: self._tick(job.id, is_chosen=bool(event.value))
            )
            box.props["aria-label"] = _("Choose “{name}”", name=job.name)
            box.set_enabled(job.state not in AT_PRINTER)
            _picture(job)
            with theme.block("record-words"):
                theme.text(job.name, "strong clamp-one")
                if job.description:
                    theme.text(job.description, "hint clamp-one")
                if job.reason is not None:
                    _reason(job)
                theme.text(f"{_(SOURCE_TITLES[job.source])} · {summary(job)}", "ticket")
            _state(job)
            with theme.block("record-when wide"):
                theme.text(when(job.submitted), "ticket")
                if job.expires_at is not None and job.state not in REFUSED:
                    theme.text(_("expires {moment}", moment=when(job.expires_at)), "ticket")
            with theme.block("record-buttons"):
                if job.state not in REFUSED:
                    theme.icon_button("tune", _("Settings of “{name}”", name=job.name)).on_click(
                        lambda: job_dialog(job, self.load)
                    )
                if job.state not in AT_PRINTER:
                    theme.icon_button("delete", _("Delete “{name}”", name=job.name)).on_click(
                        lambda: self._confirm([job.id])
                    )

    def _tick(self, job_id: str, *, is_chosen: bool) -> None:
        (self._chosen.add if is_chosen else self._chosen.discard)(job_id)
        self._bar.refresh()

    def _choose_none(self) -> None:
        self._chosen.clear()
        self._bar.refresh()
        self._rows.refresh()

    def _confirm(self, ids: list[str]) -> None:
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


def _picture(job: JobView) -> None:
    if job.preview is None:
        with theme.block("print-thumb", aria_hidden="true"):
            theme.icon("hourglass_top" if job.state in INCOMING else "description")
        return
    with theme.block("print-thumb"):
        picture = theme.box("", "img", alt="", loading="lazy")
        picture.props["src"] = f"/api/v1/print-jobs/{job.id}/preview"


def _state(job: JobView) -> None:
    kind = "bad" if job.state in REFUSED else KINDS.get(job.state, "")
    theme.chip(_(TITLES[job.state]), kind)


def _reason(job: JobView) -> None:
    assert job.reason is not None
    message = translate(job.reason.message_template, spoken(), **job.reason.facts)
    remedy = translate(job.reason.remedy_template, spoken(), **job.reason.facts)
    theme.text(f"{message} {remedy}", "complaint")
