"""Whether an organization's distribution allows a service now, and how much of it is left (SQ-66).

Whoever takes pages locks the distribution's row and thereby waits for everybody else of the organization who does; on
SQLite there is one writer anyway.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from domain.organizations.models import Organization, now
from domain.quotas.models import DistributedPages, Distribution, DistributionState, QuotaKind, QuotaUse, UserQuota
from domain.quotas.rules import (
    SERVICE_TITLES,
    EffectiveQuota,
    Member,
    ServiceState,
    SetQuota,
    effective_quota,
    remaining,
    service_state,
    state_at,
)
from steps.contract import Service

ASK_ADMINISTRATOR = N_("Ask your organization's administrator for pages.")

MISSING = Fault(
    "quota.missing", 409, N_("Your organization has no pages for “{service}”."), ASK_ADMINISTRATOR, spec="SQ-E12"
)
SUSPENDED = Fault(
    "quota.suspended",
    409,
    N_("“{service}” is suspended for your organization."),
    N_("Ask your organization's administrator when it will be resumed."),
    spec="SQ-E12",
)
EXPIRED = Fault(
    "quota.expired",
    409,
    N_("The pages that your organization had for “{service}” expired on {date}."),
    ASK_ADMINISTRATOR,
    spec="SQ-E12",
)
REVOKED = Fault(
    "quota.revoked",
    409,
    N_("The pages that your organization had for “{service}” were withdrawn."),
    ASK_ADMINISTRATOR,
    spec="SQ-E12",
)
EXHAUSTED = Fault(
    "quota.exhausted",
    409,
    N_("Your organization has too few pages left for “{service}”: {left}. This takes at least {needed}."),
    ASK_ADMINISTRATOR,
    spec="SQ-E12",
)
EXCEEDED = Fault(
    "quota.exceeded",
    409,
    N_("You have too few pages left for “{service}”: {left}. This takes at least {needed}."),
    N_("Ask your organization's administrator for a larger quota."),
    spec="SQ-E11",
)
GROUP_EXCEEDED = Fault(
    "quota.group_exceeded",
    409,
    N_("“{group}” has too few pages left for “{service}”: {left}. This takes at least {needed}."),
    N_("Ask your organization's administrator for a larger quota."),
    spec="SQ-E11",
)

QUOTA_REFUSALS = (MISSING, REVOKED, EXPIRED, SUSPENDED, EXHAUSTED, EXCEEDED, GROUP_EXCEEDED)
"""Why a service cannot be used now, in the order in which it is looked at (SQ-66)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The open distribution with one of its services."""

    distribution: Distribution
    pages: DistributedPages


def current_distribution(session: Session, organization_id: str, *, lock: bool = False) -> Distribution | None:
    """The organization's open distribution; with `lock` nobody else takes pages of it until the transaction ends."""
    query = select(Distribution).where(Distribution.current_of == organization_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def pages_of(session: Session, distribution_id: str) -> dict[Service, DistributedPages]:
    """A distribution's services, as they are in the database now."""
    query = select(DistributedPages).where(DistributedPages.distribution_id == distribution_id)
    rows = session.scalars(query.execution_options(populate_existing=True))
    found = {Service(row.service): row for row in rows}
    return {service: found[service] for service in Service if service in found}


def standing(session: Session, organization: Organization, service: Service, *, lock: bool = False) -> Standing:
    """The distribution that the service draws on; raises `MISSING`, `REVOKED`, `EXPIRED` or `SUSPENDED`."""
    title = SERVICE_TITLES[service]
    distribution = current_distribution(session, organization.id, lock=lock)
    if distribution is None:
        ended = select(Distribution.id).where(
            Distribution.organization_id == organization.id, Distribution.state == DistributionState.REVOKED
        )
        raise (REVOKED if session.scalar(ended.limit(1)) else MISSING)(service=title)
    pages = pages_of(session, distribution.id)[service]
    state = service_state(state_at(distribution, organization.time_zone, now()), pages)
    if state is ServiceState.EXPIRED:
        raise EXPIRED(service=title, date=distribution.expires_on)
    if state is ServiceState.SUSPENDED:
        raise SUSPENDED(service=title)
    if pages.page_limit == 0:
        raise MISSING(service=title)
    return Standing(distribution, pages)


def check_left(found: Standing, needed: int) -> None:
    """Raise `EXHAUSTED` unless the organization has `needed` pages left."""
    left = remaining(found.pages)
    if left is not None and left < needed:
        raise EXHAUSTED(service=SERVICE_TITLES[Service(found.pages.service)], left=left, needed=needed)


def check_quota(session: Session, found: Standing, member: Member, needed: int) -> None:
    """Raise `EXCEEDED` or `GROUP_EXCEEDED` unless the member's effective quota has `needed` pages left."""
    service = Service(found.pages.service)
    quota = effective_quota(service, member, set_quotas(session, member))
    if quota.limit is None:
        return
    used = session.get(
        QuotaUse, (found.distribution.id, service, quota.counted_kind, quota.holder), populate_existing=True
    )
    left = max(0, quota.limit - (used.used + used.reserved if used else 0))
    if left < needed:
        raise _exceeded(quota, service, left, needed)


def set_quotas(session: Session, member: Member) -> dict[tuple[QuotaKind, str], SetQuota]:
    """The quotas that may concern the member."""
    holders = {member.user_id, member.department, member.cost_center} - {""} | {""}
    rows = session.scalars(select(UserQuota).where(UserQuota.holder.in_(holders)))
    return {(QuotaKind(row.kind), row.holder): set_quota(row) for row in rows}


def set_quota(row: UserQuota) -> SetQuota:
    """A stored quota as the rules take it."""
    pages = {Service(name): amount for name, amount in row.pages.items()}
    return SetQuota(QuotaKind(row.kind), row.holder, pages, row.pooled)


def _exceeded(quota: EffectiveQuota, service: Service, left: int, needed: int) -> PressroomError:
    title = SERVICE_TITLES[service]
    if quota.counted_kind is QuotaKind.PERSONAL:
        return EXCEEDED(service=title, left=left, needed=needed)
    return GROUP_EXCEEDED(group=quota.holder, service=title, left=left, needed=needed)
