"""The flow that writes reports on printing to files (F-28)."""

import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from connectors.settings import get_settings
from domain.print_reports.kinds import ReportFormat, ReportKind
from domain.print_reports.mails import mail_full_report, mail_scheduled_report
from domain.print_reports.schedules.failures import settle_report
from domain.print_reports.schedules.recipients import people_of
from domain.print_reports.schedules.runs import run_report_schedule
from domain.print_reports.scope import ReportScope
from domain.print_reports.service import write_report
from domain.tasks.files import keep_files
from domain.tenancy import system_session
from flows.background_task import TaskAtWork, TaskOutcome, perform_task


@flow(name="make-print-report", persist_result=False)
def make_print_report(task_id: str) -> State[Any]:
    """Write the report that was asked for, keep it for a day, and mail the links where that is asked for.

    Where a scheduled one fails, the person for whom it is made is told.
    """
    ended = perform_task(task_id, _make)
    with system_session() as session:
        settle_report(session, task_id)
    return ended


@flow(name="run-print-report-schedule", persist_result=False)
def run_print_report_schedule(schedule_id: str, due: str) -> str | None:
    """Have the scheduled report made that is due; returns its id, or None when there is nothing to make."""
    with system_session() as session:
        return run_report_schedule(session, schedule_id, datetime.fromisoformat(due))


def _make(task: TaskAtWork) -> TaskOutcome:
    mailing = task.parameters.get("mailing", {})
    actor = task.actor()
    actor = replace(actor, time_zone=mailing.get("time_zone", actor.time_zone))
    kind = ReportKind(task.parameters["kind"])
    scope = ReportScope.model_validate(task.parameters["scope"])
    form = ReportFormat(task.parameters.get("format", ReportFormat.CSV))  # those asked for before an update have none
    scratch = get_settings().scratch_folder
    scratch.mkdir(parents=True, exist_ok=True)
    receivers = mailing.get("recipients", ())
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        made, rows = write_report(actor, kind, scope, Path(folder), form)
        task.check()
        kept = keep_files(task.work.organization_id, task.work.task_id, made, receivers)
    if mailing:
        with system_session() as session:
            people = people_of(session, actor.organization_id, actor.user_id, receivers)
            mail_scheduled_report(session, actor, task.work.task_id, mailing["name"], scope, people, rows)
    elif kind is ReportKind.FULL:
        mail_full_report(actor, task.work.task_id, scope)
    return TaskOutcome({**kept, "rows": rows})
