"""Who has used how much of what: one's own quota, and everybody's for those who manage it (SQ-75…SQ-82)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from connectors.messages import Message
from domain.organizations.actor import Actor
from domain.organizations.models import NO_ACCOUNT, Organization, User, UserStatus, now
from domain.organizations.permissions import Permission
from domain.people.deletion import pseudonym
from domain.quotas.ledger import member_of
from domain.quotas.models import DistributedPages, Distribution, Duration, QuotaKind, QuotaUse, UserQuota
from domain.quotas.rules import (
    EffectiveQuota,
    Member,
    ServiceState,
    SetQuota,
    effective_quota,
    percent_left,
    remaining,
    service_state,
    state_at,
)
from domain.quotas.standing import current_distribution, pages_of, set_quota, set_quotas
from steps.contract import Service

AT_A_TIME = 500
STRENGTH = (QuotaKind.PERSONAL, QuotaKind.COST_CENTER, QuotaKind.DEPARTMENT, QuotaKind.DEFAULT)
"""Kinds of quotas, the strongest first."""

Uses = Mapping[tuple[Service, QuotaKind, str], tuple[int, int]]
"""By service, kind and holder: pages charged and pages held."""


@dataclass(frozen=True, slots=True)
class ServiceUse:
    """A person's quota of one service.

    `limit` is the quota's, or what the organization has where everybody shares it; `used` counts against it, `own` are
    the person's own pages. `left` is what the person may still use, which the organization's pages bound. None for
    `limit` and `left`: without a limit. `is_shared`: others use of the same pages.
    """

    service: Service
    state: ServiceState
    source: QuotaKind | None
    is_shared: bool
    limit: int | None
    used: int
    own: int
    left: int | None

    @property
    def percent(self) -> int | None:
        """How much is left of the limit, in percent."""
        return percent_left(self.limit, self.left)


@dataclass(frozen=True, slots=True)
class OwnQuota:
    """What somebody sees of their own quota: the services of which there are pages, and until when (SQ-82)."""

    services: tuple[ServiceUse, ...]
    duration: Duration | None
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class PersonUse:
    """One line of the usage page (SQ-77). `source` is the strongest kind of quota that the person has."""

    user_id: str
    email: str
    name: str | Message
    department: str
    cost_center: str
    source: QuotaKind
    services: tuple[ServiceUse, ...]


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """Which people to list (SQ-76): those with at most so much left of some service, those with that kind of quota.

    `after` is the address of the last person of the page before.
    """

    search: str = ""
    most_percent: int | None = None
    source: QuotaKind | None = None
    after: str = ""
    limit: int = 50


def own_quota(actor: Actor) -> OwnQuota:
    """What the actor has and has used, where they work."""
    actor.need(Permission.OWN_QUOTA)
    with actor.session(read_only=True) as session:
        pot = _pot(session, actor.organization_id)
        if pot is None:
            return OwnQuota((), None, None)
        member = member_of(session, actor.user_id)
        quotas, uses = set_quotas(session, member), pot.uses_of(session, [member])
        services = tuple(pot.use(service, member, quotas, uses) for service in pot.services)
        return OwnQuota(services, Duration(pot.distribution.duration), pot.distribution.expires_on)


def list_usage(actor: Actor, chosen: UsageFilter | None = None) -> list[PersonUse]:
    """People with what they used of their quotas, by address; somebody deleted only if they used any."""
    actor.need(Permission.QUOTAS_MANAGE)
    chosen = chosen or UsageFilter()
    with actor.session(read_only=True) as session:
        pot = _pot(session, actor.organization_id)
        if pot is None:
            return []
        found: list[PersonUse] = []
        for person in _people(session, pot, chosen):
            if _fits(person, chosen):
                found.append(person)
                if len(found) == chosen.limit:
                    break
        return found


@dataclass(frozen=True, slots=True)
class _Pot:
    """The organization's open distribution, from which everybody draws."""

    distribution: Distribution
    services: Mapping[Service, DistributedPages]
    states: Mapping[Service, ServiceState]

    def use(
        self, service: Service, member: Member, quotas: Mapping[tuple[QuotaKind, str], SetQuota], uses: Uses
    ) -> ServiceUse:
        """The member's quota of one service."""
        pages, quota = self.services[service], effective_quota(service, member, quotas)
        own = uses.get((service, QuotaKind.PERSONAL, member.user_id), (0, 0))[0]
        whole = remaining(pages)
        if quota.limit is None:
            return ServiceUse(
                service, self.states[service], quota.source, True, pages.page_limit, pages.used, own, whole
            )
        used, held = uses.get((service, quota.counted_kind, quota.holder), (0, 0))
        left = max(0, quota.limit - used - held)
        if whole is not None:
            left = min(left, whole)
        return ServiceUse(service, self.states[service], quota.source, _is_pooled(quota), quota.limit, used, own, left)

    def uses_of(self, session: Session, members: list[Member]) -> Uses:
        """What these people and their groups used and hold."""
        holders = {holder for one in members for holder in (one.user_id, one.department, one.cost_center) if holder}
        query = select(QuotaUse).where(QuotaUse.distribution_id == self.distribution.id, QuotaUse.holder.in_(holders))
        return {
            (Service(row.service), QuotaKind(row.kind), row.holder): (row.used, row.reserved)
            for row in session.scalars(query)
        }


