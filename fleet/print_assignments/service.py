"""Making, changing and deleting print assignments (PR-226…PR-233, AM-1)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor, actor_for
from domain.organizations.models import Organization, User, UserStatus, now
from domain.organizations.permissions import Permission
from domain.print_definitions.assignments import ASSIGNMENT_MODE_CONFLICT, GROUP_COLUMNS, TARGET_UNKNOWN
from domain.print_definitions.definitions import NAME_MISSING, NAME_NOT_UNIQUE, name_key
from domain.print_definitions.models import TargetKind
from domain.printing.features import FEATURE_DISABLED
from domain.printing.settings import PrintSettings, print_settings
from domain.tenancy import NOT_FOUND, system_session
from fleet.print_assignments.evaluation import MOST_IN_PACKAGE, EvaluatedAssignment, evaluated, group_kind
from fleet.print_assignments.models import AssignmentPerson, AssignmentTag, PrintAssignment, QueueNaming
from fleet.printers.models import Tag, TaggedPrinter

NO_DIRECT_ACCESS = Fault(
    "print_assignment.no_direct_access",
    422,
    N_("{email} may not print directly."),
    N_("Give them the role “Direct Print Management User” first."),
    spec="PR-228",
)
NO_TAGS = Fault(
    "print_assignment.no_tags",
    422,
    N_("The assignment has no tag."),
    N_("Choose at least one: printers are in an assignment by their tags alone."),
    spec="PR-229",
)
NO_PEOPLE = Fault(
    "print_assignment.no_people",
    422,
    N_("The assignment is for nobody."),
    N_("Name the people by their e-mail addresses, or the cost centre or department."),
)
LONGEST_NAME = 100
MOST_PEOPLE = 500


@dataclass(frozen=True, slots=True)
class AssignmentForm:
    """What an assignment says. `holder` is the cost centre or department, `emails` the people of a personal one."""

    name: str
    kind: TargetKind
    holder: str = ""
    emails: tuple[str, ...] = ()
    naming: QueueNaming = QueueNaming.ADDRESS
    tag_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """An assignment; `printers` counts the printers behind its tags, each once."""

    id: str
    name: str
    kind: TargetKind
    holder: str
    emails: tuple[str, ...]
    naming: QueueNaming
    tags: tuple[tuple[str, str], ...]
    printers: int
    changed: datetime

    @property
    def is_downloadable(self) -> bool:
        """Whether a package can be made of it (PR-230)."""
        return self.printers <= MOST_IN_PACKAGE


def list_assignments(actor: Actor, kind: TargetKind | None = None, tag_id: str = "") -> list[AssignmentView]:
    """The assignments that count, by name: all, of one kind, or with a tag (PR-227)."""
    with _open(actor, read_only=True) as (session, settings):
        kinds = open_kinds(settings)
        query = select(PrintAssignment).where(PrintAssignment.kind.in_([one for one in kinds if kind in (None, one)]))
        if tag_id:
            tagged = select(AssignmentTag.assignment_id).where(AssignmentTag.tag_id == tag_id)
            query = query.where(PrintAssignment.id.in_(tagged))
        return _views(session, session.scalars(query.order_by(PrintAssignment.name_key)).all())


def get_assignment(actor: Actor, assignment_id: str) -> AssignmentView:
    """One of them; raises `NOT_FOUND`."""
    with _open(actor, read_only=True) as (session, _settings):
        return _views(session, [_find(session, assignment_id)])[0]


def printers_of(actor: Actor, assignment_id: str) -> EvaluatedAssignment:
    """The printers behind one now; raises `NOT_FOUND`."""
    with _open(actor, read_only=True) as (session, _settings):
        return evaluated(session, [_find(session, assignment_id)])[0]


def count_printers(actor: Actor, tag_ids: Sequence[str]) -> int:
    """How many printers these tags stand for, each counted once (PR-228)."""
    with _open(actor, read_only=True) as (session, _settings):
        query = select(func.count(func.distinct(TaggedPrinter.printer_id)))
        return session.scalar(query.where(TaggedPrinter.tag_id.in_(list(tag_ids)))) or 0


def create_assignment(actor: Actor, form: AssignmentForm) -> AssignmentView:
    """A new one. Raises `NAME_MISSING`, `NAME_NOT_UNIQUE`, `TARGET_UNKNOWN`, `NO_DIRECT_ACCESS` and others."""
    with _open(actor) as (session, settings):
        row = PrintAssignment(name=_free_name(session, actor, form.name), name_key="", kind=form.kind)
        _fill(session, settings, row, form)
        record(session, actor, "print_assignment.created", "print_assignment", row.id, _facts(form))
        return _views(session, [row])[0]


def change_assignment(actor: Actor, assignment_id: str, form: AssignmentForm) -> AssignmentView:
    """Another content, which workstations get when they next call in; raises as `create_assignment`."""
    with _open(actor) as (session, settings):
        row = _find(session, assignment_id)
        row.name = _free_name(session, actor, form.name, row.id)
        _fill(session, settings, row, form)
        record(session, actor, "print_assignment.changed", "print_assignment", row.id, _facts(form))
        return _views(session, [row])[0]


def delete_assignment(actor: Actor, assignment_id: str) -> None:
    """Delete one; raises `NOT_FOUND`."""
    with _open(actor) as (session, _settings):
        row = _find(session, assignment_id)
        record(session, actor, "print_assignment.deleted", "print_assignment", row.id, {"name": row.name})
        session.delete(row)


def open_kinds(settings: PrintSettings) -> tuple[TargetKind, ...]:
    """For whom assignments can be made now (PR-47, AM-4)."""
    return TargetKind.PERSONAL, group_kind(settings)


@contextmanager
def _open(actor: Actor, *, read_only: bool = False) -> Iterator[tuple[Session, PrintSettings]]:
    """A session in which assignments may be worked on; raises `ROLE_MISSING`, `FEATURE_DISABLED`."""
    actor.need(Permission.PRINT_ASSIGNMENTS_MANAGE)
    with actor.session(read_only=read_only) as session:
        settings = print_settings(session, actor.organization_id)
        if not settings.assignments.enabled:
            raise FEATURE_DISABLED(feature=N_("Print assignments"))
        yield session, settings


def _fill(session: Session, settings: PrintSettings, row: PrintAssignment, form: AssignmentForm) -> None:
    if form.kind not in open_kinds(settings):
        raise ASSIGNMENT_MODE_CONFLICT()
    tags = set(session.scalars(select(Tag.id).where(Tag.id.in_(form.tag_ids))))
    if not tags:
        raise NO_TAGS()
    if missing := set(form.tag_ids) - tags:
        raise NOT_FOUND(what=f"tag {sorted(missing)[0]}")
    row.name_key, row.kind, row.naming, row.changed = name_key(row.name), form.kind, form.naming, now()
    row.holder = "" if form.kind is TargetKind.PERSONAL else _group(session, form)
    people = _people(session, form) if form.kind is TargetKind.PERSONAL else []
    session.add(row)
    session.flush()
    for model in (AssignmentTag, AssignmentPerson):
        session.execute(delete(model).where(model.assignment_id == row.id))
    session.add_all(AssignmentTag(assignment_id=row.id, tag_id=tag) for tag in sorted(tags))
    session.add_all(AssignmentPerson(assignment_id=row.id, user_id=user_id) for user_id in people)
    session.flush()


def _group(session: Session, form: AssignmentForm) -> str:
    column, name = GROUP_COLUMNS[form.kind], form.holder.strip()
    query = select(column).where(column == name, column != "", User.status != UserStatus.DELETED).limit(1)
    holder = session.scalar(query)
    if holder is None:
        raise TARGET_UNKNOWN(name=name)
    return str(holder)


def _people(session: Session, form: AssignmentForm) -> list[str]:
    """The ids of the people, all of whom may print directly (PR-228)."""
    emails = {email.strip().lower() for email in form.emails if email.strip()}
    if not emails or len(emails) > MOST_PEOPLE:
        raise NO_PEOPLE()
    query = select(User).where(User.email.in_(emails), User.status == UserStatus.ACTIVE)
    found = {user.email: user for user in session.scalars(query)}
    if missing := emails - found.keys():
        raise TARGET_UNKNOWN(name=sorted(missing)[0])
    with system_session(read_only=True) as everywhere:
        for email, user in sorted(found.items()):
            known = everywhere.get_one(User, user.id)
            if not actor_for(everywhere, known).may(Permission.DIRECT_SUBMIT):
                raise NO_DIRECT_ACCESS(email=email)
    return [user.id for user in found.values()]


def _free_name(session: Session, actor: Actor, name: str, own_id: str = "") -> str:
    session.get(Organization, actor.organization_id, with_for_update=True)
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise NAME_MISSING(most=LONGEST_NAME)
    query = select(PrintAssignment.id).where(PrintAssignment.name_key == name_key(name), PrintAssignment.id != own_id)
    if session.scalar(query) is not None:
        raise NAME_NOT_UNIQUE(name=name)
    return name


def _find(session: Session, assignment_id: str) -> PrintAssignment:
    row = session.scalar(select(PrintAssignment).where(PrintAssignment.id == assignment_id))
    if row is None:
        raise NOT_FOUND(what="print assignment")
    return row


def _views(session: Session, rows: Sequence[PrintAssignment]) -> list[AssignmentView]:
    ids = [row.id for row in rows]
    tags: dict[str, list[tuple[str, str]]] = {}
    tag_query = (
        select(AssignmentTag.assignment_id, Tag.id, Tag.name)
        .join(Tag, Tag.id == AssignmentTag.tag_id)
        .where(AssignmentTag.assignment_id.in_(ids))
        .order_by(Tag.name_key)
    )
    for assignment_id, tag_id, name in session.execute(tag_query).tuples():
        tags.setdefault(assignment_id, []).append((tag_id, name))
    people: dict[str, list[str]] = {}
    person_query = (
        select(AssignmentPerson.assignment_id, User.email)
        .join(User, User.id == AssignmentPerson.user_id)
        .where(AssignmentPerson.assignment_id.in_(ids), User.status != UserStatus.DELETED)
        .order_by(User.email)
    )
    for assignment_id, email in session.execute(person_query).tuples():
        people.setdefault(assignment_id, []).append(email)
    count_query = (
        select(AssignmentTag.assignment_id, func.count(func.distinct(TaggedPrinter.printer_id)))
        .join(TaggedPrinter, TaggedPrinter.tag_id == AssignmentTag.tag_id)
        .where(AssignmentTag.assignment_id.in_(ids))
        .group_by(AssignmentTag.assignment_id)
    )
    counts: dict[str, int] = dict(list(session.execute(count_query).tuples()))
    return [
        AssignmentView(
            id=row.id,
            name=row.name,
            kind=TargetKind(row.kind),
            holder=row.holder,
            emails=tuple(people.get(row.id, ())),
            naming=QueueNaming(row.naming),
            tags=tuple(tags.get(row.id, ())),
            printers=counts.get(row.id, 0),
            changed=row.changed,
        )
        for row in rows
    ]


def _facts(form: AssignmentForm) -> dict[str, str | int | float | bool | list[str] | None]:
    return {"name": form.name, "kind": form.kind.value, "holder": form.holder, "people": list(form.emails)}
