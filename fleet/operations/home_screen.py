"""Home screens (F-33): set or reset; the layout that the printer then shows is kept (FL-292)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from connectors.messages import Message
from fleet.printers.home_screens import items_lacking
from fleet.printers.models import Printer
from fleet.printers.reports import store_reports
from fleet.tasks.gates import FIRMWARE_OLD, Refusal
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask
from fleet.tasks.operations import Operation, Settled
from fleet.tasks.status import JobStatus
from steps.printers.home_screen import NOT_OFFERED, SetHomeScreen


def _orders(_session: Session, task: FleetTask, printers: Sequence[Printer]) -> Mapping[str, dict[str, Any] | Refusal]:
    """Only printers with the newest firmware can be sent a layout (FL-291)."""
    return {printer.id: _old(printer) or task.parameters for printer in printers}


def _foreseen(session: Session, task: FleetTask, printers: Sequence[Printer]) -> Mapping[str, Refusal]:
    """Printers with old firmware, and those that have said not to have an item of the layout."""
    found = {printer.id: refusal for printer in printers if (refusal := _old(printer))}
    pages = task.parameters.get("pages") or []
    for printer_id, items in items_lacking(session, [printer.id for printer in printers], pages).items():
        reason = Message.of(NOT_OFFERED.message, items=", ".join(items))
        found.setdefault(printer_id, Refusal(JobStatus.FAILED, reason))
    return found


def _old(printer: Printer) -> Refusal | None:
    if not printer.offered_firmware:
        return None
    return Refusal(JobStatus.NOT_SUPPORTED, Message.of(FIRMWARE_OLD, lowest=printer.offered_firmware))


def _keep(session: Session, _task: FleetTask, settled: Sequence[Settled]) -> None:
    store_reports(session, settled)


OPERATIONS = (Operation(TaskKind.SET_HOME_SCREEN, SetHomeScreen, orders=_orders, foresee=_foreseen, settle_all=_keep),)
