"""Making, changing, duplicating and deleting definitions, and the default (PR-62…PR-66, PR-87, PR-100)."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, User, now
from domain.print_definitions.models import DefinitionAssignment, PrintDefinition, TargetKind
from domain.print_definitions.subject import Content, Subject
from domain.tenancy import NOT_FOUND

LONGEST_NAME = 100
MOST_NAMED = 10
"""So many assignments are named where a deletion is refused."""

NAME_NOT_UNIQUE = Fault(
    "print_definition.name_not_unique",
    409,
    N_("The name “{name}” is taken."),
    N_("Choose another name. Upper and lower case count as the same."),
    spec="PR-63",
)
NAME_MISSING = Fault(
    "print_definition.name",
    422,
    N_("The name must have between 1 and {most} characters."),
    N_("Give it a name of that length."),
    spec="PR-63",
)
DEFINITION_IN_USE = Fault(
    "print_definition.definition_in_use",
    409,
    N_("“{name}” is assigned: {holders}."),
    N_("Remove these assignments first, or assign something else."),
    spec="PR-66",
)


@dataclass(frozen=True, slots=True)
class Definition(Generic[Content]):
    """One definition. The default has an empty id and name; `assignments` counts to how many it is assigned."""

    id: str
    name: str
    content: Content
    is_default: bool = False
    assignments: int = 0
    changed: datetime | None = None


def list_definitions(actor: Actor, subject: Subject[Content]) -> list[Definition[Content]]:
    """The organization's own definitions by name; the default stands apart."""
    actor.need(subject.permission)
    used = (
        select(DefinitionAssignment.definition_id, func.count().label("uses"))
        .group_by(DefinitionAssignment.definition_id)
        .subquery()
    )
    query = (
        select(PrintDefinition, func.coalesce(used.c.uses, 0))
        .outerjoin(used, used.c.definition_id == PrintDefinition.id)
        .where(PrintDefinition.kind == subject.kind, PrintDefinition.is_default.is_(False))
        .order_by(PrintDefinition.name_key)
    )
    with actor.session(read_only=True) as session:
        subject.open(actor, session)
        return [view_of(row, subject, uses) for row, uses in session.execute(query)]


def get_definition(actor: Actor, subject: Subject[Content], definition_id: str) -> Definition[Content]:
    """One of them; raises `NOT_FOUND`."""
    actor.need(subject.permission)
    with actor.session(read_only=True) as session:
        subject.open(actor, session)
        row = find_definition(session, subject, definition_id)
        return view_of(row, subject, len(_assignments(session, row)))


def get_default(actor: Actor, subject: Subject[Content]) -> Definition[Content]:
    """The default, which restricts nothing until somebody changes it (PR-65, PR-100)."""
    actor.need(subject.permission)
    with actor.session(read_only=True) as session:
        subject.open(actor, session)
        return default_of(session, subject)


def create_definition(actor: Actor, subject: Subject[Content], name: str, content: Content) -> Definition[Content]:
    """A new definition; raises `NAME_MISSING` or `NAME_NOT_UNIQUE`."""
    actor.need(subject.permission)
    with actor.session() as session:
        subject.open(actor, session)
        return _add(session, actor, subject, name, content)


def duplicate_definition(actor: Actor, subject: Subject[Content], definition_id: str, name: str) -> Definition[Content]:
    """A copy under a new name, which must be unique as well (PR-87); the default can be copied by an empty id."""
    actor.need(subject.permission)
    with actor.session() as session:
        subject.open(actor, session)
        if definition_id:
            content = view_of(find_definition(session, subject, definition_id), subject).content
        else:
            content = default_of(session, subject).content
        return _add(session, actor, subject, name, content)


def change_definition(
    actor: Actor, subject: Subject[Content], definition_id: str, name: str, content: Content
) -> Definition[Content]:
    """Change name and content; it counts from now on (PR-66)."""
    actor.need(subject.permission)
    with actor.session() as session:
        subject.open(actor, session)
        _lock(session, actor)
        row = find_definition(session, subject, definition_id)
        name = _free_name(session, subject, name, row.id)
        facts = _changed_facts(row, name, content)
        row.name, row.name_key, row.content, row.changed = name, name_key(name), _kept(content), now()
        record(session, actor, f"{subject.word}.changed", subject.word, row.id, facts)
        return view_of(row, subject, len(_assignments(session, row)))


def change_default(actor: Actor, subject: Subject[Content], content: Content) -> Definition[Content]:
    """Change the default, which counts for everybody to whom nothing else is assigned (PR-62)."""
    actor.need(subject.permission)
    with actor.session() as session:
        subject.open(actor, session)
        _lock(session, actor)
        row = _default_row(session, subject)
        if row is None:
            row = PrintDefinition(kind=subject.kind, name="", name_key="", is_default=True, content={})
            session.add(row)
        facts = _changed_facts(row, "", content)
        row.content, row.changed = _kept(content), now()
        session.flush()
        record(session, actor, f"{subject.word}.default_changed", subject.word, row.id, facts)
        return view_of(row, subject)


