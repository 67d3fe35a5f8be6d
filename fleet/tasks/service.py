"""What people do with fleet tasks: start them, watch them, stop what waits (FL-480…FL-501)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.secrets import encrypt
from connectors.settings import get_settings
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.tenancy import NOT_FOUND
from fleet.agents.models import Agent
from fleet.printers.models import Printer
from fleet.tasks.execution import refresh_status, refuse_silent
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.operations import operations
from fleet.tasks.rollout import Rollout
from fleet.tasks.status import JobStatus
from fleet.tasks.work import start_work

NOTHING_CHOSEN = Fault(
    "fleet_task.nothing_chosen",
    422,
    N_("No printer is chosen."),
    N_("Choose at least one printer of the list."),
)
BAD_REQUEST = Fault(
    "fleet_task.parameters",
    422,
    N_("What is asked for is not complete: {problem}."),
    N_("Correct the value and start the task again."),
)
NOT_STOPPABLE = Fault(
    "fleet_task.not_stoppable",
    409,
    N_("This cannot be stopped."),
    N_("Only pending jobs can be stopped, and those of an unenrolment never."),
    spec="FL-500",
)
ALL_MANAGED = Fault(
    "fleet_task.all_managed",
    409,
    N_("All of these printers are managed by the supplies programme, or wait to be, and cannot be unenrolled."),
    N_("Ask your partner to release them from the programme first."),
    spec="FL-474",
)
CHUNK = 500


@dataclass(frozen=True, slots=True)
class NewTask:
    """What a task is asked for. `starts` and `window_end` as of FL-306, aware; `secrets` are kept encrypted."""

    kind: TaskKind
    parameters: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)
    starts: datetime | None = None
    window_end: datetime | None = None
    schedule_id: str | None = None
    parent_id: str | None = None
    rollout: Rollout | None = None
    is_test: bool = False


def start_fleet_task(actor: Actor, new: NewTask, ids: Sequence[str]) -> str:
    """Start a task over printers (agents, where the kind is for agents); returns its id.

    Raises `NOTHING_CHOSEN`, `BAD_REQUEST`, `ALL_MANAGED` (FL-474), and `NOT_FOUND` when one of them is not the
    organization's: nothing is started then.
    """
    actor.need(KINDS[new.kind].permission)
    prepare(new.kind)
    with actor.session() as session:
        if new.kind is TaskKind.UNENROL and ids:
            _check_free(session, ids)
        task_id = add_fleet_task(session, actor.organization_id, actor.user_id or None, new, ids)
        facts = {"kind": new.kind.value, "count": len(ids)}
        record(session, actor, "fleet_task.started", "fleet_task", task_id, facts)
        return task_id


def add_fleet_task(
    session: Session, organization_id: str, issuer_id: str | None, new: NewTask, ids: Sequence[str]
) -> str:
    """As `start_fleet_task` in the caller's transaction of that organization, on behalf of whom it has checked."""
    if not ids:
        raise NOTHING_CHOSEN()
    parameters = checked_parameters(new)
    task = FleetTask(
        organization_id=organization_id,
        kind=new.kind.value,
        name=new.name,
        parameters=parameters,
        secrets=encrypt(dict(new.secrets)) if new.secrets else "",
        issuer_id=issuer_id,
        parent_id=new.parent_id,
        schedule_id=new.schedule_id,
        starts=new.starts,
        window_end=new.window_end,
        rollout=new.rollout.model_dump() if new.rollout else None,
        is_test=new.is_test,
    )
    session.add(task)
    session.flush()
    _add_jobs(session, task, list(dict.fromkeys(ids)), new.rollout)
    start_work(session, task)
    refuse_silent(session, task)
    return task.id


def _check_free(session: Session, ids: Sequence[str]) -> None:
    """Raise `ALL_MANAGED` unless some printer is not of the supplies programme (F-9)."""
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        managed = select(func.count()).select_from(Printer).where(Printer.id.in_(part), Printer.msp.is_not(None))
        if session.scalar(managed) != len(set(part)):
            return
    raise ALL_MANAGED()


