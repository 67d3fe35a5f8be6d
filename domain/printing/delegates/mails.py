"""What delegates are told: that they were added, removed, or that their time is over (PR-168, AM-30)."""

from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.mail.service import queue_mail
from domain.organizations.models import User, shown_name
from domain.printing.delegates.models import Delegation
from domain.printing.settings import print_settings

ADDED = N_("You may release print jobs of {owner}")
REMOVED = N_("You may no longer release print jobs of {owner}")
EXPIRED = N_("Your time as a delegate of {owner} is over")


def tell_added(session: Session, delegation: Delegation) -> None:
    """Queue the mail about a new delegation, with its end if it has one."""
    _tell(
        session,
        delegation,
        ADDED,
        N_("{owner} lets you release their print jobs at printers with the full print release app."),
        with_end=True,
    )


def tell_removed(session: Session, delegation: Delegation) -> None:
    """Queue the mail about a delegation that was taken back."""
    _tell(session, delegation, REMOVED, N_("You are no longer a delegate of {owner}."), with_end=False)


def tell_expired(session: Session, delegation: Delegation) -> None:
    """Queue the mail about a delegation whose time is over."""
    _tell(session, delegation, EXPIRED, N_("Your time as a delegate of {owner} is over."), with_end=True)


def _tell(session: Session, delegation: Delegation, subject: str, text: str, *, with_end: bool) -> None:
    if not print_settings(session, delegation.organization_id).jobs.delegation_email_enabled:
        return
    owner, delegate = (session.get_one(User, user_id) for user_id in (delegation.owner_id, delegation.delegate_id))
    paragraphs = [
        Message.of(N_("Hello {name},"), name=shown_name(delegate)),
        Message.of(text, owner=shown_name(owner)),
    ]
    if with_end and delegation.expires is not None:
        locale = Locale.parse(delegate.locale.replace("-", "_"))
        end = format_datetime(delegation.expires, "long", tzinfo=ZoneInfo(delegate.time_zone), locale=locale)
        paragraphs.append(Message.of(N_("The permission ends: {end}."), end=end))
    queue_mail(
        session,
        delegation.organization_id,
        [delegate.email],
        Message.of(subject, owner=shown_name(owner)),
        paragraphs,
        locale=delegate.locale,
        link=f"{get_settings().public_url}/print-queue/delegates",
        key=f"delegation/{delegation.id}/{delegation.state}",
    )
