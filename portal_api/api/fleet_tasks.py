"""Fleet tasks: started over printers, watched, stopped, exported (FL-480…FL-501)."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, Field, JsonValue, SecretStr

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate, translate_message
from fleet.printers.filters import Id
from fleet.printers.selection import selected_ids
from fleet.tasks.bulk import NOT_ACROSS, start_bulk_task, stop_bulk_task
from fleet.tasks.exports import export_jobs
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.listing import (
    FleetTaskFilter,
    FleetTaskView,
    JobFilter,
    JobView,
    get_fleet_task,
    list_fleet_tasks,
    list_jobs,
    parts_of,
)
from fleet.tasks.service import (
    BAD_REQUEST,
    NOT_STOPPABLE,
    NOTHING_CHOSEN,
    NewTask,
    start_fleet_task,
    stop_jobs,
    stop_task,
)
from fleet.tasks.status import JobStatus, TaskStatus
from portal_api.access import needs
from portal_api.api.cursor import BAD_CURSOR, cursor, key_of
from portal_api.api.printer_models import Selection
from portal_api.api.printers import CSV, csv_answer, words_of
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

router = APIRouter(prefix="/fleet-tasks", tags=["fleet tasks"])
Manager = Annotated[Actor, needs(Permission.FLEET_MANAGE)]
Statuses = Annotated[list[JobStatus], Query(max_length=len(JobStatus))]


class FleetTaskForm(Selection):
    """What is asked for, over printers (agents, where the kind is for agents). `secrets` are kept encrypted."""

    kind: TaskKind = TaskKind.REFRESH
    name: str = Field("", max_length=255)
    parameters: dict[str, JsonValue] = Field({}, description="Those of the kind.")
    secrets: dict[str, SecretStr] = Field({}, max_length=10)
    starts: AwareDatetime | None = None
    window_end: AwareDatetime | None = None
    across: bool = Field(False, description="Over several organizations of a partner: a bulk task (FL-58).")

    def new_task(self) -> NewTask:
        """As the services take it."""
        return NewTask(
            self.kind,
            self.parameters,
            self.name,
            {name: secret.get_secret_value() for name, secret in self.secrets.items()},
            starts=self.starts,
            window_end=self.window_end,
        )


class FleetTaskPublic(BaseModel):
    """A fleet task. `counts` are its jobs by status; a bulk task has no organization (FL-60)."""

    id: str
    kind: TaskKind
    title: str
    name: str
    status: TaskStatus
    counts: dict[JobStatus, int]
    done: int
    total: int
    issuer_id: str
    issuer: str
    organization_id: str
    organization: str
    is_bulk: bool
    is_stoppable: bool
    parent_id: str
    schedule_id: str
    created: datetime
    starts: datetime | None
    window_end: datetime | None
    finished: datetime | None
    licence_code: str = Field(description="Of a speed upgrade; empty for all others (FL-411).")

    @classmethod
    def of(cls, task: FleetTaskView, locale: str) -> "FleetTaskPublic":
        values: dict[str, Any] = {name: getattr(task, name) for name in cls.model_fields if name != "title"}
        return cls(**{**values, "counts": dict(task.counts)}, title=translate(KINDS[task.kind].title, locale))


class FleetTaskPage(BaseModel):
    """Some tasks, newest first. `next` is the `after` of the following page, null on the last."""

    items: list[FleetTaskPublic]
    next: str | None


class ComponentPublic(BaseModel):
    """What came of one part: an app, a file, a setting."""

    kind: str
    name: str
    outcome: str
    message: str


class FleetJobPublic(BaseModel):
    """What a task did with one printer or agent, and why it ended so."""

    id: int
    task_id: str
    organization: str
    printer_id: str
    subject: str
    status: JobStatus
    reason: str
    warnings: list[str]
    remarks: list[str]
    components: list[ComponentPublic]
    created: datetime
    delivered: datetime | None
    finished: datetime | None

    @classmethod
    def of(cls, job: JobView, locale: str) -> "FleetJobPublic":
        return cls(
            id=job.id,
            task_id=job.task_id,
            organization=job.organization,
            printer_id=job.printer_id,
            subject=job.subject,
            status=job.status,
            reason=translate_message(job.reason, locale) if job.reason else "",
            warnings=[translate_message(one, locale) for one in job.warnings],
            remarks=[translate_message(one, locale) for one in job.remarks],
            components=[
                ComponentPublic(
                    kind=part.kind,
                    name=part.name,
                    outcome=part.outcome.value,
                    message=translate_message(part.message, locale) if part.message else "",
                )
                for part in job.components
            ],
            created=job.created,
            delivered=job.delivered,
            finished=job.finished,
        )


class StoppedPublic(BaseModel):
    """How many jobs were stopped."""

    stopped: int


class JobsToStop(BaseModel):
    """Jobs of a task."""

    job_ids: list[int] = Field(min_length=1, max_length=1000)


@router.get("", operation_id="list_fleet_tasks", responses=documented(BAD_CURSOR))
def list_all(
    actor: Manager,
    locale: ReaderLocale,
    kind: Annotated[TaskKind | None, Query()] = None,
    status: Annotated[TaskStatus | None, Query()] = None,
    issuer_id: Annotated[str, Query(max_length=32)] = "",
    organization_id: Annotated[str, Query(max_length=32, description="With `across`: one organization's.")] = "",
    across: Annotated[bool, Query(description="In all organizations of a partner (FL-61).")] = False,
    waits: Annotated[bool, Query(description="Only those whose start lies ahead (FL-309).")] = False,
    after: Annotated[str, Query(max_length=2000, description="The `next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> FleetTaskPage:
    """Fleet tasks, newest first."""
    chosen = FleetTaskFilter(kind, status, issuer_id, organization_id, key_of(after), limit, across, waits)
    tasks = list_fleet_tasks(actor, chosen)
    following = cursor(tasks[-1].key) if len(tasks) == limit else None
    return FleetTaskPage(items=[FleetTaskPublic.of(task, locale) for task in tasks], next=following)


@router.post(
    "",
    operation_id="start_fleet_task",
    status_code=201,
    responses=documented(NOT_FOUND, NOTHING_CHOSEN, BAD_REQUEST, NOT_ACROSS),
)
def start(actor: Manager, given: FleetTaskForm, locale: ReaderLocale, response: Response) -> FleetTaskPublic:
    """Start a task over printers that are named, or over all that a filter lets through now."""
    ids = selected_ids(actor, given.selection(across=given.across))
    begin = start_bulk_task if given.across else start_fleet_task
    task_id = begin(actor, given.new_task(), ids)
    response.headers["Location"] = f"/api/v1/fleet-tasks/{task_id}"
    return FleetTaskPublic.of(get_fleet_task(actor, task_id), locale)


@router.get("/{task_id}", operation_id="get_fleet_task", responses=documented(NOT_FOUND))
def read(actor: Manager, task_id: str, locale: ReaderLocale) -> FleetTaskPublic:
    """One task with its progress."""
    return FleetTaskPublic.of(get_fleet_task(actor, task_id), locale)


@router.get("/{task_id}/parts", operation_id="list_fleet_task_parts", responses=documented(NOT_FOUND))
def read_parts(actor: Manager, task_id: str, locale: ReaderLocale) -> list[FleetTaskPublic]:
    """The tasks that carry a bulk task, one an organization (FL-60)."""
    return [FleetTaskPublic.of(task, locale) for task in parts_of(actor, task_id)]


@router.get("/{task_id}/jobs", operation_id="list_fleet_task_jobs", responses=documented(NOT_FOUND))
def read_jobs(
    actor: Manager,
    task_id: str,
    locale: ReaderLocale,
    status: Statuses = [],  # noqa: B006 — FastAPI copies it
    after: Annotated[int, Query(ge=0, description="The `id` of the last job already read.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[FleetJobPublic]:
    """The task's jobs of any of these statuses, in the order of creation (FL-499)."""
    return [FleetJobPublic.of(job, locale) for job in list_jobs(actor, task_id, JobFilter(tuple(status), after, limit))]


