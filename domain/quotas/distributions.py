"""Giving pages to organizations and taking them back: create, edit, suspend, resume, revoke (SQ-20…SQ-39)."""

from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, now
from domain.organizations.permissions import Permission
from domain.quotas.distribution_views import DistributionView, distribution_view
from domain.quotas.models import DistributedPages, Distribution, DistributionState, Duration
from domain.quotas.notices import give_notice
from domain.quotas.partner_balance import check_affordable, count_handed_out
from domain.quotas.reach import may_set, reachable, settable, within_reach
from domain.quotas.rules import state_at
from domain.quotas.standing import current_distribution, pages_of
from domain.quotas.terms import Terms, addresses, check_terms
from domain.tenancy import NOT_FOUND, system_session
from steps.contract import Service

ORGANIZATION_NEEDED = Fault(
    "quota.organization_needed",
    422,
    N_("It was not said which of your customer organizations gets the pages."),
    N_("Choose the organization from the list."),
    spec="SQ-E01",
)
OPEN_ALREADY = Fault(
    "quota.open_already",
    409,
    N_("“{organization}” has a distribution already."),
    N_("Edit the one it has."),
    spec="SQ-28",
)
NAME_DIFFERS = Fault(
    "quota.name_differs",
    422,
    N_("The name typed is not that of the organization."),
    N_("Type the name exactly as it is shown."),
    spec="SQ-E09",
)
HAS_ENDED = Fault(
    "quota.has_ended",
    409,
    N_("The distribution has ended."),
    N_("Give an expired one a new expiry date, or create a new one."),
    spec="SQ-E10",
)
SUSPENDED_ALREADY = Fault(
    "quota.suspended_already",
    409,
    N_("This is suspended already."),
    N_("Resume it, or leave it as it is."),
    spec="SQ-E10",
)
NOT_SUSPENDED = Fault(
    "quota.not_suspended", 409, N_("This is not suspended."), N_("There is nothing to resume."), spec="SQ-E10"
)
FIRST_LEVEL_ONLY = Fault(
    "quota.first_level_only",
    422,
    N_("Customer organizations are not billed by use alone."),
    N_("Choose perpetual pages, or unlimited pages until an expiry date."),
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """An organization, its newest distribution if it ever had one, and whether the actor may change it."""

    organization_id: str
    organization_name: str
    distribution: DistributionView | None
    may_set: bool


def list_distributions(actor: Actor, search: str = "") -> list[Recipient]:
    """The organizations whose distribution the actor may see: one's own, then customers by name (SQ-30)."""
    actor.need(Permission.QUOTAS_DISTRIBUTIONS_OPEN)
    wanted = search.strip().casefold()
    with system_session(read_only=True) as session:
        found = (one for one in reachable(session, actor) if wanted in one.name.casefold())
        return [_recipient(session, actor, organization) for organization in found]


def get_distribution(actor: Actor, organization_id: str) -> Recipient:
    """One of them; raises `NOT_FOUND`."""
    actor.need(Permission.QUOTAS_DISTRIBUTIONS_OPEN)
    with system_session(read_only=True) as session:
        return _recipient(session, actor, within_reach(session, actor, organization_id))


def create_distribution(actor: Actor, organization_id: str | None, terms: Terms) -> DistributionView:
    """Give pages to a customer, or to one's own organization if it has no customers (SQ-20).

    An organization has one open distribution (SQ-28); an expired one is closed by this, and counting starts anew
    (SQ-70). Raises `ORGANIZATION_NEEDED`, `OPEN_ALREADY`, and the faults of the terms and of the partner's balance.
    """
    actor.need(Permission.QUOTAS_DISTRIBUTIONS_OPEN)
    with system_session() as session:
        organization = _recipient_of_new(session, actor, organization_id)
        _lock_partner(session, organization)
        session.get(Organization, organization.id, with_for_update=True)  # nobody else creates one meanwhile
        present = current_distribution(session, organization.id, lock=True)
        if present is not None and state_at(present, organization.time_zone, now()) is not DistributionState.EXPIRED:
            raise OPEN_ALREADY(organization=organization.name)
        _check(session, organization, terms, None)
        if present is not None:
            present.state, present.current_of = DistributionState.EXPIRED, None
            session.flush()
        row = _new_row(session, actor, organization, terms)
        _finish(session, actor, organization, row, "quota_distribution.created", _facts(terms))
        return distribution_view(session, organization, row)


def edit_distribution(actor: Actor, organization_id: str, terms: Terms) -> DistributionView:
    """Change limits, duration, expiry date and notices of the open distribution (SQ-34).

    An expired one becomes active by a new date. Pages below what is used leave nothing (SQ-39).
    """
    with system_session() as session:
        organization, row = _open_row(session, actor, organization_id)
        _check(session, organization, terms, row)
        row.duration, row.state = terms.duration, DistributionState.ACTIVE
        row.expires_on = terms.expires_on if terms.duration is Duration.CUSTOM else None
        row.notify, row.locale = addresses(terms), actor.locale
        for service, pages in pages_of(session, row.id).items():
            _set_limit(pages, terms.limit(service))
            give_notice(session, row, service)
        _finish(session, actor, organization, row, "quota_distribution.edited", _facts(terms))
        return distribution_view(session, organization, row)


def suspend_distribution(actor: Actor, organization_id: str, services: Collection[Service] = ()) -> DistributionView:
    """Pause all services, or those named, until they are resumed (SQ-35); a step at work may finish."""
    return _switch(actor, organization_id, services, suspended=True)


def resume_distribution(actor: Actor, organization_id: str, services: Collection[Service] = ()) -> DistributionView:
    """Let paused services go on (SQ-36)."""
    return _switch(actor, organization_id, services, suspended=False)


def revoke_distribution(actor: Actor, organization_id: str, typed_name: str) -> DistributionView:
    """Cancel the organization's pages for good; what is not used returns to the partner (SQ-37, SQ-38)."""
    with system_session() as session:
        organization, row = _open_row(session, actor, organization_id)
        if typed_name.strip() != organization.name:
            raise NAME_DIFFERS()
        row.state, row.current_of = DistributionState.REVOKED, None
        _finish(session, actor, organization, row, "quota_distribution.revoked", {})
        return distribution_view(session, organization, row)


def _switch(actor: Actor, organization_id: str, services: Collection[Service], *, suspended: bool) -> DistributionView:
    with system_session() as session:
        organization, row = _open_row(session, actor, organization_id)
        if state_at(row, organization.time_zone, now()) is not DistributionState.ACTIVE:
            raise HAS_ENDED()
        rows = pages_of(session, row.id)
        to_change = [
            service for service in (services or Service) if service in rows and rows[service].suspended != suspended
        ]
        if not to_change:
            raise (SUSPENDED_ALREADY if suspended else NOT_SUSPENDED)()
        for service in to_change:
            rows[service].suspended = suspended
        word = "suspended" if suspended else "resumed"
        facts = {"services": [service.value for service in to_change]}
        _finish(session, actor, organization, row, f"quota_distribution.{word}", facts)
        return distribution_view(session, organization, row)


def _recipient(session: Session, actor: Actor, organization: Organization) -> Recipient:
    row = _newest(session, organization.id)
    view = distribution_view(session, organization, row) if row is not None else None
    return Recipient(organization.id, organization.name, view, may_set(session, actor, organization))


def _newest(session: Session, organization_id: str) -> Distribution | None:
    """The open distribution, else the last one there was."""
    query = select(Distribution).where(Distribution.organization_id == organization_id)
    return session.scalar(query.order_by(Distribution.current_of.is_(None), Distribution.created.desc()).limit(1))


def _recipient_of_new(session: Session, actor: Actor, organization_id: str | None) -> Organization:
    """The organization named; without a name one's own, if it has no customers (SQ-20)."""
    if organization_id is None:
        own = within_reach(session, actor, actor.organization_id)
        if not may_set(session, actor, own):
            raise ORGANIZATION_NEEDED()
        return own
    try:
        return settable(session, actor, organization_id)
    except PressroomError as error:
        if error.fault is NOT_FOUND:
            raise ORGANIZATION_NEEDED() from error
        raise


def _open_row(session: Session, actor: Actor, organization_id: str) -> tuple[Organization, Distribution]:
    """The open distribution, locked after its partner's; raises `NOT_FOUND` or `HAS_ENDED`."""
    actor.need(Permission.QUOTAS_DISTRIBUTIONS_OPEN)
    organization = settable(session, actor, organization_id)
    _lock_partner(session, organization)
    row = current_distribution(session, organization.id, lock=True)
    if row is None:
        raise (HAS_ENDED() if _newest(session, organization.id) else NOT_FOUND(what="distribution"))
    return organization, row


def _lock_partner(session: Session, organization: Organization) -> None:
    if organization.parent_id is not None:
        current_distribution(session, organization.parent_id, lock=True)


def _check(session: Session, organization: Organization, terms: Terms, replaced: Distribution | None) -> None:
    today = now().astimezone(ZoneInfo(organization.time_zone)).date()
    check_terms(terms, today, Duration(replaced.duration) if replaced else None)
    if organization.parent_id is not None:
        if terms.duration is Duration.USAGE:
            raise FIRST_LEVEL_ONLY()
        check_affordable(session, organization.parent_id, terms, replaced)


def _new_row(session: Session, actor: Actor, organization: Organization, terms: Terms) -> Distribution:
    partner = current_distribution(session, organization.parent_id) if organization.parent_id else None
    row = Distribution(
        organization_id=organization.id,
        current_of=organization.id,
        drawn_from=partner.id if partner else None,
        duration=terms.duration,
        expires_on=terms.expires_on if terms.duration is Duration.CUSTOM else None,
        notify=addresses(terms),
        locale=actor.locale,
    )
    session.add(row)
    session.flush()
    session.add_all(
        DistributedPages(
            organization_id=organization.id, distribution_id=row.id, service=service, page_limit=terms.limit(service)
        )
        for service in Service
    )
    customers = select(Organization.id).where(Organization.parent_id == organization.id)
    session.execute(  # what customers have counts against the pages that their partner has now
        update(Distribution)
        .where(Distribution.current_of.in_(customers))
        .values(drawn_from=row.id)
        .execution_options(synchronize_session=False)
    )
    session.flush()
    count_handed_out(session, row)
    return row


def _set_limit(pages: DistributedPages, limit: int | None) -> None:
    """Pages that are added make the notice possible again (SQ-29)."""
    if limit is None or (pages.page_limit is not None and limit > pages.page_limit):
        pages.notified = None
    pages.page_limit = limit


def _finish(
    session: Session, actor: Actor, organization: Organization, row: Distribution, action: str, facts: Facts
) -> None:
    """Note who did it and when, and what the partner has left by it."""
    row.changed = now()
    session.flush()
    if row.drawn_from is not None:
        count_handed_out(session, session.get_one(Distribution, row.drawn_from))
    record(session, actor, action, "quota_distribution", row.id, facts, organization_id=organization.id)
    session.flush()


def _facts(terms: Terms) -> Facts:
    limits = {service.value: terms.limit(service) for service in Service}
    return {
        "duration": terms.duration.value,
        "expires_on": terms.expires_on.isoformat() if terms.expires_on else None,
        "addresses": len(terms.notify or ()),
        **{service.lower(): "unlimited" if limit is None else limit for service, limit in limits.items()},
    }
