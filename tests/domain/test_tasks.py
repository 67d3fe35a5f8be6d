"""Background tasks as records: started, claimed, continued after a lost worker, seen by whom, forgotten."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from connectors.errors import PressroomError
from connectors.messages import Message
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.models import User, now
from domain.outbox.models import OutboxRow
from domain.tasks.execution import (
    TaskWork,
    add_line,
    claim,
    finish,
    progress,
    release_lost,
    renew,
    requeue_expired,
    requeue_unclaimed,
    unclaimed_tasks,
)
from domain.tasks.models import BackgroundTask, TaskLine, TaskState
from domain.tasks.service import (
    TaskFilter,
    forget_old_tasks,
    forget_subject,
    get_task,
    list_tasks,
    start_task,
    task_lines,
)
from domain.tasks.text_log import text_log
from domain.tenancy import system_session, tenant_session

TITLE = Message.of("Import of “{name}”", name="people.csv")


def started(actor: Actor, **parameters: str) -> str:
    with actor.session() as session:
        return start_task(session, actor, "user-import", "import-users/import-users", TITLE, parameters)


def claimed(task_id: str, owner: str = "worker:1") -> TaskWork:
    work = claim(task_id, owner)
    assert work is not None
    return work


def expire_lease(task_id: str) -> None:
    with system_session() as session:
        past = now() - timedelta(seconds=1)
        session.execute(update(BackgroundTask).where(BackgroundTask.id == task_id).values(lease_until=past))


def outbox() -> list[OutboxRow]:
    with system_session(read_only=True) as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def test_a_started_task_waits_for_its_flow_under_a_name_without_personal_data(administrator: Actor) -> None:
    task = started(administrator, file="key")
    (row,) = outbox()
    assert (row.deployment, row.parameters, row.key) == (
        "import-users/import-users",
        {"task_id": task},
        f"task/{task}/0",
    )
    assert "people.csv" not in row.name
    view = get_task(administrator, task)
    assert (view.state, str(view.title), view.starter) == (TaskState.QUEUED, "Import of “people.csv”", "Administrator")


def test_a_task_of_a_transaction_that_fails_was_never_started(administrator: Actor) -> None:
    with administrator.session() as session:
        start_task(session, administrator, "user-import", "import-users/import-users", TITLE, {})
        session.rollback()
    assert list_tasks(administrator) == []
    assert outbox() == []


def test_one_worker_has_a_task_at_a_time(administrator: Actor) -> None:
    task = started(administrator)
    work = claimed(task)
    assert claim(task, "worker:2") is None
    renew(work)
    expire_lease(task)
    assert claimed(task, "worker:2").owner == "worker:2"


@pytest.mark.parametrize(
    "write",
    [
        renew,
        lambda work: finish(work, TaskState.FINISHED),
        pytest.param(lambda work: _progress(work, 3), id="progress"),
    ],
)
def test_a_worker_that_was_overtaken_writes_nothing_any_more(
    administrator: Actor, write: Callable[[TaskWork], None]
) -> None:
    task = started(administrator)
    old = claimed(task)
    expire_lease(task)
    claimed(task, "worker:2")
    with pytest.raises(PressroomError) as caught:
        write(old)
    assert caught.value.code == "task.lease_lost"
    assert get_task(administrator, task).done == 0


def _progress(work: TaskWork, done: int) -> None:
    with tenant_session(work.organization_id) as session:
        add_line(session, work, Message.of("Row."), number=done)
        progress(session, work, done, 9)


def test_a_lost_task_is_queued_again_and_continues_after_what_was_done(administrator: Actor) -> None:
    task = started(administrator)
    _progress(claimed(task, "worker:7"), 4)
    assert release_lost("worker:8") == release_lost("worker:") == []
    assert release_lost("worker:7") == [task]
    assert get_task(administrator, task).state is TaskState.QUEUED
    assert [row.key for row in outbox()] == [f"task/{task}/0", f"task/{task}/1"]
    again = claimed(task, "worker:9")
    assert again.done == 4
    expire_lease(task)
    assert requeue_expired() == [task]


def test_a_task_that_keeps_losing_its_worker_fails_with_the_reason(administrator: Actor) -> None:
    task = started(administrator)
    for _ in range(get_settings().max_attempts):
        claimed(task)
        release_lost("worker:1")
    view = get_task(administrator, task)
    assert view.state is TaskState.FAILED
    assert view.error is not None
    assert view.error.code == "task.worker_lost"
    assert claim(task, "worker:1") is None


def test_a_task_that_was_handed_over_but_never_begun_is_found(administrator: Actor) -> None:
    task, young = started(administrator), started(administrator)
    long_ago = now() - timedelta(seconds=get_settings().lease_seconds + 1)
    with system_session() as session:
        session.execute(update(OutboxRow).values(dispatched=now(), flow_run_id="f-young"))
        first = OutboxRow.key == f"task/{task}/0"
        session.execute(update(OutboxRow).where(first).values(dispatched=long_ago, flow_run_id="f"))
    assert unclaimed_tasks() == [(task, "f")]
    assert requeue_unclaimed(task)
    assert unclaimed_tasks() == []
    assert get_task(administrator, young).state is TaskState.QUEUED
    claimed(task)
    assert not requeue_unclaimed(task), "a worker has it"


def test_starters_see_their_own_tasks_and_administrators_all_of_their_organization(
    administrator: Actor, colleague: Actor, stranger: Actor
) -> None:
    own, other = started(colleague), started(administrator)
    assert [view.id for view in list_tasks(colleague)] == [own]
    assert {view.id for view in list_tasks(administrator)} == {own, other}
    assert list_tasks(stranger) == []
    for actor, task in ((colleague, other), (stranger, own)):
        with pytest.raises(PressroomError) as caught:
            task_lines(actor, task)
        assert caught.value.code == "not_found"


def test_lists_filter_and_page(administrator: Actor) -> None:
    first, second = started(administrator), started(administrator)
    finish(claimed(first), TaskState.FINISHED, {"created": 1})
    newest = list_tasks(administrator, TaskFilter(limit=1))
    assert [view.id for view in newest] == [second]
    older = list_tasks(administrator, TaskFilter(before=newest[0].created))
    assert [view.result for view in older] == [{"created": 1}]
    assert list_tasks(administrator, TaskFilter(state=TaskState.FINISHED)) == older
    assert list_tasks(administrator, TaskFilter(kind="badge-import")) == []


def test_the_log_reads_well_in_the_readers_language(administrator: Actor) -> None:
    task = started(administrator)
    work = claimed(task)
    with tenant_session(work.organization_id) as session:
        add_line(session, work, Message.of("{email} was created.", email="a@b.se"), number=2, subject="a@b.se")
        add_line(session, work, Message.of("Broken."), number=3, level="error")
    assert [line.number for line in task_lines(administrator, task, problems_only=True)] == [3]
    assert text_log(administrator, task, "en") == (
        "Import of “people.csv”\n\nRow 2: a@b.se was created.\nRow 3: Error: Broken.\n"
    )
    assert "Rad 3: Fel: Broken." in text_log(administrator, task, "sv")


def test_who_was_deleted_leaves_the_logs(administrator: Actor) -> None:
    task = started(administrator)
    work = claimed(task)
    with administrator.session() as session:
        for email in ("a@b.se", "c@d.se"):
            add_line(session, work, Message.of("{email} was created.", email=email), subject=email)
        forget_subject(session, "a@b.se")
    assert [str(line.message) for line in task_lines(administrator, task)] == [
        "… was created.",
        "c@d.se was created.",
    ]


def test_a_task_outlives_the_account_that_started_it(administrator: Actor, colleague: Actor) -> None:
    task = started(colleague)
    with system_session() as session:
        session.delete(session.get_one(User, colleague.user_id))
    view = get_task(administrator, task)
    assert (view.starter_id, view.starter) == ("", "")


def test_old_tasks_are_forgotten_with_their_logs(administrator: Actor) -> None:
    old, young, running = started(administrator), started(administrator), started(administrator)
    for task in (old, young):
        work = claimed(task)
        _progress(work, 1)
        finish(work, TaskState.FINISHED)
    long_ago = now() - timedelta(days=get_settings().retention_days, seconds=1)
    with system_session() as session:
        session.execute(update(BackgroundTask).where(BackgroundTask.id == old).values(finished=long_ago))
        session.execute(update(BackgroundTask).where(BackgroundTask.id == running).values(created=long_ago))
    assert forget_old_tasks() == 1
    assert {view.id for view in list_tasks(administrator)} == {young, running}
    with system_session(read_only=True) as session:
        assert set(session.scalars(select(TaskLine.task_id))) == {young}
