"""The flow that does the rows of a badge and PIN import, in the order of the file."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from domain.organizations.permissions import Permission
from domain.printer_login.configuration import settings_of
from domain.printer_login.imports import do_row, end_import, import_summary, rows_of_import
from domain.tenancy import tenant_session
from flows.background_task import TaskAtWork, TaskOutcome, perform_task

ROWS_AT_ONCE = 50
"""How many rows are committed together, with the lines of the log that tell of them."""


@flow(name="import-badges", persist_result=False)
def import_badges(task_id: str) -> State[Any]:
    """Do an import; after a lost worker it goes on behind the last row that was committed."""
    return perform_task(task_id, _import)


def _import(task: TaskAtWork) -> TaskOutcome:
    actor = task.actor()
    actor.need(Permission.BADGES_MANAGE)
    actor.need(Permission.PINS_MANAGE)
    with tenant_session(task.work.organization_id, read_only=True) as session:
        rows, settings = rows_of_import(session, task.work.task_id), settings_of(session, actor.organization_id)
    for start in range(task.work.done, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        with task.part(start + len(part), len(rows)) as session:
            for row in part:
                done = do_row(session, actor, settings, row)
                task.line(session, done.message, number=row.number, level=done.level, subject=done.email)
    with tenant_session(task.work.organization_id) as session:
        count, problems = end_import(session, actor, task.work.task_id)
    return TaskOutcome({"rows": count, "problems": problems}, import_summary(count, problems), bool(problems))