def delete_definition(actor: Actor, subject: Subject[Content], definition_id: str) -> None:
    """Delete one that is assigned to nobody; raises `DEFINITION_IN_USE` with those it is assigned to (PR-66)."""
    actor.need(subject.permission)
    with actor.session() as session:
        subject.open(actor, session)
        _lock(session, actor)
        row = find_definition(session, subject, definition_id)
        if holders := _assignments(session, row) + subject.other_uses(session, row.id):
            more = ["…"] if len(holders) > MOST_NAMED else []
            raise DEFINITION_IN_USE(name=row.name, holders=", ".join(holders[:MOST_NAMED] + more))
        record(session, actor, f"{subject.word}.deleted", subject.word, row.id, {"name": row.name})
        session.delete(row)


def find_definition(session: Session, subject: Subject[Content], definition_id: str) -> PrintDefinition:
    """The row of that id; the default is not among them."""
    query = select(PrintDefinition).where(
        PrintDefinition.id == definition_id,
        PrintDefinition.kind == subject.kind,
        PrintDefinition.is_default.is_(False),
    )
    row = session.scalar(query)
    if row is None:
        raise NOT_FOUND(what=subject.noun)
    return row


def default_of(session: Session, subject: Subject[Content]) -> Definition[Content]:
    """The default that counts now."""
    row = _default_row(session, subject)
    if row is None:
        return Definition("", "", subject.content(), is_default=True)
    return view_of(row, subject)


def view_of(row: PrintDefinition, subject: Subject[Content], assignments: int = 0) -> Definition[Content]:
    """The definition in a row."""
    content = subject.content.model_validate(row.content)
    row_id = "" if row.is_default else row.id
    return Definition(row_id, row.name, content, row.is_default, assignments, row.changed)


def name_key(name: str) -> str:
    """What names are compared by."""
    return name.casefold()[:150]


def _default_row(session: Session, subject: Subject[Content]) -> PrintDefinition | None:
    return session.scalar(
        select(PrintDefinition).where(PrintDefinition.kind == subject.kind, PrintDefinition.is_default.is_(True))
    )


def _add(session: Session, actor: Actor, subject: Subject[Content], name: str, content: Content) -> Definition[Content]:
    _lock(session, actor)
    name = _free_name(session, subject, name)
    row = PrintDefinition(kind=subject.kind, name=name, name_key=name_key(name), content=_kept(content))
    session.add(row)
    session.flush()
    record(session, actor, f"{subject.word}.created", subject.word, row.id, {"name": name, **_facts(row.content)})
    return view_of(row, subject)


def _free_name(session: Session, subject: Subject[Content], name: str, own_id: str = "") -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise NAME_MISSING(most=LONGEST_NAME)
    query = select(PrintDefinition.id).where(
        PrintDefinition.kind == subject.kind, PrintDefinition.name_key == name_key(name), PrintDefinition.id != own_id
    )
    if session.scalar(query) is not None:
        raise NAME_NOT_UNIQUE(name=name)
    return name


def _lock(session: Session, actor: Actor) -> None:
    """Two who define or assign at the same moment wait for each other, so that what they check still holds."""
    session.get(Organization, actor.organization_id, with_for_update=True)


def _assignments(session: Session, row: PrintDefinition) -> list[str]:
    """Whom the definition is assigned to, as people call them."""
    query = (
        select(DefinitionAssignment.target_kind, DefinitionAssignment.holder, User.email)
        .outerjoin(User, User.id == DefinitionAssignment.holder)
        .where(DefinitionAssignment.definition_id == row.id)
        .order_by(DefinitionAssignment.target_kind, DefinitionAssignment.holder)
    )
    found = session.execute(query).all()
    return [email or holder if kind == TargetKind.PERSONAL else holder for kind, holder, email in found]


def _kept(content: Content) -> dict[str, object]:
    return content.model_dump(mode="json")


def _changed_facts(row: PrintDefinition, name: str, content: Content) -> Facts:
    """Every changed value as it is now, and as it was under `former_…`."""
    old, new = {"name": row.name, **_facts(row.content)}, {"name": name, **_facts(_kept(content))}
    changed = [each for each in {**old, **new} if old.get(each) != new.get(each)]
    return {each: new.get(each) for each in changed} | {f"former_{each}": old.get(each) for each in changed}


def _facts(content: dict[str, object]) -> dict[str, str | int | float | bool | list[str] | None]:
    """The content for the audit trail: its first level, what is below as text."""
    return {
        each: value if isinstance(value, str | int | bool) or value is None else _text(value)
        for each, value in content.items()
    }


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)[:500]
