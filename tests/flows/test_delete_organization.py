"""Deleting a customer organization: the guards, nothing of it stays, nothing else goes, and no crash leaves it half."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import Connection, event, select, update
from sqlalchemy.orm import Session

from connectors.database import open_engine
from connectors.documents import open_store
from connectors.documents.folder import FolderStore
from connectors.errors import PressroomError
from connectors.settings import get_settings
from domain.audit.models import AuditEvent
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.children import create_child, entitle_child, get_child
from domain.organizations.deletion import request_deletion, restart_unfinished_deletions
from domain.organizations.entitlements import Entitlement
from domain.organizations.models import Organization, now
from domain.organizations.purge import GOES_WITH_ITS_ORGANIZATION, delete_batch, tables_of_organizations
from domain.runs.models import Run
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.service import sign_in
from domain.tasks.execution import release_lost
from domain.tasks.models import BackgroundTask, TaskState
from domain.tasks.service import get_task, list_tasks, task_lines
from domain.tenancy import system_session
from flows import delete_organization as flow
from flows.background_task import perform_task
from tests.support.every_table import OWNER, fill_every_table, rows_of, tables
from tests.support.installation import PASSWORD, Installation, installed
from tests.support.people import become_partner, person

OF_THE_INSTALLATION = {
    "organization",
    "agent_package",
    "audit_horizon",
    "guess_count",
    "printer_announcement",
    "program_sign_in",
}
"""Tables whose rows belong to no organization."""


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path, lease_seconds="2") as one:
        yield one


@pytest.fixture
def partner(installation: Installation) -> Actor:
    return become_partner(installation.administrator)


@pytest.fixture
def without_engine() -> Iterator[None]:
    """No engine runs here; that its flow runs go as well is tried on a whole installation."""
    with patch.object(flow, "forget_flow_runs", lambda _tag, _check: 0):
        yield


def customer(partner: Actor, installation: Installation, name: str = "Northern Foods") -> tuple[str, Actor]:
    """A customer with something in every table, documents, and somebody of its own who can sign in."""
    child = create_child(partner, name)
    fill_every_table(child.id)
    store = open_store(get_settings())
    for number in range(3):
        store.put(f"{child.id}/runs/{number}/letter.txt", BytesIO(b"text"), "text/plain")
    mail = f"eva@{child.id}.example"
    return child.id, installation.add_person(mail, organization_id=child.id)


def delete(partner: Actor, child_id: str) -> str:
    return request_deletion(partner, child_id, get_child(partner, child_id).name)


def state_of(partner: Actor, task_id: str) -> TaskState:
    return get_task(partner, task_id).state


def test_every_table_belongs_to_organizations_or_is_known_to_belong_to_the_installation(
    installation: Installation,
) -> None:
    """A table that a later release adds is deleted with its organization because it has this column."""
    assert {table.name for table in tables() if OWNER not in table.c} == OF_THE_INSTALLATION
    assert {table.name for table in tables()} >= GOES_WITH_ITS_ORGANIZATION


def test_the_guards(partner: Actor, installation: Installation) -> None:
    """AC-15, AC-23, AC-24, AC-26, AC-27, and acceptance check 4."""
    child = create_child(partner, "Northern Foods")
    for typed in ("", "northern foods", "Northern  Foods", "Northern Foods!"):
        with pytest.raises(PressroomError, match=r"organization\.name_differs"):
            request_deletion(partner, child.id, typed)
    helper = person(partner, "helper@pressroom.example", "Organization Administrator")
    with pytest.raises(PressroomError, match=r"role\.missing"):
        request_deletion(helper, child.id, child.name)
    with pytest.raises(PressroomError, match=r"not_found"):
        request_deletion(become_partner(installation.stranger), child.id, child.name)
    with pytest.raises(PressroomError, match=r"not_found"):
        request_deletion(partner, partner.organization_id, "Pressroom")
    entitle_child(partner, child.id, [Entitlement.MANAGED_PRINT])
    with pytest.raises(PressroomError, match=r"Managed-print programme.*organization\.kept_by_service"):
        request_deletion(partner, child.id, child.name)
    other = create_child(partner, "Other")
    with system_session() as session:
        grandchild = session.get_one(Organization, child.id)
        grandchild.parent_id, grandchild.entitlements = other.id, []
    with pytest.raises(PressroomError, match=r"organization\.has_children"):
        request_deletion(partner, other.id, other.name)


def test_from_the_request_on_nobody_of_it_and_no_visitor_gets_in(partner: Actor, installation: Installation) -> None:
    """AC-25."""
    child_id, eva = customer(partner, installation)
    token = sign_in(eva.email, PASSWORD).session.token
    visitor_token = sign_in(partner.email, PASSWORD).session.token
    assert actor_of_token(visitor_token, child_id).is_visiting
    delete(partner, child_id)
    for refused, code in (
        (lambda: actor_of_token(token), "sign_in.needed"),
        (lambda: sign_in(eva.email, PASSWORD), "account.ended"),
        (lambda: actor_of_user(eva.user_id), "account.ended"),
        (lambda: actor_of_token(visitor_token, child_id), "not_found"),
        (lambda: delete(partner, child_id), "organization.being_deleted"),
        (lambda: entitle_child(partner, child_id, []), "organization.being_deleted"),
    ):
        with pytest.raises(PressroomError) as error:
            refused()
        assert error.value.code == code
    assert get_child(partner, child_id).status == "pending_deletion"


@pytest.mark.usefixtures("without_engine")
def test_nothing_of_it_stays_and_nothing_else_goes(partner: Actor, installation: Installation) -> None:
    child_id, _ = customer(partner, installation)
    other_id, _ = customer(partner, installation, "Southern Foods")
    before, others = rows_of(child_id), rows_of(other_id)
    assert set(before) == {table.name for table in tables() if OWNER in table.c} | {"organization"}
    task_id = delete(partner, child_id)
    mine = rows_of(partner.organization_id)

    perform_task(task_id, flow._delete)

    assert state_of(partner, task_id) == TaskState.FINISHED
    assert rows_of(child_id) == {}
    assert rows_of(other_id) == others
    store = open_store(get_settings())
    assert list(store.list(child_id)) == []
    assert len(list(store.list(other_id))) == 3
    grown = {"audit_event": 1, "task_line": 5, "mail": 1, "outbox": 1}
    after = rows_of(partner.organization_id)
    assert {name: after[name] - mine.get(name, 0) for name in after if after[name] != mine.get(name)} == {
        name if name != "mail" else OutgoingMail.__tablename__: count for name, count in grown.items()
    }
    lines = [str(line.message) for line in task_lines(partner, task_id)]
    assert lines[0] == "3 documents were deleted."
    assert lines[-1] == "The organization is gone."
    with partner.session(read_only=True) as session:
        told = session.scalars(select(AuditEvent).where(AuditEvent.action == "organization.deleted")).one()
        mail = session.scalars(select(OutgoingMail)).one()
    assert (told.target_id, told.user_id, told.facts) == (child_id, partner.user_id, {"name": "Northern Foods"})
    assert list(mail.recipients) == [partner.email]
    with pytest.raises(PressroomError, match=r"not_found"):
        get_child(partner, child_id)
    assert create_child(partner, "Northern Foods").id != child_id, "the name is free again"


@pytest.mark.usefixtures("without_engine")
def test_work_that_a_worker_still_holds_is_waited_for_and_what_it_leaves_is_deleted(
    partner: Actor, installation: Installation
) -> None:
    """A worker notices that its lease is gone only at its next sign of life; until then it may store a document."""
    child_id, _ = customer(partner, installation)
    with system_session() as session:
        lease = {"lease_owner": "worker:1", "lease_until": now() + timedelta(seconds=2)}
        session.execute(update(Run).where(Run.organization_id == child_id).values(lease))
    late = f"{child_id}/runs/9/late.txt"
    rows_gone = flow.Deletion._records

    def leave_something(deletion: flow.Deletion) -> int:
        count = rows_gone(deletion)
        open_store(get_settings()).put(late, BytesIO(b"late"), "text/plain")
        return count

    task_id = delete(partner, child_id)
    with patch.object(flow.Deletion, "_records", leave_something):
        perform_task(task_id, flow._delete)
    assert list(open_store(get_settings()).list(child_id)) == []
    lines = [str(line.message) for line in task_lines(partner, task_id)]
    assert "Workers have stopped; 1 documents they left were deleted." in lines


def test_killed_at_any_point_it_continues_and_ends_the_same(partner: Actor, installation: Installation) -> None:
    """A process dies by SIGKILL after each change of the records and each deleted document in turn; the next goes on.

    What stays after a death is what the last change left, so these are all the states that a death can leave.
    """
    child_id, _ = customer(partner, installation)
    task_id = delete(partner, child_id)
    documents = len(list(open_store(get_settings()).list(child_id)))
    with open_engine(get_settings().records_url).connect() as connection:
        emptied = tables_of_organizations(connection)
    with system_session() as session:
        for table in emptied:  # compiled once here, not in every process below
            delete_batch(session, table, "nobody")
    deaths = 0
    with patch.object(flow, "tables_of_organizations", lambda _connection: emptied):
        # The first dies when it has the task, the others when they have it and have changed one thing more.
        while _attempt(task_id, dies_at=2 if deaths else 1):
            deaths += 1
            assert _is_there(child_id) or rows_of(child_id) == {}, "its own row goes last"
            _give_back(task_id)
    assert deaths > documents + len(emptied)
    assert state_of(partner, task_id) == TaskState.FINISHED
    assert rows_of(child_id) == {}
    assert list(open_store(get_settings()).list(child_id)) == []
    with partner.session(read_only=True) as session:
        events = session.scalars(select(AuditEvent.action).where(AuditEvent.target_id == child_id)).all()
        assert events == ["organization.created", "organization.deletion_requested", "organization.deleted"]
        assert len(session.scalars(select(OutgoingMail)).all()) == 1


def _is_there(organization_id: str) -> bool:
    with system_session(read_only=True) as session:
        return session.get(Organization, organization_id) is not None


def _attempt(task_id: str, dies_at: int) -> bool:
    """One worker process; returns whether it was killed."""
    open_engine(get_settings().records_url).dispose()  # no connection goes into another process
    process = multiprocessing.get_context("fork").Process(target=_work, args=(task_id, dies_at))
    process.start()
    process.join(300)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def _work(task_id: str, dies_at: int) -> None:
    left, before, is_changed = dies_at, 0, False

    def die() -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    def begin(connection: Connection) -> None:
        nonlocal before, is_changed
        before, is_changed = connection.connection.total_changes, False

    def commit(connection: Connection) -> None:
        nonlocal is_changed
        is_changed = connection.connection.total_changes > before

    def die_if_changed(_session: Session) -> None:
        if is_changed:
            die()

    unlink = FolderStore.delete

    def delete_and_die(store: FolderStore, key: str) -> None:
        unlink(store, key)
        die()

    engine = open_engine(get_settings().records_url)
    event.listen(engine, "begin", begin)
    event.listen(engine, "commit", commit)
    event.listen(Session, "after_commit", die_if_changed)
    with (
        patch.object(FolderStore, "delete", delete_and_die),
        patch.object(flow, "forget_flow_runs", lambda _tag, _check: 0),
        patch("flows.lease.Lease._keep", lambda _self: None),
    ):
        perform_task(task_id, flow._delete)


def _give_back(task_id: str) -> None:
    """What the worker's parent does when it sees the death; the record of lost workers is kept from filling up."""
    with system_session(read_only=True) as session:
        owner = session.scalar(select(BackgroundTask.lease_owner).where(BackgroundTask.id == task_id))
    release_lost(owner or "")
    with system_session() as session:
        session.execute(update(BackgroundTask).where(BackgroundTask.id == task_id).values(lost_workers=0))


@pytest.mark.usefixtures("without_engine")
def test_a_deletion_whose_task_failed_is_started_anew_in_the_same_name(
    partner: Actor, installation: Installation
) -> None:
    child_id, _ = customer(partner, installation)
    task_id = delete(partner, child_id)
    assert restart_unfinished_deletions() == 0, "a task is at work on it"

    def fail(_deletion: flow.Deletion) -> int:
        raise ZeroDivisionError

    with patch.object(flow.Deletion, "_records", fail):
        perform_task(task_id, flow._delete)
    assert state_of(partner, task_id) == TaskState.FAILED
    assert get_child(partner, child_id).status == "pending_deletion"
    assert restart_unfinished_deletions() == 1
    assert restart_unfinished_deletions() == 0
    second = next(task for task in list_tasks(partner) if task.id != task_id)
    assert (second.starter_id, second.state) == (partner.user_id, TaskState.QUEUED)
    perform_task(second.id, flow._delete)
    assert rows_of(child_id) == {}
    assert restart_unfinished_deletions() == 0
