"""Bulk tasks: one request over printers, or agents, of several organizations (FL-57…FL-64, A-2).

The bulk task is a row of the issuer's own organization; for each organization concerned an ordinary task carries its
share. All of it is written in one transaction.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND, system_session
from fleet.agents.models import Agent, AgentKind
from fleet.printers.models import Printer
from fleet.printers.scope import printer_scope
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.models import FleetTask
from fleet.tasks.service import (
    CHUNK,
    NOTHING_CHOSEN,
    NewTask,
    add_fleet_task,
    checked_parameters,
    prepare,
    stop_pending,
)

ACROSS = frozenset({TaskKind.UPDATE_AGENT, TaskKind.UPDATE_APPS, TaskKind.UPDATE_FIRMWARE})
"""What may be done across organizations (FL-58); native agents are not updated that way."""
NOT_ACROSS = Fault(
    "fleet_task.not_across",
    409,
    N_("This cannot be done across organizations."),
    N_("Choose one organization and do it there. Agents, apps and firmware can be updated across organizations."),
    spec="FL-64",
)


def start_bulk_task(actor: Actor, new: NewTask, ids: Sequence[str]) -> str:
    """Start it; returns the bulk task's id.

    Raises `NOT_ACROSS`, `NOTHING_CHOSEN`, and `NOT_FOUND` where a printer or agent is of no organization in reach.
    """
    actor.need(Permission.FLEET_UPDATE_ACROSS)
    if new.kind not in ACROSS:
        raise NOT_ACROSS()
    with printer_scope(actor, across=True) as scope:
        reachable = set(scope.ids)
    prepare(new.kind)
    with system_session() as session:
        shares = shares_of(session, new.kind, list(dict.fromkeys(ids)), reachable)
        parent = FleetTask(
            organization_id=actor.home_organization_id,
            kind=new.kind.value,
            name=new.name,
            parameters=checked_parameters(new),
            issuer_id=actor.user_id or None,
            starts=new.starts,
            window_end=new.window_end,
            is_bulk=True,
        )
        session.add(parent)
        session.flush()
        for organization_id, share in shares.items():
            part = replace(new, parent_id=parent.id)
            task_id = add_fleet_task(session, organization_id, actor.user_id or None, part, share)
            facts = {"kind": new.kind.value, "count": len(share)}
            record(session, actor, "fleet_task.started", "fleet_task", task_id, facts, organization_id=organization_id)
        return parent.id


def stop_bulk_task(actor: Actor, task_id: str) -> int:
    """Stop what is pending in all parts; returns how many jobs. Raises `NOT_FOUND`, `NOT_STOPPABLE`."""
    actor.need(Permission.FLEET_UPDATE_ACROSS)
    with system_session() as session:
        own = (FleetTask.id == task_id, FleetTask.organization_id == actor.home_organization_id, FleetTask.is_bulk)
        if session.scalar(select(FleetTask).where(*own)) is None:
            raise NOT_FOUND(what="task")
        parts = session.scalars(select(FleetTask).where(FleetTask.parent_id == task_id)).all()
        stopped = 0
        for part in parts:
            count = stop_pending(session, part, ())
            stopped += count
            if count:
                home = part.organization_id
                record(
                    session,
                    actor,
                    "fleet_task.stopped",
                    "fleet_task",
                    part.id,
                    {"count": count},
                    organization_id=home,
                )
        return stopped


def shares_of(session: Session, kind: TaskKind, ids: Sequence[str], reachable: set[str]) -> dict[str, list[str]]:
    """The ids by organization, without native agents (FL-58); raises `NOT_FOUND` for what is not `reachable`."""
    shares: dict[str, list[str]] = {}
    seen = 0
    for start in range(0, len(ids), CHUNK):
        for found, organization_id, is_dropped in _rows(session, kind, ids[start : start + CHUNK]):
            if organization_id not in reachable:
                raise NOT_FOUND(what="agent" if KINDS[kind].on_agents else "printer")
            seen += 1
            if not is_dropped:
                shares.setdefault(organization_id, []).append(found)
    if seen != len(ids):
        raise NOT_FOUND(what="agent" if KINDS[kind].on_agents else "printer")
    if not shares:
        raise NOTHING_CHOSEN()
    return shares


def _rows(session: Session, kind: TaskKind, ids: Sequence[str]) -> list[tuple[str, str, bool]]:
    if KINDS[kind].on_agents:
        agents = session.execute(select(Agent.id, Agent.organization_id, Agent.kind).where(Agent.id.in_(ids)))
        return [(one, organization, kind_ == AgentKind.NATIVE) for one, organization, kind_ in agents]
    printers = session.execute(select(Printer.id, Printer.organization_id).where(Printer.id.in_(ids)))
    return [(one, organization, False) for one, organization in printers]
