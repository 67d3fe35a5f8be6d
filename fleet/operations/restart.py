"""Restarting printers (F-12)."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from fleet.printers.reports import store_reports
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask
from fleet.tasks.operations import Operation, Settled


def _keep(session: Session, _task: FleetTask, settled: Sequence[Settled]) -> None:
    store_reports(session, settled)


OPERATIONS = (Operation(TaskKind.RESTART, settle_all=_keep),)
