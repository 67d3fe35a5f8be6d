"""Organizations of the first level, which the operator of the installation makes and sets (AC-14, AC-19, AC-20)."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.entitlements import IRREVERSIBLE, TITLES, Entitlement
from domain.organizations.last_administrator import lock_organization
from domain.organizations.models import Organization, User
from domain.organizations.names import check_free, checked_name
from domain.organizations.permissions import Permission
from domain.organizations.service import create_organization
from domain.people.service import ADDRESS_TAKEN
from domain.sign_in.passwords import made_password
from domain.tenancy import NOT_FOUND, system_session

NOT_FIRST_LEVEL = Fault(
    "organization.not_first_level",
    409,
    N_("“{name}” is a customer organization and cannot have customers itself."),
    N_("Choose an organization of the first level."),
)
HAS_CUSTOMERS = Fault(
    "organization.has_customers",
    409,
    N_("“{name}” has customer organizations."),
    N_("Delete them before you take the right to have some."),
)
FOR_CUSTOMERS_ONLY = Fault(
    "organization.service_for_customers",
    409,
    N_("Only customer organizations can have the service “{service}”."),
    N_("Choose a customer organization for it."),
)


@dataclass(frozen=True, slots=True)
class InstalledOrganization:
    """An organization as the operator sees it."""

    id: str
    name: str
    parent_name: str
    status: str
    may_have_children: bool
    entitlements: tuple[str, ...]


def list_all_organizations(actor: Actor) -> list[InstalledOrganization]:
    """Every organization of the installation, customers after their partners."""
    actor.need(Permission.ORGANIZATIONS_CREATE)
    parent = aliased(Organization)
    query = select(Organization, parent.name).outerjoin(parent, parent.id == Organization.parent_id)
    with system_session(read_only=True) as session:
        found = [
            InstalledOrganization(
                one.id, one.name, parent_name or "", one.status, one.may_have_children, tuple(one.entitlements)
            )
            for one, parent_name in session.execute(query)
        ]
    return sorted(found, key=lambda one: ((one.parent_name or one.name).casefold(), one.parent_name, one.name))


def create_first_level(actor: Actor, name: str, email: str, person: str, *, may_have_children: bool) -> str:
    """A new organization with its first administrator; returns their password, which is told only here.

    Raises the faults of a name, and `ADDRESS_TAKEN`.
    """
    actor.need(Permission.ORGANIZATIONS_CREATE)
    name, email = checked_name(name), email.strip().lower()
    with system_session(read_only=True) as session:
        check_free(session, name, None)
        if session.scalar(select(User.id).where(User.email == email)):
            raise ADDRESS_TAKEN(address=email)
    password = made_password()
    made = create_organization(name, email, person or email, password, may_have_children=may_have_children)
    with system_session() as session:
        _note(session, actor, made.organization_id, "organization.created", {"name": name})
    return password


def set_installed(
    actor: Actor,
    organization: str,
    *,
    may_have_children: bool | None = None,
    add: Collection[Entitlement] = (),
    remove: Collection[Entitlement] = (),
) -> None:
    """Change what only the operator may: the right to have customers, and any service, even for good given ones.

    `organization` is an id or the name of one of the first level. Raises `NOT_FOUND`, `NOT_FIRST_LEVEL`,
    `HAS_CUSTOMERS`, `FOR_CUSTOMERS_ONLY`.
    """
    actor.need(Permission.ORGANIZATIONS_CREATE)
    with system_session() as session:
        one = lock_organization(session, _id_of(session, organization))
        if may_have_children is not None:
            _check_children(session, one, may_have_children=may_have_children)
            one.may_have_children = may_have_children
        if one.parent_id is None and (wrong := IRREVERSIBLE.intersection(add)):
            raise FOR_CUSTOMERS_ONLY(service=TITLES[next(iter(wrong))])
        kept = ({*map(Entitlement, one.entitlements)} | set(add)) - set(remove)
        one.entitlements = [each.value for each in Entitlement if each in kept]
        facts: Facts = {"may_have_children": one.may_have_children, "entitlements": one.entitlements}
        _note(session, actor, one.id, "organization.set", facts)


def _check_children(session: Session, one: Organization, *, may_have_children: bool) -> None:
    if may_have_children and one.parent_id is not None:
        raise NOT_FIRST_LEVEL(name=one.name)
    if not may_have_children and session.scalar(select(Organization.id).where(Organization.parent_id == one.id)):
        raise HAS_CUSTOMERS(name=one.name)


def _id_of(session: Session, organization: str) -> str:
    named = select(Organization.id).where(Organization.parent_id.is_(None), Organization.name == organization)
    found = session.get(Organization, organization)
    organization_id = found.id if found else session.scalar(named.limit(1))
    if organization_id is None:
        raise NOT_FOUND(what="organization")
    return organization_id


def _note(session: Session, actor: Actor, organization_id: str, action: str, facts: Facts) -> None:
    record(session, actor, action, "organization", organization_id, facts, organization_id=organization_id)
