"""How jobs are taken, carried out and ended: by our own worker and by agents that call in, in the same way.

A job is taken when its printer has no earlier open job (FL-501), the task has begun and its window is still open
(FL-307). The gates are looked at when it is taken. Whoever took it reports; the report, what follows from it in our
records, and the task's status are written in one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import SecretStr
from sqlalchemy import ColumnElement, Integer, and_, cast, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from connectors.messages import N_, Message
from connectors.secrets import decrypt
from connectors.settings import get_settings
from domain.organizations.models import now
from fleet.agents.models import Agent
from fleet.printers.models import Communication, Printer, PrinterEvent
from fleet.printers.targets import printer_target, snmp_accesses
from fleet.tasks.gates import SILENT, Refusal, agent_refusals, refusals
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.operations import operations
from fleet.tasks.rollout import advance_rollout
from fleet.tasks.status import OPEN, JobStatus, TaskStatus, task_status
from fleet.tasks.work import OURS, start_waiting
from steps.printer_work import Order, Outcome, Report

ENDED_LATE = N_("It was not carried out in time.")
WINDOW_CLOSED = N_("The task window closed before the job was started.")
AT_ONCE = 500
ACCESS_REFUSED = "device.access_refused"
"""Code of the fault by which a step tells that the printer did not accept the agent's credentials."""

