"""Mail about an organization's identity provider: how a check went, and what is about to expire (AC-119, AC-131)."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.federation.administrators import told_administrators
from domain.federation.models import AuthenticationProvider, Slot
from domain.mail.service import queue_mail
from domain.organizations.models import Organization, User, UserStatus

PAGE = "/identity-provider"


def tell_of_check(session: Session, provider: AuthenticationProvider, error: PressroomError | None) -> None:
    """Tell the administrator who configured `provider` whether it can be used."""
    organization = session.get_one(Organization, provider.organization_id).name
    person = session.get(User, provider.configured_by)
    if person is None or person.status != UserStatus.ACTIVE:
        return
    if error is not None:
        subject = Message.of(N_("{organization}: the identity provider cannot be used yet"), organization=organization)
        paragraphs = [
            Message.of(N_("You configured an identity provider for {organization}."), organization=organization),
            *told(error),
            Message.of(N_("Sign-in works as before. If the fault is at the provider, ask its representative.")),
        ]
    elif provider.slot == Slot.ACTIVE:
        subject = Message.of(N_("{organization}: the identity provider is active"), organization=organization)
        paragraphs = [
            Message.of(N_("The check has succeeded. People of {organization} sign in at the identity provider now."),
                       organization=organization),
            Message.of(N_("Stay signed in until you have tried it in another browser window.")),
        ]  # fmt: skip
    else:
        subject = Message.of(N_("{organization}: the identity provider is ready"), organization=organization)
        paragraphs = [
            Message.of(N_("The check of the identity provider of {organization} has succeeded."),
                       organization=organization),
            Message.of(N_("Nobody signs in by it yet. Try it on the page “Identity provider”, then activate it.")),
        ]  # fmt: skip
    _send(session, provider, [person], subject, paragraphs)


def tell_of_expiry(session: Session, provider: AuthenticationProvider, what: str, last_day: date, days: int) -> None:
    """Tell the organization's administrators that the client secret or the certificate (`what`) expires."""
    organization = session.get_one(Organization, provider.organization_id).name
    subjects = {
        "secret": N_("{organization}: the client secret of the identity provider expires on {day}"),
        "certificate": N_("{organization}: the certificate of the identity provider expires on {day}"),
    }
    left = (
        Message.of(N_("It has expired. People cannot sign in by the identity provider until it is renewed."))
        if days < 0
        else Message.of(N_("Days left: {days}. After that, people cannot sign in by the identity provider."), days=days)
    )
    paragraphs = [
        left,
        Message.of(N_("Renew it at the identity provider, and enter the new one on the page “Identity provider”.")),
    ]
    people = told_administrators(session, provider.organization_id)
    subject = Message.of(subjects[what], organization=organization, day=last_day.isoformat())
    _send(session, provider, people, subject, paragraphs)


def told(error: PressroomError) -> tuple[Message, Message]:
    """What went wrong and what helps, as paragraphs."""
    facts = {name: value if isinstance(value, int | float) else str(value) for name, value in error.facts.items()}
    return Message(template=error.fault.message, facts=facts), Message(template=error.fault.remedy, facts=facts)


def _send(
    session: Session,
    provider: AuthenticationProvider,
    people: Sequence[User],
    subject: Message,
    paragraphs: Sequence[Message],
) -> None:
    """One mail each, in each one's language."""
    link = f"{get_settings().public_url}{PAGE}"
    for person in people:
        queue_mail(
            session, provider.organization_id, [person.email], subject, paragraphs, locale=person.locale, link=link
        )
