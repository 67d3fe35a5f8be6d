"""What mail for printing needs now and then: answers that never arrived, old records, content that nobody needs."""

from datetime import timedelta

from sqlalchemy import delete, select

from connectors.documents import open_store
from connectors.settings import get_settings
from domain.mail.models import MailState, OutgoingMail
from domain.organizations.models import now
from domain.print_guests.removal import end_jobs
from domain.print_mail.models import MessageState, PrintMessage
from domain.print_mail.provisioning import start_provisioning
from domain.print_mail.work import GIVE_UP
from domain.print_settings.models import AddressState, PrintMailAddress
from domain.printing.expiry import organizations
from domain.printing.models import PrintJob
from domain.printing.removal import remove_content
from domain.tenancy import system_session, tenant_session

BATCH = 200
UNTRIED = timedelta(hours=1)
ANSWERED = (MessageState.ACCEPTED, MessageState.PARTIALLY_ACCEPTED)


def end_unanswered() -> int:
    """Delete a batch of guests' jobs whose PIN could not be delivered: nobody could release them (F-13).

    Returns how many mails that were.
    """
    with system_session(read_only=True) as session:
        failed = (
            select(PrintMessage.organization_id, PrintMessage.id)
            .join(OutgoingMail, OutgoingMail.id == PrintMessage.mail_id)
            .where(PrintMessage.is_guest, PrintMessage.state.in_(ANSWERED), OutgoingMail.state == MailState.FAILED)
        )
        found = session.execute(failed.limit(BATCH)).tuples().all()
    for organization_id, message_id in found:
        with tenant_session(organization_id) as session:
            session.get_one(PrintMessage, message_id).state = MessageState.FAILED
            ended = end_jobs(session, PrintJob.submission_key.startswith(f"mail/{message_id}/"))
        remove_content(organization_id, ended)
    return len(found)


ANSWERED = (MessageState.ACCEPTED, MessageState.PARTIALLY_ACCEPTED)


def resume_provisioning() -> int:
    """Try addresses out again that nobody has looked at for an hour, though they wait for it; returns how many."""
    with system_session(read_only=True) as session:
        left = (PrintMailAddress.state == AddressState.PROVISIONING) & (PrintMailAddress.changed < now() - UNTRIED)
        found = session.scalars(select(PrintMailAddress.organization_id).where(left)).all()
    for organization_id in found:
        start_provisioning(organization_id)
    return len(found)


def forget_old_messages() -> int:
    """Forget that mails came, once it is long ago; returns how many."""
    limit = now() - timedelta(days=get_settings().mail_in_record_days)
    with system_session() as session:
        old = delete(PrintMessage).where(PrintMessage.ended < limit).returning(PrintMessage.id)
        return len(session.scalars(old).all())


def delete_left_mail() -> int:
    """Delete mail that a crash has left in the store: none is kept for longer than a day; returns how many (F-11)."""
    store, limit, count = open_store(get_settings()), now() - GIVE_UP - timedelta(hours=1), 0
    for organization_id in organizations():
        for kept in list(store.list(f"{organization_id}/print-mail")):
            if kept.modified < limit:
                store.delete(kept.key)
                count += 1
    return count
