"""Badges: registering, listing, exact search and removing, for administrators (AC-163…AC-171)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.secrets import decrypt, encrypt, fingerprint
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.grants import check_power_over
from domain.organizations.models import User, now
from domain.organizations.permissions import Permission
from domain.printer_login.card_numbers import LONGEST_NUMBER, canonical_number
from domain.printer_login.holders import person_by_email
from domain.printer_login.models import Badge, Origin, UnknownBadge
from domain.tenancy import NOT_FOUND

BADGE_TAKEN = Fault(
    "badge.taken",
    409,
    N_("This badge is registered for somebody else."),
    N_("Remove it there first, or check the number."),
    spec="AC-170",
)
BADGE_NUMBER_INVALID = Fault(
    "badge.number_invalid",
    422,
    N_("This is no badge ID."),
    N_("Type the number of the badge: 1 to {limit} characters."),
)
TEMPORARY_LIFETIME = timedelta(hours=24)
"""AC-166"""
LONGEST_DESCRIPTION = 255
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class NewBadge:
    """A badge to register (AC-165). What is None stays as it is where the person has this badge already."""

    number: str
    description: str | None = None
    show_number: bool | None = None
    temporary: bool = False


@dataclass(frozen=True, slots=True)
class BadgeView:
    """A badge as lists show it; `number` is None where it is masked."""

    id: str
    user_id: str
    email: str
    name: str
    number: str | None
    description: str
    origin: Origin
    created: datetime
    expires: datetime | None
    last_used: datetime | None

    @property
    def is_expired(self) -> bool:
        return self.expires is not None and self.expires <= now()


def badge_fingerprint(organization_id: str, number: str) -> str:
    """By what a badge's number is found; equal numbers of different organizations have different ones."""
    return fingerprint("badge", organization_id, canonical_number(number))


def register_badge(actor: Actor, email: str, new: NewBadge) -> BadgeView:
    """Register a badge for the person with that address (AC-164, AC-165); raises `BADGE_TAKEN` (AC-170).

    Whoever has the badge signs in as that person, so it takes power over them.
    """
    actor.need(Permission.BADGES_MANAGE)
    with actor.session() as session:
        person = person_by_email(session, email)
        check_power_over(session, actor, [person.id])
        badge = keep_badge(session, person, new, Origin.ADMINISTRATOR)
        note_badge(session, actor, "badge.registered", badge)
        return view_of(badge, person)


def list_badges(actor: Actor, *, search: str = "", limit: int = 100, after: str = "") -> list[BadgeView]:
    """The organization's badges, newest first, from the one after `after` on.

    `search` finds by the complete e-mail address or the complete badge ID only (AC-168).
    """
    actor.need(Permission.BADGES_VIEW)
    with actor.session(read_only=True) as session:
        query = select(Badge, User).join(User, User.id == Badge.user_id)
        if search.strip():
            query = query.where(_fits(actor.organization_id, search))
        if after and (last := session.get(Badge, after)) is not None:
            same_time = (Badge.created == last.created) & (Badge.id < last.id)
            query = query.where((Badge.created < last.created) | same_time)
        query = query.order_by(Badge.created.desc(), Badge.id.desc()).limit(limit)
        return [view_of(badge, person) for badge, person in session.execute(query)]


def badges_of(session: Session, user_id: str) -> list[BadgeView]:
    """One person's badges, newest first."""
    query = (
        select(Badge, User)
        .join(User, User.id == Badge.user_id)
        .where(Badge.user_id == user_id)
        .order_by(Badge.created.desc(), Badge.id.desc())
    )
    return [view_of(badge, person) for badge, person in session.execute(query)]


def remove_badges(actor: Actor, badge_ids: Sequence[str]) -> None:
    """Remove one or several, all or none (AC-167); raises `NOT_FOUND`."""
    actor.need(Permission.BADGES_MANAGE)
    with actor.session() as session:
        for badge_id in dict.fromkeys(badge_ids):
            badge = session.get(Badge, badge_id)
            if badge is None:
                raise NOT_FOUND(what="badge")
            note_badge(session, actor, "badge.removed", badge)
            session.delete(badge)


def keep_badge(session: Session, person: User, new: NewBadge, origin: Origin) -> Badge:
    """The row of a badge of `person`, new or brought up to date; the unique constraint decides who is first.

    An expired badge may be registered again, by anybody (AC-171). Raises `BADGE_TAKEN` or `BADGE_NUMBER_INVALID`.
    """
    number = new.number.strip()
    if not 0 < len(number) <= LONGEST_NUMBER or not number.isprintable():
        raise BADGE_NUMBER_INVALID(limit=LONGEST_NUMBER)
    for _ in range(ATTEMPTS):
        badge = _row_for(session, person, number)
        try:
            with session.begin_nested():
                if new.show_number is not None:
                    badge.shown_number = encrypt({"number": number}) if new.show_number else ""
                if new.description is not None:
                    badge.description = new.description.strip()[:LONGEST_DESCRIPTION]
                badge.origin, badge.expiry_noted = origin, False
                badge.expires = now() + TEMPORARY_LIFETIME if new.temporary else None
                session.add(badge)
        except IntegrityError:  # another transaction registered it in this moment
            continue
        session.execute(delete(UnknownBadge).where(UnknownBadge.fingerprint == badge.fingerprint))
        return badge
    raise BADGE_TAKEN()


def note_badge(session: Session, actor: Actor, action: str, badge: Badge) -> None:
    """Write to the audit trail whose badge it was and of what kind, without its number."""
    facts: Facts = {"person": badge.user_id, "temporary": badge.expires is not None, "origin": str(badge.origin)}
    record(session, actor, action, "badge", badge.id, facts, organization_id=badge.organization_id)


def view_of(badge: Badge, person: User) -> BadgeView:
    """What lists show of a badge."""
    return BadgeView(
        id=badge.id,
        user_id=person.id,
        email=person.email,
        name=person.name,
        number=decrypt(badge.shown_number)["number"] if badge.shown_number else None,
        description=badge.description,
        origin=Origin(badge.origin),
        created=badge.created,
        expires=badge.expires,
        last_used=badge.last_used,
    )


def delete_badge(session: Session, organization_id: str, number: str, owner_id: str | None = None) -> Badge | None:
    """Delete the badge with that number, of `owner_id` if that is given; None where there is none."""
    is_it = [Badge.organization_id == organization_id, Badge.fingerprint == badge_fingerprint(organization_id, number)]
    if owner_id is not None:
        is_it.append(Badge.user_id == owner_id)
    return session.scalar(delete(Badge).where(*is_it).returning(Badge))


def _row_for(session: Session, person: User, number: str) -> Badge:
    """The person's row of that number, or a new one; raises `BADGE_TAKEN` where it is somebody else's."""
    organization_id = person.organization_id
    print_ = badge_fingerprint(organization_id, number)
    query = select(Badge).where(Badge.organization_id == organization_id, Badge.fingerprint == print_)
    present = session.scalar(query.with_for_update())
    if present is not None and present.user_id == person.id:
        return present
    if present is not None:
        if present.expires is None or present.expires > now():
            raise BADGE_TAKEN()
        session.delete(present)
        session.flush()
    return Badge(organization_id=organization_id, user_id=person.id, fingerprint=print_)


def _fits(organization_id: str, search: str) -> ColumnElement[bool]:
    return (User.email == search.strip().lower()) | (Badge.fingerprint == badge_fingerprint(organization_id, search))