@router.get(
    "/{task_id}/export",
    operation_id="export_fleet_task_jobs",
    response_class=StreamingResponse,
    responses={**CSV, **documented(NOT_FOUND)},
)
def export(actor: Manager, task_id: str, locale: ReaderLocale, status: Statuses = []) -> StreamingResponse:  # noqa: B006
    """The jobs that the filter lets through, as a CSV file (FL-318)."""
    say = words_of(locale).say
    return csv_answer(f"task-{task_id[:32]}.csv", export_jobs(actor, task_id, JobFilter(tuple(status)), say))


@router.post("/{task_id}/stop", operation_id="stop_fleet_task", responses=documented(NOT_FOUND, NOT_STOPPABLE))
def stop(actor: Manager, task_id: Id) -> StoppedPublic:
    """Stop what is pending; what is being carried out runs to its end (FL-500)."""
    is_bulk = get_fleet_task(actor, task_id).is_bulk
    return StoppedPublic(stopped=(stop_bulk_task if is_bulk else stop_task)(actor, task_id))


@router.post(
    "/{task_id}/jobs/stop", operation_id="stop_fleet_task_jobs", responses=documented(NOT_FOUND, NOT_STOPPABLE)
)
def stop_some(actor: Manager, task_id: Id, given: JobsToStop) -> StoppedPublic:
    """Stop these jobs where they are pending (FL-500)."""
    return StoppedPublic(stopped=stop_jobs(actor, task_id, given.job_ids))
