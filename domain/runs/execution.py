"""What a worker records while it executes a run: the lease, the steps with their results, and the deliveries.

Prefect's own heartbeat is off (it costs a second a run), so the lease does its job: a worker that holds a run renews
`lease_until`; a run whose lease has run out lost its worker and is queued again, at most `max_attempts` times. Every
write of a worker names its lease, so that one that was overtaken changes nothing any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from json import dumps

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import Session

from connectors.documents.document import Document
from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.organizations.models import now
from domain.recorded_errors import error_record
from domain.runs import metering
from domain.runs.models import DeliveryRecord, Run, RunState, StepRun, StepState
from domain.runs.outbox import enqueue_run, queued_since
from domain.runs.planning import PlannedStep
from domain.runs.retries import postponed
from domain.runs.service import log_event
from domain.tenancy import system_session, tenant_session
from steps.contract import CANCELLED, DeliveryState, StepResult
from steps.registry import step_kind

WORKER_LOST = Fault(
    "run.worker_lost",
    500,
    N_("The worker was lost {times} times while it worked on this run."),
    N_("The document may be too large for the machine. Administrators: see the worker's log. Then run it again."),
)
LEASE_LOST = Fault(
    "run.lease_lost",
    409,
    N_("Another worker has taken over this run."),
    N_("Nothing needs to be done: the other worker continues."),
)


@dataclass(frozen=True, slots=True)
class Work:
    """A run as the worker that holds its lease sees it. `owner` names the lease."""

    run_id: str
    organization_id: str
    user_id: str
    owner: str
    solution_name: str
    dry_run: bool
    printer_address: str
    scan_destination_id: str
    created: datetime
    plan: tuple[PlannedStep, ...]
    original: Document


def claim(run_id: str, owner: str) -> Work | None:
    """Take the run's lease and mark it running; None where it has ended or another worker holds it."""
    with system_session() as session:
        run = session.scalar(select(Run).where(Run.id == run_id).with_for_update())
        if run is None or RunState(run.state).is_final:
            return None
        if run.lease_until is not None and run.lease_until > now() and run.lease_owner != owner:
            return None
        if run.started is not None and run.lost_workers:
            log_event(session, run, Message.of(N_("The run continues with another worker.")), "warning")
        run.state, run.started = RunState.RUNNING, run.started or now()
        run.lease_owner, run.lease_until = owner, _lease_end()
        return Work(
            run.id,
            run.organization_id,
            run.user_id,
            owner,
            run.solution_name,
            run.dry_run,
            run.printer_address,
            run.scan_destination_id,
            run.created,
            tuple(PlannedStep.model_validate(step) for step in run.plan),
            Document.model_validate(run.original),
        )


def renew(work: Work) -> bool:
    """Show a sign of life; returns whether the user asked to cancel. Raises `LEASE_LOST` when overtaken."""
    with tenant_session(work.organization_id) as session:
        cancelled = session.execute(
            update(Run)
            .where(Run.id == work.run_id, Run.lease_owner == work.owner)
            .values(lease_until=_lease_end())
            .returning(Run.cancel_requested)
        ).scalar_one_or_none()
    if cancelled is None:
        raise LEASE_LOST()
    return cancelled


def finish(work: Work, state: RunState, error: PressroomError | None = None) -> None:
    """End the run in `state` and give the lease back; one that is to be tried again is queued instead (SCAN-117)."""
    with tenant_session(work.organization_id) as session:
        run = _owned(session, work)
        run.lease_owner = run.lease_until = None
        if (later := postponed(session, run, error)) is not None:
            log_event(session, run, later, "warning")
            return
        run.state, run.finished, run.error = state, now(), error_record(error) if error else None
        run.next_attempt = None
        metering.release_runs(session, [run.id])
        level = "info" if state is RunState.COMPLETED else "warning"
        log_event(session, run, Message.of(_ENDINGS[state]), level)


_ENDINGS = {
    RunState.COMPLETED: N_("The run is complete."),
    RunState.COMPLETED_WITH_ERRORS: N_("The run is complete, but not every delivery succeeded."),
    RunState.FAILED: N_("The run failed."),
    RunState.CANCELLED: N_("The run was cancelled."),
}


