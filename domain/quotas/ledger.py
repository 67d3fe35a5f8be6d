"""The ledger: pages are reserved before a step, settled when it succeeded, released when it did not (SQ-67).

Every function works in the transaction that moves the run, which holds the run's row, so that the two never disagree.
An entry's key is run, position, branch and target language: it is reserved once however often a step is begun, and
charged once however often it is finished. The counters beside limits and people change with the entries, under the
lock of the distribution's row; `domain.quotas.upkeep` checks that they say what the ledger says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectors.settings import get_settings
from domain.organizations.models import Organization, User, now
from domain.quotas.models import DistributedPages, Distribution, EntryState, LedgerEntry, QuotaKind, QuotaUse
from domain.quotas.notices import give_notice
from domain.quotas.rules import Member, charged_pages
from domain.quotas.standing import Standing, check_left, check_quota, pages_of, standing
from steps.contract import Service


@dataclass(frozen=True, slots=True)
class Operation:
    """A step of a run on one document, as the ledger knows it. `kind` is the step's."""

    organization_id: str
    run_id: str
    position: int
    branch: str
    kind: str
    user_id: str
    client_type: str
    printer_id: str = ""


def reserve(
    session: Session,
    organization: Organization,
    operation: Operation,
    service: Service,
    targets: Sequence[str],
    physical_pages: int,
    pages: int,
) -> None:
    """Hold `pages` for each of `targets` (SQ-68), unless they are held or charged already.

    Raises the faults of `domain.quotas.standing` where the organization or the person has too few; nothing is written
    then.
    """
    known = {entry.target: entry for entry in _entries(session, operation)}
    wanted = [target for target in targets if target not in known or known[target].state == EntryState.RELEASED]
    if not wanted:
        return
    found = standing(session, organization, service, lock=True)
    member = member_of(session, operation.user_id)
    check_left(found, pages * len(wanted))
    check_quota(session, found, member, pages * len(wanted))
    for target in wanted:
        entry = known.get(target) or _new_entry(session, operation, target)
        entry.service, entry.distribution_id, entry.state = service, found.distribution.id, EntryState.RESERVED
        entry.department, entry.cost_center = member.department, member.cost_center
        entry.reserved, entry.pages, entry.characters, entry.physical_pages = pages, 0, 0, physical_pages
        entry.at, entry.closed = now(), None
        _count(session, entry, reserved=pages)


def measure(session: Session, operation: Operation, characters: Mapping[str, int]) -> None:
    """Hold as much as the work turns out to be, by target.

    Raises what the organization or the person has too little of (TR-64); nothing is written then. The step is at work
    already, so a distribution that was suspended meanwhile does not stop it.
    """
    entries = [entry for entry in _held(session, operation) if entry.target in characters]
    for distribution_id in _lock(session, entries):
        of_this = [entry for entry in entries if entry.distribution_id == distribution_id]
        due = {entry.id: _charge(characters[entry.target]) for entry in of_this}
        more = sum(due.values()) - sum(entry.reserved for entry in of_this)
        if more > 0:
            service = Service(str(of_this[0].service))
            distribution = session.get_one(Distribution, distribution_id)
            found = Standing(distribution, pages_of(session, distribution_id)[service])
            check_left(found, more)
            check_quota(session, found, member_of(session, operation.user_id), more)
        for entry in of_this:
            _count(session, entry, reserved=due[entry.id] - entry.reserved)
            entry.reserved = due[entry.id]


def settle(session: Session, operation: Operation, characters: Mapping[str, int], physical_pages: int) -> None:
    """Charge what was worked on (SQ-64), by target; what is held for a target without work is given back.

    The charge may be more than was held where only the work itself could tell (SQ-65): then it is charged all the same.
    """
    entries = _held(session, operation)
    for distribution_id in _lock(session, entries):
        for entry in (entry for entry in entries if entry.distribution_id == distribution_id):
            if entry.target not in characters:
                _close(session, entry, EntryState.RELEASED)
                continue
            entry.characters = characters[entry.target]
            entry.physical_pages = physical_pages or entry.physical_pages
            entry.pages = _charge(entry.characters)
            _close(session, entry, EntryState.SETTLED)
            give_notice(session, session.get_one(Distribution, distribution_id), Service(str(entry.service)))


def release(session: Session, operation: Operation) -> None:
    """Give back what is held for the step: it failed or was cancelled."""
    _release(session, _held(session, operation))


