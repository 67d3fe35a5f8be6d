"""What a partner may hand out of its own pages, and what its customers have of them (section 3.1, SQ-38).

The sum of the customers' limits and the partner's own use stays within the partner's limit where that is finite. What
an ended distribution did not use counts no more: thereby it has returned to the partner.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.models import Organization, now
from domain.quotas.models import DistributedPages, Distribution, DistributionState
from domain.quotas.rules import SERVICE_TITLES, committed, state_at
from domain.quotas.standing import current_distribution, pages_of
from domain.quotas.terms import Terms
from steps.contract import Service

TOO_MANY_PAGES = Fault(
    "quota.too_many_pages",
    422,
    N_("{pages} pages of “{service}” are more than your organization has left to hand out: {left}."),
    N_("Hand out fewer pages, take some back from another organization, or get more pages."),
    spec="SQ-E04",
)
UNLIMITED_NOT_OWNED = Fault(
    "quota.unlimited_not_owned",
    422,
    N_("Your organization has no unlimited pages of “{service}” to hand out."),
    N_("Set a page limit."),
    spec="SQ-E04",
)


def count_handed_out(session: Session, distribution: Distribution) -> None:
    """Bring the partner's counters up to date with what its customers have of this distribution.

    `session` sees all organizations and holds the row of `distribution`.
    """
    taken = _taken(session, distribution)
    for service, pages in pages_of(session, distribution.id).items():
        pages.handed_out = taken[service]


def check_affordable(session: Session, partner_id: str, terms: Terms, replaced: Distribution | None) -> None:
    """Raise `TOO_MANY_PAGES` or `UNLIMITED_NOT_OWNED` where the partner cannot give what `terms` say (SQ-E04).

    `replaced` is the customer's distribution that the terms change, None for a new one; to give less is always
    possible. A partner that never had a record is billed by use: there is no cap. The partner's row is locked.
    """
    partner = current_distribution(session, partner_id)
    if partner is None and not _had_distribution(session, partner_id):
        return
    before = pages_of(session, replaced.id) if replaced else {}
    own = _own_left(session, partner, replaced)
    for service in Service:
        limit, left = terms.limit(service), own[service]
        if left is None or limit == 0:
            continue
        if limit is None:
            raise UNLIMITED_NOT_OWNED(service=SERVICE_TITLES[service])
        if max(limit, _used(before.get(service))) > left and not _is_no_more(limit, before.get(service)):
            raise TOO_MANY_PAGES(pages=limit, service=SERVICE_TITLES[service], left=left)


def _used(pages: DistributedPages | None) -> int:
    return pages.used + pages.reserved if pages else 0


def _is_no_more(limit: int, before: DistributedPages | None) -> bool:
    return before is not None and (before.page_limit is None or limit <= before.page_limit)


def _own_left(
    session: Session, partner: Distribution | None, replaced: Distribution | None
) -> dict[Service, int | None]:
    """What the partner could give to the customer whose distribution is replaced; None: any number of pages."""
    if partner is None:
        return dict.fromkeys(Service, 0)
    time_zone = session.get_one(Organization, partner.organization_id).time_zone
    if state_at(partner, time_zone, now()) is not DistributionState.ACTIVE:
        return dict.fromkeys(Service, 0)
    others = _taken(session, partner, but=replaced)
    return {
        service: None if own.page_limit is None else max(0, own.page_limit - own.used - own.reserved - others[service])
        for service, own in pages_of(session, partner.id).items()
    }


def _taken(session: Session, distribution: Distribution, but: Distribution | None = None) -> dict[Service, int]:
    """Pages that distributions drawn from this one take of it, `but` left out."""
    taken = dict.fromkeys(Service, 0)
    rows = session.execute(
        select(Distribution, DistributedPages, Organization.time_zone)
        .join(DistributedPages, DistributedPages.distribution_id == Distribution.id)
        .join(Organization, Organization.id == Distribution.organization_id)
        .where(Distribution.drawn_from == distribution.id)
        .execution_options(populate_existing=True)
    )
    for customer, pages, time_zone in rows:
        is_open = customer.current_of is not None and state_at(customer, time_zone, now()) is DistributionState.ACTIVE
        if but is None or customer.id != but.id:
            taken[Service(pages.service)] += committed(pages, is_open=is_open)
    return taken


def _had_distribution(session: Session, organization_id: str) -> bool:
    query = select(Distribution.id).where(Distribution.organization_id == organization_id).limit(1)
    return session.scalar(query) is not None
