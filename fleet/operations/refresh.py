"""Reading printers on request (F-10): the whole reading is kept, and the firmware status follows."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from fleet.firmware.offers import note_offers
from fleet.printers.reports import store_reports
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask
from fleet.tasks.operations import Operation, Settled


def _keep(session: Session, task: FleetTask, settled: Sequence[Settled]) -> None:
    store_reports(session, settled)
    note_offers(task.organization_id, [printer for _, printer, _ in settled])


OPERATIONS = (Operation(TaskKind.REFRESH, settle_all=_keep),)