def release_runs(session: Session, run_ids: Sequence[str]) -> int:
    """Give back everything that is held for the runs, which have ended; returns how many entries."""
    query = select(LedgerEntry).where(LedgerEntry.run_id.in_(run_ids), LedgerEntry.state == EntryState.RESERVED)
    return _release(session, list(session.scalars(query)))


def record_unmetered(session: Session, operation: Operation) -> None:
    """Note that a step of no metered service was done, for the reports (SQ-97)."""
    if _entries(session, operation):
        return
    member = member_of(session, operation.user_id)
    entry = _new_entry(session, operation, "")
    entry.state, entry.closed = EntryState.SETTLED, now()
    entry.department, entry.cost_center = member.department, member.cost_center


def member_of(session: Session, user_id: str) -> Member:
    """The person with their department and cost centre now; somebody of the partner's has none here."""
    user = session.execute(select(User.department, User.cost_center).where(User.id == user_id)).one_or_none()
    return Member(user_id, user.department, user.cost_center) if user else Member(user_id)


def _charge(characters: int) -> int:
    return charged_pages(characters, get_settings().characters_per_page)


def _entries(session: Session, operation: Operation) -> list[LedgerEntry]:
    query = select(LedgerEntry).where(
        LedgerEntry.run_id == operation.run_id,
        LedgerEntry.position == operation.position,
        LedgerEntry.branch == operation.branch,
    )
    return list(session.scalars(query))


def _held(session: Session, operation: Operation) -> list[LedgerEntry]:
    return [entry for entry in _entries(session, operation) if entry.state == EntryState.RESERVED]


def _new_entry(session: Session, operation: Operation, target: str) -> LedgerEntry:
    entry = LedgerEntry(
        organization_id=operation.organization_id,
        run_id=operation.run_id,
        position=operation.position,
        branch=operation.branch,
        target=target,
        operation=operation.kind,
        user_id=operation.user_id,
        client_type=operation.client_type,
        printer_id=operation.printer_id,
    )
    session.add(entry)
    return entry


def _lock(session: Session, entries: Iterable[LedgerEntry]) -> list[str]:
    """Lock the distributions that the entries draw on, in one order for everybody; returns their ids."""
    ids = sorted({entry.distribution_id for entry in entries if entry.distribution_id})
    return list(
        session.scalars(
            select(Distribution.id).where(Distribution.id.in_(ids)).order_by(Distribution.id).with_for_update()
        )
    )


def _release(session: Session, entries: Sequence[LedgerEntry]) -> int:
    _lock(session, entries)
    for entry in entries:
        _close(session, entry, EntryState.RELEASED)
    return len(entries)


def _close(session: Session, entry: LedgerEntry, state: EntryState) -> None:
    """`entry` holds nothing any more; `entry.pages` are charged if it is settled."""
    _count(session, entry, reserved=-entry.reserved, used=entry.pages if state is EntryState.SETTLED else 0)
    entry.state, entry.closed = state, now()


def _count(session: Session, entry: LedgerEntry, *, reserved: int = 0, used: int = 0) -> None:
    """Move the counters beside the limit, of the person, and of their department and cost centre at that time."""
    if not (reserved or used):
        return
    session.execute(
        update(DistributedPages)
        .where(DistributedPages.distribution_id == entry.distribution_id, DistributedPages.service == entry.service)
        .values(reserved=DistributedPages.reserved + reserved, used=DistributedPages.used + used)
    )
    for kind, holder in holders_of(entry.user_id, entry.department, entry.cost_center):
        changed = session.execute(
            update(QuotaUse)
            .where(
                QuotaUse.distribution_id == entry.distribution_id,
                QuotaUse.service == entry.service,
                QuotaUse.kind == kind,
                QuotaUse.holder == holder,
            )
            .values(reserved=QuotaUse.reserved + reserved, used=QuotaUse.used + used)
            .returning(QuotaUse.holder)
        )
        if changed.first() is None:
            session.add(
                QuotaUse(
                    organization_id=entry.organization_id,
                    distribution_id=entry.distribution_id,
                    service=entry.service,
                    kind=kind,
                    holder=holder,
                    reserved=reserved,
                    used=used,
                )
            )
            session.flush()


def holders_of(user_id: str, department: str, cost_center: str) -> list[tuple[QuotaKind, str]]:
    """Whose use an operation of that person counts as."""
    holders = (
        (QuotaKind.PERSONAL, user_id),
        (QuotaKind.DEPARTMENT, department),
        (QuotaKind.COST_CENTER, cost_center),
    )
    return [(kind, holder) for kind, holder in holders if holder]
