"""The upkeep of fleet tasks: jobs whose time has passed end, waiting ones are started (F-41)."""

from prefect import flow
from sqlalchemy import true

from domain.tenancy import system_session
from fleet.schedules.runs import hand_over_overdue
from fleet.tasks.execution import expire_jobs
from fleet.tasks.work import start_waiting


@flow(name="keep-fleet-tasks", persist_result=False)
def keep_fleet_tasks() -> dict[str, int]:
    """Expire jobs and start what nobody has started; returns how many of each."""
    with system_session() as session:
        expired = expire_jobs(session)
    with system_session() as session:
        started = start_waiting(session, true())
        overdue = hand_over_overdue(session)
    return {"expired": expired, "started": started, "overdue": overdue}
