"""Which printers somebody prints to directly or offline, and what their queues are called (PR-228…PR-233, AM-36…AM-38).

Assignments restrict direct and offline printing alone: from their cloud queue people print at every printer (AM-38).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.print_definitions.models import TargetKind
from domain.printing.settings import PrintSettings, print_settings
from fleet.print_assignments.models import AssignmentPerson, AssignmentTag, PrintAssignment, QueueNaming
from fleet.printers.models import Printer, TaggedPrinter

MOST_IN_PACKAGE = 10
"""So many printers an installation package of one assignment may have (PR-230)."""


@dataclass(frozen=True, slots=True)
class AssignedPrinter:
    """A printer of an assignment. `is_color` and `is_duplex` are None where that is not known."""

    id: str
    queue: str
    name: str
    address: str
    host_name: str
    model: str
    location: str
    is_color: bool | None


@dataclass(frozen=True, slots=True)
class EvaluatedAssignment:
    """An assignment with the printers that its tags stand for now, each once."""

    id: str
    name: str
    kind: TargetKind
    printers: tuple[AssignedPrinter, ...]


def own_assignments(actor: Actor) -> list[EvaluatedAssignment]:
    """What holds for the actor: their group's and their own, while assignments are switched on (PR-231)."""
    with actor.session(read_only=True) as session:
        settings = print_settings(session, actor.organization_id)
        user = session.get(User, actor.user_id)
        if not settings.assignments.enabled or user is None:
            return []
        return evaluated(session, for_person(session, settings, user))


def own_printers(assignments: Iterable[EvaluatedAssignment]) -> list[AssignedPrinter]:
    """The printers of several assignments, each once, with queue names of their own (PR-229, PR-233)."""
    by_id = {printer.id: printer for one in assignments for printer in one.printers}
    return _uniquely_named(list(by_id.values()))


def for_person(session: Session, settings: PrintSettings, user: User) -> Sequence[PrintAssignment]:
    """The assignments that hold for somebody now, by name."""
    group = group_kind(settings)
    holder = user.cost_center if group is TargetKind.COST_CENTER else user.department
    mine = select(AssignmentPerson.assignment_id).where(AssignmentPerson.user_id == user.id)
    personal = and_(PrintAssignment.kind == TargetKind.PERSONAL, PrintAssignment.id.in_(mine))
    of_group = and_(PrintAssignment.kind == group, PrintAssignment.holder == holder, PrintAssignment.holder != "")
    query = select(PrintAssignment).where(or_(personal, of_group)).order_by(PrintAssignment.name_key)
    return session.scalars(query).all()


def group_kind(settings: PrintSettings) -> TargetKind:
    """By what groups assignments are made: cost centres or departments (PR-47)."""
    return TargetKind(settings.assignments.mode)


def evaluated(session: Session, rows: Sequence[PrintAssignment]) -> list[EvaluatedAssignment]:
    """The assignments of an organization with their printers, in a few statements however many there are."""
    if not rows:
        return []
    prefix = print_settings(session, rows[0].organization_id).assignments.queue_prefix
    query = (
        select(AssignmentTag.assignment_id, Printer)
        .join(TaggedPrinter, TaggedPrinter.tag_id == AssignmentTag.tag_id)
        .join(Printer, Printer.id == TaggedPrinter.printer_id)
        .where(AssignmentTag.assignment_id.in_([row.id for row in rows]))
        .distinct()
        .order_by(Printer.address_key, Printer.id)
    )
    found: dict[str, list[Printer]] = {}
    for assignment_id, printer in session.execute(query).tuples():
        found.setdefault(assignment_id, []).append(printer)
    return [
        EvaluatedAssignment(
            row.id,
            row.name,
            TargetKind(row.kind),
            tuple(_uniquely_named([_assigned(printer, row.naming, prefix) for printer in found.get(row.id, ())])),
        )
        for row in rows
    ]


def _queue_name(naming: QueueNaming, printer: Printer, prefix: str) -> str:
    """What a printer's queue is called; by its address where it has no such name (PR-228, FL-226)."""
    names = {QueueNaming.HOST_NAME: printer.host_name, QueueNaming.PRINTER_NAME: printer.name}
    return names.get(naming, "").strip() or f"{prefix}{printer.address}"


def _assigned(printer: Printer, naming: QueueNaming, prefix: str) -> AssignedPrinter:
    return AssignedPrinter(
        id=printer.id,
        queue=_queue_name(QueueNaming(naming), printer, prefix),
        name=printer.name or printer.host_name or printer.address,
        address=printer.address,
        host_name=printer.host_name,
        model=printer.model,
        location=printer.location,
        is_color=printer.is_color,
    )


def _uniquely_named(printers: list[AssignedPrinter]) -> list[AssignedPrinter]:
    """Equal names get -2, -3 … (PR-233)."""
    taken: set[str] = set()
    named = []
    for printer in printers:
        name, number = printer.queue, 1
        while name.casefold() in taken:
            number += 1
            name = f"{printer.queue}-{number}"
        taken.add(name.casefold())
        named.append(replace(printer, queue=name))
    return named
