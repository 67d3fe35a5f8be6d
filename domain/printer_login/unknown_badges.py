"""Badges that were held to a reader and that nobody has: what was sent, and which badge it nearly is (TS-3, TS-6).

An administrator sees at once what a reader makes of a badge, beside the registered one that differs by a slip of the
pen or by the way in which a number is written, and registers it without typing it. Numbers are kept encrypted, for a
week, and only so many of an organization.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.messages import N_
from connectors.secrets import decrypt, encrypt
from domain.organizations.actor import Actor
from domain.organizations.grants import check_power_over
from domain.organizations.models import User, now
from domain.organizations.permissions import Permission
from domain.printer_login.badges import BadgeView, NewBadge, badge_fingerprint, keep_badge, note_badge, view_of
from domain.printer_login.card_numbers import other_forms
from domain.printer_login.holders import person_by_email
from domain.printer_login.models import Badge, Origin, UnknownBadge
from domain.printer_login.printer_sessions import Panel
from domain.tenancy import NOT_FOUND

KEPT = timedelta(days=7)
MOST_KEPT = 200
MOST_LISTED = 50
LONGEST_COMPARED = 40
"""Digits of a number for which slips of the pen are tried; readers send fewer."""
AT_A_TIME = 5000
HEX, LETTERS = "0123456789ABCDEF", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Likeness(StrEnum):
    """In what an unknown badge differs from the one that it nearly is."""

    SLIP = "slip"
    FORM = "form"
    REVERSED = "reversed"
    ZEROS = "zeros"


LIKENESSES = {
    Likeness.SLIP: N_("One character differs: the badge ID was probably mistyped."),
    Likeness.FORM: N_(
        "The same number, hexadecimal instead of decimal: see “Card readers” on the page “Printer login”."
    ),
    Likeness.REVERSED: N_("The same bytes in reverse order: see “Card readers” on the page “Printer login”."),
    Likeness.ZEROS: N_("The same number with other zeros in front: see “Card readers” on the page “Printer login”."),
}
"""In people's words, with what to do."""


@dataclass(frozen=True, slots=True)
class UnknownBadgeView:
    """A badge that nobody has, as administrators see it; `nearly` is the registered one that was probably meant."""

    id: str
    number: str
    printer_id: str
    times: int
    first_seen: datetime
    last_seen: datetime
    nearly: BadgeView | None = None
    likeness: Likeness | None = None


def note_unknown(session: Session, panel: Panel, number: str) -> None:
    """Keep that the badge was held to the printer's reader once more."""
    print_ = badge_fingerprint(panel.organization_id, number)
    is_it = UnknownBadge.fingerprint == print_
    again = {"times": UnknownBadge.times + 1, "printer_id": panel.printer_id, "last_seen": now()}
    if session.scalar(update(UnknownBadge).where(is_it).values(again).returning(UnknownBadge.id)) is not None:
        return
    _make_room(session)
    sent = encrypt({"number": number})
    try:
        with session.begin_nested():
            session.add(UnknownBadge(fingerprint=print_, number=sent, printer_id=panel.printer_id, times=1))
    except IntegrityError:  # at another printer in this moment
        session.execute(update(UnknownBadge).where(is_it).values(again))


def list_unknown_badges(actor: Actor) -> list[UnknownBadgeView]:
    """The newest first, with what each nearly is."""
    actor.need(Permission.BADGES_MANAGE)
    with actor.session(read_only=True) as session:
        query = select(UnknownBadge).where(UnknownBadge.last_seen > now() - KEPT)
        rows = session.scalars(query.order_by(UnknownBadge.last_seen.desc(), UnknownBadge.id).limit(MOST_LISTED)).all()
        numbers = {row.id: decrypt(row.number)["number"] for row in rows}
        alike = _alike(session, actor.organization_id, numbers)
        return [_view(row, numbers[row.id], alike.get(row.id)) for row in rows]


