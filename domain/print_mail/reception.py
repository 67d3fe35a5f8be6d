"""Taking a mail in: kept sealed, noted and handed to the engine before it is acknowledged, so that none is lost (F-11).

Decisions that need the mail's content or its sender are made later, by a flow. Here a mail is turned away only for what
its envelope says; the server that brought it then tells its sender.
"""

import hmac
import io
from collections.abc import Iterable
from datetime import timedelta
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from connectors.documents.media_types import UNKNOWN
from connectors.mail_in.probe import PROBE
from connectors.mail_in.receiver import ReceivedMail
from connectors.secrets import encrypt, fingerprint
from connectors.settings import get_settings
from domain.organizations.models import now
from domain.print_mail.addresses import KnownAddress, known_address, probe_token
from domain.print_mail.models import PrintMessage
from domain.print_mail.outbox import enqueue_message
from domain.print_mail.provisioning import mark_available
from domain.print_settings.models import AddressState
from domain.printing.content import job_store
from domain.tenancy import new_id, tenant_session

log = structlog.get_logger(__name__)

TAKEN = "250 2.0.0 Taken"
UNKNOWN_ADDRESS = "550 5.1.1 No such address here: the portal shows the right one under My account, What works"
DISABLED = "550 5.2.1 This address takes no mail at present"
NOT_YET = "450 4.2.1 This address is not ready yet, try again later"
TOO_OFTEN = "451 4.7.1 Too many messages for this address, try again later"
MOST_HEADERS = 1 << 18


class PrintMailDoor:
    """Who decides about mail that comes in for printing."""

    def recipient(self, address: str) -> str:
        """The answer to RCPT TO."""
        known = known_address(address)
        if known is None:
            return UNKNOWN_ADDRESS
        return DISABLED if known.state == AddressState.DISABLED else "250 2.1.5 Known"

    def take(self, mail: ReceivedMail) -> str:
        """Keep the mail for each organization that it is addressed to; acknowledged once all of them have it."""
        head = message_head(mail.content)
        found = {one.organization_id: one for address in mail.recipients if (one := known_address(address)) is not None}
        if (token := str(head.get(PROBE, "")).strip()) and _is_probe(found.values(), token):
            return TAKEN
        for one in found.values():
            if one.state == AddressState.DISABLED:
                return DISABLED
            if one.state != AddressState.AVAILABLE:
                return NOT_YET
            if came_lately(one.organization_id) >= get_settings().mail_in_organization_hour:
                return TOO_OFTEN
        for one in found.values():
            keep_message(one.organization_id, mail, head)
        return TAKEN if found else UNKNOWN_ADDRESS


def keep_message(organization_id: str, mail: ReceivedMail, head: Message) -> str | None:
    """Keep one mail for an organization and have it looked at; None where it came before (PR-145)."""
    message_id = new_id()
    key = message_key(head, mail.content)
    with tenant_session(organization_id, read_only=True) as session:
        if session.scalar(select(PrintMessage.id).where(PrintMessage.message_key == key)) is not None:
            return None
    job_store().put(content_key(organization_id, message_id), io.BytesIO(mail.content), UNKNOWN)
    try:
        with tenant_session(organization_id) as session:
            message = PrintMessage(
                id=message_id,
                message_key=key,
                envelope=encrypt(
                    {"peer": mail.peer, "mail_from": mail.mail_from, "helo": mail.helo, "vouching": mail.vouching}
                ),
                size=len(mail.content),
            )
            session.add(message)
            session.flush()
            enqueue_message(session, message)
    except IntegrityError:
        job_store().delete(content_key(organization_id, message_id))
        return None  # the same mail was taken at the same moment
    except Exception:
        job_store().delete(content_key(organization_id, message_id))
        raise
    log.info("a mail for printing was taken in", organization_id=organization_id, message_id=message_id)
    return message_id


def content_key(organization_id: str, message_id: str) -> str:
    """Where the mail is in the document store."""
    return f"{organization_id}/print-mail/{message_id}"


def message_key(head: Message, content: bytes) -> str:
    """The same for the same mail: its Message-ID with its sender, or all of it where it has none.

    The sender belongs to it, so that nobody can keep another's mail away by using its Message-ID before.
    """
    named = str(head.get("Message-ID", "")).strip()
    if not named:
        return fingerprint("print mail content", fingerprint("content", content.decode("latin-1")))
    return fingerprint("print mail", named[:1000], str(head.get("From", ""))[:1000].strip().lower())


def message_head(content: bytes) -> Message:
    """The header of a mail, however it is written."""
    end = content.find(b"\r\n\r\n", 0, MOST_HEADERS)
    return BytesHeaderParser(policy=compat32).parsebytes(content[: end if end >= 0 else MOST_HEADERS] + b"\r\n\r\n")


def _is_probe(addresses: Iterable[KnownAddress], token: str) -> bool:
    """Whether it is the test message of one of the addresses, which works then."""
    for one in addresses:
        if hmac.compare_digest(token.encode(), probe_token(one.organization_id, one.local_part).encode()):
            mark_available(one.organization_id, one.local_part)
            return True
    return False


def came_lately(organization_id: str) -> int:
    """How many mails came for the organization within an hour."""
    with tenant_session(organization_id, read_only=True) as session:
        lately = PrintMessage.received > now() - timedelta(hours=1)
        return session.scalar(select(func.count(PrintMessage.id)).where(lately)) or 0
