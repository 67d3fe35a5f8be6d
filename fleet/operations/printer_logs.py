"""Logs of printers and walks of their management information (F-19): the file is kept with who asked for it."""

from typing import Any

from sqlalchemy.orm import Session

from connectors.documents.file_names import safe_file_name
from fleet.printer_logs.models import CollectedLog
from fleet.printers.models import Printer
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.operations import Operation
from steps.printer_work import Outcome, Report
from steps.printers.collect_log import CollectLog

MIB_WALK = "mib_walk"


def _keep(session: Session, task: FleetTask, job: Job, printer: Printer, report: Report) -> None:
    key = str(report.facts.get("file", ""))
    if report.outcome is not Outcome.COMPLETED or not key.startswith(f"{job.organization_id}/fleet/logs/"):
        return  # an agent can hand over only what it has put into its own organization's place for logs
    kind = MIB_WALK if task.kind == TaskKind.MIB_WALK else CollectLog.model_validate(task.parameters).kind
    log = CollectedLog(
        organization_id=job.organization_id,
        job_id=job.id,
        printer_id=printer.id,
        subject=job.subject,
        kind=str(kind),
        file_name=safe_file_name(str(report.facts.get("name", "log.txt"))),
        media_type=str(report.facts.get("media_type", "text/plain"))[:128],
        size=_size(report.facts.get("size")),
        object_key=key[:300],
        requester_id=task.issuer_id,
        requested=task.created,
    )
    session.add(log)
    session.flush()
    job.result = {"log_id": log.id}


def _size(told: Any) -> int:
    return told if isinstance(told, int) and told >= 0 else 0


OPERATIONS = (
    Operation(TaskKind.PRINTER_LOG, CollectLog, settle=_keep),
    Operation(TaskKind.MIB_WALK, settle=_keep),
)
