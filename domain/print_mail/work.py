"""What a worker records while it looks at a mail: which it has, what came of it, and when it is looked at again (F-11).

A worker that is lost lets its lease run out; the mail is then looked at once more. Jobs that were made are found again
by their keys, so that nothing is made twice (PR-145).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.secrets import decrypt, encrypt
from connectors.settings import get_settings
from domain.audit.service import record_unattended
from domain.organizations.models import now
from domain.outbox.service import flow_runs_with, last_hand_overs
from domain.print_mail.models import MessageState, PrintMessage
from domain.print_mail.outbox import enqueue_message
from domain.print_mail.reception import content_key
from domain.printing.content import job_store
from domain.recorded_errors import error_record
from domain.tenancy import system_session, tenant_session

LEASE_LOST = Fault(
    "print_mail.lease_lost",
    409,
    N_("Another worker has taken over this mail."),
    N_("Nothing has to be done: the other worker goes on with it."),
)
GIVE_UP, LONGEST_PAUSE, FIRST_PAUSE = timedelta(hours=24), timedelta(minutes=15), timedelta(seconds=2)
"""A mail is kept for a day at most, whatever happens (F-11)."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MessageWork:
    """A mail as the worker that holds its lease has it; `envelope` has what is known of it until it is answered."""

    message_id: str
    organization_id: str
    owner: str
    state: MessageState
    envelope: Mapping[str, str]
    attempt: int


@dataclass(frozen=True, slots=True)
class PartResult:
    """A part of a mail: its job, or why it is none."""

    name: str
    job_id: str = ""
    error: dict[str, Any] | None = None


def claim(message_id: str, owner: str) -> MessageWork | None:
    """Take the mail's lease; None where it has ended, or another worker has it."""
    with system_session() as session:
        row = session.scalar(select(PrintMessage).where(PrintMessage.id == message_id).with_for_update())
        if row is None or row.ended is not None:
            return None
        if row.lease_until is not None and row.lease_until > now() and row.lease_owner != owner:
            return None
        row.lease_owner, row.lease_until = owner, now() + timedelta(seconds=get_settings().lease_seconds)
        state, envelope = MessageState(row.state), decrypt(row.envelope)
        return MessageWork(row.id, row.organization_id, owner, state, envelope, row.attempt)


def renew(work: MessageWork) -> None:
    """Show a sign of life; raises `LEASE_LOST`."""
    with tenant_session(work.organization_id) as session:
        owned(session, work).lease_until = now() + timedelta(seconds=get_settings().lease_seconds)


def owned(session: Session, work: MessageWork) -> PrintMessage:
    """The mail's row, held; raises `LEASE_LOST`."""
    mine = (PrintMessage.id == work.message_id) & (PrintMessage.lease_owner == work.owner)
    row = session.scalar(select(PrintMessage).where(mine).with_for_update())
    if row is None:
        raise LEASE_LOST()
    return row


def note_parts(
    work: MessageWork, user_id: str, parts: Sequence[PartResult], envelope: Mapping[str, str], *, is_guest: bool
) -> None:
    """The jobs are made: the mail's content goes, and it is looked at again when they are prepared."""
    with tenant_session(work.organization_id) as session:
        row = owned(session, work)
        row.state, row.user_id, row.is_guest = MessageState.PREPARING, user_id, is_guest
        row.parts = [{"name": one.name, "job_id": one.job_id, "error": one.error} for one in parts]
        row.envelope = encrypt(dict(envelope))
        enqueue_message(session, row, now() + timedelta(seconds=1))
    delete_content(work)


def look_again(work: MessageWork, pause: timedelta, envelope: Mapping[str, str]) -> None:
    """Leave the mail until then, with what is to be known of it."""
    with tenant_session(work.organization_id) as session:
        row = owned(session, work)
        row.envelope = encrypt(dict(envelope))
        enqueue_message(session, row, now() + pause)


def try_again(work: MessageWork, error: PressroomError) -> MessageState:
    """After trouble that may pass: once more after a pause that doubles, for a day at most."""
    with tenant_session(work.organization_id) as session:
        row = owned(session, work)
        pause = min(FIRST_PAUSE * 2 ** min(row.attempt - 1, 12), LONGEST_PAUSE)
        if now() + pause <= row.received + GIVE_UP:
            row.reason = error_record(error)
            enqueue_message(session, row, now() + pause)
            return MessageState(row.state)
        end(session, row, MessageState.FAILED, error)
    delete_content(work)
    return MessageState.FAILED


def refuse(work: MessageWork, error: PressroomError, domain: str = "") -> MessageState:
    """End a mail that is neither printed nor answered, and note that in the audit trail (PR-143).

    Of its sender no more than the domain is written down.
    """
    with tenant_session(work.organization_id) as session:
        row = owned(session, work)
        end(session, row, MessageState.REFUSED, error)
        facts = {"reason": error.code, "domain": domain[:255]}
        record_unattended(session, work.organization_id, "print_mail.refused", "print_mail", row.id, facts)
    delete_content(work)
    return MessageState.REFUSED


def release_lost(owner: str) -> list[str]:
    """A worker process died: queue the mail again whose lease it held; returns the ids."""
    return _requeue(PrintMessage.lease_owner == owner)


def requeue_expired() -> list[str]:
    """Queue the mail again whose worker has shown no sign of life; returns the ids."""
    return _requeue(PrintMessage.lease_until < now())


def unclaimed_messages() -> list[tuple[str, str]]:
    """Mail that the engine got longer than a lease ago and no worker has begun with: its id and flow run id."""
    with system_session(read_only=True) as session:
        handed = last_hand_overs("message_id", now() - timedelta(seconds=get_settings().lease_seconds))
        waiting = (PrintMessage.ended.is_(None)) & (PrintMessage.lease_until.is_(None))
        query = select(PrintMessage.id, handed.c.flow_run_id).join(handed, handed.c.value == PrintMessage.id)
        return [(one, flow_run) for one, flow_run in session.execute(query.where(waiting).limit(100)) if flow_run]


def requeue_unclaimed(message_id: str) -> bool:
    """Queue the mail again if no worker has claimed it meanwhile; returns whether that was so."""
    return bool(_requeue((PrintMessage.id == message_id) & PrintMessage.lease_until.is_(None)))


def flow_runs_of(session: Session, message_ids: list[str]) -> list[str]:
    """Ids of the engine's flow runs that these mails were handed to."""
    return flow_runs_with(session, "message_id", message_ids)


def _requeue(condition: ColumnElement[bool]) -> list[str]:
    with system_session() as session:
        query = select(PrintMessage).where(PrintMessage.ended.is_(None), condition)
        lost = session.scalars(query.with_for_update(skip_locked=True)).all()
        for row in lost:
            enqueue_message(session, row)
        return [row.id for row in lost]


def end(session: Session, row: PrintMessage, state: MessageState, error: PressroomError | None = None) -> None:
    """End a mail, in the transaction that queues its answer; what was known of it goes."""
    row.state, row.ended, row.envelope, row.parts = state, now(), "", []
    row.reason = error_record(error) if error is not None else None
    row.lease_owner = row.lease_until = None
    session.flush()
    log.info("a mail for printing has ended", message_id=row.id, state=state.value, code=error.code if error else None)


def delete_content(work: MessageWork) -> None:
    """The mail itself goes for good."""
    job_store().delete(content_key(work.organization_id, work.message_id))
