"""Locks against guessing: after five failures an address is locked for a minute, then for twice as long each time.

A stranger must not be able to lock somebody out for good, an administrator least of all: from a network that a person
has signed in from lately, only the failures from that network count. Whoever is locked out from elsewhere gets in by a
link to set a new password. An attempt is counted before the password is looked at and taken back when it was right, so
that attempts at the same time do not get more guesses.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from connectors.secrets import fingerprint
from domain.organizations.models import now
from domain.sign_in.models import GuessCount
from domain.tenancy import system_session

SIGN_IN_LOCKED = Fault(
    "sign_in.locked",
    429,
    N_("Too many failed sign-ins. The account is locked for {minutes} minutes."),
    N_("Wait, then try again, or have a link sent to set a new password."),
)

FREE_FAILURES = 5
LONGEST_LOCK = timedelta(minutes=60)
REMEMBERED = timedelta(days=90)
"""How long a network is known after the last sign-in from it."""
FORGIVEN = timedelta(days=1)
"""Failures older than this no longer count."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt under way. `lock`: until when the address is locked if it fails; `is_first`: the first such lock."""

    address: str
    key: str
    lock: datetime | None
    is_first: bool


def begin_attempt(email: str, address: str) -> Attempt:
    """Count an attempt to sign in as `email` (of anybody or nobody); raises `SIGN_IN_LOCKED`."""
    with system_session() as session:
        known = session.get(GuessCount, _key(email, address))
        key = known.key if known is not None and known.known else _key(email)
        count = _locked_row(session, key)
        lasting = _lasting_lock(count)
        if lasting is None:
            _count(count)
        attempt = Attempt(address, key, count.locked_until, is_first=count.failures == FREE_FAILURES)
    if lasting is not None:
        raise SIGN_IN_LOCKED(minutes=int(lasting.total_seconds() // 60) + 1)
    return attempt


def attempt_given_back(session: Session, attempt: Attempt) -> None:
    """The attempt was right as far as it went: it does not count, but what failed before still does."""
    count = _locked_row(session, attempt.key)
    count.failures = max(count.failures - 1, 0)
    if count.locked_until == attempt.lock:
        count.locked_until = None


def attempt_succeeded(session: Session, email: str, address: str) -> None:
    """Somebody signed in: no failure of theirs counts any more, and the network is known from now on."""
    own = _locked_row(session, _key(email, address))
    counts = (own,) if own.known else (own, _locked_row(session, _key(email)))
    for count in counts:
        count.failures, count.locked_until, count.changed = 0, None, now()
    own.known = True


def unlock(session: Session, email: str) -> None:
    """Lift the lock that holds for networks unknown so far: the person has proved who they are in another way."""
    session.execute(delete(GuessCount).where(GuessCount.key == _key(email)))


def forget_old_guesses() -> int:
    """Delete what no longer counts; returns how many rows."""
    old = or_(
        GuessCount.known.is_(False) & (GuessCount.changed < now() - FORGIVEN),
        GuessCount.changed < now() - REMEMBERED,
    )
    with system_session() as session:
        return len(session.scalars(delete(GuessCount).where(old).returning(GuessCount.key)).all())


def _lasting_lock(count: GuessCount) -> timedelta | None:
    """How long the lock lasts from now; None where there is none."""
    if count.locked_until is None or count.locked_until <= now():
        return None
    return count.locked_until - now()


def _count(count: GuessCount) -> None:
    if count.changed < now() - FORGIVEN:
        count.failures = 0
    count.failures, count.changed, count.locked_until = count.failures + 1, now(), None
    if (beyond := count.failures - FREE_FAILURES) >= 0:
        count.locked_until = now() + min(timedelta(minutes=2 ** min(beyond, 10)), LONGEST_LOCK)


def _locked_row(session: Session, key: str) -> GuessCount:
    """The row of that key, made where it is missing, which nobody else changes until the transaction ends."""
    query = select(GuessCount).where(GuessCount.key == key).with_for_update()
    query = query.execution_options(populate_existing=True)
    if (found := session.scalar(query)) is not None:
        return found
    try:
        with session.begin_nested():
            session.add(made := GuessCount(key=key, failures=0, known=False, changed=now()))
    except IntegrityError:  # somebody else made it at the same moment
        return session.scalars(query).one()
    return made


def _key(email: str, address: str | None = None) -> str:
    values = [email.strip().lower()]
    if address is not None:
        values.append(_network(address))
    return fingerprint("guesses", *values)


def _network(address: str) -> str:
    """What one subscriber has: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)
