"""What is done with configurations on printers: deploy, assign, check, enforce, and the default one at enrolment.

Everything that reaches a printer is a fleet task; assigning is a matter of our records alone (F-20…F-25).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_, Message
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.agents.models import Agent
from fleet.configurations.compliance import end_drift
from fleet.configurations.drafts import draft_of
from fleet.configurations.models import Configuration, ConfigurationVersion
from fleet.configurations.service import configuration_of, newest_version
from fleet.printers.models import Printer
from fleet.resources.models import Resource
from fleet.resources.service import add_single_file, forget_single_file
from fleet.tasks.gates import Refusal, refusals
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.service import NewTask, add_fleet_task, start_fleet_task
from fleet.tasks.status import JobStatus

ONE_PRINTER = Fault(
    "configuration.draft_on_several",
    409,
    N_("A draft can be tried on one printer only."),
    N_("Choose a single printer, or publish the draft first."),
    spec="FL-350",
)
CHUNK = 500


@dataclass(frozen=True, slots=True)
class NotAssigned:
    """A printer that cannot have an assigned configuration, and why (FL-420)."""

    printer_id: str
    subject: str
    reason: Message


@dataclass(frozen=True, slots=True)
class AssignmentResult:
    """How many printers have the configuration now, and which cannot (F-23)."""

    assigned: int
    refused: tuple[NotAssigned, ...]


def deploy_configuration(
    actor: Actor, configuration_id: str, printer_ids: Sequence[str], *, draft: bool = False
) -> str:
    """Start a task that deploys the newest published version (FL-400); returns its id.

    `draft`: the draft is tried instead, on exactly one printer (FL-350, A-19). Raises `NOT_PUBLISHED`, `NO_DRAFT` and
    `ONE_PRINTER`.
    """
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session(read_only=True) as session:
        configuration = configuration_of(session, configuration_id)
        if draft and len(set(printer_ids)) != 1:
            raise ONE_PRINTER()
        version = draft_of(session, configuration) if draft else newest_version(session, configuration)
        new = _deployment(configuration, version, is_test=draft)
    return start_fleet_task(actor, new, printer_ids)


def deploy_file(actor: Actor, resource_id: str, printer_ids: Sequence[str]) -> str:
    """Start a task that deploys a file of the library, or one that was taken in for this (F-20); returns its id."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session(read_only=True) as session:
        if session.scalar(select(Resource.id).where(Resource.id == resource_id)) is None:
            raise NOT_FOUND(what="resource")
    return start_fleet_task(actor, NewTask(TaskKind.DEPLOY_FILE, {"resource_id": resource_id}), printer_ids)


def deploy_upload(actor: Actor, path: Path, file_name: str, printer_ids: Sequence[str]) -> str:
    """Take a file in and start a task that deploys it (FL-273); returns the task's id.

    Raises what `inspect_file` raises, and what `start_fleet_task` raises: the file is not kept then.
    """
    resource = add_single_file(actor, path, file_name)
    try:
        return deploy_file(actor, resource.id, printer_ids)
    except BaseException:
        forget_single_file(actor, resource.id)
        raise


def check_compliance(actor: Actor, printer_ids: Sequence[str]) -> str:
    """Start a task that checks printers against their assigned configurations (FL-422); returns its id."""
    return start_fleet_task(actor, NewTask(TaskKind.CHECK_COMPLIANCE), printer_ids)


def enforce_configuration(actor: Actor, printer_ids: Sequence[str], *, restart: bool = True) -> str:
    """Start a task that enforces the assigned configurations (FL-423); returns its id.

    `restart`: printers on which something was changed restart before the second check.
    """
    return start_fleet_task(actor, NewTask(TaskKind.ENFORCE_CONFIGURATION, {"restart": restart}), printer_ids)