STATUS = {
    Outcome.COMPLETED: JobStatus.COMPLETED,
    Outcome.FAILED: JobStatus.FAILED,
    Outcome.NOT_COMMUNICATING: JobStatus.NOT_COMMUNICATING,
    Outcome.NOT_SUPPORTED: JobStatus.NOT_SUPPORTED,
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What `take_jobs` found: jobs to carry out, and how many ended at once because they may not pass the gates."""

    orders: list[Order]
    refused: int


def take_jobs(session: Session, mine: ColumnElement[bool], limit: int) -> Taken:
    """Take up to `limit` of the jobs that `mine` chooses (`for_agent`, `for_worker`): they are in progress from now on.

    Nothing taken and nothing refused means that nothing can be done now; jobs may still wait behind others.
    """
    query = select(Job).join(FleetTask, FleetTask.id == Job.task_id).where(mine, *_takeable())
    jobs = session.scalars(query.order_by(Job.id).limit(limit).with_for_update(of=Job, skip_locked=True)).all()
    orders = _begun(session, jobs)
    return Taken(orders, len(jobs) - len(orders))


def refuse_silent(session: Session, task: FleetTask) -> None:
    """End the jobs of a task that begins now for printers that are known not to communicate (FL-498, A-33).

    Nobody has to call in for that. Printers that fall silent later are waited for.
    """
    kind = TaskKind(task.kind)
    if not KINDS[kind].needs_contact:
        return
    silent = select(Printer.id).where(Printer.communication == Communication.SILENT)
    of_task = select(Job).join(FleetTask, FleetTask.id == Job.task_id).where(Job.task_id == task.id)
    query = of_task.where(Job.printer_id.in_(silent), *_takeable()).order_by(Job.id).limit(AT_ONCE)
    while jobs := session.scalars(query).all():
        printers, agents = _printers(session, jobs), _agents(session, jobs)
        for job in jobs:
            printer = printers[job.printer_id or ""]
            found = refusals(kind, printer, agents.get(job.agent_id or ""))
            _refuse(
                session, job, printer, found[0] if found else Refusal(JobStatus.NOT_COMMUNICATING, Message.of(SILENT))
            )
        session.flush()
        refresh_status(session, task.id)


def has_waiting_jobs(session: Session, mine: ColumnElement[bool]) -> bool:
    """Whether `take_jobs` would find something."""
    query = select(Job.id).join(FleetTask, FleetTask.id == Job.task_id).where(mine, *_takeable()).limit(1)
    return session.scalar(query) is not None


def orders_in_hand(session: Session, mine: ColumnElement[bool]) -> list[Order]:
    """The orders of jobs that were taken earlier and are not reported: the agent, or the worker, was interrupted."""
    query = select(Job).join(FleetTask, FleetTask.id == Job.task_id).where(mine, Job.status == JobStatus.IN_PROGRESS)
    orders = _orders(session, session.scalars(query.order_by(Job.id)).all())
    return [order.model_copy(update={"resumed": True}) for order in orders]


def for_agent(agent_id: str) -> ColumnElement[bool]:
    """Jobs that an agent which calls in carries out."""
    return and_(Job.agent_id == agent_id, FleetTask.kind.not_in(OURS))


def for_worker(task_id: str) -> ColumnElement[bool]:
    """Jobs of one task that our own worker carries out: those of the built-in agent, and those about records alone."""
    built_in = select(Agent.id).where(Agent.is_built_in)
    return and_(Job.task_id == task_id, or_(FleetTask.kind.in_(OURS), Job.agent_id.in_(built_in)))


def end_jobs(session: Session, reports: Sequence[tuple[int, Report]]) -> int:
    """Write what came of several jobs, and the statuses of their tasks; returns how many had not ended before.

    A report is not taken twice. Jobs, tasks and printers are read together, once.
    """
    query = select(Job).where(Job.id.in_([job_id for job_id, _ in reports])).order_by(Job.id).with_for_update()
    found = {job.id: job for job in session.scalars(query)}
    tasks = {task_id: session.get_one(FleetTask, task_id) for task_id in {job.task_id for job in found.values()}}
    printers = _printers(session, list(found.values()))
    ended: dict[int, Report] = {}
    for job_id, report in reports:
        job = found.get(job_id)
        if job is not None and not JobStatus(job.status).is_final:
            _end(session, tasks[job.task_id], job, printers.get(job.printer_id or ""), report)
            ended[job_id] = report
    session.flush()
    jobs = [found[job_id] for job_id in ended]
    _settle_together(session, jobs, ended)
    for task_id in {job.task_id for job in jobs}:
        refresh_status(session, task_id)
    start_waiting(session, Job.printer_id.in_([job.printer_id for job in jobs if job.printer_id]))
    return len(ended)


def _end(session: Session, task: FleetTask, job: Job, printer: Printer | None, report: Report) -> None:
    job.status, job.finished = STATUS[report.outcome], now()
    job.reason = report.reason.model_dump() if report.reason else None
    job.warnings = [message.model_dump() for message in report.warnings]
    job.remarks = [message.model_dump() for message in report.remarks]
    job.has_warnings, job.has_remarks = bool(report.warnings), bool(report.remarks)
    job.components = [*(job.components or ()), *(part.model_dump(mode="json") for part in report.components)]
    operation = operations()[TaskKind(task.kind)]
    if printer is not None:
        _note_contact(session, job, printer, report)
        operation.settle(session, task, job, printer, report)
    elif operation.settle_agent is not None:
        operation.settle_agent(session, task, job, report)


def _settle_together(session: Session, jobs: Sequence[Job], reports: Mapping[int, Report]) -> None:
    printers = _printers(session, jobs)
    for task_id in {job.task_id for job in jobs}:
        task = session.get_one(FleetTask, task_id)
        settle_all = operations()[TaskKind(task.kind)].settle_all
        of_task = [job for job in jobs if job.task_id == task_id and job.printer_id in printers]
        if settle_all is not None and of_task:
            settle_all(session, task, [(job, printers[job.printer_id or ""], reports[job.id]) for job in of_task])


def refresh_status(session: Session, task_id: str) -> None:
    """Compute the task's status from its jobs' (FL-495), and that of the bulk task it belongs to.

    Where a stage of a rollout is done, the next one is opened, or what is left is stopped.
    """
    # The lock lets the statuses of jobs that end at the same time elsewhere be seen by the later of the two.
    task = session.scalars(select(FleetTask).where(FleetTask.id == task_id).with_for_update()).one()
    if advance_rollout(session, task):
        start_waiting(session, Job.task_id == task_id)
    rows = session.execute(
        select(
            Job.status,
            func.count(),
            func.max(cast(Job.has_warnings, Integer)),
            func.max(cast(Job.has_remarks, Integer)),
        )
        .where(Job.task_id == task_id)
        .group_by(Job.status)
    ).all()
    counts = {JobStatus(status): count for status, count, _, _ in rows}
    status = task_status(counts, warnings=any(row[2] for row in rows), remarks=any(row[3] for row in rows))
    task.status = status
    if status.is_final:
        task.finished = task.finished or now()
        task.secrets = ""


def expire_jobs(session: Session) -> int:
    """End jobs whose time has passed and those whose window has closed unstarted (F-41, FL-307); returns how many."""
    late = update(Job).where(Job.status.in_(OPEN), Job.expires < now())
    closed = select(FleetTask.id).where(FleetTask.window_end < now(), FleetTask.finished.is_(None))
    unstarted = update(Job).where(Job.status == JobStatus.PENDING, Job.task_id.in_(closed))
    tasks: set[str] = set()
    count = 0
    for statement, text in ((late, ENDED_LATE), (unstarted, WINDOW_CLOSED)):
        values = {"status": JobStatus.EXPIRED, "finished": now(), "reason": Message.of(text).model_dump()}
        found = session.scalars(statement.values(**values).returning(Job.task_id)).all()
        count += len(found)
        tasks |= set(found)
    for task_id in tasks:
        refresh_status(session, task_id)
    return count


def counts_of(session: Session, task_id: str) -> dict[JobStatus, int]:
    """How many jobs of each status the task has."""
    query = select(Job.status, func.count()).where(Job.task_id == task_id).group_by(Job.status)
    return {JobStatus(status): count for status, count in session.execute(query)}


def _takeable() -> list[ColumnElement[bool]]:
    earlier = aliased(Job)
    before_it = select(earlier.id).where(
        earlier.printer_id == Job.printer_id, earlier.status.in_([each.value for each in OPEN]), earlier.id < Job.id
    )
    return [
        Job.status == JobStatus.PENDING,
        Job.stage <= FleetTask.stage,
        or_(FleetTask.starts.is_(None), FleetTask.starts <= now()),
        or_(FleetTask.window_end.is_(None), FleetTask.window_end > now()),
        or_(Job.printer_id.is_(None), and_(Job.printer_id.is_not(None), ~before_it.exists())),
    ]


def _begun(session: Session, jobs: Sequence[Job]) -> list[Order]:
    """Orders for those jobs that pass the gates; the others end here."""
    printers = _printers(session, jobs)
    agents = _agents(session, jobs)
    tasks = {task_id: session.get_one(FleetTask, task_id) for task_id in {job.task_id for job in jobs}}
    passed, refused = [], set()
    for job in jobs:
        printer = printers.get(job.printer_id or "")
        agent = agents.get(job.agent_id or "")
        kind = TaskKind(tasks[job.task_id].kind)
        found = refusals(kind, printer, agent) if printer is not None else agent_refusals(kind, agent)
        if found:
            _refuse(session, job, printer, found[0])
            refused.add(job.task_id)
        else:
            job.status, job.delivered = JobStatus.IN_PROGRESS, now()
            job.expires = now() + timedelta(hours=get_settings().fleet_progress_hours)
            passed.append(job)
    session.flush()
    orders = _orders(session, passed)
    for task_id in refused | {job.task_id for job in passed}:
        refresh_status(session, task_id)
    return orders


def _orders(session: Session, jobs: Sequence[Job]) -> list[Order]:
    printers, agents = _printers(session, jobs), _agents(session, jobs)
    snmp = snmp_accesses(session, printers.values())
    orders = []
    for task_id in dict.fromkeys(job.task_id for job in jobs):
        task = session.get_one(FleetTask, task_id)
        of_task = [job for job in jobs if job.task_id == task_id]
        on_agents = KINDS[TaskKind(task.kind)].on_agents
        there = [printers[job.printer_id] for job in of_task if job.printer_id in printers]
        operation = operations()[TaskKind(task.kind)]
        wanted = operation.orders(session, task, there)
        secrets = {name: SecretStr(value) for name, value in decrypt(task.secrets).items()} if task.secrets else {}
        for job in of_task:
            printer, agent = printers.get(job.printer_id or ""), agents.get(job.agent_id or "")
            parameters = task.parameters if printer is None else wanted.get(printer.id, task.parameters)
            if on_agents and agent is not None:
                told = operation.for_agent(session, task, agent)
                both = {**told.secrets, **secrets}
                orders.append(Order(job_id=job.id, operation=task.kind, secrets=both, parameters=dict(told.parameters)))
            elif isinstance(parameters, Refusal):
                _refuse(session, job, printer, parameters)
            elif printer is None and not on_agents:
                _refuse(session, job, None, Refusal(JobStatus.FAILED, Message.of(N_("The printer was unenrolled."))))
            else:
                orders.append(
                    Order(
                        job_id=job.id,
                        operation=task.kind,
                        begun=job.delivered,
                        printer=printer_target(printer, snmp.get(printer.snmp_profile_id or "")) if printer else None,
                        secrets=secrets,
                        parameters=dict(parameters),
                    )
                )
    return orders


def _refuse(session: Session, job: Job, printer: Printer | None, refusal: Refusal) -> None:
    job.status, job.reason, job.finished = refusal.status, refusal.reason.model_dump(), now()
    if printer is not None:
        _add_event(session, job, printer)


def _note_contact(session: Session, job: Job, printer: Printer, report: Report) -> None:
    if report.outcome is Outcome.NOT_COMMUNICATING:
        printer.communication = Communication.SILENT
    elif report.facts.get("code") == ACCESS_REFUSED:
        printer.communication, printer.last_contact = Communication.NEEDS_CREDENTIALS, now()
    elif report.outcome is Outcome.COMPLETED:
        printer.communication, printer.last_contact = Communication.COMMUNICATING, now()
    _add_event(session, job, printer)


def _add_event(session: Session, job: Job, printer: Printer) -> None:
    task = session.get_one(FleetTask, job.task_id)
    title = Message.of(KINDS[TaskKind(task.kind)].title)
    session.add(
        PrinterEvent(
            organization_id=job.organization_id,
            printer_id=printer.id,
            kind=task.kind,
            status=job.status,
            message=title.model_dump(),
            at=job.delivered or job.created,
            ended=job.finished,
        )
    )


def _printers(session: Session, jobs: Sequence[Job]) -> dict[str, Printer]:
    ids = [job.printer_id for job in jobs if job.printer_id]
    return {printer.id: printer for printer in session.scalars(select(Printer).where(Printer.id.in_(ids)))}


def _agents(session: Session, jobs: Sequence[Job]) -> dict[str, Agent]:
    ids = {job.agent_id for job in jobs if job.agent_id}
    return {agent.id: agent for agent in session.scalars(select(Agent).where(Agent.id.in_(ids)))}


def status_of(session: Session, task_id: str) -> TaskStatus:
    """The task's status as it is kept."""
    return TaskStatus(session.scalars(select(FleetTask.status).where(FleetTask.id == task_id)).one())


def facts_of(report: Report) -> dict[str, Any]:
    """What a report says was seen, without the code of its fault."""
    return {name: value for name, value in report.facts.items() if name != "code"}
