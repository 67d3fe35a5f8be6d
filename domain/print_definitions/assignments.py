"""For whom a definition holds: people, and cost centres or departments by the organization's mode (PR-67…PR-72)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import NO_ACCOUNT, Organization, User, UserStatus, now
from domain.print_definitions.definitions import find_definition
from domain.print_definitions.models import DefinitionAssignment, DefinitionKind, PrintDefinition, TargetKind
from domain.print_definitions.subject import Content, Subject
from domain.printing.settings import stored_settings
from domain.tenancy import NOT_FOUND

GROUP_COLUMNS = {TargetKind.COST_CENTER: User.cost_center, TargetKind.DEPARTMENT: User.department}
"""What makes a person a member."""

TARGET_UNKNOWN = Fault(
    "print_definition.target_unknown",
    422,
    N_("There is no such person, cost centre or department here: “{name}”."),
    N_("Enter the e-mail address of a person, or the exact name of a cost centre or department that people have."),
    spec="PR-68",
)
ASSIGNMENT_MODE_CONFLICT = Fault(
    "print_definition.assignment_mode_conflict",
    409,
    N_("The settings do not let this be assigned to cost centres or departments of that kind."),
    N_("Print administrators choose on the page “Print settings” by what assignments are made."),
    spec="PR-52",
)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One assignment. `name` is the person's e-mail address or the group's name; `members` whom it concerns now."""

    id: str
    target_kind: TargetKind
    name: str
    definition_id: str
    definition_name: str
    members: int
    changed: datetime


def list_assignments(
    actor: Actor, subject: Subject[Content], kind: TargetKind | None = None, definition_id: str = ""
) -> list[Assignment]:
    """The assignments that count, by kind and name: all, or of one kind or definition (PR-97)."""
    actor.need(subject.permission)
    condition = DefinitionAssignment.kind == subject.kind
    if definition_id:
        condition &= DefinitionAssignment.definition_id == definition_id
    with actor.session(read_only=True) as session:
        kinds = subject.targets(subject.open(actor, session))
        found = [one for each in kinds if kind in (None, each) for one in _views(session, each, condition)]
    return sorted(found, key=lambda one: (kinds.index(one.target_kind), one.name.casefold()))


def open_targets(actor: Actor, subject: Subject[Content]) -> tuple[TargetKind, ...]:
    """For whom can be assigned now."""
    actor.need(subject.permission)
    with actor.session(read_only=True) as session:
        return subject.targets(subject.open(actor, session))


def assign(actor: Actor, subject: Subject[Content], kind: TargetKind, name: str, definition_id: str) -> Assignment:
    """Assign a definition to a person by e-mail address, or to a group by name; what there was is replaced (PR-72).

    Raises `TARGET_UNKNOWN`, `ASSIGNMENT_MODE_CONFLICT` or `NOT_FOUND`.
    """
    actor.need(subject.permission)
    with actor.session() as session:
        if kind not in subject.targets(subject.open(actor, session)):
            raise ASSIGNMENT_MODE_CONFLICT()
        session.get(Organization, actor.organization_id, with_for_update=True)
        if not subject.is_open(session, kind):
            raise ASSIGNMENT_MODE_CONFLICT()
        definition = find_definition(session, subject, definition_id)
        holder = _holder(session, actor.organization_id, kind, name.strip())
        row = _row(session, subject.kind, kind, holder)
        former = row.definition_id if row is not None else None
        if row is None:
            row = DefinitionAssignment(kind=subject.kind, target_kind=kind, holder=holder)
            row.user_id = holder if kind is TargetKind.PERSONAL else None
            session.add(row)
        row.definition_id, row.changed = definition.id, now()
        session.flush()
        facts = {"kind": kind.value, "holder": holder, "definition": definition.id, "former_definition": former}
        record(session, actor, f"{subject.word}.assigned", subject.word, definition.id, facts)
        return _views(session, kind, DefinitionAssignment.id == row.id)[0]


