"""What a schedule does for the quotas: what was left held is given back, what has expired ends, counters are checked.

None of it is needed for a right answer: the ledger moves with the run, and the date is looked at whenever pages are
taken. It lets pages return to the partner, and it would show a fault of ours.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from domain.audit.service import record_unattended
from domain.organizations.models import Organization, now
from domain.quotas.ledger import holders_of, release_runs
from domain.quotas.models import (
    DistributedPages,
    Distribution,
    DistributionState,
    EntryState,
    LedgerEntry,
    QuotaKind,
    QuotaUse,
)
from domain.quotas.partner_balance import count_handed_out
from domain.quotas.rules import state_at
from domain.runs.models import Run, RunState
from domain.tenancy import system_session
from steps.contract import Service

log = structlog.get_logger(__name__)

LOOKED_BACK = timedelta(hours=3)
"""Distributions without an entry for longer than this were checked before."""
AT_A_TIME = 500

Place = tuple[str, str, str, str]
"""Distribution, service, kind of holder and holder; the last two are empty for the distribution itself."""
Count = tuple[int, int]
"""Pages held and pages charged."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A counter that does not say what the ledger says."""

    place: Place
    counted: Count
    in_ledger: Count


def release_leftovers() -> int:
    """Give back what is still held for runs that have ended or are gone; returns how many entries."""
    final = [state for state in RunState if state.is_final]
    ended = (
        select(LedgerEntry.run_id)
        .outerjoin(Run, Run.id == LedgerEntry.run_id)
        .where(LedgerEntry.state == EntryState.RESERVED, or_(Run.id.is_(None), Run.state.in_(final)))
        .limit(AT_A_TIME)
    )
    with system_session() as session:
        return release_runs(session, list(session.scalars(ended)))


def expire_distributions() -> int:
    """Note that custom distributions ended whose last day is over, and let their pages return; returns how many."""
    expired = 0
    with system_session(read_only=True) as session:
        query = select(Distribution.id, Organization.parent_id).join(
            Organization, Organization.id == Distribution.organization_id
        )
        rows = session.execute(
            query.where(
                Distribution.current_of.is_not(None),
                Distribution.state == DistributionState.ACTIVE,
                Distribution.expires_on <= now().date() + timedelta(days=1),
            )
        ).all()
    for distribution_id, partner_id in rows:
        with system_session() as session:
            expired += _expire(session, distribution_id, partner_id)
    return expired


def correct_counters() -> list[Difference]:
    """Compare the counters of distributions in use with the ledger and set them right; returns what was wrong."""
    since = now() - LOOKED_BACK
    with system_session(read_only=True) as session:
        query = select(LedgerEntry.distribution_id).where(or_(LedgerEntry.at > since, LedgerEntry.closed > since))
        in_use = sorted(one for one in session.scalars(query.distinct()) if one is not None)
    found = []
    for distribution_id in in_use:
        with system_session() as session:
            session.execute(select(Distribution.id).where(Distribution.id == distribution_id).with_for_update())
            for difference in differences(session, distribution_id):
                log.error("a quota counter was wrong", place=difference.place, counted=difference.counted)
                _correct(session, difference)
                found.append(difference)
    return found


def count_for_partners() -> None:
    """Bring up to date what each partner has handed out: work that ended late in an ended distribution changes it."""
    with system_session(read_only=True) as session:
        partners = list(session.scalars(select(Distribution.drawn_from).distinct()))
    for distribution_id in sorted(one for one in partners if one is not None):
        with system_session() as session:
            query = select(Distribution).where(Distribution.id == distribution_id)
            count_handed_out(session, session.scalars(query.with_for_update()).one())


def differences(session: Session, distribution_id: str) -> list[Difference]:
    """Every counter of the distribution that is not the sum of its entries in the ledger."""
    counted, in_ledger = _counted(session, distribution_id), _in_ledger(session, distribution_id)
    places = sorted(counted.keys() | in_ledger.keys())
    pairs = ((place, counted.get(place, (0, 0)), in_ledger.get(place, (0, 0))) for place in places)
    return [Difference(*pair) for pair in pairs if pair[1] != pair[2]]


def _expire(session: Session, distribution_id: str, partner_id: str | None) -> int:
    partner = select(Distribution).where(Distribution.current_of == partner_id).with_for_update()
    own = select(Distribution).where(Distribution.id == distribution_id).with_for_update()
    if partner_id is not None:
        session.scalar(partner)
    row = session.scalars(own).one()
    organization = session.get_one(Organization, row.organization_id)
    is_over = state_at(row, organization.time_zone, now()) is DistributionState.EXPIRED
    if row.state != DistributionState.ACTIVE or not is_over:
        return 0
    row.state = DistributionState.EXPIRED
    session.flush()
    if row.drawn_from is not None:
        count_handed_out(session, session.get_one(Distribution, row.drawn_from))
    record_unattended(session, row.organization_id, "quota_distribution.expired", "quota_distribution", row.id)
    return 1


def _counted(session: Session, distribution_id: str) -> Mapping[Place, Count]:
    pages = session.scalars(select(DistributedPages).where(DistributedPages.distribution_id == distribution_id))
    uses = session.scalars(select(QuotaUse).where(QuotaUse.distribution_id == distribution_id))
    whole = {(distribution_id, str(row.service), "", ""): (row.reserved, row.used) for row in pages}
    return whole | {
        (distribution_id, str(row.service), str(row.kind), row.holder): (row.reserved, row.used) for row in uses
    }


def _in_ledger(session: Session, distribution_id: str) -> Mapping[Place, Count]:
    holders = (LedgerEntry.user_id, LedgerEntry.department, LedgerEntry.cost_center)
    held = func.sum(case((LedgerEntry.state == EntryState.RESERVED, LedgerEntry.reserved), else_=0))
    charged = func.sum(case((LedgerEntry.state == EntryState.SETTLED, LedgerEntry.pages), else_=0))
    query = (
        select(LedgerEntry.service, *holders, held, charged)
        .where(LedgerEntry.distribution_id == distribution_id)
        .group_by(LedgerEntry.service, *holders)
    )
    sums: Counter[Place] = Counter()
    charges: Counter[Place] = Counter()
    for service, user_id, department, cost_center, reserved, pages in session.execute(query):
        for kind, holder in (("", ""), *holders_of(user_id, department, cost_center)):
            place = (distribution_id, str(service), str(kind), holder)
            sums[place] += reserved
            charges[place] += pages
    return {place: (sums[place], charges[place]) for place in sums}


def _correct(session: Session, difference: Difference) -> None:
    distribution_id, service, kind, holder = difference.place
    reserved, used = difference.in_ledger
    row: DistributedPages | QuotaUse | None
    if not kind:
        row = session.get_one(DistributedPages, (distribution_id, service))
    else:
        row = session.get(QuotaUse, (distribution_id, service, kind, holder))
    if row is None:
        organization_id = session.get_one(Distribution, distribution_id).organization_id
        row = QuotaUse(
            organization_id=organization_id,
            distribution_id=distribution_id,
            service=Service(service),
            kind=QuotaKind(kind),
            holder=holder,
        )
        session.add(row)
    row.reserved, row.used = reserved, used
