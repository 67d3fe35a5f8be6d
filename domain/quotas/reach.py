"""Whose distribution somebody may see and change (SQ-10…SQ-12, SQ-20, AC-57).

Customers: their partner's people with the right through an access group. An organization of the first level: its own
quota administrator while it has no customers, and whoever operates the installation.
"""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, OrganizationStatus
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND

NOT_YOURS_TO_SET = Fault(
    "quota.not_yours_to_set",
    403,
    N_("How many pages your own organization has is not yours to set."),
    N_("Ask your partner, or the operator of the installation."),
    spec="SQ-20",
)


def reachable(session: Session, actor: Actor) -> Sequence[Organization]:
    """The organizations whose distribution the actor may see: one's own first, then others by name.

    `session` sees all organizations.
    """
    seen = [Organization.id == actor.organization_id]
    if not actor.is_visiting:
        if actor.may(Permission.QUOTAS_DISTRIBUTIONS_MANAGE):
            seen.append(Organization.parent_id == actor.organization_id)
        if actor.is_operator:
            seen.append(Organization.parent_id.is_(None))
    query = select(Organization).where(or_(*seen), Organization.status == OrganizationStatus.ACTIVE)
    found = session.scalars(query).all()
    return sorted(found, key=lambda one: (one.id != actor.organization_id, one.name.casefold()))


def may_set(session: Session, actor: Actor, organization: Organization) -> bool:
    """Whether the actor may change the distribution of an organization within reach."""
    if organization.parent_id is not None:
        is_partner = organization.parent_id == actor.home_organization_id
        return is_partner and actor.may(Permission.QUOTAS_DISTRIBUTIONS_MANAGE)
    if actor.is_operator and not actor.is_visiting:
        return True
    has_customers = select(Organization.id).where(Organization.parent_id == organization.id).limit(1)
    is_own = organization.id == actor.organization_id and not actor.is_visiting
    return is_own and actor.may(Permission.QUOTAS_DISTRIBUTION_OWN) and session.scalar(has_customers) is None


def within_reach(session: Session, actor: Actor, organization_id: str) -> Organization:
    """The organization of that id; raises `NOT_FOUND` for one that is not the actor's to see."""
    found = next((one for one in reachable(session, actor) if one.id == organization_id), None)
    if found is None:
        raise NOT_FOUND(what="organization")
    return found


def settable(session: Session, actor: Actor, organization_id: str) -> Organization:
    """The organization of that id; raises `NOT_FOUND`, or `NOT_YOURS_TO_SET` for one whose pages others set."""
    organization = within_reach(session, actor, organization_id)
    if not may_set(session, actor, organization):
        raise NOT_YOURS_TO_SET()
    return organization
