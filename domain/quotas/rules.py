"""What holds of quotas, as plain functions: what is charged, which quota is effective, how much is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from connectors.messages import N_
from domain.organizations.entitlements import Entitlement
from domain.quotas.models import DistributedPages, Distribution, DistributionState, QuotaKind
from steps.contract import Service

SERVICE_TITLES = {
    Service.TRANSLATION: N_("Translation"),
    Service.REDACTION: N_("Redaction"),
    Service.OCR: N_("Text recognition (OCR)"),
}
"""What people call the services."""
ENTITLEMENTS = {
    Service.TRANSLATION: Entitlement.TRANSLATION,
    Service.REDACTION: Entitlement.REDACTION,
    Service.OCR: Entitlement.OCR,
}
"""What an organization must be entitled to for each service (SC-19)."""

MOST_PAGES = 1_000_000_000
"""The largest limit; more is unlimited."""

Pages = Mapping[Service, int | None]
"""Amounts by service: None is unlimited, a service that is missing is not set."""


class ServiceState(StrEnum):
    """What a service of a distribution allows (SQ-39)."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    EXHAUSTED = "EXHAUSTED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


def charged_pages(characters: int, characters_per_page: int) -> int:
    """Pages charged for one operation: whole pages of text, at least one (SQ-64)."""
    return max(1, -(-characters // characters_per_page))


def has_expired(distribution: Distribution, time_zone: str, at: datetime) -> bool:
    """Whether the last day of a custom distribution is over where its organization is (SQ-23, SQ-27)."""
    if distribution.expires_on is None:
        return False
    return at.astimezone(ZoneInfo(time_zone)).date() > distribution.expires_on


def state_at(distribution: Distribution, time_zone: str, at: datetime) -> DistributionState:
    """The state that counts: the date decides, whether or not anybody has noted it yet."""
    if distribution.state == DistributionState.ACTIVE and has_expired(distribution, time_zone, at):
        return DistributionState.EXPIRED
    return DistributionState(distribution.state)


def service_state(state: DistributionState, pages: DistributedPages) -> ServiceState:
    """What one service of a distribution in `state` allows; the first that holds of table SQ-39 from the bottom up."""
    if state is not DistributionState.ACTIVE:
        return ServiceState(state.value)
    if pages.suspended:
        return ServiceState.SUSPENDED
    return ServiceState.EXHAUSTED if remaining(pages) == 0 else ServiceState.ACTIVE


def remaining(pages: DistributedPages) -> int | None:
    """Pages of the service that nobody uses, holds or was handed; None: unlimited. Never below 0 (SQ-39)."""
    if pages.page_limit is None:
        return None
    return max(0, pages.page_limit - pages.used - pages.reserved - pages.handed_out)


def committed(pages: DistributedPages, *, is_open: bool) -> int:
    """What a customer's distribution takes of its partner's: its limit, or once it has ended what was used (SQ-38)."""
    taken = pages.used + pages.reserved
    return max(pages.page_limit or 0, taken) if is_open else taken


def is_almost_empty(pages: DistributedPages, percent: int) -> bool:
    """Whether at most `percent` of the limit are left (SQ-29); what is only held counts as left."""
    if not pages.page_limit:
        return False
    left = max(0, pages.page_limit - pages.used - pages.handed_out)
    return left * 100 <= pages.page_limit * percent


@dataclass(frozen=True, slots=True)
class EffectiveQuota:
    """Which quota holds for a person and a service. `limit` None: no limit of their own, `source` None: none is set,
    so that everybody shares what the organization has (SQ-41). `holder` is whose use counts against it.
    """

    source: QuotaKind | None = None
    limit: int | None = None
    counted_kind: QuotaKind = QuotaKind.PERSONAL
    holder: str = ""


@dataclass(frozen=True, slots=True)
class SetQuota:
    """A quota as it is set for people: by which kind and name, how much, and whether members share it."""

    kind: QuotaKind
    holder: str
    pages: Pages
    pooled: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """What quotas need to know of a person."""

    user_id: str
    department: str = ""
    cost_center: str = ""


def effective_quota(
    service: Service, member: Member, quotas: Mapping[tuple[QuotaKind, str], SetQuota]
) -> EffectiveQuota:
    """The quota that holds for the member: personal before cost centre or department before default, for each service
    by itself (SQ-47, SQ-52). `quotas` are all of the organization, by kind and holder.
    """
    candidates = (
        (QuotaKind.PERSONAL, member.user_id),
        (QuotaKind.COST_CENTER, member.cost_center),
        (QuotaKind.DEPARTMENT, member.department),
        (QuotaKind.DEFAULT, ""),
    )
    for kind, holder in candidates:
        found = quotas.get((kind, holder)) if holder or kind is QuotaKind.DEFAULT else None
        if found is not None and service in found.pages:
            limit = found.pages[service]
            if found.pooled and kind in (QuotaKind.COST_CENTER, QuotaKind.DEPARTMENT):
                return EffectiveQuota(kind, limit, kind, holder)
            return EffectiveQuota(kind, limit, QuotaKind.PERSONAL, member.user_id)
    return EffectiveQuota(None, None, QuotaKind.PERSONAL, member.user_id)


def percent_left(limit: int | None, left: int | None) -> int | None:
    """How much of `limit` is left, in whole percent rounded down; None where there is no limit."""
    if limit is None or left is None:
        return None
    return 100 * max(0, left) // limit if limit else 0
