"""Credentials by which agents sign in to printers (F-13, FL-268): tried first, kept only where they were accepted."""

from sqlalchemy.orm import Session

from connectors.secrets import decrypt
from fleet.printers.models import Printer
from fleet.printers.targets import keep_access
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.operations import Operation
from steps.printer_work import Access, Outcome, Report
from steps.printers.update_credentials import SECRET, UpdateCredentials


def _keep(_session: Session, task: FleetTask, _job: Job, printer: Printer, report: Report) -> None:
    if report.outcome is not Outcome.COMPLETED:
        return
    wanted = UpdateCredentials.model_validate(task.parameters)
    secret = decrypt(task.secrets).get(SECRET, "") if task.secrets else ""
    keep_access(printer, Access.model_validate({"type": wanted.type, "user": wanted.user, "secret": secret}))


OPERATIONS = (Operation(TaskKind.UPDATE_CREDENTIALS, UpdateCredentials, settle=_keep),)