def remove_assignment(actor: Actor, subject: Subject[Content], assignment_id: str) -> None:
    """Remove one; what comes next in order holds from then on (PR-72). Raises `NOT_FOUND`."""
    actor.need(subject.permission)
    with actor.session() as session:
        subject.open(actor, session)
        query = select(DefinitionAssignment).where(
            DefinitionAssignment.id == assignment_id, DefinitionAssignment.kind == subject.kind
        )
        row = session.scalar(query)
        if row is None:
            raise NOT_FOUND(what="assignment")
        facts = {"kind": TargetKind(row.target_kind).value, "holder": row.holder, "definition": row.definition_id}
        record(session, actor, f"{subject.word}.unassigned", subject.word, row.definition_id, facts)
        session.delete(row)


def target_names(actor: Actor, subject: Subject[Content], kind: TargetKind) -> list[str]:
    """What can be assigned to: addresses of people, or names of groups that people have."""
    actor.need(subject.permission)
    column = GROUP_COLUMNS.get(kind, User.email)
    query = select(column).where(column != "", User.status == UserStatus.ACTIVE).distinct().order_by(column)
    with actor.session(read_only=True) as session:
        subject.open(actor, session)
        names = list(session.scalars(query.limit(2000)))
        guests = _group_of_guests(session, actor.organization_id, kind)
        return sorted({*names, guests}) if guests else names


def count_assignments(session: Session, kind: DefinitionKind, targets: tuple[TargetKind, ...]) -> int:
    """How many assignments to such targets are stored, whether they count or not (PR-51)."""
    query = select(func.count()).select_from(DefinitionAssignment)
    stored = query.where(DefinitionAssignment.kind == kind, DefinitionAssignment.target_kind.in_(targets))
    return session.scalar(stored) or 0


def _row(session: Session, kind: DefinitionKind, target: TargetKind, holder: str) -> DefinitionAssignment | None:
    return session.scalar(
        select(DefinitionAssignment).where(
            DefinitionAssignment.kind == kind,
            DefinitionAssignment.target_kind == target,
            DefinitionAssignment.holder == holder,
        )
    )


def _group_of_guests(session: Session, organization_id: str, kind: TargetKind) -> str:
    """The cost centre or department that guests are put into, whether or not one is there now (PR-85, PR-100)."""
    email = stored_settings(session, organization_id).email
    groups = {TargetKind.COST_CENTER: email.guest_cost_center, TargetKind.DEPARTMENT: email.guest_department}
    return groups.get(kind, "")


def _holder(session: Session, organization_id: str, kind: TargetKind, name: str) -> str:
    """The person's id, or the group's name as people or guests have it (PR-68…PR-70)."""
    if name and name == _group_of_guests(session, organization_id, kind):
        return name
    if kind is TargetKind.PERSONAL:
        query = select(User.id).where(User.email == name.lower(), User.status.not_in(NO_ACCOUNT))
    else:
        column = GROUP_COLUMNS[kind]
        query = select(column).where(column == name, column != "", User.status != UserStatus.DELETED).limit(1)
    holder = session.scalar(query)
    if holder is None:
        raise TARGET_UNKNOWN(name=name)
    return holder


def _views(session: Session, kind: TargetKind, condition: ColumnElement[bool]) -> list[Assignment]:
    """The assignments of one kind of target, with the names that people know the targets by."""
    condition &= DefinitionAssignment.target_kind == kind
    chosen = select(DefinitionAssignment, PrintDefinition.name).join(
        PrintDefinition, PrintDefinition.id == DefinitionAssignment.definition_id
    )
    if kind is TargetKind.PERSONAL:
        people = chosen.add_columns(User.email).join(User, User.id == DefinitionAssignment.holder)
        found = session.execute(people.where(User.status.not_in(NO_ACCOUNT), condition))
        return [_view(row, definition, email, 1) for row, definition, email in found]
    column = GROUP_COLUMNS[kind]
    members = (
        select(column.label("name"), func.count().label("members"))
        .where(User.status == UserStatus.ACTIVE)
        .group_by(column)
        .subquery()
    )
    groups = chosen.add_columns(func.coalesce(members.c.members, 0)).outerjoin(
        members, members.c.name == DefinitionAssignment.holder
    )
    found = session.execute(groups.where(condition))
    return [_view(row, definition, row.holder, count) for row, definition, count in found]


def _view(row: DefinitionAssignment, definition: str, name: str, members: int) -> Assignment:
    return Assignment(row.id, TargetKind(row.target_kind), name, row.definition_id, definition, members, row.changed)
