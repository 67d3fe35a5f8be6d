"""The upkeep of fleet tasks: jobs whose time has passed end, and waiting ones that can be done are started (F-41)."""

from prefect import flow
from sqlalchemy import true

from domain.tenancy import system_session
from fleet.tasks.execution import expire_jobs
from fleet.tasks.work import start_waiting


@flow(name="keep-fleet-tasks", persist_result=False)
def keep_fleet_tasks() -> dict[str, int]:
    """Expire jobs and start what nobody has started; returns how many of each."""
    with system_session() as session:
        expired = expire_jobs(session)
    with system_session() as session:
        started = start_waiting(session, true())
    return {"expired": expired, "started": started}
