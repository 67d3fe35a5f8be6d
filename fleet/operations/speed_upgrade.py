"""Speed upgrades (F-30): a code is used up only by success (FL-412)."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.printers.models import Printer
from fleet.printers.reports import store_reports
from fleet.speed_upgrades.models import UsedLicence
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.operations import Operation, Settled
from steps.printer_work import Outcome, Report
from steps.printers.speed_upgrade import SpeedUpgrade


def _use_up(session: Session, task: FleetTask, _job: Job, printer: Printer, report: Report) -> None:
    if report.outcome is not Outcome.COMPLETED or not report.facts.get("used"):
        return
    wanted = SpeedUpgrade.model_validate(task.parameters)
    if session.scalar(select(UsedLicence.id).where(UsedLicence.code == wanted.code)) is None:
        used = UsedLicence(code=wanted.code, serial_number=printer.serial_number, printer_id=printer.id)
        used.organization_id, used.slower, used.faster = task.organization_id, wanted.slower, wanted.faster
        session.add(used)


def _keep(session: Session, _task: FleetTask, settled: Sequence[Settled]) -> None:
    store_reports(session, settled)


OPERATIONS = (Operation(TaskKind.SPEED_UPGRADE, SpeedUpgrade, settle=_use_up, settle_all=_keep),)
