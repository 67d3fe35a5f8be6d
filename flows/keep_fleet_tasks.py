"""The upkeep of fleet tasks: jobs whose time has passed end, waiting ones and those that are due start (F-41)."""

from prefect import flow
from sqlalchemy import true

from domain.print_reports.schedules.failures import settle_reports
from domain.print_reports.schedules.models import ReportSchedule
from domain.recurrence.runs import hand_over_overdue
from domain.tenancy import system_session
from fleet.panel_messages.expiry import clear_old_messages
from fleet.schedules.models import FleetSchedule
from fleet.tasks.execution import expire_jobs
from fleet.tasks.work import start_waiting


@flow(name="keep-fleet-tasks", persist_result=False)
def keep_fleet_tasks() -> dict[str, int]:
    """Expire jobs, start what nobody has started, have old messages on panels cleared; returns how many of each.

    Scheduled reports that failed with their worker are told to whom they are made for.
    """
    with system_session() as session:
        expired = expire_jobs(session)
    with system_session() as session:
        started = start_waiting(session, true())
        overdue = hand_over_overdue(session, FleetSchedule) + hand_over_overdue(session, ReportSchedule)
    with system_session() as session:
        settle_reports(session)
    with system_session() as session:
        cleared = clear_old_messages(session)
    return {"expired": expired, "started": started, "overdue": overdue, "cleared": cleared}
