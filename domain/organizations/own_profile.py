"""What people see of their own account (AC-32)."""

from dataclasses import dataclass

from domain.organizations.actor import Actor
from domain.organizations.models import Organization, User
from domain.organizations.permissions import Permission
from domain.tenancy import system_session


@dataclass(frozen=True, slots=True)
class OwnProfile:
    """One's own account; `has_password` is False for people who sign in at an identity provider only."""

    email: str
    name: str
    organization: str
    department: str
    cost_center: str
    roles: tuple[str, ...]
    locale: str
    time_zone: str
    has_password: bool


def own_profile(actor: Actor) -> OwnProfile:
    """The actor's account in their own organization, wherever they work now."""
    actor.need(Permission.OWN_ACCOUNT)
    with system_session(read_only=True) as session:
        user = session.get_one(User, actor.user_id)
        return OwnProfile(
            email=user.email,
            name=user.name,
            organization=session.get_one(Organization, user.organization_id).name,
            department=user.department,
            cost_center=user.cost_center,
            roles=tuple(sorted(actor.home_roles)),
            locale=user.locale,
            time_zone=user.time_zone,
            has_password=bool(user.password_hash),
        )
