"""Customers of a partner: child organizations made, found and entitled to services (AC-7, AC-12…AC-20, AC-22).

A partner sees its children from its own organization only: who works in a customer's goes back first.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.entitlements import IRREVERSIBLE, TITLES, USUAL, Entitlement
from domain.organizations.last_administrator import lock_organization
from domain.organizations.models import Organization, OrganizationStatus, User, UserStatus
from domain.organizations.names import NAME_TAKEN, check_free, checked_name
from domain.organizations.permissions import Permission
from domain.organizations.service import new_organization
from domain.tenancy import NOT_FOUND, system_session

NO_CHILDREN = Fault(
    "organization.no_children",
    409,
    N_("This organization cannot have customer organizations."),
    N_("Ask the operator of the installation to allow it."),
)
BEING_DELETED = Fault(
    "organization.being_deleted",
    409,
    N_("“{name}” is being deleted."),
    N_("Wait until the deletion has ended; nothing can be changed any more."),
)
NOT_OURS_TO_GIVE = Fault(
    "organization.service_not_ours",
    409,
    N_("Your organization does not have the service “{service}” itself."),
    N_("Ask the operator of the installation to add it to your organization first."),
)
CANNOT_BE_TAKEN = Fault(
    "organization.service_irreversible",
    409,
    N_("The service “{service}” cannot be taken away again."),
    N_("Leave it chosen. Only the operator of the installation can remove it."),
)


@dataclass(frozen=True, slots=True)
class ChildView:
    """A customer organization as its partner sees it. `people` are those with an active account of its own."""

    id: str
    name: str
    status: OrganizationStatus
    entitlements: tuple[Entitlement, ...]
    people: int
    created: datetime


@dataclass(frozen=True, slots=True)
class ChildPage:
    """A page of children in the order of their names; `after` opens the next page, empty at the end."""

    items: list[ChildView]
    total: int
    after: str


def list_children(actor: Actor, search: str = "", after: str = "", limit: int = 50) -> ChildPage:
    """The children whose names hold `search`, case ignored; `after` as given by the page before (AC-22)."""
    actor.need(Permission.CHILDREN_LIST)
    name_key = func.substr(Organization.sibling_key, len(actor.organization_id) + 2)
    query = select(Organization).where(Organization.parent_id == actor.organization_id)
    if search.strip():
        query = query.where(name_key.contains(" ".join(search.split()).casefold(), autoescape=True))
    with system_session(read_only=True) as session:
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        page = query.where(name_key > after).order_by(name_key).limit(limit + 1)
        found = session.scalars(page).all()
        views = _views(session, found[:limit])
    more = len(found) > limit
    return ChildPage(views, total, _name_key(found[limit - 1]) if more else "")


def get_child(actor: Actor, child_id: str) -> ChildView:
    """One child; raises `NOT_FOUND` for what is no child of the organization that the actor works in."""
    actor.need(Permission.CHILDREN_LIST)
    with system_session(read_only=True) as session:
        return _views(session, [own_child(session, actor, child_id)])[0]


def create_child(actor: Actor, name: str, entitlements: Collection[Entitlement] | None = None) -> ChildView:
    """A new customer with its predefined groups and no people yet; access groups of the partner reach it at once.

    Without `entitlements` it gets what is usual and the partner has itself. Raises `NO_CHILDREN`, the faults of the
    name, `NOT_OURS_TO_GIVE`.
    """
    actor.need(Permission.CHILDREN_CREATE)
    name = checked_name(name)
    try:
        with system_session() as session:
            parent = parent_of_children(session, actor)
            check_free(session, name, parent.id)
            child = new_organization(session, name, parent.id)
            child.entitlements = []
            given = [each for each in USUAL if each in parent.entitlements] if entitlements is None else entitlements
            _entitle(actor, parent, child, given)
            facts: Facts = {"name": name, "entitlements": child.entitlements}
            record(session, actor, "organization.created", "organization", child.id, facts)
            record(session, actor, "organization.created", "organization", child.id, facts, organization_id=child.id)
            session.flush()
            return _views(session, [child])[0]
    except IntegrityError as error:  # a sibling of that name, made at the same moment
        raise NAME_TAKEN(name=name) from error


def entitle_child(actor: Actor, child_id: str, entitlements: Collection[Entitlement]) -> ChildView:
    """Choose the services of a child (AC-13); roles of a service that is gone count no more (AC-12).

    Raises `BEING_DELETED`, `NOT_OURS_TO_GIVE`, and `CANNOT_BE_TAKEN` where an irreversible one is left out (AC-14).
    """
    actor.need(Permission.CHILDREN_ENTITLE)
    with system_session() as session:
        child = own_child(session, actor, child_id, for_change=True)
        parent = session.get_one(Organization, actor.organization_id)
        before = set(child.entitlements)
        _entitle(actor, parent, child, entitlements)
        if before != (present := set(child.entitlements)):
            facts: Facts = {"added": sorted(present - before), "removed": sorted(before - present)}
            for trail in (parent.id, child.id):
                record(session, actor, "organization.entitled", "organization", child.id, facts, organization_id=trail)
        return _views(session, [child])[0]


def services_to_give(actor: Actor) -> frozenset[Entitlement]:
    """What the organization that the actor works in may entitle its children to: its own, and those for children."""
    actor.need(Permission.CHILDREN_ENTITLE)
    with actor.session(read_only=True) as session:
        own = session.get_one(Organization, actor.organization_id).entitlements
    return frozenset(Entitlement(service) for service in own) | {Entitlement.MANAGED_PRINT}


def parent_of_children(session: Session, actor: Actor) -> Organization:
    """The organization that the actor works in, if it may have children; raises `NO_CHILDREN`."""
    parent = session.get_one(Organization, actor.organization_id)
    if not parent.may_have_children or parent.parent_id is not None:
        raise NO_CHILDREN()
    return parent


def own_child(session: Session, actor: Actor, child_id: str, *, for_change: bool = False) -> Organization:
    """A child of the organization that the actor works in, locked `for_change`; `session` sees all organizations.

    Raises `NOT_FOUND`, and `BEING_DELETED` for a change of one that is.
    """
    child = lock_organization(session, child_id) if for_change else session.get(Organization, child_id)
    if child is None or child.parent_id != actor.organization_id:
        raise NOT_FOUND(what="organization")
    if for_change and child.status != OrganizationStatus.ACTIVE:
        raise BEING_DELETED(name=child.name)
    return child


def _entitle(actor: Actor, parent: Organization, child: Organization, wanted: Collection[Entitlement]) -> None:
    kept = [entitlement for entitlement in Entitlement if entitlement in wanted]
    for entitlement in sorted(set(kept) - set(child.entitlements)):
        if entitlement == Entitlement.MANAGED_PRINT:
            actor.need(Permission.CHILDREN_GRANT_MPP)
        elif entitlement not in parent.entitlements:
            raise NOT_OURS_TO_GIVE(service=TITLES[entitlement])
    for entitlement in sorted(IRREVERSIBLE.intersection(map(Entitlement, child.entitlements)) - set(kept)):
        raise CANNOT_BE_TAKEN(service=TITLES[entitlement])
    child.entitlements = [entitlement.value for entitlement in kept]


def _views(session: Session, children: Collection[Organization]) -> list[ChildView]:
    people = (
        select(User.organization_id, func.count())
        .where(User.organization_id.in_([child.id for child in children]), User.status == UserStatus.ACTIVE)
        .group_by(User.organization_id)
    )
    count = {row[0]: row[1] for row in session.execute(people)}
    return [
        ChildView(
            child.id,
            child.name,
            OrganizationStatus(child.status),
            tuple(entitlement for entitlement in Entitlement if entitlement in child.entitlements),
            count.get(child.id, 0),
            child.created,
        )
        for child in children
    ]


def _name_key(child: Organization) -> str:
    return child.sibling_key.partition("/")[2]
