"""Keeping reports of agents, our own worker among them, each in the kind of session that its operation needs."""

from collections.abc import Sequence

from sqlalchemy import select

from domain.tenancy import system_session, tenant_session
from fleet.tasks.execution import end_jobs
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.operations import operations
from steps.printer_work import Report

Reports = Sequence[tuple[int, Report]]


def keep_reports(organization_id: str, reports: Reports) -> int:
    """Write what came of jobs of the organization; returns how many had not ended before.

    A job of another organization is as one that does not exist.
    """
    across = _across(organization_id, reports)
    within = [one for one in reports if one[0] not in across]
    count = 0
    if within:
        with tenant_session(organization_id) as session:
            count += end_jobs(session, within)
    if across:
        with system_session() as session:
            count += end_jobs(session, [one for one in reports if one[0] in across])
    return count


def _across(organization_id: str, reports: Reports) -> set[int]:
    """Those jobs of the organization whose reports may change other organizations."""
    kinds = [kind.value for kind, operation in operations().items() if operation.across]
    ids = [job_id for job_id, _ in reports]
    with tenant_session(organization_id, read_only=True) as session:
        query = select(Job.id).join(FleetTask, FleetTask.id == Job.task_id)
        return set(session.scalars(query.where(Job.id.in_(ids), FleetTask.kind.in_(kinds))))
