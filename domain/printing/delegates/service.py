"""Adding, removing and looking up delegates, and whether somebody may release a job (section 16, F-15, F-16)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from domain.audit.service import record, record_unattended
from domain.organizations.actor import Actor
from domain.organizations.models import User, UserStatus, now, shown_name
from domain.organizations.permissions import Permission
from domain.printing.delegates.mails import tell_added, tell_expired, tell_removed
from domain.printing.delegates.models import Delegation, DelegationState
from domain.printing.delegates.rules import ALREADY_DELEGATE, DELEGATION_OFF, check_pair, expiry
from domain.printing.models import PrintJob
from domain.printing.settings import print_settings
from domain.printing.states import JobKind
from domain.tenancy import NOT_FOUND, system_session

BATCH = 500


@dataclass(frozen=True, slots=True)
class NewDelegate:
    """A delegate to be added, by id or address; `days` None: never expires. `owner_id` empty: for the actor."""

    delegate_id: str = ""
    email: str = ""
    days: int | None = None
    owner_id: str = ""


@dataclass(frozen=True, slots=True)
class DelegationView:
    """An active delegation as seen from one side: `user_id` and the names are of the person on the other."""

    id: str
    user_id: str
    name: str
    email: str
    created: datetime
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can be chosen as a delegate."""

    user_id: str
    name: str
    email: str


def add_delegate(actor: Actor, new: NewDelegate) -> DelegationView:
    """Let somebody release jobs; raises `DELEGATION_OFF`, `NOT_FOUND`, `OWN_DELEGATE`, `NOT_A_DELEGATE`,
    `ALREADY_DELEGATE`.
    """
    with actor.session() as session:
        owner = _owner(session, actor, new.owner_id)
        delegate = _person(session, actor, new)
        check_pair(owner, delegate)
        pair, created = f"{owner.id}:{delegate.id}", now()
        known = session.scalar(select(Delegation).where(Delegation.pair == pair).with_for_update())
        if known is not None:
            if known.expires is None or known.expires > created:
                raise ALREADY_DELEGATE(name=shown_name(delegate))
            _end(known, DelegationState.EXPIRED)
            session.flush()
        row = Delegation(
            owner_id=owner.id, delegate_id=delegate.id, pair=pair, created=created, expires=expiry(created, new.days)
        )
        row.organization_id = actor.organization_id
        session.add(row)
        session.flush()
        facts = {"delegate": delegate.id, "days": new.days}
        record(session, actor, "print_delegate.added", "user", owner.id, facts)
        tell_added(session, row)
        return _view(row, delegate)


def list_delegates(actor: Actor, owner_id: str = "") -> list[DelegationView]:
    """Who may release jobs of the actor (or of `owner_id`), by name."""
    with actor.session(read_only=True) as session:
        owner = _owner(session, actor, owner_id)
        return _views(session, Delegation.owner_id == owner.id, Delegation.delegate_id)


def list_delegating(actor: Actor) -> list[DelegationView]:
    """Whose jobs the actor may release; nobody's while delegation is off (PR-172)."""
    with actor.session(read_only=True) as session:
        if not print_settings(session, actor.organization_id).jobs.delegation_enabled:
            return []
        return _views(session, Delegation.delegate_id == actor.user_id, Delegation.owner_id)


def remove_delegates(actor: Actor, ids: Collection[str]) -> None:
    """Take delegations back; raises `NOT_FOUND` for one that is not active or not the actor's to remove: none goes."""
    with actor.session() as session:
        rows = session.scalars(select(Delegation).where(Delegation.id.in_(ids), _active()).with_for_update()).all()
        if len(rows) != len(set(ids)):
            raise NOT_FOUND(what="delegate")
        for row in rows:
            _owner(session, actor, row.owner_id)
            _end(row, DelegationState.REMOVED)
            record(session, actor, "print_delegate.removed", "user", row.owner_id, {"delegate": row.delegate_id})
            tell_removed(session, row)


