"""Who sent a mail, and whether they may print (F-11 steps 2 and 3, PR-142, PR-143, PR-161)."""

from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.mail_in.authenticity import Origin, check_authentic
from connectors.mail_in.message import Automatic, MailHead
from connectors.messages import N_
from connectors.secrets import fingerprint
from connectors.settings import get_settings
from domain.organizations.actor import Actor, actor_for
from domain.organizations.models import NO_ACCOUNT, User, now
from domain.print_guests.admission import address_hash
from domain.print_guests.models import GuestState, PrintGuest
from domain.print_mail.models import PrintMessage
from domain.printing.mail_address import mail_domain
from domain.printing.settings import print_settings
from domain.tenancy import tenant_session

AUTOMATIC_MAIL = Fault(
    "print_mail.automatic",
    422,
    N_("The mail was sent by a program, such as a holiday note or a report of a mail server."),
    N_("Nothing needs to be done: such mail is neither printed nor answered."),
)
OWN_MAIL = Fault(
    "print_mail.own",
    422,
    N_("The mail comes from an address of this installation."),
    N_("Nothing needs to be done: such mail is neither printed nor answered."),
)
UNKNOWN_SENDER = Fault(
    "print_mail.unknown_sender",
    403,
    N_("Nobody of the organization has the sender's address, and guests may not print."),
    N_("Administrators: add the person, correct their address, or let guests print in the print settings."),
    spec="PR-143",
)
TOO_OFTEN = Fault(
    "print_mail.too_often",
    429,
    N_("The sender has sent more than {limit} mails within an hour."),
    N_("Wait an hour, then send the rest."),
)
GUEST_UNANSWERED = Fault(
    "print_mail.guest_unanswered",
    422,
    N_("A guest's mail was sent by a program, which cannot be answered with a PIN."),
    N_("Send it from an ordinary mail program."),
    spec="PR-149",
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who it is for certain: a person, or else (None) a guest. `answer_to` is empty where nothing is answered."""

    address: str
    person: Actor | None
    answer_to: str


def sender_key(organization_id: str, address: str) -> str:
    """By what the mails of a sender are counted."""
    return fingerprint("print mail sender", organization_id, address)


def check_head(head: MailHead, origin: Origin, content: bytes, mailbox: str = "") -> None:
    """Raise why the mail is neither printed nor answered, whoever it is from. `mailbox` is the address that it went to.

    Raises `OWN_MAIL`, `AUTOMATIC_MAIL`, `NOT_AUTHENTIC` or `PROOF_UNREACHABLE`.
    """
    settings = get_settings()
    own = parseaddr(settings.mail_sender)[1].lower()
    if head.sender in (own, mailbox) or head.sender_domain == mail_domain():
        raise OWN_MAIL()
    if head.automatic is Automatic.REPLIED or not origin.mail_from:
        raise AUTOMATIC_MAIL()
    check_authentic(content, head.sender_domain, origin, settings)


def find_sender(organization_id: str, message_id: str, head: MailHead) -> Sender:
    """The person with that address, or a guest where guests may print.

    Raises `TOO_OFTEN`, `UNKNOWN_SENDER` or `GUEST_UNANSWERED`, and `ACCOUNT_ENDED` for an account that was deactivated.
    """
    answer_to = head.sender if head.automatic is Automatic.NO else ""
    with tenant_session(organization_id) as session:
        _count(session, organization_id, message_id, head.sender)
        user = session.scalar(select(User).where(User.email == head.sender, User.status.not_in(NO_ACCOUNT)))
        if user is not None:
            return Sender(head.sender, actor_for(session, user), answer_to)
        if not print_settings(session, organization_id).email.guests_enabled or _is_blocked(
            session, organization_id, head.sender
        ):
            raise UNKNOWN_SENDER()
        if not answer_to:
            raise GUEST_UNANSWERED()
        return Sender(head.sender, None, answer_to)


def _is_blocked(session: Session, organization_id: str, address: str) -> bool:
    known = PrintGuest.address_hash == address_hash(organization_id, address)
    return session.scalar(select(PrintGuest.state).where(known)) == GuestState.BLOCKED


def _count(session: Session, organization_id: str, message_id: str, address: str) -> None:
    key, limit = sender_key(organization_id, address), get_settings().mail_in_sender_hour
    lately = (PrintMessage.sender_key == key) & (PrintMessage.received > now() - timedelta(hours=1))
    count = session.scalar(select(func.count(PrintMessage.id)).where(lately, PrintMessage.id != message_id)) or 0
    session.get_one(PrintMessage, message_id).sender_key = key
    if count >= limit:
        raise TOO_OFTEN(limit=limit)
