"""Deploying, checking and enforcing configurations: what each printer is told, and what its report changes (F-21…F-25).

A draft goes to one printer of a test task and nowhere else (FL-350). Checks and enforcement take the newest published
version of what is assigned to each printer; one without an assignment is not sent (FL-424).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from connectors.printers.files import FileKind
from fleet.configurations.compliance import keep_results
from fleet.configurations.models import DRAFT, Configuration, ConfigurationVersion
from fleet.configurations.resolution import wanted_of
from fleet.firmware.offers import note_offers
from fleet.printers.models import Printer, PrinterApp
from fleet.printers.reports import store_reports
from fleet.resources.models import Resource
from fleet.tasks.gates import Refusal
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.operations import Operation, Settled
from fleet.tasks.status import JobStatus
from steps.app_conflicts import DEVICE_QUOTAS, NOT_BESIDE_QUOTAS
from steps.printer_work import FileReference, Outcome

GONE = N_("The configuration was deleted.")
FILE_GONE = N_("The file was deleted.")
WRONG_FILE = N_("Firmware is not deployed as a file.")
NOTHING_ASSIGNED = N_("No configuration is assigned to the printer.")
QUOTAS_THERE = N_(
    "“{app}” cannot be on the printer together with the device quotas app: stop, disable or uninstall that one there."
)
DRAFT_ELSEWHERE = N_("A draft can be tried on one printer only.")

Orders = Mapping[str, dict[str, Any] | Refusal]


class DeployConfigurationTask(BaseModel):
    """The version that is deployed, fixed when the task is made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    configuration_id: str = Field(min_length=1, max_length=32)
    version_id: str = Field(min_length=1, max_length=32)


class EnforceConfigurationTask(BaseModel):
    """`restart`: the second check is made after a restart of what was changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    restart: bool = True


class DeployFileTask(BaseModel):
    """A file of the resource library, or one that was taken in for this task."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    resource_id: str = Field(min_length=1, max_length=32)


def _deployments(session: Session, task: FleetTask, printers: Sequence[Printer]) -> Orders:
    wanted = DeployConfigurationTask.model_validate(task.parameters)
    query = select(Configuration, ConfigurationVersion).join(
        ConfigurationVersion, ConfigurationVersion.configuration_id == Configuration.id
    )
    chosen = query.where(Configuration.id == wanted.configuration_id, ConfigurationVersion.id == wanted.version_id)
    found = session.execute(chosen).tuples().first()
    if found is None:
        return _all(printers, Refusal(JobStatus.FAILED, Message.of(GONE)))
    configuration, version = found
    if version.number == DRAFT and not (task.is_test and _jobs(session, task) == 1):
        return _all(printers, Refusal(JobStatus.FAILED, Message.of(DRAFT_ELSEWHERE)))
    return _without_quotas(session, wanted_of(session, configuration, version, printers))


def _without_quotas(session: Session, orders: Orders) -> Orders:
    """Refuse what would put an app beside the device quotas app, which makes everybody an invalid user (SCAN-101)."""
    apps = {
        printer_id: app["name"]
        for printer_id, order in orders.items()
        if not isinstance(order, Refusal)
        for app in order["apps"]
        if app["id"] in NOT_BESIDE_QUOTAS
    }
    if not apps:
        return orders
    having = select(PrinterApp.printer_id).where(PrinterApp.app_id == DEVICE_QUOTAS, PrinterApp.is_started)
    refused = {
        printer_id: Refusal(JobStatus.FAILED, Message.of(QUOTAS_THERE, app=apps[printer_id]))
        for printer_id in session.scalars(having)
        if printer_id in apps
    }
    return {**orders, **refused}


def _assigned(session: Session, _task: FleetTask, printers: Sequence[Printer]) -> dict[str, dict[str, Any] | Refusal]:
    """What is assigned to each printer, in its newest published version."""
    by_configuration: dict[str, list[Printer]] = {}
    for printer in printers:
        by_configuration.setdefault(printer.assigned_configuration_id or "", []).append(printer)
    orders = dict(_all(printers, Refusal(JobStatus.NOT_SUPPORTED, Message.of(NOTHING_ASSIGNED))))
    for configuration_id, having in by_configuration.items():
        found = _newest(session, configuration_id)
        if found is not None:
            orders |= wanted_of(session, *found, having)
    return orders


