"""Fetching mail for printing from mailboxes: what is found goes the way of all mail that comes (F-11).

A message leaves its folder only once it is kept here; where that fails in between, it is found to be known the next
time (PR-145). A mailbox is held under a lease. What cannot be taken is put aside in a folder of its own, with the
reason in the records, so that it holds up nothing and is asked for no more.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parseaddr
from uuid import uuid4

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from connectors.errors import INTERNAL, Fault, PressroomError
from connectors.mail_in.mailbox import (
    MESSAGE_REFUSED,
    Afterwards,
    Mailbox,
    MailboxPlace,
    Waiting,
)
from connectors.mail_in.receiver import ReceivedMail
from connectors.messages import N_
from connectors.secrets import fingerprint
from connectors.settings import get_settings
from domain.audit.service import record_unattended
from domain.organizations.models import Organization, OrganizationStatus, now
from domain.print_mail.models import MessageState, PrintMailbox, PrintMessage
from domain.print_mail.outbox import enqueue_fetch
from domain.print_mail.provisioning import mark_available
from domain.print_mail.reception import came_lately, keep_message, message_head
from domain.print_mail.sign_in import MailboxKey, key_of, opened
from domain.printing.settings import print_settings
from domain.recorded_errors import error_record
from domain.tenancy import system_session, tenant_session

LEASE_LOST = Fault(
    "mailbox.lease_lost",
    409,
    N_("Another worker has taken over this mailbox."),
    N_("Nothing has to be done: the other worker goes on with it."),
)
TOO_LARGE = Fault(
    "print_mail.too_large",
    413,
    N_("The mail has {size} MB, and at most {limit} MB are taken."),
    N_("Send fewer or smaller documents in one mail, or hand them in on the page of your print queue."),
    spec="PR-134",
)
NOT_TAKEN = Fault(
    "print_mail.not_taken",
    422,
    N_("The mail could not be taken from the mailbox, {tries} times."),
    N_("Look at it in the folder for mail that was put aside; its sender can send the documents again."),
)
BATCH, MOST_TRIES, LONGEST_ROUND = 100, 5, 300.0
LONGEST_PAUSE, OVERDUE, OFF = timedelta(minutes=30), timedelta(minutes=2), timedelta(days=1)
MB = 1 << 20
log = structlog.get_logger(__name__)


@dataclass
class FetchWork:
    """A mailbox as the worker that holds its lease has it, and what it has done so far.

    `troubled` counts the tries of messages that were not finished.
    """

    organization_id: str
    owner: str
    place: MailboxPlace
    key: MailboxKey
    address: str
    vouching: str
    troubled: dict[str, int]
    taken: int = 0
    put_aside: int = 0
    error: PressroomError | None = None
    present: set[str] = field(default_factory=set)


def claim(organization_id: str, owner: str) -> FetchWork | None:
    """Take the mailbox's lease; None where there is nothing to do now, or another worker does it."""
    with tenant_session(organization_id) as session:
        row = session.scalar(select(PrintMailbox).with_for_update())
        if row is None or not row.enabled or row.due > now() + timedelta(seconds=1):
            return None
        if row.lease_until is not None and row.lease_until > now() and row.lease_owner != owner:
            return None
        is_active = session.get_one(Organization, organization_id).status == OrganizationStatus.ACTIVE
        if not (is_active and print_settings(session, organization_id).email.enabled):
            row.due, row.lease_owner, row.lease_until = now() + OFF, None, None  # switching it on fetches at once
            return None
        try:
            key = key_of(row)
        except PressroomError as error:  # the secret key is another one than when it was set up
            _put_off(session, row, error)
            return None
        row.lease_owner, row.lease_until = owner, now() + timedelta(seconds=get_settings().lease_seconds)
        troubled = {key: int(tries) for key, tries in row.troubled.items()}
        return FetchWork(organization_id, owner, _place(row), key, row.address, row.authentication_server, troubled)


def renew(work: FetchWork) -> None:
    """Show a sign of life; raises `LEASE_LOST`."""
    with tenant_session(work.organization_id) as session:
        _owned(session, work).lease_until = now() + timedelta(seconds=get_settings().lease_seconds)


def fetch(work: FetchWork) -> bool:
    """Take what waits in the mailbox; returns whether there is more. Raises what concerns the mailbox as a whole."""
    end = time.monotonic() + LONGEST_ROUND
    with opened(work.organization_id, work.place, work.key) as mailbox:
        mark_available(work.organization_id)
        waiting = mailbox.waiting(BATCH + len(work.troubled))
        work.present = {message.key for message in waiting}
        for message in waiting:
            if time.monotonic() > end or _is_full(work.organization_id):
                return True
            _begin(work, message)
            _try(work, mailbox, message)
        return len(waiting) >= BATCH and work.taken + work.put_aside > 0


def finish(work: FetchWork, *, more: bool) -> None:
    """Note what was done, and when the mailbox is looked into next."""
    with tenant_session(work.organization_id) as session:
        row = _owned(session, work)
        _note(row, work)
        row.failures, row.last_success = 0, now()
        row.error = error_record(work.error) if work.error is not None else None
        pause = 0 if more and not _is_full(work.organization_id) else row.interval_seconds
        enqueue_fetch(session, row, now() + timedelta(seconds=pause))
    log.info("a mailbox was looked into", taken=work.taken, put_aside=work.put_aside, more=more)


def fail(work: FetchWork, error: PressroomError) -> None:
    """The mailbox could not be looked into: once more after a pause that doubles, half an hour at most."""
    with tenant_session(work.organization_id) as session:
        row = _owned(session, work)
        _note(row, work)
        _put_off(session, row, error)


