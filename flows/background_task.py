"""How a flow does a background task: lease, progress, log, and an ending for whatever happens.

@flow(name="import-users", persist_result=False)
def import_users(task_id: str) -> State[Any]:
    return perform_task(task_id, _import)

def _import(task: TaskAtWork) -> TaskOutcome:
    for number, row in enumerate(rows[task.work.done:], task.work.done + 1):
        with task.part(number, len(rows)) as session:  # the part and the progress are committed together
            apply(session, row)
            task.line(session, Message.of(N_("{email} was created."), email=row.email), number=number)
    return TaskOutcome(result={"created": 12})
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from sqlalchemy.orm import Session

from connectors.errors import INTERNAL, PressroomError
from connectors.logs import bind
from connectors.messages import Message
from domain.organizations.actor import Actor, actor_of_user
from domain.tasks.execution import LEASE_LOST, TaskWork, add_line, claim, finish, progress, renew
from domain.tasks.models import TaskState
from domain.tenancy import system_session, tenant_session
from flows.lease import Lease, lease_owner

log = structlog.get_logger(__name__)

SERVER_ERRORS = 500


@dataclass(frozen=True, slots=True)
class TaskOutcome:
    """How a task ended that was done: `result` for programs, `summary` for people, never with secrets."""

    result: Mapping[str, Any] = field(default_factory=dict)
    summary: Message | None = None
    has_errors: bool = False

    @property
    def state(self) -> TaskState:
        return TaskState.FINISHED_WITH_ERRORS if self.has_errors else TaskState.FINISHED


class TaskAtWork:
    """What the function that does a task gets: what was asked for, and where it tells how far it is."""

    def __init__(self, work: TaskWork, lease: Lease) -> None:
        self.work, self._lease = work, lease

    @property
    def parameters(self) -> Mapping[str, Any]:
        return self.work.parameters

    def actor(self) -> Actor:
        """Who started the task, with the roles that count now; raises `ACCOUNT_ENDED`."""
        return actor_of_user(self.work.user_id, self.work.organization_id)

    def check(self) -> None:
        """Raise `LEASE_LOST` once another worker has taken over."""
        self._lease.check()

    @contextmanager
    def part(self, done: int, total: int, *, everywhere: bool = False) -> Iterator[Session]:
        """A transaction for the parts up to `done`: its end commits them as finished.

        It is one of the task's organization, or over all of them for work that concerns rows `everywhere`.
        """
        self.check()
        opened = system_session() if everywhere else tenant_session(self.work.organization_id)
        with opened as session:
            progress(session, self.work, done, total)
            yield session

    def progress(self, done: int, total: int) -> None:
        """Keep how far the task is, where its parts are no transaction of ours."""
        with self.part(done, total):
            return

    def note(self, message: Message, level: str = "info") -> None:
        """Add a line about the task as a whole, in a transaction of its own."""
        with tenant_session(self.work.organization_id) as session:
            self.line(session, message, level=level)

    def line(
        self, session: Session, message: Message, *, number: int = 0, level: str = "info", subject: str = ""
    ) -> None:
        """Add a line to the log in a part's transaction; `subject` is the address of whom it is about."""
        add_line(session, self.work, message, number=number, level=level, subject=subject)


Perform = Callable[[TaskAtWork], TaskOutcome]


def perform_task(task_id: str, perform: Perform) -> State[Any]:
    """Do the task and record how it ended; a task that has ended or that another worker holds is left alone.

    A fault that refuses what was asked (a status below 500) ends the task as REJECTED, any other error as FAILED,
    an unexpected one as `INTERNAL` with a reference that the worker's log holds too. A fault that may pass by itself
    leaves the task to its lease: it is queued again when that runs out.
    """
    work = claim(task_id, lease_owner())
    if work is None:
        return Completed(message="Nothing to do: the task has ended or another worker has it.")
    with bind(task_id=work.task_id, organization_id=work.organization_id):
        try:
            with Lease(work.task_id, partial(renew, work)) as lease:
                outcome = perform(TaskAtWork(work, lease))
            finish(work, outcome.state, outcome.result, outcome.summary)
        except Exception as exc:  # noqa: BLE001 — whatever happens ends as a recorded error of this task
            return _record(work, exc)
        log.info("task ended", kind=work.kind, state=outcome.state.value)
        return Completed(name="Completed with errors" if outcome.has_errors else "Completed")


def _record(work: TaskWork, exc: Exception) -> State[Any]:
    error = _as_error(exc)
    if error.fault is not LEASE_LOST and not error.transient:
        state = TaskState.REJECTED if error.fault.status < SERVER_ERRORS else TaskState.FAILED
        finish(work, state, error=error)
    log.warning("task did not succeed", kind=work.kind, code=error.code)
    return Failed(message=error.code)


def _as_error(exc: Exception) -> PressroomError:
    if isinstance(exc, PressroomError):
        return exc
    reference = uuid.uuid4().hex[:12]
    log.error("a task failed unexpectedly", reference=reference, exc_info=exc)
    return INTERNAL(reference=reference)
