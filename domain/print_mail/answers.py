"""What senders are answered: what waits for them, what cannot be printed and why, and guests their PIN (PR-149).

An answer goes to the proven sender only, and never to mail of programs, so that no loop can come of it (RFC 3834).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from sqlalchemy.orm import Session

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.mail.service import queue_mail
from domain.organizations.actor import Actor
from domain.print_guests.admission import GuestPin
from domain.recorded_errors import ErrorView

WAITING = N_("Your documents are ready to be printed")
PARTLY_WAITING = N_("Some of your documents cannot be printed")
NOTHING_WAITING = N_("Your mail cannot be printed")
GUEST_WAITING = N_("Your PIN for printing")
LISTED, LISTED_WITH_PAGES = "• {name}", N_("• {name}, pages: {pages}")


@dataclass(frozen=True, slots=True)
class Held:
    """A document that waits; `pages` None where they are not counted yet."""

    name: str
    pages: int | None
    expires: datetime | None = None


def answer_person(
    session: Session, person: Actor, answer_to: str, held: Sequence[Held], refused: Sequence[ErrorView], key: str
) -> str:
    """Tell somebody of the organization what became of their mail; returns the answer's id."""
    subject = NOTHING_WAITING if not held else PARTLY_WAITING if refused else WAITING
    texts = [Message.of(N_("Hello {name},"), name=person.name)]
    if held:
        texts.append(Message.of(N_("These documents wait in your print queue until you release them at a printer:")))
        texts += _listed(held)
        if ends := [one.expires for one in held if one.expires is not None]:
            when = shown_time(min(ends), person.locale, person.time_zone)
            texts.append(Message.of(N_("What is not printed by {when} is deleted."), when=when))
    texts += _refusals(refused)
    link = f"{get_settings().public_url}/print-queue"
    return queue_mail(
        session,
        person.organization_id,
        [answer_to],
        Message.of(subject),
        texts,
        locale=person.locale,
        link=link,
        key=key,
    )


def answer_guest(
    session: Session,
    guest: Actor,
    answer_to: str,
    held: Sequence[Held],
    refused: Sequence[ErrorView],
    pin: GuestPin | None,
    key: str,
) -> str:
    """Send a guest the PIN with which their documents are released; the address is forgotten with the mail (PR-158)."""
    facts = {"organization": guest.organization_name}
    texts = [Message.of(N_("Hello,"))]
    if held and pin is not None:
        texts.append(Message.of(N_("Your documents wait at the printers of {organization}:"), **facts))
        texts += _listed(held)
        texts.append(Message.of(N_("Choose PIN at the printer's panel and type:")))
        texts.append(Message.of("{pin}", pin=pin.pin))
        when = shown_time(pin.expires, guest.locale, guest.time_zone)
        texts.append(Message.of(N_("The PIN counts until {when}. What is not printed by then is deleted."), when=when))
        if ends := [one.expires for one in held if one.expires is not None and one.expires < pin.expires]:
            when = shown_time(min(ends), guest.locale, guest.time_zone)
            texts.append(Message.of(N_("The documents above are deleted on {when} already."), when=when))
        if pin.is_known:
            texts.append(Message.of(N_("It is the PIN that you have already; what you sent before is there as well.")))
    texts += _refusals(refused)
    subject = GUEST_WAITING if held and pin is not None else NOTHING_WAITING
    return queue_mail(
        session,
        guest.organization_id,
        [answer_to],
        Message.of(subject),
        texts,
        locale=guest.locale,
        key=key,
        forgets=True,
    )


def answer_refusal(
    session: Session, organization_id: str, answer_to: str, error: PressroomError, locale: str, key: str
) -> str:
    """Tell a proven sender why nothing of their mail is printed."""
    view = ErrorView(error.code, error.fault.message, error.fault.remedy, dict(error.facts))
    texts = [Message.of(N_("Hello,")), *_refusals([view])]
    return queue_mail(
        session, organization_id, [answer_to], Message.of(NOTHING_WAITING), texts, locale=locale, key=key, forgets=True
    )


def shown_time(moment: datetime, locale: str, time_zone: str) -> str:
    """Date and time as people of that language write them, on their clock."""
    return format_datetime(moment, "long", tzinfo=ZoneInfo(time_zone), locale=locale.replace("-", "_"))


def _listed(held: Sequence[Held]) -> list[Message]:
    return [
        Message.of(LISTED, name=one.name)
        if one.pages is None
        else Message.of(LISTED_WITH_PAGES, name=one.name, pages=one.pages)
        for one in held
    ]


def _refusals(refused: Sequence[ErrorView]) -> list[Message]:
    """Each reason once, with its remedy."""
    if not refused:
        return []
    texts = [Message.of(N_("This cannot be printed:"))]
    seen: set[str] = set()
    for error in refused:
        if error.message not in seen:
            seen.add(error.message)
            facts = {name: value for name, value in error.facts.items() if isinstance(value, str | int | float)}
            texts.append(Message.of(error.message_template, **facts))
            if error.remedy not in seen:
                seen.add(error.remedy)
                texts.append(Message.of(error.remedy_template, **facts))
    return texts
