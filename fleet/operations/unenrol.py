"""Unenrolling printers (F-9): they leave the list; app, configuration and print apps stay on them (FL-323…FL-330)."""

from sqlalchemy.orm import Session

from connectors.messages import Message
from domain.audit.service import record_unattended
from fleet.printers.models import Printer
from fleet.tasks.gates import MANAGED
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.operations import Operation
from fleet.tasks.status import JobStatus
from steps.printer_work import Outcome, Report


def _leave(session: Session, task: FleetTask, job: Job, printer: Printer, report: Report) -> None:
    """Remove the printer. Its agent learns it when it next asks which printers are its own (FL-618)."""
    if report.outcome is not Outcome.COMPLETED:
        return
    session.refresh(printer, with_for_update=True)
    if printer.msp is not None:  # it has asked to join the supplies programme since the job was sent
        job.status, job.reason = JobStatus.FAILED, Message.of(MANAGED).model_dump()
        return
    facts = {"serial_number": printer.serial_number, "address": printer.address}
    record_unattended(
        session, job.organization_id, "printer.unenrolled", "printer", printer.id, facts, user_id=task.issuer_id or ""
    )
    session.delete(printer)


OPERATIONS = (Operation(TaskKind.UNENROL, settle=_leave),)
