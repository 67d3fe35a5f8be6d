"""Sending feedback, reading it, and forgetting it in time (FL-333)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.audit.service import Facts, record
from domain.feedback.models import Feedback
from domain.mail.service import queue_mail
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, User, now
from domain.organizations.permissions import Permission
from domain.tenancy import system_session

LONGEST = 2000
"""Characters."""
LONGEST_PAGE = 255
MOST, WITHIN = 10, timedelta(hours=1)
"""So much one person may send."""
KEPT = timedelta(days=365)
LARGEST_PAGE = 200
RECEIVED = "/feedback/received"
"""The page where operators read it."""
_PATH = re.compile(r"/[^?#\s]*")

EMPTY = Fault(
    "feedback.empty",
    422,
    N_("There is nothing in the feedback."),
    N_("Write what you want to say."),
    spec="FL-333",
)
TOO_LONG = Fault(
    "feedback.too_long",
    422,
    N_("The feedback has more than {limit} characters."),
    N_("Make it shorter, or send it in parts."),
    spec="FL-333",
)
TOO_OFTEN = Fault(
    "feedback.too_often",
    429,
    N_("You have sent {limit} times within an hour."),
    N_("Thank you. Send the rest later."),
    spec="FL-333",
)


@dataclass(frozen=True, slots=True)
class FeedbackView:
    """Feedback as operators read it. `author` and `email` are empty where no answer is wanted."""

    id: int
    organization: str
    text: str
    page: str
    author: str
    email: str
    created: datetime


def send_feedback(actor: Actor, text: str, *, may_contact: bool = False, page: str = "") -> None:
    """Keep it, and mail it where an address is set; raises `EMPTY`, `TOO_LONG`, `TOO_OFTEN`.

    Of `page`, an address in the portal, only the path is kept: what stands behind it may be a secret.
    """
    actor.need(Permission.OWN_ACCOUNT)
    text = text.strip()
    if not text:
        raise EMPTY()
    if len(text) > LONGEST:
        raise TOO_LONG(limit=LONGEST)
    path = _PATH.match(page)
    with actor.session() as session:
        _count(session, actor)
        one = Feedback(
            organization_id=actor.organization_id,
            user_id=actor.user_id,
            text=text,
            page=path[0][:LONGEST_PAGE] if path else "",
            may_contact=may_contact,
        )
        session.add(one)
        session.flush()
        facts: Facts = {"page": one.page, "may_contact": may_contact, "characters": len(text)}
        record(session, actor, "feedback.sent", "feedback", str(one.id), facts)
        if address := get_settings().feedback_email:
            _mail(session, actor, one, address)


def list_feedback(actor: Actor, *, before: int | None = None, limit: int = 50) -> list[FeedbackView]:
    """What people of all organizations sent, newest first; `before` is the id of the last one of the page before."""
    actor.need(Permission.FEEDBACK_READ)
    query = (
        select(Feedback, Organization.name, User.name, User.email)
        .join(Organization, Organization.id == Feedback.organization_id)
        .outerjoin(User, (User.id == Feedback.user_id) & Feedback.may_contact)
        .order_by(Feedback.id.desc())
        .limit(min(limit, LARGEST_PAGE))
    )
    if before is not None:
        query = query.where(Feedback.id < before)
    with system_session(read_only=True) as session:
        return [
            FeedbackView(one.id, organization, one.text, one.page, name or "", email or "", one.created)
            for one, organization, name, email in session.execute(query)
        ]


def forget_old_feedback() -> int:
    """Delete what was sent long ago; returns how much."""
    with system_session() as session:
        old = delete(Feedback).where(Feedback.created < now() - KEPT).returning(Feedback.id)
        return len(session.scalars(old).all())


def _count(session: Session, actor: Actor) -> None:
    """Raise `TOO_OFTEN`; people of one organization that send at the same moment wait for each other."""
    session.get_one(Organization, actor.organization_id, with_for_update=True)
    recent = select(func.count()).where(Feedback.user_id == actor.user_id, Feedback.created > now() - WITHIN)
    if (session.scalar(recent.select_from(Feedback)) or 0) >= MOST:
        raise TOO_OFTEN(limit=MOST)


def _mail(session: Session, actor: Actor, one: Feedback, address: str) -> None:
    paragraphs = [
        Message.of("{text}", text=one.text),
        Message.of(N_("Organization: {organization}"), organization=actor.organization_name),
        Message.of(N_("Page: {page}"), page=one.page or "–"),
    ]
    if one.may_contact:
        paragraphs.append(Message.of(N_("{name} would like an answer: {email}"), name=actor.name, email=actor.email))
    queue_mail(
        session,
        actor.organization_id,
        [address],
        Message.of(N_("Feedback from {organization}"), organization=actor.organization_name),
        paragraphs,
        locale=actor.locale,
        link=f"{get_settings().public_url}{RECEIVED}",
        key=f"feedback/{one.id}",
    )
