"""Background tasks: how far they are and what they tell."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import PlainTextResponse
from pydantic import AwareDatetime, BaseModel, Field, JsonValue

from domain.tasks.models import TaskState
from domain.tasks.service import TaskFilter, TaskLineView, TaskView, get_task, list_tasks, task_lines
from domain.tasks.text_log import text_log
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate_message
from portal_api.access import Anyone
from portal_api.api.error_models import ErrorPublic
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

router = APIRouter(prefix="/tasks", tags=["tasks"])


class TaskPublic(BaseModel):
    """A background task. `done` of `total` parts are finished."""

    id: str
    kind: str
    title: str
    state: TaskState
    done: int
    total: int = Field(description="0 until it is known.")
    started_by: str
    result: dict[str, JsonValue] = Field(description="What came of it, for programs, once it has ended.")
    summary: str = Field(description="The same in a sentence.")
    error: ErrorPublic | None
    created: datetime
    started: datetime | None
    finished: datetime | None

    @classmethod
    def of(cls, task: TaskView, locale: str) -> "TaskPublic":
        return cls(
            id=task.id,
            kind=task.kind,
            title=translate_message(task.title, locale),
            state=task.state,
            done=task.done,
            total=task.total,
            started_by=task.starter_id,
            result=task.result,
            summary=translate_message(task.summary, locale) if task.summary else "",
            error=ErrorPublic.of(task.error, locale),
            created=task.created,
            started=task.started,
            finished=task.finished,
        )


class TaskPage(BaseModel):
    """Some tasks, newest first. `next` is the `before` of the following page, null on the last."""

    items: list[TaskPublic]
    next: datetime | None


class TaskLinePublic(BaseModel):
    """One line of the log. `number` is the row of the file it is about, 0 for the task as a whole."""

    id: int
    number: int
    level: str = Field(description="info, warning or error.")
    message: str
    at: datetime

    @classmethod
    def of(cls, line: TaskLineView, locale: str) -> "TaskLinePublic":
        message = translate_message(line.message, locale)
        return cls(id=line.id, number=line.number, level=line.level, message=message, at=line.at)


@router.get("", operation_id="list_tasks")
def list_all(
    actor: Anyone,
    locale: ReaderLocale,
    kind: Annotated[str, Query(max_length=64)] = "",
    state: Annotated[TaskState | None, Query()] = None,
    before: Annotated[AwareDatetime | None, Query(description="The `next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> TaskPage:
    """The actor's tasks, newest first; administrators see those of the whole organization."""
    tasks = list_tasks(actor, TaskFilter(kind, state, before, limit))
    following = tasks[-1].created if len(tasks) == limit else None
    return TaskPage(items=[TaskPublic.of(task, locale) for task in tasks], next=following)


@router.get("/{task_id}", operation_id="get_task", responses=documented(NOT_FOUND))
def read(actor: Anyone, task_id: str, locale: ReaderLocale) -> TaskPublic:
    """One task as it is now."""
    return TaskPublic.of(get_task(actor, task_id), locale)


@router.get("/{task_id}/lines", operation_id="list_task_lines", responses=documented(NOT_FOUND))
def read_lines(
    actor: Anyone,
    task_id: str,
    locale: ReaderLocale,
    after: Annotated[int, Query(ge=0, description="The `id` of the last line already read.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    problems_only: Annotated[bool, Query(description="Warnings and errors only.")] = False,
) -> list[TaskLinePublic]:
    """The task's log, oldest line first."""
    lines = task_lines(actor, task_id, after, limit, problems_only=problems_only)
    return [TaskLinePublic.of(line, locale) for line in lines]


@router.get(
    "/{task_id}/log",
    operation_id="read_task_log",
    response_class=PlainTextResponse,
    responses=documented(NOT_FOUND),
)
def read_log(actor: Anyone, task_id: str, locale: ReaderLocale) -> Response:
    """The whole log as a text file."""
    headers = {"Content-Disposition": f'attachment; filename="task-{task_id}.txt"', "Cache-Control": "no-store"}
    return PlainTextResponse(text_log(actor, task_id, locale), headers=headers)
