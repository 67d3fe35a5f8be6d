"""The background tasks of the organization, with what they are at."""

from dataclasses import replace

from nicegui import events, ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.tasks.models import TaskState
from domain.tasks.service import TaskFilter, TaskView, list_tasks
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, look_again, when
from portal_api.pages.widgets.run_steps import duration
from portal_api.pages.widgets.states import TASK_STATES, state_mark
from portal_api.pages.words import _, message_text

PAGE_SIZE = 25
EVERY = 1.0
"""Seconds between two looks at tasks in progress."""


@portal_page("/tasks", N_("Tasks"), Permission.OWN_ACCOUNT, "tasks")
async def tasks() -> None:
    """The page."""
    await TaskList().build()


class TaskList:
    """The open list, page after page below each other; while something is at work, its rows move."""

    def __init__(self) -> None:
        self._filter = TaskFilter(limit=PAGE_SIZE)
        self._tasks: list[TaskView] = []
        self._is_last = True

    async def build(self) -> None:
        """Lay out the page."""
        heading(_("Tasks"), _("Imports and other longer work, and how it ended."))
        states = {"": _("All states")} | {state.value: _(words[0]) for state, words in TASK_STATES.items()}
        with theme.block("filters", role="search"):
            chosen = ui.select(states, value="", label=_("State"), on_change=self._choose)
            chosen.props("outlined dense options-dense")
        self._take(await ask(list_tasks, self._and_one_more()))
        self._rows()
        ui.timer(EVERY, self._look)

    async def _choose(self, event: events.ValueChangeEventArguments[str]) -> None:
        self._filter = TaskFilter(state=TaskState(event.value) if event.value else None, limit=PAGE_SIZE)
        await self._refresh()

    async def _more(self) -> None:
        self._filter = replace(self._filter, limit=self._filter.limit + PAGE_SIZE)
        await self._refresh()

    async def _look(self) -> None:
        if not all(task.state.is_final for task in self._tasks):
            with faults_shown():
                self._show(await look_again(list_tasks, self._and_one_more()))

    async def _refresh(self) -> None:
        with faults_shown():
            self._show(await ask(list_tasks, self._and_one_more()))

    def _and_one_more(self) -> TaskFilter:
        """The filter that tells whether there is a further page too."""
        return replace(self._filter, limit=self._filter.limit + 1)

    def _show(self, found: list[TaskView]) -> None:
        before = self._tasks, self._is_last
        self._take(found)
        if (self._tasks, self._is_last) != before:
            self._rows.refresh()

    def _take(self, found: list[TaskView]) -> None:
        self._is_last = len(found) <= self._filter.limit
        self._tasks = found[: self._filter.limit]

    @ui.refreshable_method
    def _rows(self) -> None:
        with theme.block("records", role="list"):
            for task in self._tasks:
                _row(task)
        if not self._tasks:
            with theme.block("empty", role="status"):
                theme.icon("task_alt")
                theme.text(_("There are no such tasks."), "muted")
        if not self._is_last:
            theme.plain_button(_("Show more"), "expand_more").on_click(self._more)


def _row(task: TaskView) -> None:
    with theme.block("record", "a", href=f"/tasks/{task.id}", role="listitem"):
        state_mark(task.state)
        with theme.block("record-words"):
            theme.text(message_text(task.title), "strong clamp-one")
            theme.text(_outcome(task), "hint clamp-one")
        ui.space()
        with theme.block("record-when"):
            theme.text(when(task.created), "ticket")
            theme.text(task.starter or duration(task.started, task.finished), "ticket")


def _outcome(task: TaskView) -> str:
    if task.summary is not None:
        return message_text(task.summary)
    if task.error is not None:
        return _(task.error.message_template, **task.error.facts)
    if task.total:
        return _("{done} of {total}", done=task.done, total=task.total)
    return ""