def request_cancel(run_id: str) -> None:
    """An operator cancels the run; it ends at its next sign of progress."""
    with system_session() as session:
        session.execute(update(Run).where(Run.id == run_id).values(cancel_requested=True))


def release_lost(owner: str) -> list[str]:
    """A worker process died: queue the runs again whose lease it held; returns their ids."""
    return _requeue(Run.lease_owner == owner)


def requeue_expired() -> list[str]:
    """Queue the runs again whose worker has shown no sign of life; returns their ids."""
    return _requeue(Run.lease_until < now())


def unclaimed_runs() -> list[tuple[str, str]]:
    """Runs still queued although the engine got them longer than a lease ago: run id and flow run id.

    Most of them simply wait for a free worker; one whose flow run a worker took and lost needs `requeue_unclaimed`.
    """
    limit = now() - timedelta(seconds=get_settings().lease_seconds)
    with system_session(read_only=True) as session:
        return queued_since(session, limit)


def requeue_unclaimed(run_id: str) -> bool:
    """Queue the run again if no worker has claimed it meanwhile; returns whether that was so."""
    return bool(_requeue(Run.id == run_id, RunState.QUEUED))


def step_hash(work: Work, step: PlannedStep, document: Document) -> str:
    """Fingerprint of a step on a document: the same hash means the same result."""
    content = [step.kind, step.parameters, document.sha256, document.name, document.language, work.dry_run]
    return sha256(dumps(content, sort_keys=True).encode()).hexdigest()


def begin_step(work: Work, step: PlannedStep, branch: str, document: Document) -> StepResult | None:
    """Record that the step begins and hold its pages; returns its result instead where a former attempt finished it.

    A step whose pages cannot be had is recorded as failed; raises why (SQ-66).
    """
    fingerprint = step_hash(work, step, document)
    runner = metering.runner_of(work.user_id, work.organization_id, step)
    with tenant_session(work.organization_id) as session:
        run = _owned(session, work)
        row = session.scalar(_step(work, step, branch))
        if row is not None and row.state == StepState.COMPLETED and row.input_hash == fingerprint:
            return StepResult.model_validate(row.result)
        if row is None:
            row = StepRun(run_id=work.run_id, position=step.position, branch=branch, kind=step.kind, attempts=0)
            session.add(row)
        row.state, row.input_hash, row.document = StepState.RUNNING, fingerprint, document.model_dump()
        row.attempts += 1
        row.result = row.error = row.message = row.finished = None
        row.progress_done = row.progress_total = 0
        row.started = now()
        log_event(
            session,
            run,
            Message.of(N_("{step} began on “{name}”."), step=step_kind(step.kind).title, name=document.name),
        )
        try:
            metering.reserve(session, run, step, branch, document, runner)
        except PressroomError as error:
            refusal = error
            _keep_failure(session, run, row, error)
        else:
            return None
    raise refusal


def measure_step(work: Work, step: PlannedStep, branch: str, characters: int, targets: Sequence[str]) -> None:
    """Hold the pages that the step turns out to take; raises where there are too few left for it."""
    with tenant_session(work.organization_id) as session:
        metering.measure(session, _owned(session, work), step, branch, characters, targets)


def show_progress(work: Work, step: PlannedStep, branch: str, done: int, total: int, message: Message | None) -> None:
    """Keep how far the step is, for the people who watch."""
    with tenant_session(work.organization_id) as session:
        session.execute(
            update(StepRun)
            .where(StepRun.run_id == work.run_id, StepRun.position == step.position, StepRun.branch == branch)
            .values(progress_done=done, progress_total=total, message=message.model_dump() if message else None)
        )


def complete_step(work: Work, step: PlannedStep, branch: str, result: StepResult) -> None:
    """Keep the step's result and charge what it used."""
    with tenant_session(work.organization_id) as session:
        run = _owned(session, work)
        row = session.scalars(_step(work, step, branch)).one()
        row.state, row.finished, row.result = StepState.COMPLETED, now(), result.model_dump(mode="json")
        row.progress_done = row.progress_total = max(row.progress_total, 1)
        metering.settle(session, run, step, branch, result)
        log_event(session, run, Message.of(N_("{step} finished."), step=step_kind(step.kind).title))
        if result.report.summary:
            log_event(session, run, result.report.summary)
        for warning in result.report.warnings:
            log_event(session, run, warning, "warning")


