"""One fleet task: live progress, jobs by status with their reasons, stopping, the CSV file (FL-482…FL-500)."""

from collections.abc import Sequence
from urllib.parse import urlencode

from nicegui import events, ui

from connectors.messages import N_, Message
from domain.organizations.permissions import Permission
from fleet.tasks.bulk import stop_bulk_task
from fleet.tasks.kinds import TaskKind
from fleet.tasks.listing import FleetTaskView, JobFilter, JobView, get_fleet_task, list_jobs, parts_of
from fleet.tasks.service import stop_jobs, stop_task
from fleet.tasks.status import JOB_TITLES, JobStatus
from portal_api.pages import theme
from portal_api.pages.fleet_task_list import progress_text, task_title
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, look_again, tell, when
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.run_steps import duration
from portal_api.pages.widgets.setting_names import item_title, result_text
from portal_api.pages.widgets.states import state_mark
from portal_api.pages.words import _, message_text

EVERY = 1.0
"""Seconds between two looks at a task that is not finished."""
PAGE_SIZE = 100
WITH_EVIDENCE = (TaskKind.CHECK_COMPLIANCE, TaskKind.ENFORCE_CONFIGURATION, TaskKind.DEPLOY_CONFIGURATION)
"""Tasks whose jobs keep what they found and changed, part by part."""


@portal_page("/fleet-tasks/{task_id}", N_("Fleet task"), Permission.FLEET_MANAGE, "fleet-tasks")
async def fleet_task(task_id: str) -> None:
    """The page of one task."""
    await FleetTaskPage(await ask(get_fleet_task, task_id)).build()


