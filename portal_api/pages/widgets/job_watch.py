"""Watching the one job of a task from where it was started, until it has ended."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from fleet.tasks.listing import JobView, list_jobs
from portal_api.pages import theme
from portal_api.pages.visit import faults_shown, look_again
from portal_api.pages.widgets.states import state_mark
from portal_api.pages.words import _, message_text

EVERY = 1.0
"""Seconds between two looks."""
Ended = Callable[[JobView], Awaitable[None]]


class JobWatch:
    """The state of the job as it is now; `ended` is called once, with the job as it ended."""

    def __init__(self, task_id: str, ended: Ended | None = None) -> None:
        self._task_id, self._ended = task_id, ended
        self._job: JobView | None = None

    def build(self) -> None:
        """Lay it out and begin to look."""
        self._state()
        self._timer = ui.timer(EVERY, self._look)

    async def _look(self) -> None:
        with faults_shown():
            (job,) = await look_again(list_jobs, self._task_id)
            if job == self._job:
                return
            self._job = job
            self._state.refresh()
            if not job.status.is_final:
                return
            self._timer.deactivate()
            if self._ended is not None:
                await self._ended(job)
            return
        self._timer.deactivate()

    @ui.refreshable_method
    def _state(self) -> None:
        if self._job is None:
            return
        with theme.block("job-state", role="status"):
            with theme.block("plain-link", "a", href=f"/fleet-tasks/{self._task_id}"):
                state_mark(self._job.status)
            if self._job.reason:
                theme.text(message_text(self._job.reason), "complaint")
            for message in (*self._job.warnings, *self._job.remarks):
                theme.text(message_text(message), "hint")
            if not self._job.status.is_final:
                theme.text(
                    _("The agent carries it out as soon as it can; it goes on when this window is closed."), "hint"
                )
