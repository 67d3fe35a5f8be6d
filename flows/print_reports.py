"""The flow that writes reports on printing to files (F-28)."""

import tempfile
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from connectors.settings import get_settings
from domain.print_reports.lines import ReportFormat
from domain.print_reports.scope import ReportScope
from domain.print_reports.service import ReportKind, mail_full_report, write_report
from domain.tasks.files import keep_files
from flows.background_task import TaskAtWork, TaskOutcome, perform_task


@flow(name="make-print-report", persist_result=False)
def make_print_report(task_id: str) -> State[Any]:
    """Write the report that was asked for and keep it for a day."""
    return perform_task(task_id, _make)


def _make(task: TaskAtWork) -> TaskOutcome:
    actor = task.actor()
    kind = ReportKind(task.parameters["kind"])
    scope = ReportScope.model_validate(task.parameters["scope"])
    form = ReportFormat(task.parameters.get("format", ReportFormat.CSV))  # those asked for before an update have none
    scratch = get_settings().scratch_folder
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        made, rows = write_report(actor, kind, scope, Path(folder), form)
        task.check()
        kept = keep_files(task.work.organization_id, task.work.task_id, made)
    if kind is ReportKind.FULL:
        mail_full_report(actor, task.work.task_id, scope)
    return TaskOutcome({**kept, "rows": rows})
