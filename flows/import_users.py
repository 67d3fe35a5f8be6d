"""The flow that does the rows of a user import, in the order of the file (AC-97).

New passwords are hashed by a pool of threads ahead of the rows that need them: that is the dear part.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from sqlalchemy.exc import IntegrityError

from connectors.errors import PressroomError
from domain.organizations.last_administrator import LAST_ADMINISTRATOR
from domain.organizations.permissions import Permission
from domain.people.import_file import ImportRow, Operation, RowFault
from domain.people.import_rows import ImportChoices, RowDone, do_rows, do_rows_singly
from domain.people.imports import end_import, file_of_import
from domain.sign_in.passwords import imported_password_hash
from domain.sign_in.rules import rules_of
from domain.tenancy import system_session
from flows.background_task import TaskAtWork, TaskOutcome, perform_task

ROWS_AT_ONCE = 200
"""How many rows are committed together, with the lines of the log that tell of them."""
Rows = Sequence[ImportRow | RowFault]


@flow(name="import-users", persist_result=False)
def import_users(task_id: str) -> State[Any]:
    """Do an import; after a lost worker it goes on behind the last row that was committed."""
    return perform_task(task_id, _import)


def _import(task: TaskAtWork) -> TaskOutcome:
    actor = task.actor()
    actor.need(Permission.USERS_IMPORT)
    with system_session(read_only=True) as session:
        file = file_of_import(session, task.work.task_id, task.parameters)
        rules = rules_of(session, actor.organization_id)
    choices = ImportChoices(actor, rules, file.send_links, file.is_federated)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for end, part, hashes in _parts(file.rows, task.work.done, pool, hashing=not file.is_federated):
            notes = file.warnings() if end <= ROWS_AT_ONCE else []
            for note in notes:
                task.note(note, "warning")
            _do(task, choices, part, hashes, end, len(file.rows))
    with system_session() as session:
        counts, summary = end_import(session, actor, task.work.task_id)
    return TaskOutcome(counts, summary, has_errors=counts["problems"] > 0)


def _do(task: TaskAtWork, choices: ImportChoices, rows: Rows, hashes: Mapping[int, str], end: int, total: int) -> None:
    """Do some rows in one transaction, or each by itself where they cannot be done together."""
    try:
        with task.part(end, total, everywhere=True) as session:
            _tell(task, session, do_rows(session, choices, rows, hashes))
    except (IntegrityError, PressroomError) as error:
        if isinstance(error, PressroomError) and error.fault is not LAST_ADMINISTRATOR:
            raise
        with task.part(end, total, everywhere=True) as session:
            _tell(task, session, do_rows_singly(session, choices, rows, hashes))


def _tell(task: TaskAtWork, session: Any, lines: Sequence[RowDone]) -> None:
    for line in lines:
        task.line(session, line.message, number=line.number, level=line.level, subject=line.email)


def _parts(rows: Rows, done: int, pool: Executor, *, hashing: bool) -> Iterator[tuple[int, Rows, Mapping[int, str]]]:
    """The rows after the first `done` in parts: where each ends, its rows, and the hashes of their passwords.

    While one part is at work the next one's passwords are hashed.
    """
    starts = range(done, len(rows), ROWS_AT_ONCE)
    waiting = _hashed(rows[done : done + ROWS_AT_ONCE], pool) if hashing else {}
    for start in starts:
        part, present = rows[start : start + ROWS_AT_ONCE], waiting
        following = rows[start + ROWS_AT_ONCE : start + 2 * ROWS_AT_ONCE]
        waiting = _hashed(following, pool) if hashing else {}
        yield start + len(part), part, {number: future.result() for number, future in present.items()}


def _hashed(rows: Rows, pool: Executor) -> dict[int, Future[str]]:
    return {
        row.number: pool.submit(imported_password_hash, row.password)
        for row in rows
        if isinstance(row, ImportRow) and row.operation is Operation.CREATE and row.password
    }
