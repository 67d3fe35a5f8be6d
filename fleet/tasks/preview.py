"""Which printers a task would not be sent to, and why, told before it is started (section 43.1).

It is what is known at that moment: the gates are looked at again when a job is taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.messages import Message
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.agents.models import Agent
from fleet.printers.models import Printer
from fleet.printers.scope import Scope, is_in, printer_scope
from fleet.tasks.gates import Refusal, refusals
from fleet.tasks.kinds import KINDS
from fleet.tasks.models import FleetTask
from fleet.tasks.operations import operations
from fleet.tasks.service import NewTask

CHUNK = 500
MOST_NAMED = 100
"""Further printers are counted and not named."""


@dataclass(frozen=True, slots=True)
class RefusedPrinter:
    """A printer that the task would not be sent to, with everything that stands in its way, the first one first."""

    printer_id: str
    subject: str
    model: str
    reasons: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class TaskPreview:
    """How many printers the task is asked for, how many it would not be sent to, and the first of these by name."""

    total: int
    refused: int
    named: tuple[RefusedPrinter, ...]


def preview_task(actor: Actor, new: NewTask, ids: Sequence[str], *, across: bool = False) -> TaskPreview:
    """What the gates, and the operation itself, would say to each printer now.

    `across`: printers of several organizations (FL-58). Raises `NOT_FOUND` when one of them is out of reach.
    """
    actor.need(Permission.FLEET_UPDATE_ACROSS if across else KINDS[new.kind].permission)
    named: list[RefusedPrinter] = []
    refused, wanted = 0, list(dict.fromkeys(ids))
    with printer_scope(actor, across=across) as scope:
        for start in range(0, len(wanted), CHUNK):
            printers = _printers(scope, wanted[start : start + CHUNK])
            found = _refusals(scope.session, new, printers)
            refused += len(found)
            named += [
                RefusedPrinter(
                    printer.id,
                    f"{printer.address} · {printer.serial_number}",
                    printer.model,
                    tuple(refusal.reason for refusal in found[printer.id]),
                )
                for printer in printers
                if printer.id in found
            ][: MOST_NAMED - len(named)]
    return TaskPreview(len(wanted), refused, tuple(named))


def _printers(scope: Scope, ids: Sequence[str]) -> list[Printer]:
    found = {one.id: one for one in scope.session.scalars(select(Printer).where(is_in(scope), Printer.id.in_(ids)))}
    if len(found) != len(ids):
        raise NOT_FOUND(what="printer")
    return [found[one] for one in ids]


def _refusals(session: Session, new: NewTask, printers: Sequence[Printer]) -> Mapping[str, list[Refusal]]:
    agents = _agents(session, printers)
    found = {one.id: refusals(new.kind, one, agents.get(one.agent_id or "")) for one in printers}
    operation = operations()[new.kind]
    for organization_id in {one.organization_id for one in printers}:
        its = [one for one in printers if one.organization_id == organization_id]
        task = FleetTask(organization_id=organization_id, kind=new.kind.value, parameters=dict(new.parameters))
        for printer_id, refusal in operation.foresee(session, task, its).items():
            if refusal.reason not in [known.reason for known in found[printer_id]]:
                found[printer_id].append(refusal)
    return {printer_id: its for printer_id, its in found.items() if its}


def _agents(session: Session, printers: Sequence[Printer]) -> dict[str, Agent]:
    ids = {printer.agent_id for printer in printers if printer.agent_id}
    return {agent.id: agent for agent in session.scalars(select(Agent).where(Agent.id.in_(ids)))}
