"""Handing a mail to the mail server, and what is recorded of it.

A worker that dies before the final dot leaves a server that has nothing. One that dies after it, before it could
record the server's answer, leaves a doubt: the mail is then sent once more, under the same Message-ID, because a
person who waits for a link is helped by two mails and not by none. Faults of the installation (no server, a refused
sign-in) may be mended and are tried again like those of the network; a refusal of the recipient or the message is
final.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from connectors import mail, secrets
from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.settings import get_settings
from domain.mail.models import MailState, OutgoingMail, RecipientState
from domain.mail.service import enqueue_mail
from domain.organizations.models import now
from domain.outbox.service import flow_runs_with, last_hand_overs
from domain.tenancy import system_session, tenant_session

TAKEN_OVER = Fault(
    "mail.taken_over",
    409,
    N_("Another worker has taken over this mail."),
    N_("Nothing needs to be done: the other worker sends it."),
)
FINAL_FAULTS = (mail.REFUSED_MESSAGE, mail.TOO_LARGE, secrets.UNREADABLE)
LONGEST_PAUSE = timedelta(hours=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MailWork:
    """A mail as the worker that holds its lease sees it; `waiting` are the recipients who do not have it yet."""

    mail_id: str
    organization_id: str
    owner: str
    content: str
    waiting: tuple[str, ...]


def claim_mail(mail_id: str, owner: str) -> MailWork | None:
    """Take the mail's lease; None where it was sent or given up, or another worker has it."""
    with system_session() as session:
        row = session.scalar(select(OutgoingMail).where(OutgoingMail.id == mail_id).with_for_update())
        if row is None or row.ended is not None:
            return None
        if row.lease_until is not None and row.lease_until > now() and row.lease_owner != owner:
            return None
        row.state, row.lease_owner, row.lease_until = MailState.SENDING, owner, _lease_end()
        waiting = tuple(to for to, known in row.recipients.items() if known["state"] == RecipientState.WAITING)
        return MailWork(row.id, row.organization_id, owner, row.content, waiting)


def renew_mail(work: MailWork) -> None:
    """Show a sign of life; raises `TAKEN_OVER` when overtaken."""
    with tenant_session(work.organization_id) as session:
        renewed = session.execute(
            update(OutgoingMail)
            .where(OutgoingMail.id == work.mail_id, OutgoingMail.lease_owner == work.owner)
            .values(lease_until=_lease_end())
            .returning(OutgoingMail.id)
        ).scalar_one_or_none()
    if renewed is None:
        raise TAKEN_OVER()


def send_mail(work: MailWork, check: Callable[[], None]) -> MailState:
    """Hand the mail over and record what came of it; returns its state, QUEUED when it is to be tried again.

    `check` is called until the last moment and raises when the lease is lost.
    """
    try:
        server = mail.MailServer.of(get_settings())
        message = secrets.decrypt(work.content)["message"].encode("ascii")
        dispatch = mail.send(server, message, work.waiting, work.mail_id, _Watch(check))
    except PressroomError as error:
        if error.fault is TAKEN_OVER:
            raise
        return _record_fault(work, error)
    return _record_dispatch(work, dispatch)


def release_lost(owner: str) -> list[str]:
    """A worker process died: queue the mail again whose lease it held; returns the ids."""
    return _requeue(OutgoingMail.lease_owner == owner)


def requeue_expired() -> list[str]:
    """Queue the mail again whose worker has shown no sign of life; returns the ids."""
    return _requeue(OutgoingMail.lease_until < now())


def unclaimed_mail() -> list[tuple[str, str]]:
    """Mail still queued although the engine got it longer than a lease ago: mail id and flow run id."""
    with system_session(read_only=True) as session:
        handed = last_hand_overs("mail_id", now() - timedelta(seconds=get_settings().lease_seconds))
        query = (
            select(OutgoingMail.id, handed.c.flow_run_id)
            .join(handed, handed.c.value == OutgoingMail.id)
            .where(OutgoingMail.state == MailState.QUEUED)
            .limit(100)
        )
        return [(mail_id, flow_run) for mail_id, flow_run in session.execute(query) if flow_run]