def _pot(session: Session, organization_id: str) -> _Pot | None:
    distribution = current_distribution(session, organization_id)
    if distribution is None:
        return None
    organization = session.get_one(Organization, organization_id)
    state = state_at(distribution, organization.time_zone, now())
    given = {service: row for service, row in pages_of(session, distribution.id).items() if row.page_limit != 0}
    return _Pot(distribution, given, {service: service_state(state, row) for service, row in given.items()})


def _is_pooled(quota: EffectiveQuota) -> bool:
    return quota.counted_kind is not QuotaKind.PERSONAL


def _people(session: Session, pot: _Pot, chosen: UsageFilter) -> Iterator[PersonUse]:
    """Everybody who fits the search, with their use, read some hundred at a time."""
    rows = session.scalars(select(UserQuota))
    quotas = {(QuotaKind(row.kind), row.holder): set_quota(row) for row in rows}
    after = chosen.after
    while True:
        users = session.scalars(_query(pot, chosen, after)).all()
        members = [Member(user.id, user.department, user.cost_center) for user in users]
        uses = pot.uses_of(session, members)
        for user, member in zip(users, members, strict=True):
            services = tuple(pot.use(service, member, quotas, uses) for service in pot.services)
            yield _person(user, services)
        if len(users) < AT_A_TIME:
            return
        after = users[-1].email


def _query(pot: _Pot, chosen: UsageFilter, after: str) -> Select[tuple[User]]:
    used = select(QuotaUse.holder).where(
        QuotaUse.distribution_id == pot.distribution.id, QuotaUse.kind == QuotaKind.PERSONAL
    )
    query = select(User).where(or_(User.status.not_in(NO_ACCOUNT), User.id.in_(used)), User.email > after)
    if wanted := chosen.search.strip().casefold():
        query = query.where(User.search_key.contains(wanted, autoescape=True))
    return query.order_by(User.email).limit(AT_A_TIME)


def _person(user: User, services: tuple[ServiceUse, ...]) -> PersonUse:
    sources = {one.source or QuotaKind.DEFAULT for one in services}
    source = next((kind for kind in STRENGTH if kind in sources), QuotaKind.DEFAULT)
    if user.status == UserStatus.DELETED:
        return PersonUse(user.id, user.email, pseudonym(user.id), "", "", source, services)
    return PersonUse(user.id, user.email, user.name, user.department, user.cost_center, source, services)


def _fits(person: PersonUse, chosen: UsageFilter) -> bool:
    if chosen.source is not None and person.source is not chosen.source:
        return False
    if chosen.most_percent is None:
        return True
    return any(one.percent is not None and one.percent <= chosen.most_percent for one in person.services)
