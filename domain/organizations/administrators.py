"""Whom somebody asks who lacks a role: the administrators of their own organization (TS-1, AN-145)."""

from dataclasses import dataclass

from domain.organizations.actor import Actor
from domain.organizations.last_administrator import active_administrators
from domain.organizations.models import Organization, User, shown_name
from domain.organizations.permissions import Permission
from domain.tenancy import tenant_session

MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class WhomToAsk:
    """An administrator who can give roles."""

    name: str
    email: str


def whom_to_ask(actor: Actor) -> list[WhomToAsk]:
    """A few active Organization Administrators of the organization that the actor belongs to, by their addresses.

    One's own roles come from there, wherever one works now.
    """
    actor.need(Permission.OWN_ACCOUNT)
    with tenant_session(actor.home_organization_id, read_only=True) as session:
        organization = session.get_one(Organization, actor.home_organization_id)
        others = active_administrators(organization).where(User.id != actor.user_id)
        found = session.scalars(others.order_by(User.email).limit(MOST_NAMED))
        return [WhomToAsk(shown_name(user), user.email) for user in found]