def requeue_unclaimed(mail_id: str) -> bool:
    """Queue the mail again if no worker has claimed it meanwhile; returns whether that was so."""
    return bool(_requeue(OutgoingMail.id == mail_id, MailState.QUEUED))


def flow_runs_of(session: Session, mail_ids: list[str]) -> list[str]:
    """Ids of the engine's flow runs that these mails were handed to."""
    return flow_runs_with(session, "mail_id", mail_ids)


class _Watch(mail.Witness):
    """Stops a transaction whose lease is lost while the server still has nothing."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check

    def sending(self, done: int, total: int) -> None:
        self._check()

    def committing(self, accepted: tuple[str, ...]) -> None:
        self._check()


def _requeue(condition: ColumnElement[bool], state: MailState = MailState.SENDING) -> list[str]:
    with system_session() as session:
        query = select(OutgoingMail).where(OutgoingMail.state == state, condition)
        lost = session.scalars(query.with_for_update(skip_locked=True)).all()
        for row in lost:
            if row.state == MailState.SENDING:
                row.error = mail.UNANSWERED.code
            _postpone(session, row)
        return [row.id for row in lost]


def _record_dispatch(work: MailWork, dispatch: mail.Dispatch) -> MailState:
    answers = {to: (RecipientState.ACCEPTED, str(dispatch.reply)) for to in dispatch.accepted}
    answers |= {to: (RecipientState.REFUSED, str(reply)) for to, reply in dispatch.refused.items()}
    answers |= {to: (RecipientState.WAITING, str(reply)) for to, reply in dispatch.deferred.items()}
    with tenant_session(work.organization_id) as session:
        row = _owned(session, work)
        changed = {
            to: {"state": state.value, "reply": reply}
            for to, (state, reply) in answers.items()
            if to in row.recipients  # whose account was deleted meanwhile is not written down again
        }
        row.recipients = {**row.recipients, **changed}
        states = {known["state"] for known in row.recipients.values()}
        if RecipientState.WAITING in states:
            row.error = mail.DEFERRED.code
            _postpone(session, row)
        elif RecipientState.ACCEPTED in states:
            row.error = mail.REFUSED_RECIPIENT.code if RecipientState.REFUSED in states else ""
            _end(row, MailState.SENT)
        else:
            row.error = mail.REFUSED_RECIPIENT.code
            _end(row, MailState.FAILED)
        return _told(row)


def _record_fault(work: MailWork, error: PressroomError) -> MailState:
    with tenant_session(work.organization_id) as session:
        row = _owned(session, work)
        row.error = error.code
        if error.fault in FINAL_FAULTS:
            _end(row, MailState.FAILED)
        else:
            _postpone(session, row)
        return _told(row)


def _postpone(session: Session, row: OutgoingMail) -> None:
    """Try later, with growing pauses, or give up when the mail has been waiting for too long."""
    settings = get_settings()
    pause = min(timedelta(seconds=settings.mail_retry_seconds * 2 ** min(row.attempt, 16)), LONGEST_PAUSE)
    if now() + pause > row.created + timedelta(hours=settings.mail_give_up_hours):
        accepted = any(known["state"] == RecipientState.ACCEPTED for known in row.recipients.values())
        _end(row, MailState.SENT if accepted else MailState.FAILED)
        return
    row.state, row.due, row.attempt = MailState.QUEUED, now() + pause, row.attempt + 1
    row.lease_owner = row.lease_until = None
    enqueue_mail(session, row)


def _end(row: OutgoingMail, state: MailState) -> None:
    row.state, row.ended, row.content = state, now(), ""
    if row.forgets:
        row.recipients = {}
    row.lease_owner = row.lease_until = None


def _told(row: OutgoingMail) -> MailState:
    write = log.info if row.state == MailState.SENT else log.warning
    write("mail handed over", state=row.state, code=row.error or None, attempt=row.attempt)
    return MailState(row.state)


def _owned(session: Session, work: MailWork) -> OutgoingMail:
    query = select(OutgoingMail).where(OutgoingMail.id == work.mail_id, OutgoingMail.lease_owner == work.owner)
    row = session.scalar(query.with_for_update())
    if row is None:
        raise TAKEN_OVER()
    return row


def _lease_end() -> datetime:
    return now() + timedelta(seconds=get_settings().lease_seconds)
