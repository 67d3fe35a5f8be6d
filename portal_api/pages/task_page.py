"""One background task: how far it is, what came of it, and its log."""

from nicegui import events, ui
from nicegui.element import Element

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.tasks.service import TaskLineView, TaskView, get_task, task_lines
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, look_again, when
from portal_api.pages.widgets.run_steps import duration, error_card
from portal_api.pages.widgets.states import state_mark
from portal_api.pages.words import _, message_text

EVERY = 0.5
"""Seconds between two looks at a task in progress."""
LINES = 200
LOG_ICONS = {"info": "chevron_right", "warning": "warning", "error": "error"}


@portal_page("/tasks/{task_id}", N_("Task"), Permission.OWN_ACCOUNT, "tasks")
async def task_page(task_id: str) -> None:
    """The page of one task."""
    await TaskPage(await ask(get_task, task_id)).build()


class TaskPage:
    """One open task; a timer looks again until it has ended."""

    def __init__(self, task: TaskView) -> None:
        self._task = task
        self._last = 0
        self._problems_only = False

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(message_text(self._task.title), self._task.starter)
            ui.space()
            theme.plain_button(_("Download the log"), "download").props(f'href="/api/v1/tasks/{self._task.id}/log"')
        self._status()
        with theme.block("sheet task-log", "section", aria_label=_("Log")):
            with theme.block("filters"):
                theme.text(_("Log"), "section-title", "h2")
                ui.space()
                ui.switch(_("Problems only"), on_change=self._choose)
            self._log = theme.box("log long", "ol", role="log", tabindex="0", aria_label=_("Log"))
            self._more = theme.plain_button(_("Show more"), "expand_more").on_click(self._next)
        await self._next()
        self._timer = ui.timer(EVERY, self._look, active=not self._task.state.is_final)

    async def _look(self) -> None:
        with faults_shown():
            before, self._task = self._task, await look_again(get_task, self._task.id)
            if self._task != before:
                self._status.refresh()
            if not self._more.visible:
                await self._next()
            if self._task.state.is_final:
                self._timer.deactivate()
            return
        self._timer.deactivate()

    async def _choose(self, event: events.ValueChangeEventArguments[bool | None]) -> None:
        self._problems_only, self._last = bool(event.value), 0
        self._log.clear()
        await self._next()

    async def _next(self) -> None:
        """The lines after those shown: a log that grows while one watches is read on, a long one page by page."""
        with faults_shown():
            found = await look_again(
                task_lines, self._task.id, self._last, LINES + 1, problems_only=self._problems_only
            )
            for line in found[:LINES]:
                self._last = line.id
                _line(self._log, line)
            self._more.set_visibility(len(found) > LINES)

    @ui.refreshable_method
    def _status(self) -> None:
        task = self._task
        with theme.block("run-status", role="status"):
            state_mark(task.state)
            theme.text(when(task.created), "ticket")
            theme.text(duration(task.started, task.finished), "ticket")
            if task.total:
                theme.text(_("{done} of {total}", done=task.done, total=task.total), "ticket")
        if not task.state.is_final:
            bar = ui.linear_progress(task.done / task.total if task.total else 0, show_value=False, size="6px")
            bar.props("rounded" if task.total else "rounded indeterminate").props["aria-label"] = _("Progress")
        if task.summary is not None:
            theme.text(message_text(task.summary), "strong", "p")
        if task.error is not None:
            error_card(task.error)


def _line(log: Element, line: TaskLineView) -> None:
    with log, theme.block(f"log-line {line.level}", "li"):
        theme.icon(LOG_ICONS.get(line.level, "chevron_right"))
        theme.text(_("Row {number}:", number=line.number) if line.number else "", "ticket")
        theme.text(message_text(line.message))