def assign_configuration(actor: Actor, configuration_id: str, printer_ids: Sequence[str]) -> AssignmentResult:
    """Assign a published configuration, in place of any former one (FL-420).

    Raises `NOT_PUBLISHED`, and `NOT_FOUND` when one of the printers is not the organization's: nothing is done then.
    """
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        configuration = configuration_of(session, configuration_id)
        newest_version(session, configuration)
        printers = _printers(session, printer_ids)
        result = _assign(session, configuration, printers)
        facts: Facts = {"name": configuration.name, "count": result.assigned, "refused": len(result.refused)}
        record(session, actor, "configuration.assigned", "configuration", configuration.id, facts)
        return result


def unassign_configuration(actor: Actor, printer_ids: Sequence[str]) -> int:
    """Take the assignment away; nothing changes on the printers (FL-421). Returns how many had one."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        printers = [one for one in _printers(session, printer_ids) if one.assigned_configuration_id is not None]
        _set(session, [printer.id for printer in printers], None)
        record(session, actor, "configuration.unassigned", "printer", "", {"count": len(printers)})
        return len(printers)


def deploy_default(session: Session, organization_id: str, printers: Sequence[Printer]) -> str | None:
    """Give newly enrolled printers the default configuration, in the transaction that enrols them (FL-395, F-22).

    It is deployed where the agent allows configuration and assigned where it allows assignment (A-24). Returns the id
    of the task, None where there is no default or no printer takes it; the other gates are looked at when the task is
    carried out, as a newcomer's framework may not be known yet.
    """
    configuration = session.scalar(
        select(Configuration).where(Configuration.is_default, Configuration.organization_id == organization_id)
    )
    if configuration is None or not printers:
        return None
    _assign(session, configuration, printers)
    agents = KINDS[TaskKind.DEPLOY_CONFIGURATION].agents
    taking = [one.id for one in printers if one.is_vendor and one.agent_kind in agents]
    if not taking:
        return None
    new = _deployment(configuration, newest_version(session, configuration))
    return add_fleet_task(session, organization_id, None, new, taking)


def _deployment(configuration: Configuration, version: ConfigurationVersion, *, is_test: bool = False) -> NewTask:
    parameters: dict[str, Any] = {"configuration_id": configuration.id, "version_id": version.id}
    return NewTask(TaskKind.DEPLOY_CONFIGURATION, parameters, name=configuration.name, is_test=is_test)


def _assign(session: Session, configuration: Configuration, printers: Sequence[Printer]) -> AssignmentResult:
    refused, taken = [], []
    for printer in printers:
        if refusal := _unsupported(session, TaskKind.CHECK_COMPLIANCE, printer):
            subject = f"{printer.address} · {printer.serial_number}"
            refused.append(NotAssigned(printer.id, subject, refusal.reason))
        else:
            taken.append(printer.id)
    _set(session, taken, configuration.id)
    return AssignmentResult(len(taken), tuple(refused))


def _set(session: Session, printer_ids: Sequence[str], configuration_id: str | None) -> None:
    end_drift(session, printer_ids)
    values = {"assigned_configuration_id": configuration_id, "compliance": None, "compliance_at": None}
    for start in range(0, len(printer_ids), CHUNK):
        chosen = update(Printer).where(Printer.id.in_(printer_ids[start : start + CHUNK]))
        session.execute(chosen.values(values))


def _unsupported(session: Session, kind: TaskKind, printer: Printer) -> Refusal | None:
    """Why the printer can never do it; that it is silent just now does not count."""
    agent = session.get(Agent, printer.agent_id) if printer.agent_id else None
    never = (one for one in refusals(kind, printer, agent) if one.status == JobStatus.NOT_SUPPORTED)
    return next(never, None)


def _printers(session: Session, printer_ids: Sequence[str]) -> list[Printer]:
    ids = list(dict.fromkeys(printer_ids))
    found: list[Printer] = []
    for start in range(0, len(ids), CHUNK):
        found += session.scalars(select(Printer).where(Printer.id.in_(ids[start : start + CHUNK])))
    if len(found) != len(ids):
        raise NOT_FOUND(what="printer")
    return found
