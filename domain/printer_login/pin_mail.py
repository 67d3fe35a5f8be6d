"""The mail that tells people the PIN that was made for them (AC-151, AC-173)."""

from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.mail.service import queue_mail
from domain.organizations.models import Organization, User


def mail_pin(session: Session, person: User, pin: str) -> None:
    """Queue the mail in the transaction that keeps the PIN; nobody but its reader ever sees the PIN."""
    organization = session.get_one(Organization, person.organization_id)
    queue_mail(
        session,
        person.organization_id,
        [person.email],
        Message.of(N_("Your new PIN for printers")),
        [
            Message.of(N_("Hello {name},"), name=person.name or person.email),
            Message.of(N_("Your PIN for the printers of {organization} is:"), organization=organization.name),
            Message.of("{pin}", pin=pin),
            Message.of(N_("It replaces the one you had. Keep it to yourself: whoever knows it can print as you.")),
            Message.of(N_("You can ask for another one on the page “My printer login”.")),
        ],
        locale=person.locale,
        link=f"{get_settings().public_url}/account/printer-login",
    )