def _unassigned(_session: Session, _task: FleetTask, printers: Sequence[Printer]) -> Mapping[str, Refusal]:
    nothing = Refusal(JobStatus.NOT_SUPPORTED, Message.of(NOTHING_ASSIGNED))
    return {printer.id: nothing for printer in printers if not printer.assigned_configuration_id}


def _enforced(session: Session, task: FleetTask, printers: Sequence[Printer]) -> Orders:
    restart = EnforceConfigurationTask.model_validate(task.parameters).restart
    orders = _without_quotas(session, _assigned(session, task, printers))
    return {
        printer_id: order if isinstance(order, Refusal) else order | {"restart": restart}
        for printer_id, order in orders.items()
    }


def _files(session: Session, task: FleetTask, printers: Sequence[Printer]) -> Orders:
    wanted = DeployFileTask.model_validate(task.parameters)
    resource = session.scalar(select(Resource).where(Resource.id == wanted.resource_id))
    if resource is None:
        return _all(printers, Refusal(JobStatus.FAILED, Message.of(FILE_GONE)))
    if resource.kind == FileKind.FIRMWARE:
        return _all(printers, Refusal(JobStatus.FAILED, Message.of(WRONG_FILE)))
    file = FileReference(key=resource.object_key, name=resource.file_name, size=resource.size, sha256=resource.sha256)
    order = {"kind": resource.kind, "file": file.model_dump(mode="json")}
    return {printer.id: order for printer in printers}


def _deployed(session: Session, task: FleetTask, settled: Sequence[Settled]) -> None:
    """Note which configuration and version a printer has last taken, and the evidence of what it changed."""
    _keep_seen(session, task, settled)
    for job, printer, report in settled:
        changes = report.facts.get("changes", [])
        job.result = {"title": report.facts.get("title", ""), "changes": changes}
        if report.outcome is Outcome.COMPLETED:
            printer.last_configuration = str(report.facts.get("title", ""))[:300]


def _checked(session: Session, task: FleetTask, settled: Sequence[Settled]) -> None:
    _keep_seen(session, task, settled)
    keep_results(session, task.id, settled)


def _enforcement(session: Session, task: FleetTask, settled: Sequence[Settled]) -> None:
    _checked(session, task, settled)
    for _, printer, report in settled:
        if report.outcome is Outcome.COMPLETED and report.facts.get("changes"):
            printer.last_configuration = str(report.facts.get("title", ""))[:300]


def _keep_seen(session: Session, task: FleetTask, settled: Sequence[Settled]) -> None:
    store_reports(session, settled)
    note_offers(task.organization_id, [printer for _, printer, report in settled if "identity" in report.facts])


def _newest(session: Session, configuration_id: str) -> tuple[Configuration, ConfigurationVersion] | None:
    query = select(Configuration, ConfigurationVersion).join(
        ConfigurationVersion, ConfigurationVersion.configuration_id == Configuration.id
    )
    published = query.where(Configuration.id == configuration_id, ConfigurationVersion.number > DRAFT)
    return session.execute(published.order_by(ConfigurationVersion.number.desc()).limit(1)).tuples().first()


def _jobs(session: Session, task: FleetTask) -> int:
    return session.scalar(select(func.count()).select_from(Job).where(Job.task_id == task.id)) or 0


def _all(printers: Sequence[Printer], refusal: Refusal) -> dict[str, dict[str, Any] | Refusal]:
    return {printer.id: refusal for printer in printers}


OPERATIONS = (
    Operation(TaskKind.DEPLOY_CONFIGURATION, DeployConfigurationTask, orders=_deployments, settle_all=_deployed),
    Operation(TaskKind.CHECK_COMPLIANCE, orders=_assigned, foresee=_unassigned, settle_all=_checked),
    Operation(
        TaskKind.ENFORCE_CONFIGURATION,
        EnforceConfigurationTask,
        orders=_enforced,
        foresee=_unassigned,
        settle_all=_enforcement,
    ),
    Operation(TaskKind.DEPLOY_FILE, DeployFileTask, orders=_files, settle_all=_keep_seen),
)