def fail_step(work: Work, step: PlannedStep, branch: str, error: PressroomError) -> None:
    """Keep why the step failed, or that it was cancelled, and give its pages back."""
    with tenant_session(work.organization_id) as session:
        run = _owned(session, work)
        _keep_failure(session, run, session.scalars(_step(work, step, branch)).one(), error)
        metering.release(session, run, step, branch)


@dataclass
class RecordedDelivery:
    """A `steps.contract.Delivery` in our tables: every change of state is committed before the call returns."""

    work: Work
    key: str
    state: DeliveryState

    def committing(self) -> None:
        self._move(DeliveryState.COMMITTING)

    def delivered(self, receipt: str) -> None:
        self._move(DeliveryState.DELIVERED, receipt)

    def rejected(self) -> None:
        self._move(DeliveryState.PREPARED)

    def _move(self, state: DeliveryState, receipt: str = "") -> None:
        with tenant_session(self.work.organization_id) as session:
            _owned(session, self.work)
            session.execute(
                update(DeliveryRecord)
                .where(DeliveryRecord.key == self.key)
                .values(state=state.value, receipt=receipt[:1024], changed=now())
            )
        self.state = state


def open_delivery(work: Work, step: PlannedStep, branch: str, document: Document, target: str) -> RecordedDelivery:
    """The record of delivering `document` to `target` in this step, made at the first attempt."""
    content = f"{work.run_id} {step.position} {branch} {document.sha256} {document.name} {target}"
    key = sha256(content.encode()).hexdigest()
    with tenant_session(work.organization_id) as session:
        row = session.scalar(select(DeliveryRecord).where(DeliveryRecord.key == key))
        if row is None:
            row = DeliveryRecord(
                run_id=work.run_id,
                position=step.position,
                key=key,
                target=target[:1024],
                document=document.model_dump(),
                state=DeliveryState.PREPARED.value,
            )
            session.add(row)
        return RecordedDelivery(work, key, DeliveryState(row.state))


def _keep_failure(session: Session, run: Run, row: StepRun, error: PressroomError) -> None:
    cancelled = error.fault is CANCELLED
    row.state = StepState.CANCELLED if cancelled else StepState.FAILED
    row.finished, row.error = now(), error_record(error)
    if not cancelled:
        facts = error_record(error)["facts"]
        log_event(session, run, Message(template=error.fault.message, facts=facts), "error")
        log_event(session, run, Message(template=error.fault.remedy, facts=facts), "error")


def _requeue(condition: ColumnElement[bool], state: RunState = RunState.RUNNING) -> list[str]:
    with system_session() as session:
        lost = session.scalars(select(Run).where(Run.state == state, condition).with_for_update(skip_locked=True)).all()
        for run in lost:
            run.lease_owner = run.lease_until = None
            run.lost_workers += 1
            run.attempt += 1
            if run.lost_workers >= get_settings().max_attempts:
                error = WORKER_LOST(times=run.lost_workers)
                run.state, run.finished, run.error = RunState.FAILED, now(), error_record(error)
                log_event(session, run, Message.of(error.fault.message, times=run.lost_workers), "error")
            else:
                run.state = RunState.QUEUED
                log_event(session, run, Message.of(N_("The worker was lost; the run is queued again.")), "warning")
                enqueue_run(session, run)
        metering.release_runs(session, [run.id for run in lost if RunState(run.state).is_final])
        return [run.id for run in lost]


def _owned(session: Session, work: Work) -> Run:
    run = session.scalar(select(Run).where(Run.id == work.run_id, Run.lease_owner == work.owner).with_for_update())
    if run is None:
        raise LEASE_LOST()
    return run


def _step(work: Work, step: PlannedStep, branch: str) -> Select[tuple[StepRun]]:
    return select(StepRun).where(
        StepRun.run_id == work.run_id, StepRun.position == step.position, StepRun.branch == branch
    )


def _lease_end() -> datetime:
    return now() + timedelta(seconds=get_settings().lease_seconds)