def register_unknown_badge(actor: Actor, unknown_id: str, email: str, *, instead_of: str = "") -> BadgeView:
    """Register it for the person with that address; `instead_of` is the mistyped badge of theirs that is removed.

    Raises `NOT_FOUND`, `BADGE_TAKEN`, and `ROLE_MISSING` without power over the person.
    """
    actor.need(Permission.BADGES_MANAGE)
    with actor.session() as session:
        row = session.get(UnknownBadge, unknown_id)
        if row is None:
            raise NOT_FOUND(what="badge")
        person = person_by_email(session, email)
        check_power_over(session, actor, [person.id])
        wrong = session.get(Badge, instead_of) if instead_of else None
        if instead_of and (wrong is None or wrong.user_id != person.id):
            raise NOT_FOUND(what="badge")
        badge = keep_badge(session, person, NewBadge(decrypt(row.number)["number"]), Origin.ADMINISTRATOR)
        note_badge(session, actor, "badge.registered", badge)
        if wrong is not None and wrong.id != badge.id:
            badge.description = badge.description or wrong.description
            note_badge(session, actor, "badge.removed", wrong)
            session.delete(wrong)
        session.flush()
        return view_of(badge, person)


def forget_unknown_badges(session: Session) -> None:
    """Delete what was last seen more than a week ago."""
    session.execute(delete(UnknownBadge).where(UnknownBadge.last_seen < now() - KEPT))


def likely_numbers(number: str) -> Iterator[tuple[str, Likeness]]:
    """Every number that `number` may have been meant to be, the more likely ones first."""
    for other in other_forms(number).values():
        yield other, Likeness.FORM
    if set(number) <= set(HEX) and len(number) % 2 == 0:
        pairs = [number[place : place + 2] for place in range(0, len(number), 2)]
        yield "".join(reversed(pairs)), Likeness.REVERSED
    bare = number.lstrip("0")
    for zeros in range(LONGEST_COMPARED - len(bare) + 1) if bare else ():
        yield "0" * zeros + bare, Likeness.ZEROS
    if len(number) <= LONGEST_COMPARED:
        yield from ((other, Likeness.SLIP) for other in _slips(number))


def _slips(number: str) -> Iterator[str]:
    """One character other, missing, too many, or two changed about."""
    signs = HEX if set(number) <= set(HEX) else LETTERS
    for place in range(len(number) + 1):
        before, after = number[:place], number[place:]
        for sign in signs:
            yield before + sign + after
            if after:
                yield before + sign + after[1:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]


def _alike(session: Session, organization_id: str, numbers: Mapping[str, str]) -> dict[str, tuple[BadgeView, Likeness]]:
    """By the ids of unknown badges: the registered badge that each nearly is, found by fingerprints alone."""
    meant: dict[str, tuple[str, Likeness]] = {}
    for unknown_id, number in numbers.items():
        for other, likeness in likely_numbers(number):
            if other and other != number:
                meant.setdefault(badge_fingerprint(organization_id, other), (unknown_id, likeness))
    found: dict[str, tuple[BadgeView, Likeness]] = {}
    prints = list(meant)
    for start in range(0, len(prints), AT_A_TIME):
        query = select(Badge, User).join(User, User.id == Badge.user_id)
        for badge, person in session.execute(query.where(Badge.fingerprint.in_(prints[start : start + AT_A_TIME]))):
            unknown_id, likeness = meant[badge.fingerprint]
            found.setdefault(unknown_id, (view_of(badge, person), likeness))
    return found


def _view(row: UnknownBadge, number: str, alike: tuple[BadgeView, Likeness] | None) -> UnknownBadgeView:
    nearly, likeness = alike or (None, None)
    return UnknownBadgeView(row.id, number, row.printer_id, row.times, row.first_seen, row.last_seen, nearly, likeness)


def _make_room(session: Session) -> None:
    """One that is not kept yet takes the place of the oldest, where so many are kept already."""
    oldest = select(UnknownBadge.id).order_by(UnknownBadge.last_seen.desc()).offset(MOST_KEPT - 1)
    session.execute(delete(UnknownBadge).where(UnknownBadge.id.in_(session.scalars(oldest).all())))
