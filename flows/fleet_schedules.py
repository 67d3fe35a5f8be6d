"""The flow that runs a fleet schedule at its time (F-43)."""

from datetime import datetime

from prefect import flow

from domain.tenancy import system_session
from fleet.schedules.runs import run_schedule


@flow(name="run-fleet-schedule", persist_result=False)
def run_fleet_schedule(schedule_id: str, due: str) -> str | None:
    """Start the task that is due; returns its id, or None when there is nothing to start."""
    with system_session() as session:
        return run_schedule(session, schedule_id, datetime.fromisoformat(due))
