"""The flow that imports delivery contacts, one after another, until it is cancelled (F-39)."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from connectors.messages import Message
from domain.organizations.permissions import Permission
from domain.tenancy import tenant_session
from fleet.managed_supplies.contact_import import (
    CANCELLED,
    contacts_of_import,
    do_contact,
    end_contact_import,
    is_cancelled,
    report_values,
    summary,
)
from flows.background_task import TaskAtWork, TaskOutcome, perform_task


@flow(name="import-delivery-contacts", persist_result=False)
def import_delivery_contacts(task_id: str) -> State[Any]:
    """Do an import; after a lost worker it goes on behind the last contact that was committed."""
    return perform_task(task_id, _import)


def _import(task: TaskAtWork) -> TaskOutcome:
    actor, task_id, organization_id = task.actor(), task.work.task_id, task.work.organization_id
    actor.need(Permission.FLEET_MANAGE)
    with tenant_session(organization_id, read_only=True) as session:
        rows = contacts_of_import(session, task_id)
    for done, row in enumerate(rows[task.work.done :], task.work.done + 1):
        with tenant_session(organization_id, read_only=True) as session:
            if is_cancelled(session, task_id):
                break
        with task.part(done, len(rows)) as session:
            result = do_contact(session, actor, task_id, row)
            for message in result.messages:
                task.line(session, message, number=row.number, level=result.level)
    with tenant_session(organization_id) as session:
        report = end_contact_import(session, task_id)
        if report.not_imported:
            task.line(session, Message.of(CANCELLED), level="warning")
    problems = bool(report.existing or report.invalid or report.not_imported)
    return TaskOutcome(report_values(report), summary(report), problems)
