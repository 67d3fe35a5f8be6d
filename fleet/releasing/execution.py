"""What a worker records while it releases jobs: which it has, what each comes to, how it ended (F-5, F-6).

One release at a time at each printer (PR-347): a worker that begins takes every release that waits there, one after
the other. Each write holds the lease of the release; a worker that has lost it hears `LEASE_LOST` and stops.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session, aliased

from connectors.documents.document import Document
from connectors.errors import Fault, PressroomError
from connectors.ipp.ticket import JobTicket
from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.models import User, now, shown_name
from domain.printing.content import delete_content
from domain.printing.evaluation import Changes, Decision, evaluate
from domain.printing.jobs import JOB_EXPIRED, find_job, move
from domain.printing.models import PrintJob, ReleaseAttempt, ReleaseBatch
from domain.printing.outbox import enqueue_release
from domain.printing.settings import print_settings
from domain.printing.states import AT_PRINTER, AttemptState, BatchState, JobKind, JobState
from domain.recorded_errors import error_record
from domain.tenancy import new_id, system_session, tenant_session
from fleet.releasing.printers import ReleasePrinter, release_printer
from fleet.releasing.usage import IS_COLOR, Measures, note_end
from steps.ipp_delivery import Sight
from steps.print_release import End, Outcome

LEASE_LOST = Fault(
    "print_release.lease_lost",
    409,
    N_("Another worker has taken over this release."),
    N_("Nothing has to be done: the other worker goes on with it."),
)
NOT_SURE = Fault(
    "print_release.not_sure",
    409,
    N_("It is not known whether “{name}” was printed at {printer}: the connection was lost."),
    N_("Look at the printer before you release it again; it is never printed again by itself."),
    spec="PR-344",
)
UNTAKEN = timedelta(seconds=15)
"""After this time a release that no worker has taken was missed."""
ACTIVE = (BatchState.WAITING_CANCEL, BatchState.RUNNING)


@dataclass(frozen=True, slots=True)
class BatchWork:
    """A release that the worker `owner` carries out, and who asked for it."""

    organization_id: str
    batch_id: str
    printer_id: str
    owner: str
    user_name: str


@dataclass(frozen=True, slots=True)
class AttemptWork:
    """One job of it. `protocol` is how it was sent before, empty where nothing was sent yet; a job that was sent has
    not gone on since `since`. `printable` is None for a hybrid job: nodes in the customer's network have its content.
    """

    attempt_id: str
    job_id: str
    name: str
    mark: str
    printable: Document | None
    media_type: str
    ticket: JobTicket
    printer: ReleasePrinter
    protocol: str = ""
    since: datetime | None = None


def take_batch(organization_id: str, printer_id: str, owner: str) -> BatchWork | None:
    """Take the next release that waits at the printer; None where there is none, or another worker is at it."""
    with tenant_session(organization_id) as session:
        query = select(ReleaseBatch).where(ReleaseBatch.printer_id == printer_id, ReleaseBatch.state.in_(ACTIVE))
        active = list(session.scalars(query.order_by(ReleaseBatch.created, ReleaseBatch.id).with_for_update()))
        if any(batch.lease_until is not None and batch.lease_until >= now() for batch in active):
            return None
        if any(_is_parked(batch) for batch in active):
            return None
        batch = next((one for one in active if _may_begin(one)), None)
        if batch is None:
            return None
        batch.lease_owner, batch.lease_until, batch.state = owner, _lease_end(), BatchState.RUNNING
        person = session.get(User, batch.user_id)
        name = shown_name(person) if person is not None else ""
        return BatchWork(organization_id, batch.id, printer_id, owner, name)


def renew(work: BatchWork) -> None:
    """Show a sign of life; raises `LEASE_LOST`."""
    with tenant_session(work.organization_id) as session:
        _held(session, work).lease_until = _lease_end()


def next_attempt(work: BatchWork) -> AttemptWork | None:
    """The next job to print, evaluated; None where all have ended.

    One that is refused on the way, or that nobody wants any more, is ended here.
    """
    while True:
        with tenant_session(work.organization_id) as session:
            batch = _held(session, work)
            attempt = session.scalar(
                select(ReleaseAttempt)
                .where(ReleaseAttempt.batch_id == batch.id, ReleaseAttempt.ended.is_(None))
                .order_by(ReleaseAttempt.position)
                .limit(1)
            )
            if attempt is None:
                return None
            job = find_job(session, attempt.job_id, lock=True)
            if attempt.state == AttemptState.SENT:
                return _resumed(session, attempt, job, batch)
            if batch.cancel_requested:
                _end(session, batch, attempt, job, AttemptState.CANCELLED_AT_DEVICE)
                continue
            try:
                return _evaluated(session, attempt, job, batch)
            except PressroomError as error:
                _end(session, batch, attempt, job, AttemptState.REFUSED, error=error)


def sent_attempt(session: Session, attempt_id: str) -> AttemptWork:
    """A job that was handed to somebody who sends it to the printer for us."""
    attempt = session.get_one(ReleaseAttempt, attempt_id)
    batch = session.get_one(ReleaseBatch, attempt.batch_id)
    return _resumed(session, attempt, find_job(session, attempt.job_id), batch)


def mark_sending(work: BatchWork, attempt: AttemptWork, protocol: str, ticket: JobTicket) -> None:
    """From now on the printer may have the job; whoever takes over asks the printer, and sends nothing (PR-344)."""
    with tenant_session(work.organization_id) as session:
        _held(session, work)
        row = session.get_one(ReleaseAttempt, attempt.attempt_id)
        row.state, row.sent, row.ticket = AttemptState.SENT, now(), ticket.chosen()
        row.printer_state = {"protocol": protocol}


def mark_taken(work: BatchWork, attempt: AttemptWork, printer_job: int) -> None:
    """The printer has the job."""
    with tenant_session(work.organization_id) as session:
        _held(session, work)
        session.get_one(ReleaseAttempt, attempt.attempt_id).printer_job = printer_job
        move(session, attempt.job_id, [JobState.RELEASING, JobState.STOPPED], JobState.PRINTING)


def note_sight(work: BatchWork, attempt: AttemptWork, sight: Sight) -> None:
    """Keep how the job stands, for those who watch it."""
    with tenant_session(work.organization_id) as session:
        _held(session, work)
        row = session.get_one(ReleaseAttempt, attempt.attempt_id)
        known, counted = row.printer_state or {}, [sight.job.impressions, sight.job.sheets]
        stands = "since" in known and [known.get("impressions"), known.get("sheets")] == counted
        row.printer_state = known | {
            "impressions": sight.job.impressions,
            "sheets": sight.job.sheets,
            "trouble": error_record(sight.trouble) if sight.trouble else None,
            "since": known["since"] if stands else now().isoformat(),
        }
        if sight.trouble:
            move(session, attempt.job_id, [JobState.RELEASING, JobState.PRINTING], JobState.STOPPED)
        else:
            move(session, attempt.job_id, [JobState.STOPPED], JobState.PRINTING)


def park(work: BatchWork, pause: timedelta) -> None:
    """Leave the release for a moment: its printer is at work or stands still, and others need the worker meanwhile."""
    with tenant_session(work.organization_id) as session:
        batch = _held(session, work)
        again = now() + pause
        batch.lease_owner, batch.lease_until, batch.grace_until = None, None, again
        enqueue_release(session, work.organization_id, work.printer_id, f"{batch.id}/look/{new_id()[:8]}", again)


def is_cancelled(work: BatchWork) -> bool:
    """Whether somebody wants the release stopped."""
    with tenant_session(work.organization_id, read_only=True) as session:
        return bool(session.scalar(select(ReleaseBatch.cancel_requested).where(ReleaseBatch.id == work.batch_id)))


def end_attempt(work: BatchWork, attempt: AttemptWork, outcome: Outcome) -> None:
    """Keep how a job ended that the printer had; it leaves the queue only if it was printed whole (PR-209)."""
    with tenant_session(work.organization_id) as session:
        batch = _held(session, work)
        row = session.get_one(ReleaseAttempt, attempt.attempt_id)
        job = find_job(session, attempt.job_id, lock=True)
        known = row.printer_state or {}
        impressions = outcome.impressions if outcome.impressions is not None else known.get("impressions")
        sheets = outcome.sheets if outcome.sheets is not None else known.get("sheets")
        error = outcome.error
        if outcome.end is End.UNKNOWN:
            error = NOT_SURE(name=attempt.name, printer=attempt.printer.name)
        state = _state(outcome.end, bool(impressions))
        _end(session, batch, row, job, state, error=error)
        if state is AttemptState.PRINTED or impressions:
            measures = Measures(impressions or None, sheets or None, whole=state is AttemptState.PRINTED)
            note_end(session, batch, row, job, attempt.printer, measures)


def refuse_attempt(work: BatchWork, attempt: AttemptWork, error: PressroomError, *, is_failure: bool) -> None:
    """Keep why nothing was sent, or nothing was accepted; the job goes back to where it came from (PR-104)."""
    with tenant_session(work.organization_id) as session:
        batch = _held(session, work)
        row = session.get_one(ReleaseAttempt, attempt.attempt_id)
        job = find_job(session, attempt.job_id, lock=True)
        _end(session, batch, row, job, AttemptState.FAILED if is_failure else AttemptState.REFUSED, error=error)


def delete_printed(work: BatchWork) -> None:
    """Delete the content of jobs that were printed and are not kept; done again after a crash in between."""
    with tenant_session(work.organization_id, read_only=True) as session:
        query = (
            select(PrintJob.id)
            .join(ReleaseAttempt, ReleaseAttempt.job_id == PrintJob.id)
            .where(
                ReleaseAttempt.batch_id == work.batch_id,
                PrintJob.state == JobState.PRINTED,
                PrintJob.content_deleted.is_(None),
            )
        )
        ids = list(session.scalars(query))
    if ids:
        delete_content(work.organization_id, ids)
        with tenant_session(work.organization_id) as session:
            session.execute(update(PrintJob).where(PrintJob.id.in_(ids)).values(content_deleted=now()))


def finish_batch(work: BatchWork) -> BatchState:
    """End the release once all its jobs have ended."""
    with tenant_session(work.organization_id) as session:
        batch = _held(session, work)
        query = select(ReleaseAttempt.state).where(ReleaseAttempt.batch_id == batch.id)
        states = {AttemptState(state) for state in session.scalars(query)}
        if batch.cancel_requested and states != {AttemptState.PRINTED}:
            batch.state = BatchState.CANCELLED
        else:
            all_printed = states <= {AttemptState.PRINTED}
            batch.state = BatchState.COMPLETED if all_printed else BatchState.COMPLETED_WITH_ERRORS
        batch.ended, batch.lease_owner, batch.lease_until = now(), None, None
        return BatchState(batch.state)


def release_lost(owner: str) -> list[str]:
    """A worker process died: let others take over the releases that it had; returns their ids."""
    return _requeue(ReleaseBatch.lease_owner == owner)


def requeue_missed() -> list[str]:
    """Let others take over releases without a sign of life, and those that nobody began; returns their ids."""
    expired = ReleaseBatch.lease_until < now()
    due = or_(ReleaseBatch.grace_until.is_(None), ReleaseBatch.grace_until < now() - UNTAKEN)
    untaken = ReleaseBatch.lease_until.is_(None) & (ReleaseBatch.created < now() - UNTAKEN) & due
    return _requeue(or_(expired, untaken & ~_is_behind_another()))


def _is_behind_another() -> ColumnElement[bool]:
    """A release that waits because another is being carried out at its printer was not missed."""
    other = aliased(ReleaseBatch)
    return (
        select(other.id)
        .where(other.printer_id == ReleaseBatch.printer_id, other.state.in_(ACTIVE), other.lease_until >= now())
        .exists()
    )


def _requeue(condition: ColumnElement[bool]) -> list[str]:
    with system_session() as session:
        lost = update(ReleaseBatch).where(ReleaseBatch.state.in_(ACTIVE), condition)
        freed = lost.values(lease_owner=None, lease_until=None)
        columns = (ReleaseBatch.id, ReleaseBatch.organization_id, ReleaseBatch.printer_id)
        rows = session.execute(freed.returning(*columns), execution_options={"synchronize_session": False}).all()
        for row in rows:
            enqueue_release(session, row.organization_id, row.printer_id, f"{row.id}/again/{new_id()[:8]}")
        return [row.id for row in rows]


def _may_begin(batch: ReleaseBatch) -> bool:
    return batch.cancel_requested or batch.grace_until is None or batch.grace_until <= now()


def _is_parked(batch: ReleaseBatch) -> bool:
    """Whether a job of it is at the printer while nobody looks."""
    return batch.state == BatchState.RUNNING and not _may_begin(batch)


def _held(session: Session, work: BatchWork) -> ReleaseBatch:
    """The release, locked, while this worker has it; raises `LEASE_LOST`."""
    batch = session.scalar(select(ReleaseBatch).where(ReleaseBatch.id == work.batch_id).with_for_update())
    if batch is None or batch.lease_owner != work.owner or BatchState(batch.state).is_final:
        raise LEASE_LOST()
    return batch


def _evaluated(session: Session, attempt: ReleaseAttempt, job: PrintJob, batch: ReleaseBatch) -> AttemptWork:
    printer = release_printer(session, batch.printer_id)
    moment = now()
    if job.expires_at is not None and job.expires_at <= moment:
        raise JOB_EXPIRED(name=job.name)
    decision = evaluate(session, job, printer.facts, Changes.model_validate(attempt.changes), moment)
    attempt.ticket, attempt.forced = decision.ticket.chosen(), forced_of(decision)
    attempt.measures = {IS_COLOR: decision.is_color}
    return _work(attempt, job, printer, decision.ticket)


def _resumed(session: Session, attempt: ReleaseAttempt, job: PrintJob, batch: ReleaseBatch) -> AttemptWork:
    printer = _printer_of(session, batch)
    seen = attempt.printer_state or {}
    since = datetime.fromisoformat(seen["since"]) if "since" in seen else attempt.sent
    ticket = JobTicket.model_validate(attempt.ticket or {})
    return replace(_work(attempt, job, printer, ticket), protocol=str(seen.get("protocol", "")), since=since)


def _work(attempt: ReleaseAttempt, job: PrintJob, printer: ReleasePrinter, ticket: JobTicket) -> AttemptWork:
    printable = Document.model_validate(job.printable) if job.kind != JobKind.HYBRID else None
    media_type = printable.media_type if printable is not None else job.media_type
    return AttemptWork(attempt.id, job.id, job.name, attempt.mark, printable, media_type, ticket, printer)


def _printer_of(session: Session, batch: ReleaseBatch) -> ReleasePrinter:
    """The printer as it is known now, or as it was when the release began: one may be gone, or never be enrolled."""
    try:
        return release_printer(session, batch.printer_id)
    except PressroomError:
        return ReleasePrinter.gone(batch.printer_id, batch.printer)


def forced_of(decision: Decision) -> list[dict[str, object]]:
    """What policies changed, as it is kept."""
    return [
        {"setting": one.setting, "value": one.value, "reason": one.reason.model_dump(mode="json")}
        for one in decision.forced
    ]


def _state(end: End, has_printed: bool) -> AttemptState:
    if end is End.PRINTED:
        return AttemptState.PRINTED
    if end is End.UNKNOWN:
        return AttemptState.UNKNOWN
    if has_printed:
        return AttemptState.PARTIALLY_PRINTED
    return AttemptState.CANCELLED_AT_DEVICE if end is End.CANCELLED else AttemptState.FAILED


def _end(
    session: Session,
    batch: ReleaseBatch,
    attempt: ReleaseAttempt,
    job: PrintJob,
    state: AttemptState,
    error: PressroomError | None = None,
) -> None:
    """End the attempt and bring the job where it belongs: out of the queue, among the kept, or back."""
    attempt.state, attempt.ended = state, now()
    attempt.error = error_record(error) if error else None
    session.flush()
    if state is not AttemptState.PRINTED:
        move(session, job.id, AT_PRINTER, JobState(attempt.came_from), reason=attempt.error)
    elif attempt.keep:
        period = print_settings(session, batch.organization_id).jobs.retention_released.length
        move(session, job.id, AT_PRINTER, JobState.KEPT, reason=None, expires_at=now() + period)
    else:
        move(session, job.id, AT_PRINTER, JobState.PRINTED, reason=None)


def _lease_end() -> datetime:
    return now() + timedelta(seconds=get_settings().lease_seconds)
