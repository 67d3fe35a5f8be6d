"""Mail for printing in the outbox."""

from datetime import datetime

from sqlalchemy.orm import Session

from domain.organizations.models import now
from domain.outbox.service import enqueue
from domain.print_mail.models import PrintMailbox, PrintMessage
from domain.tenancy import new_id

RECEIVE = "receive-print-mail/receive-print-mail"
FETCH = "fetch-print-mail/fetch-print-mail"
PROVISION = "provision-print-address/provision-print-address"


def enqueue_message(session: Session, message: PrintMessage, due: datetime | None = None) -> None:
    """Have the mail looked at, now or when it is due; the engine learns its id only."""
    message.due, message.attempt = due or now(), message.attempt + 1
    message.lease_owner = message.lease_until = None
    enqueue(
        session,
        message.organization_id,
        RECEIVE,
        key=f"print-mail/{message.id}/{message.attempt}",
        name=f"print mail {message.id[:8]}",
        parameters={"message_id": message.id},
        not_before=message.due,
    )


def enqueue_provisioning(session: Session, organization_id: str, due: datetime | None = None) -> None:
    """Have the organization's address tried out (F-12)."""
    enqueue(
        session,
        organization_id,
        PROVISION,
        key=f"print-address/{organization_id}/{new_id()[:12]}",
        name="print address",
        parameters={"organization_id": organization_id},
        not_before=due,
    )


def enqueue_fetch(session: Session, mailbox: PrintMailbox, due: datetime | None = None) -> None:
    """Have the mailbox looked into, now or when it is due."""
    mailbox.due = due or now()
    mailbox.lease_owner = mailbox.lease_until = None
    enqueue(
        session,
        mailbox.organization_id,
        FETCH,
        key=f"print-mailbox/{mailbox.organization_id}/{new_id()[:12]}",
        name=f"print mailbox {mailbox.organization_id[:8]}",
        parameters={"organization_id": mailbox.organization_id},
        not_before=mailbox.due,
    )
