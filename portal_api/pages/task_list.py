"""The background tasks of the organization, with what they are at."""

from nicegui import events, ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.tasks.models import TaskState
from domain.tasks.service import TaskFilter, TaskView, list_tasks
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import when
from portal_api.pages.widgets.moving_list import MovingList
from portal_api.pages.widgets.run_steps import duration
from portal_api.pages.widgets.states import TASK_STATES, state_mark
from portal_api.pages.words import _, message_text

EVERY = 1.0
"""Seconds between two looks at tasks in progress."""


@portal_page("/tasks", N_("Tasks"), Permission.OWN_ACCOUNT, "tasks")
async def tasks() -> None:
    """The page."""
    await TaskList().build()


class TaskList(MovingList[TaskView]):
    """The open list."""

    def __init__(self) -> None:
        super().__init__(list_tasks, TaskFilter(), EVERY)

    async def build(self) -> None:
        """Lay out the page."""
        heading(_("Tasks"), _("Imports and other longer work, and how it ended."))
        states = {"": _("All states")} | {state.value: _(words[0]) for state, words in TASK_STATES.items()}
        with theme.block("filters", role="search"):
            chosen = ui.select(states, value="", label=_("State"), on_change=self._choose_state)
            chosen.props("outlined dense options-dense")
        await self.begin()

    async def _choose_state(self, event: events.ValueChangeEventArguments[str]) -> None:
        await self.choose(state=TaskState(event.value) if event.value else None)

    def is_final(self, view: TaskView) -> bool:
        """Whether the task has ended."""
        return view.state.is_final

    def row(self, view: TaskView) -> None:
        """One task."""
        _row(view)


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
