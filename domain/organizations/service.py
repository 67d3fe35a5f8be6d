"""Making organizations, and the bootstrap of a new installation: one organization with its administrator."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.settings import Settings
from domain.applications.predefined import add_predefined_applications
from domain.organizations.actor import ACCOUNT_ENDED, Actor, actor_for
from domain.organizations.entitlements import USUAL
from domain.organizations.groups import add_predefined_groups
from domain.organizations.models import Organization, User, sibling_key
from domain.organizations.roles import Role
from domain.quotas.beginnings import grant_usage_billing
from domain.sign_in.password_changes import replace_password
from domain.sign_in.passwords import made_password
from domain.tenancy import system_session


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The first administrator; `password` is set only when it was made just now."""

    email: str
    password: str | None


ALL_ROLES = tuple(role.value for role in Role if role not in (Role.USER, Role.PRINT_GUEST, Role.PARTNER_ADMINISTRATOR))
"""What the first administrator of an organization made on the machine itself is given."""


def bootstrap(settings: Settings) -> Bootstrap:
    """Make the first organization and its administrator, who also operates the installation, where there is none."""
    email = settings.admin_email.lower()
    with system_session(read_only=True) as session:
        if session.scalar(select(User.id).limit(1)):
            return Bootstrap(email, None)
    password = settings.admin_password.get_secret_value() or made_password()
    create_organization("Pressroom", email, "Administrator", password, is_operator=True)
    return Bootstrap(email, password)


def create_organization(
    name: str, email: str, person: str, password: str, *, is_operator: bool = False, may_have_children: bool = True
) -> Actor:
    """A new organization of the first level with its administrator, who has every role; for the machine itself.

    Raises the faults of `domain.sign_in.password_rules` for a password that is too weak.
    """
    with system_session() as session:
        organization = new_organization(session, name, may_have_children=may_have_children)
        user = User(
            organization_id=organization.id,
            email=email.lower(),
            name=person,
            roles=list(ALL_ROLES),
            is_operator=is_operator,
        )
        session.add(user)
        session.flush()
        replace_password(session, user, password)
        return actor_for(session, user)


def new_organization(
    session: Session, name: str, parent_id: str | None = None, *, may_have_children: bool = False
) -> Organization:
    """The rows that every organization begins with: itself, its predefined groups (AC-71), and unless it is somebody's
    customer the right to use the metered services without a limit.
    """
    name = " ".join(name.split())
    organization = Organization(
        name=name,
        parent_id=parent_id,
        sibling_key=sibling_key(name, parent_id),
        may_have_children=may_have_children,
        entitlements=[entitlement.value for entitlement in USUAL],
        storage_providers=["folder"],
    )
    session.add(organization)
    session.flush()
    add_predefined_groups(session, organization.id)
    if parent_id is None:
        grant_usage_billing(session, organization.id)
    add_predefined_applications(session, organization.id)
    return organization


def local_administrator() -> Actor:
    """The operator of the installation, for commands on the machine itself; raises `ACCOUNT_ENDED` before bootstrap."""
    with system_session(read_only=True) as session:
        user = session.scalar(select(User).order_by(User.is_operator.desc(), User.created).limit(1))
        if user is None:
            raise ACCOUNT_ENDED()
        return actor_for(session, user)
