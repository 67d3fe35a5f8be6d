"""Solutions shared with customers: each has a copy of its own, which is renewed with every save (SC-11, SC-32…SC-35).

A copy is a solution of the customer's organization that nobody there can change. So it is listed, run and charged there
as any other is, and what becomes of the partner's later on cannot reach into a run.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.models import Organization
from domain.organizations.permissions import Permission
from domain.solutions.definition import SolutionDefinition
from domain.solutions.models import Solution, SolutionVersion
from domain.tenancy import NOT_FOUND, system_session

RECEIVED = Fault(
    "solution.received",
    403,
    N_("“{name}” is shared with your organization by its partner, who alone can change or delete it."),
    N_("Duplicate it and change the copy."),
    spec="SC-35",
)


@contextmanager
def writing(actor: Actor) -> Iterator[Session]:
    """The actor's transaction; one that reaches customers for who may share with them."""
    if actor.may(Permission.SOLUTIONS_SHARE):
        with system_session() as session:
            yield session
    else:
        with actor.session() as session:
            yield session


def customers_to_share_with(actor: Actor) -> dict[str, str]:
    """The customers of the organization in which `actor` works, as names by id; none for who may not share."""
    if not actor.may(Permission.SOLUTIONS_SHARE):
        return {}
    query = select(Organization).where(Organization.parent_id == actor.organization_id).order_by(Organization.name)
    with actor.session(read_only=True) as session:
        return {customer.id: customer.name for customer in session.scalars(query)}


def shared_definition(
    session: Session, actor: Actor, definition: SolutionDefinition, before: SolutionDefinition | None = None
) -> SolutionDefinition:
    """`definition` for customers that there are: those of `before` that have gone meanwhile are left out.

    Raises `NOT_FOUND` for an organization that is no customer of the actor's.
    """
    if not definition.shared_with:
        return definition
    query = select(Organization.id).where(Organization.parent_id == actor.organization_id)
    found = frozenset(session.scalars(query.where(Organization.id.in_(definition.shared_with))))
    if definition.shared_with - found - (before.shared_with if before else frozenset()):
        raise NOT_FOUND(what="organization")
    return definition.model_copy(update={"shared_with": found})


def renew_copies(session: Session, actor: Actor, row: Solution, definition: SolutionDefinition) -> None:
    """Give each customer that the solution is shared with its copy as it is now, and take the others' away."""
    copies = {copy.organization_id: copy for copy in _copies(session, row)}
    for customer, copy in copies.items():
        if customer not in definition.shared_with:
            _withdraw(session, actor, copy)
    for customer in sorted(definition.shared_with):
        action = "solution.changed" if customer in copies else "solution.received"
        copy = copies.get(customer) or Solution(organization_id=customer, shared_from=row.id, for_all=True)
        own = definition.model_copy(update={"shared_with": frozenset({customer}), "share_with_organization": False})
        copy.owner_id, copy.type, copy.name, copy.name_key = row.owner_id, own.type.value, row.name, row.name_key
        copy.version, copy.definition, copy.changed = row.version, own.model_dump(mode="json"), row.changed
        session.add(copy)
        session.flush()
        session.add(
            SolutionVersion(
                organization_id=customer,
                solution_id=copy.id,
                version=copy.version,
                definition=copy.definition,
                author_id=actor.user_id,
            )
        )
        facts: Facts = {"name": copy.name, "version": copy.version}
        record(session, actor, action, "solution", copy.id, facts, organization_id=customer)


def withdraw_copies(session: Session, actor: Actor, row: Solution) -> None:
    """Take the customers' copies away; their runs in progress keep their version (SC-102)."""
    for copy in _copies(session, row):
        _withdraw(session, actor, copy)


def _copies(session: Session, row: Solution) -> list[Solution]:
    return list(session.scalars(select(Solution).where(Solution.shared_from == row.id).with_for_update()))


def _withdraw(session: Session, actor: Actor, copy: Solution) -> None:
    record(
        session,
        actor,
        "solution.withdrawn",
        "solution",
        copy.id,
        {"name": copy.name},
        organization_id=copy.organization_id,
    )
    session.delete(copy)