class FleetTaskPage:
    """One open task; a timer looks again until it has ended."""

    def __init__(self, task: FleetTaskView) -> None:
        self._task = task
        self._statuses: tuple[JobStatus, ...] = ()
        self._jobs: list[JobView] = []
        self._is_last = True
        self._parts: list[FleetTaskView] = []

    async def build(self) -> None:
        """Lay out the page."""
        self._parts = await ask(parts_of, self._task.id)
        with theme.block("toolbar"):
            heading(task_title(self._task), self._task.issuer)
            ui.space()
            self._buttons()
        self._status()
        self._part_list()
        with theme.block("sheet task-log", "section", aria_label=_("Results")):
            with theme.block("filters"):
                theme.text(_("Results"), "section-title", "h2")
                ui.space()
                options = {status.value: _(title) for status, title in JOB_TITLES.items()}
                chosen = ui.select(options, label=_("Status"), value=[], multiple=True, on_change=self._choose)
                chosen.props("outlined dense options-dense use-chips clearable").classes("with-chips wide-field")
            self._rows()
        self._take(await ask(list_jobs, self._task.id, self._job_filter()))
        self._rows.refresh()
        self._timer = ui.timer(EVERY, self._look, active=not self._task.status.is_final)

    def _job_filter(self) -> JobFilter:
        return JobFilter(self._statuses, limit=max(PAGE_SIZE, len(self._jobs)) + 1)

    def _take(self, found: list[JobView]) -> None:
        limit = max(PAGE_SIZE, len(self._jobs))
        self._is_last, self._jobs = len(found) <= limit, found[:limit]

    async def _look(self) -> None:
        with faults_shown():
            before, self._task = self._task, await look_again(get_fleet_task, self._task.id)
            if self._task != before:
                self._status.refresh()
                self._buttons.refresh()
                self._parts = await look_again(parts_of, self._task.id)
                self._part_list.refresh()
            jobs = self._jobs
            self._take(await look_again(list_jobs, self._task.id, self._job_filter()))
            if self._jobs != jobs:
                self._rows.refresh()
            if self._task.status.is_final:
                self._timer.deactivate()
            return
        self._timer.deactivate()

    async def _choose(self, event: events.ValueChangeEventArguments[list[str] | None]) -> None:
        self._statuses = tuple(JobStatus(value) for value in event.value or ())
        self._jobs = []
        with faults_shown():
            self._take(await ask(list_jobs, self._task.id, self._job_filter()))
        self._rows.refresh()
        self._buttons.refresh()

    async def _more(self) -> None:
        with faults_shown():
            after = self._jobs[-1].id
            found = await ask(list_jobs, self._task.id, JobFilter(self._statuses, after, PAGE_SIZE + 1))
            self._is_last = len(found) <= PAGE_SIZE
            self._jobs += found[:PAGE_SIZE]
            self._rows.refresh()

    @ui.refreshable_method
    def _buttons(self) -> None:
        query = urlencode([("status", status.value) for status in self._statuses])
        export = theme.plain_button(_("Export to CSV"), "download")
        export.props["href"] = f"/api/v1/fleet-tasks/{self._task.id}/export?{query}"
        if self._task.kind in WITH_EVIDENCE:
            evidence = theme.plain_button(_("Evidence"), "fact_check")
            evidence.props["href"] = f"/api/v1/compliance/evidence?task_id={self._task.id}"
        if self._task.is_stoppable:
            theme.plain_button(_("Stop"), "stop_circle").on_click(self._ask_to_stop)

    def _ask_to_stop(self) -> None:
        async def stop() -> None:
            with faults_shown():
                service = stop_bulk_task if self._task.is_bulk else stop_task
                count = await ask(service, self._task.id)
                tell(_("Jobs stopped: {count}", count=count))
                await self._look()

        text = _("What is pending is stopped. What is being carried out runs to its end.")
        confirm(_("Stop the task?"), (text,), _("Stop"), stop, icon="stop_circle")

    async def _stop_one(self, job: JobView) -> None:
        with faults_shown():
            await ask(stop_jobs, self._task.id, [job.id])
            await self._look()

    @ui.refreshable_method
    def _status(self) -> None:
        task = self._task
        with theme.block("run-status", role="status"):
            state_mark(task.status)
            theme.text(progress_text(task), "ticket")
            theme.text(when(task.created), "ticket")
            if task.finished:
                theme.text(duration(task.created, task.finished), "ticket")
            theme.text(_("Multiple organizations") if task.is_bulk else task.organization, "ticket")
        if task.licence_code:  # FL-411
            theme.text(_("Licence code: {code}", code=task.licence_code), "hint", "p")
        if task.starts or task.window_end:
            words = _(
                "Starts {start}; jobs may be started until {end}.", start=when(task.starts), end=when(task.window_end)
            )
            theme.text(words, "hint", "p")
        if not task.status.is_final:
            bar = ui.linear_progress(task.done / task.total if task.total else 0, show_value=False, size="6px")
            bar.props("rounded").props["aria-label"] = _("Progress")
        with theme.block("count-slips"):
            for status in JobStatus:
                if count := task.counts.get(status):
                    theme.chip(f"{_(JOB_TITLES[status])}: {count}", "quiet")

    @ui.refreshable_method
    def _part_list(self) -> None:
        if not self._parts:
            return
        with theme.block("sheet settings", "section", aria_label=_("Organizations")):
            theme.text(_("Organizations"), "section-title", "h2")
            with theme.block("records", role="list"):
                for part in self._parts:
                    with theme.block("record", role="listitem"):
                        state_mark(part.status)
                        with theme.block("record-words"):
                            theme.text(part.organization, "strong")
                            theme.text(progress_text(part), "hint")
                        theme.text(part.id, "ticket")

    @ui.refreshable_method
    def _rows(self) -> None:
        if not self._jobs:
            with theme.block("empty", role="status"):
                theme.icon("task_alt")
                theme.text(_("No job has such a status."), "muted")
            return
        with theme.block("jobs", role="list"):
            for job in self._jobs:
                self._row(job)
        if not self._is_last:
            theme.plain_button(_("Show more"), "expand_more").on_click(self._more)

    def _row(self, job: JobView) -> None:
        with theme.block("record job", role="listitem"):
            state_mark(job.status)
            with theme.block("record-words"):
                _subject(job)
                if job.organization:
                    theme.text(f"{job.organization} · {job.task_id}", "hint")
                _sentences([job.reason] if job.reason else [], "complaint")
                _sentences(job.warnings, "warning-text")
                _sentences(job.remarks, "hint")
                for part in job.components:
                    text = message_text(part.message) if part.message else _(JOB_TITLES[JobStatus(part.outcome.value)])
                    theme.text(f"{item_title(_(part.name))}: {text}", "hint")
            with theme.block("record-when"):
                theme.text(when(job.finished or job.delivered or job.created), "ticket")
                if job.status is JobStatus.PENDING and self._task.is_stoppable and not self._task.is_bulk:
                    stop = theme.icon_button("stop_circle", _("Stop the job of {name}", name=job.subject))
                    stop.on_click(lambda: self._stop_one(job))


def _subject(job: JobView) -> None:
    if not job.printer_id or job.organization:
        theme.text(job.subject, "strong")
        return
    with theme.block("plain-link", "a", href=f"/printers/{job.printer_id}"):
        theme.text(job.subject, "strong")


def _sentences(messages: Sequence[Message], look: str) -> None:
    for message in messages:
        theme.text(result_text(message), look)
