"""How a flow does a background task: every ending is recorded, progress and work are one, nobody does it twice."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.documents.store import STORE_UNREACHABLE
from connectors.errors import Fault
from connectors.messages import Message
from domain.organizations.models import Group
from domain.tasks.execution import claim, requeue_expired
from domain.tasks.models import TaskState
from domain.tasks.service import TaskView, get_task, start_task, task_lines
from flows.background_task import TaskAtWork, TaskOutcome, perform_task
from tests.support.installation import Installation, installed

TOO_ODD = Fault("test.too_odd", 422, "It is too odd.", "Make it even.")


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path, lease_seconds="2") as one:
        yield one


def started(installation: Installation, **parameters: str) -> str:
    actor = installation.administrator
    with actor.session() as session:
        return start_task(session, actor, "test", "test/test", Message.of("Test"), parameters)


def view(installation: Installation, task_id: str) -> TaskView:
    return get_task(installation.administrator, task_id)


def test_work_progress_and_log_are_committed_together(installation: Installation) -> None:
    task_id = started(installation, name="Printers")

    def perform(task: TaskAtWork) -> TaskOutcome:
        assert task.actor() == installation.administrator
        with task.part(1, 2) as session:
            session.add(Group(name=task.parameters["name"], name_key="printers"))
            task.line(session, Message.of("Made."), number=1)
        return TaskOutcome({"groups": 1}, has_errors=True)

    state = perform_task(task_id, perform)
    assert state.is_completed()
    seen = view(installation, task_id)
    assert (seen.state, seen.done, seen.total, seen.result) == (TaskState.FINISHED_WITH_ERRORS, 1, 2, {"groups": 1})
    assert [(line.number, str(line.message)) for line in task_lines(installation.administrator, task_id)] == [
        (1, "Made.")
    ]


def test_a_part_that_fails_leaves_neither_work_nor_progress_nor_log(installation: Installation) -> None:
    task_id = started(installation)

    def perform(task: TaskAtWork) -> TaskOutcome:
        with task.part(1, 2) as session:
            task.line(session, Message.of("Made."))
            raise ZeroDivisionError

    assert perform_task(task_id, perform).is_failed()
    seen = view(installation, task_id)
    assert (seen.state, seen.done) == (TaskState.FAILED, 0)
    assert seen.error is not None
    assert seen.error.code == "internal"
    assert len(seen.error.facts["reference"]) == 12
    assert task_lines(installation.administrator, task_id) == []


def refuse(task: TaskAtWork) -> TaskOutcome:
    raise TOO_ODD()


def test_a_refusal_rejects_the_task(installation: Installation) -> None:
    task_id = started(installation)
    assert perform_task(task_id, refuse).is_failed()
    seen = view(installation, task_id)
    assert seen.state is TaskState.REJECTED
    assert seen.error is not None
    assert (seen.error.code, seen.error.remedy) == ("test.too_odd", "Make it even.")


def test_what_may_pass_by_itself_is_tried_again_when_the_lease_runs_out(installation: Installation) -> None:
    task_id = started(installation)

    def perform(task: TaskAtWork) -> TaskOutcome:
        raise STORE_UNREACHABLE()

    perform_task(task_id, perform)
    assert view(installation, task_id).state is TaskState.RUNNING
    _wait(lambda: requeue_expired() == [task_id])
    assert perform_task(task_id, lambda task: TaskOutcome()).is_completed()
    assert view(installation, task_id).state is TaskState.FINISHED


def test_the_lease_is_kept_for_as_long_as_the_work_takes(installation: Installation) -> None:
    task_id = started(installation)
    ended = threading.Event()

    def perform(task: TaskAtWork) -> TaskOutcome:
        ended.wait(3 * installation.settings.lease_seconds / 2)
        task.check()
        assert requeue_expired() == []
        return TaskOutcome()

    assert perform_task(task_id, perform).is_completed()


def test_a_task_that_another_worker_has_is_left_alone(installation: Installation) -> None:
    task_id = started(installation)
    assert claim(task_id, "another:1") is not None
    assert perform_task(task_id, refuse).is_completed()
    assert view(installation, task_id).state is TaskState.RUNNING


def _wait(condition: Callable[[], bool]) -> None:
    """Until the condition holds; at most ten seconds, looked at every tenth of one."""
    pause = threading.Event()
    for _ in range(100):
        if condition():
            return
        pause.wait(0.1)
    raise AssertionError("it did not come to pass")
