"""Which definition holds for somebody: the personal one, else their group's, else the default (PR-71, PR-98).

Exactly one holds; nothing is merged. Assignments of a kind that the organization's mode does not have are kept, but
they do not count (PR-51).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Generic

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.organizations.models import User
from domain.print_definitions.definitions import Definition, default_of, view_of
from domain.print_definitions.models import DefinitionAssignment, PrintDefinition, TargetKind
from domain.print_definitions.subject import Content, Subject
from domain.printing.settings import PrintSettings

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as resolution knows them; guests too have the group that they were put into (PR-85, PR-100)."""

    user_id: str
    cost_center: str = ""
    department: str = ""

    @classmethod
    def of(cls, user: User) -> "Person":
        return cls(user.id, user.cost_center, user.department)

    def holder(self, kind: TargetKind) -> str:
        """What an assignment of that kind to them has as its holder; empty: none can be."""
        return {
            TargetKind.PERSONAL: self.user_id,
            TargetKind.COST_CENTER: self.cost_center,
            TargetKind.DEPARTMENT: self.department,
        }[kind]


@dataclass(frozen=True, slots=True)
class Resolved(Generic[Content]):
    """The definition that holds, and by what: `personal`, `cost_center`, `department` or `default` (AM-13)."""

    definition: Definition[Content]
    source: str


def resolve(
    session: Session, subject: Subject[Content], settings: PrintSettings, people: Collection[Person]
) -> dict[str, Resolved[Content]]:
    """By the person's id, what holds for each of them."""
    targets = subject.targets(settings)
    assigned = _assigned(session, subject, targets, people)
    default = Resolved(default_of(session, subject), DEFAULT)
    found = {}
    for person in people:
        keys = ((kind, person.holder(kind)) for kind in targets)
        found[person.user_id] = next((assigned[key] for key in keys if key in assigned), default)
    return found


def resolve_one(
    session: Session, subject: Subject[Content], settings: PrintSettings, person: Person
) -> Resolved[Content]:
    """What holds for one person."""
    return resolve(session, subject, settings, [person])[person.user_id]


def _assigned(
    session: Session, subject: Subject[Content], targets: tuple[TargetKind, ...], people: Collection[Person]
) -> dict[tuple[TargetKind, str], Resolved[Content]]:
    query = (
        select(DefinitionAssignment.target_kind, DefinitionAssignment.holder, PrintDefinition)
        .join(PrintDefinition, PrintDefinition.id == DefinitionAssignment.definition_id)
        .where(DefinitionAssignment.kind == subject.kind, DefinitionAssignment.target_kind.in_(targets))
    )
    if len(people) == 1:
        holders = {person.holder(kind) for person in people for kind in targets}
        query = query.where(DefinitionAssignment.holder.in_(holders - {""}))
    views: dict[str, Definition[Content]] = {}
    found = {}
    for kind, holder, row in session.execute(query):
        definition = views.setdefault(row.id, view_of(row, subject))
        found[TargetKind(kind), holder] = Resolved(definition, TargetKind(kind).value)
    return found