def stop_task(actor: Actor, task_id: str) -> int:
    """Stop the pending jobs; those in progress run to their end. Returns how many; raises `NOT_STOPPABLE`."""
    with actor.session() as session:
        task = _of(session, actor, task_id)
        return _stop(session, actor, task, [])


def stop_jobs(actor: Actor, task_id: str, job_ids: Sequence[int]) -> int:
    """Stop these jobs where they are pending; returns how many; raises `NOT_STOPPABLE` when none was."""
    with actor.session() as session:
        task = _of(session, actor, task_id)
        stopped = _stop(session, actor, task, job_ids)
        if not stopped:
            raise NOT_STOPPABLE()
        return stopped


def prepare(kind: TaskKind) -> None:
    """Do what the operation needs before its tasks are written."""
    operation = operations().get(kind)
    if operation is not None and operation.prepare is not None:
        operation.prepare()


def checked_parameters(new: NewTask) -> dict[str, Any]:
    """The parameters as the operation's model has them; raises `BAD_REQUEST`."""
    operation = operations().get(new.kind)
    if operation is None:
        raise BAD_REQUEST(problem=f"kind: {new.kind.value} is not done by tasks")
    try:
        model = operation.parameters.model_validate(dict(new.parameters))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BAD_REQUEST(problem=f"{place}: {first['msg']}" if place else first["msg"]) from error
    return model.model_dump(mode="json")


def _add_jobs(session: Session, task: FleetTask, ids: list[str], rollout: Rollout | None) -> None:
    stages = rollout.stages(len(ids)) if rollout else [0] * len(ids)
    on_agents = KINDS[TaskKind(task.kind)].on_agents
    expires = (task.starts or now()) + timedelta(days=get_settings().fleet_pending_days)
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        rows = _agent_rows(session, chunk) if on_agents else _printer_rows(session, chunk)
        if len(rows) != len(chunk):
            raise NOT_FOUND(what="agent" if on_agents else "printer")
        common = {"organization_id": task.organization_id, "task_id": task.id, "expires": expires}
        of_chunk = zip(chunk, stages[start : start + CHUNK], strict=True)
        session.execute(insert(Job), [{**rows[one], **common, "stage": stage} for one, stage in of_chunk])


def _printer_rows(session: Session, ids: list[str]) -> dict[str, dict[str, Any]]:
    query = select(Printer.id, Printer.agent_id, Printer.address, Printer.serial_number).where(Printer.id.in_(ids))
    return {
        printer: {"printer_id": printer, "agent_id": agent, "subject": f"{address} · {serial}"}
        for printer, agent, address, serial in session.execute(query)
    }


def _agent_rows(session: Session, ids: list[str]) -> dict[str, dict[str, Any]]:
    found = session.execute(select(Agent.id, Agent.name).where(Agent.id.in_(ids)))
    return {agent: {"printer_id": None, "agent_id": agent, "subject": name} for agent, name in found}


def _of(session: Session, actor: Actor, task_id: str) -> FleetTask:
    task = session.scalar(select(FleetTask).where(FleetTask.id == task_id))
    if task is None:
        raise NOT_FOUND(what="task")
    actor.need(KINDS[TaskKind(task.kind)].permission)
    return task


def stop_pending(session: Session, task: FleetTask, job_ids: Sequence[int]) -> int:
    """Stop the task's pending jobs, or those of them that are named; returns how many. Raises `NOT_STOPPABLE`."""
    if not KINDS[TaskKind(task.kind)].is_stoppable:
        raise NOT_STOPPABLE()
    pending = update(Job).where(Job.task_id == task.id, Job.status == JobStatus.PENDING)
    if job_ids:
        pending = pending.where(Job.id.in_(job_ids))
    stopped = session.execute(pending.values(status=JobStatus.STOPPED, finished=now()).returning(Job.id)).all()
    if stopped:
        refresh_status(session, task.id)
    return len(stopped)


def _stop(session: Session, actor: Actor, task: FleetTask, job_ids: Sequence[int]) -> int:
    stopped = stop_pending(session, task, job_ids)
    if stopped:
        record(session, actor, "fleet_task.stopped", "fleet_task", task.id, {"count": stopped})
    return stopped