def release_lost(owner: str) -> list[str]:
    """A worker process died: have the mailboxes looked into that it held; returns the organizations."""
    return _requeue(PrintMailbox.lease_owner == owner)


def requeue_missed() -> list[str]:
    """Have the mailboxes looked into that nobody has looked into in time; returns the organizations."""
    is_overdue = PrintMailbox.lease_until.is_(None) & (PrintMailbox.due < now() - OVERDUE)
    return _requeue(PrintMailbox.enabled & (is_overdue | (PrintMailbox.lease_until < now())))


def _requeue(condition: ColumnElement[bool]) -> list[str]:
    with system_session() as session:
        lost = session.scalars(select(PrintMailbox).where(condition).with_for_update(skip_locked=True)).all()
        for row in lost:
            enqueue_fetch(session, row)
        return [row.organization_id for row in lost]


def _put_off(session: Session, row: PrintMailbox, error: PressroomError) -> None:
    row.failures, row.error = row.failures + 1, error_record(error)
    pause = timedelta(seconds=row.interval_seconds * 2 ** min(row.failures, 10))
    enqueue_fetch(session, row, now() + min(pause, LONGEST_PAUSE))
    log.warning("a mailbox cannot be looked into", code=error.code)


def _place(row: PrintMailbox) -> MailboxPlace:
    settings = get_settings()
    return MailboxPlace(
        host=row.host,
        port=row.port,
        tls="starttls" if row.tls == "starttls" else "tls",
        user=row.user,
        folder=row.folder,
        afterwards=Afterwards(row.afterwards),
        done=row.done_folder,
        aside=row.aside_folder,
        largest=settings.mail_in_max_mb * MB,
        timeout=settings.mail_fetch_timeout_seconds,
        ca_file=settings.mail_fetch_ca_file,
        allow_private=settings.allow_private_addresses,
        longest=2 * LONGEST_ROUND,
    )


def _owned(session: Session, work: FetchWork) -> PrintMailbox:
    mine = PrintMailbox.lease_owner == work.owner
    row = session.scalar(select(PrintMailbox).where(mine).with_for_update())
    if row is None:
        raise LEASE_LOST()
    return row


def _is_full(organization_id: str) -> bool:
    """Whether as much has come within an hour as is taken: the rest waits in the mailbox."""
    return came_lately(organization_id) >= get_settings().mail_in_organization_hour


def _begin(work: FetchWork, message: Waiting) -> None:
    """Count the try before anything is done, so that a message that kills the worker does so a few times only."""
    with tenant_session(work.organization_id) as session:
        row = _owned(session, work)
        work.troubled[message.key] = work.troubled.get(message.key, 0) + 1
        row.troubled = dict(work.troubled)


def _try(work: FetchWork, mailbox: Mailbox, message: Waiting) -> None:
    """Take one message or put it aside; what is wrong with it alone leaves it for the next time."""
    try:
        if (tries := work.troubled[message.key]) > MOST_TRIES:
            _put_aside(work, mailbox, message, NOT_TAKEN(tries=MOST_TRIES))
        elif message.size > work.place.largest:
            size, limit = f"{message.size / MB:.1f}", f"{work.place.largest / MB:g}"
            _put_aside(work, mailbox, message, TOO_LARGE(size=size, limit=limit))
        else:
            _take(work, mailbox, message)
    except PressroomError as error:
        if error.fault is not MESSAGE_REFUSED:
            _forget(work, message, tries - 1)
            raise
        work.error = error
    except (OSError, SQLAlchemyError):  # the connection or the records: nothing of the message
        _forget(work, message, tries - 1)
        raise
    except Exception:
        reference = uuid4().hex[:12]
        log.exception("a message of a mailbox failed unexpectedly", reference=reference)
        work.error = INTERNAL(reference=reference)
    else:
        _forget(work, message, 0)


def _forget(work: FetchWork, message: Waiting, tries: int) -> None:
    if tries:
        work.troubled[message.key] = tries
    else:
        work.troubled.pop(message.key, None)


def _take(work: FetchWork, mailbox: Mailbox, message: Waiting) -> None:
    content = mailbox.content(message)
    if content is None:
        return  # somebody has deleted or moved it
    head = message_head(content)
    sender = parseaddr(str(head.get("Return-Path", head.get("From", ""))))[1]
    mail = ReceivedMail("", sender, (work.address,), content, vouching=work.vouching)
    keep_message(work.organization_id, mail, head)
    work.taken += 1
    mailbox.taken(message)


def _put_aside(work: FetchWork, mailbox: Mailbox, message: Waiting, error: PressroomError) -> None:
    """Note that it came and why it is not taken, once; then move it."""
    with tenant_session(work.organization_id) as session:
        key = fingerprint("print mail put aside", work.organization_id, str(work.place), message.key)
        if session.scalar(select(PrintMessage.id).where(PrintMessage.message_key == key)) is None:
            row = PrintMessage(message_key=key, state=MessageState.REFUSED, size=message.size, ended=now())
            row.reason = error_record(error)
            session.add(row)
            session.flush()
            facts: Mapping[str, str] = {"reason": error.code, "domain": ""}
            record_unattended(session, work.organization_id, "print_mail.refused", "print_mail", row.id, dict(facts))
    mailbox.put_aside(message)
    work.put_aside += 1


def _note(row: PrintMailbox, work: FetchWork) -> None:
    """What was done, and which messages are troubled still: those that are gone are no trouble any more."""
    row.fetched, row.put_aside = row.fetched + work.taken, row.put_aside + work.put_aside
    row.troubled = {key: tries for key, tries in work.troubled.items() if not work.present or key in work.present}
