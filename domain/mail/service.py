"""Queueing mail in the transaction of what causes it, and forgetting it in time."""

import json
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import String, cast, delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.mail_addresses import each_once, wire_address
from connectors.messages import Message
from connectors.secrets import encrypt
from connectors.settings import get_settings
from domain.mail.message import MailAttachment, MailText, encoded
from domain.mail.models import MailState, OutgoingMail, RecipientState
from domain.organizations.models import now
from domain.outbox.service import enqueue
from domain.tenancy import new_id, system_session

SEND_MAIL = "send-mail/send-mail"
MOST_CONDITIONS, BATCH = 20, 500
"""For more addresses than that all mail is looked through, so many at a time, instead of asking for each of them."""
NO_ADDRESS = "mail.bad_address"
"""The error of a mail none of whose recipients has an address that mail can be sent to."""


def queue_mail(
    session: Session,
    organization_id: str,
    to: Sequence[str],
    subject: Message,
    paragraphs: Sequence[Message],
    *,
    locale: str,
    link: str = "",
    attachments: Sequence[MailAttachment] = (),
    key: str | None = None,
    forgets: bool = False,
) -> str:
    """Have one mail sent to `to` once this transaction is committed; returns its id.

    It is written in the language of `locale`, kept encrypted and sent by a flow, again and again where the mail server
    cannot take it now. `key` names the occasion: a second mail of the organization under the same key is not sent.
    With `forgets` not even the addresses are kept once the mail is sent or given up.
    An address that is none is recorded as refused; a fact in `subject` or `paragraphs` may hold anything.
    """
    if key is not None and (known := _mail_under(session, organization_id, key)):
        return known
    addresses = {address: wire_address(address) for address in each_once(*to)}
    mail_id, usable = new_id(), [wire for wire in addresses.values() if wire]
    text = MailText(subject, paragraphs, locale, link, attachments)
    mail = OutgoingMail(
        id=mail_id,
        organization_id=organization_id,
        key=key,
        recipients={wire or given: _record(wire) for given, wire in addresses.items()},
        content=encrypt({"message": encoded(text, usable, mail_id, get_settings())}) if usable else "",
        attempt=0,
        forgets=forgets,
    )
    if not usable:
        mail.state, mail.error, mail.ended = MailState.FAILED, NO_ADDRESS, now()
    if key is None:
        session.add(mail)
    elif (known := _add_under(session, mail, key)) is not None:
        return known
    if usable:
        enqueue_mail(session, mail)
    return mail_id


def enqueue_mail(session: Session, mail: OutgoingMail) -> None:
    """Ask the engine to send `mail` when it is due; the engine learns its id only."""
    enqueue(
        session,
        mail.organization_id,
        SEND_MAIL,
        key=f"mail/{mail.id}/{mail.attempt}",
        name=f"mail {mail.id[:8]}",
        parameters={"mail_id": mail.id},
        not_before=mail.due,
    )


def forget_old_mail() -> int:
    """Delete the records of mail that was sent or given up long ago; returns how many."""
    limit = now() - timedelta(days=get_settings().mail_record_days)
    with system_session() as session:
        old = delete(OutgoingMail).where(OutgoingMail.ended < limit).returning(OutgoingMail.id)
        return len(session.scalars(old).all())


def forget_recipients(session: Session, addresses: Collection[str]) -> None:
    """Take people out of what is kept of mail, because they were deleted (AC-83); `session` sees all organizations.

    A mail that was for nobody else goes wholly, sent or not; from others their addresses go, and whoever still waits
    for such a mail gets it.
    """
    gone = {wire_address(address) or address for address in addresses} | set(addresses)
    for mail in session.scalars(select(OutgoingMail).where(OutgoingMail.id.in_(_mail_for(session, gone)))).all():
        left = {address: known for address, known in mail.recipients.items() if address not in gone}
        if left:
            mail.recipients = left
        else:
            session.delete(mail)


def _mail_for(session: Session, addresses: Collection[str]) -> list[str]:
    """The ids of the mail for any of these addresses."""
    query = select(OutgoingMail.id, OutgoingMail.recipients).execution_options(yield_per=BATCH)
    if len(addresses) <= MOST_CONDITIONS:
        kept = cast(OutgoingMail.recipients, String)
        query = query.where(or_(*(kept.contains(json.dumps(address), autoescape=True) for address in addresses)))
    return [mail_id for mail_id, recipients in session.execute(query) if not recipients.keys().isdisjoint(addresses)]


def _mail_under(session: Session, organization_id: str, key: str) -> str | None:
    query = select(OutgoingMail.id).where(OutgoingMail.organization_id == organization_id, OutgoingMail.key == key)
    return session.scalar(query)


def _add_under(session: Session, mail: OutgoingMail, key: str) -> str | None:
    """Add `mail`, unless another transaction adds one for the same occasion at the same moment; returns its id then."""
    try:
        with session.begin_nested():
            session.add(mail)
    except IntegrityError:
        if (known := _mail_under(session, mail.organization_id, key)) is None:
            raise
        return known
    return None


def _record(wire: str | None) -> dict[str, Any]:
    return {"state": (RecipientState.WAITING if wire else RecipientState.REFUSED).value, "reply": ""}
