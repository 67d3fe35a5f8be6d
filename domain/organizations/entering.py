"""Where a person may work: their own organization, and through access groups every customer of it (AC-31, AC-40)."""

from dataclasses import dataclass

from sqlalchemy import func, select

from domain.organizations.actor import Actor
from domain.organizations.models import Organization, OrganizationStatus
from domain.organizations.permissions import Permission
from domain.tenancy import system_session


@dataclass(frozen=True, slots=True)
class Workplace:
    """An organization that a person may work in."""

    id: str
    name: str
    is_own: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class Workplaces:
    """One's own organization first, then customers by name; `total` counts all customers that fit the search."""

    items: list[Workplace]
    total: int


def workplaces(actor: Actor, search: str = "", limit: int = 50) -> Workplaces:
    """Where `actor` may work; `search` narrows the customers by their names, case ignored."""
    with system_session(read_only=True) as session:
        own = session.get_one(Organization, actor.home_organization_id)
        items = [_workplace(own, actor)]
        if not actor.may(Permission.CHILDREN_ENTER):
            return Workplaces(items, 0)
        name_key = func.substr(Organization.sibling_key, len(own.id) + 2)
        query = select(Organization).where(
            Organization.parent_id == own.id, Organization.status == OrganizationStatus.ACTIVE
        )
        if folded := " ".join(search.split()).casefold():
            query = query.where(name_key.contains(folded, autoescape=True))
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        items += [_workplace(child, actor) for child in session.scalars(query.order_by(name_key).limit(limit))]
        return Workplaces(items, total)


def _workplace(organization: Organization, actor: Actor) -> Workplace:
    return Workplace(
        organization.id,
        organization.name,
        is_own=organization.id == actor.home_organization_id,
        is_current=organization.id == actor.organization_id,
    )