def candidates(actor: Actor, search: str, owner_id: str = "", limit: int = 20) -> list[Candidate]:
    """People whose names or addresses hold every word of `search`, who could be chosen as a delegate."""
    with actor.session(read_only=True) as session:
        owner = _owner(session, actor, owner_id)
        query = select(User).where(User.organization_id == actor.organization_id, User.status == UserStatus.ACTIVE)
        for word in search.casefold().split()[:10]:
            query = query.where(User.search_key.contains(word, autoescape=True))
        query = query.where(User.id != owner.id).order_by(User.name_key, User.id).limit(limit)
        return [Candidate(user.id, shown_name(user), user.email) for user in session.scalars(query)]


def may_release(session: Session, job: PrintJob, user_id: str) -> bool:
    """Whether that person may release the job: the owner, or a delegate if it is a cloud job (PR-166)."""
    if job.user_id == user_id:
        return True
    return job.kind == JobKind.CLOUD and is_delegate(session, job.organization_id, job.user_id, user_id)


def is_delegate(session: Session, organization_id: str, owner_id: str, user_id: str) -> bool:
    """Whether that person may see the owner's jobs now; nobody may while delegation is off (PR-172)."""
    if not print_settings(session, organization_id).jobs.delegation_enabled:
        return False
    pair = Delegation.pair == f"{owner_id}:{user_id}"
    return session.scalar(select(Delegation.id).where(pair, _active())) is not None


def expire_delegations() -> int:
    """End a batch of delegations whose time is over and tell the delegates; returns how many (F-16)."""
    with system_session() as session:
        due = (Delegation.state == DelegationState.ACTIVE) & (Delegation.expires <= now())
        rows = session.scalars(select(Delegation).where(due).limit(BATCH).with_for_update(skip_locked=True)).all()
        for row in rows:
            _end(row, DelegationState.EXPIRED)
            facts = {"delegate": row.delegate_id}
            record_unattended(session, row.organization_id, "print_delegate.expired", "user", row.owner_id, facts)
            tell_expired(session, row)
        return len(rows)


def _owner(session: Session, actor: Actor, owner_id: str) -> User:
    """Whose delegates are meant: the actor's own, or somebody else's for print administrators (PR-164)."""
    is_own = not owner_id or owner_id == actor.user_id
    actor.need(Permission.PRINT_DELEGATE if is_own else Permission.PRINT_DELEGATES_MANAGE)
    if not print_settings(session, actor.organization_id).jobs.delegation_enabled:
        raise DELEGATION_OFF()
    user = session.get(User, owner_id or actor.user_id)
    if user is None or user.organization_id != actor.organization_id or user.status == UserStatus.DELETED:
        raise NOT_FOUND(what="person")
    return user


def _person(session: Session, actor: Actor, new: NewDelegate) -> User:
    by_address = User.email == new.email.strip().lower()
    chosen = User.id == new.delegate_id if new.delegate_id else by_address
    user = session.scalar(select(User).where(User.organization_id == actor.organization_id, chosen))
    if user is None or user.status == UserStatus.DELETED:
        raise NOT_FOUND(what="person")
    return user


def _active() -> ColumnElement[bool]:
    lasts = or_(Delegation.expires.is_(None), Delegation.expires > now())
    return and_(Delegation.state == DelegationState.ACTIVE, lasts)


def _end(row: Delegation, state: DelegationState) -> None:
    row.state, row.pair, row.ended = state, None, now()


def _views(session: Session, condition: ColumnElement[bool], other: object) -> list[DelegationView]:
    person = aliased(User)
    query = select(Delegation, person).join(person, person.id == other).where(condition, _active())
    rows: Iterable[tuple[Delegation, User]] = session.execute(query.order_by(person.name_key, Delegation.id)).tuples()
    return [_view(row, user) for row, user in rows]


def _view(row: Delegation, person: User) -> DelegationView:
    return DelegationView(row.id, person.id, shown_name(person), person.email, row.created, row.expires)
