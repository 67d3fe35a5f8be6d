"""Panel apps of printers: start, stop, update, uninstall (F-28, F-29); several apps are one job with a result each."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.messages import Message
from fleet.panel_apps.catalogue import AppCatalogue, catalogue_for
from fleet.printers.models import Printer, PrinterApp
from fleet.printers.reports import store_reports
from fleet.tasks.gates import Refusal
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask
from fleet.tasks.operations import Operation, Settled
from fleet.tasks.status import JobStatus
from steps.printers.apps import MOST_APPS, NONE_THERE, ChosenApp, ChosenApps

PRINT_APP_SET = (
    "print-release",
    "print-usage",
    "cloud-authentication",
    "card-authentication",
)
"""The panel apps of print management, which are uninstalled together (FL-282)."""


class UninstallApps(BaseModel):
    """The print app set as a whole, or the apps that were picked (FL-282)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    print_app_set: bool = False
    apps: tuple[ChosenApp, ...] = Field((), max_length=MOST_APPS)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.print_app_set == bool(self.apps):
            raise ValueError("choose either the print app set or other apps")
        return self


def _uninstalled(session: Session, task: FleetTask, printers: Sequence[Printer]) -> Mapping[str, Any]:
    """Each printer is told the apps that were picked; of the print app set, those that it has."""
    wanted = UninstallApps.model_validate(task.parameters)
    if not wanted.print_app_set:
        chosen = ChosenApps(apps=wanted.apps).model_dump(mode="json")
        return {printer.id: chosen for printer in printers}
    query = select(PrinterApp.printer_id, PrinterApp.app_id, PrinterApp.name)
    ids = [printer.id for printer in printers]
    of_set = query.where(PrinterApp.printer_id.in_(ids), PrinterApp.app_id.in_(PRINT_APP_SET))
    there: dict[str, list[dict[str, str]]] = {}
    for printer_id, app_id, name in session.execute(of_set):
        there.setdefault(printer_id, []).append({"id": app_id, "name": name})
    none = Refusal(JobStatus.NOT_SUPPORTED, Message.of(NONE_THERE))
    return {one: {"apps": there[one]} if one in there else none for one in ids}


def _updated(_session: Session, task: FleetTask, printers: Sequence[Printer]) -> Mapping[str, Any]:
    """For each printer the newest versions that its framework can run."""
    catalogue = catalogue_for(task.organization_id)
    apps = ChosenApps.model_validate(task.parameters).apps
    return {printer.id: {"apps": [_newest(catalogue, app, printer) for app in apps]} for printer in printers}


def _newest(catalogue: AppCatalogue, app: ChosenApp, printer: Printer) -> dict[str, Any]:
    newest = catalogue.newest(app.id, printer.framework_version)
    if newest is None:
        return app.model_dump(mode="json")
    return {
        "id": app.id,
        "name": app.name or newest.name,
        "version": newest.version,
        "package": newest.file.model_dump(mode="json"),
    }


def _keep(session: Session, _task: FleetTask, settled: Sequence[Settled]) -> None:
    store_reports(session, settled)


OPERATIONS = (
    Operation(TaskKind.START_APPS, ChosenApps, settle_all=_keep),
    Operation(TaskKind.STOP_APPS, ChosenApps, settle_all=_keep),
    Operation(TaskKind.UPDATE_APPS, ChosenApps, orders=_updated, settle_all=_keep),
    Operation(TaskKind.UNINSTALL_APPS, UninstallApps, orders=_uninstalled, settle_all=_keep),
)
