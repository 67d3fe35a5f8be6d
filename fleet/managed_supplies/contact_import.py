"""Importing delivery contacts in the background, one after another, until the end or until it is cancelled (F-39)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from connectors.secrets import decrypt, encrypt
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tasks.models import BackgroundTask, TaskState
from domain.tasks.service import start_task
from domain.tenancy import NOT_FOUND
from fleet.managed_supplies.addresses import ContactForm, problems, tidy
from fleet.managed_supplies.contact_file import COLUMNS, VALUE_COUNT, ContactRow, checked_name, column_of, read_contacts
from fleet.managed_supplies.contacts import CONTACT_EXISTS, add_contact
from fleet.managed_supplies.models import ContactImport

KIND, DEPLOYMENT = "contact-import", "import-delivery-contacts/import-delivery-contacts"
ENDED = Fault(
    "contact_import.ended",
    409,
    N_("This import has ended."),
    N_("Nothing is left to be cancelled. See its report."),
    spec="FL-461",
)
IMPORTED = N_("{name} was imported.")
EXISTS = N_("{name}: the contact exists already.")
CANCELLED = N_("The import was cancelled.")
BY_USER, SYSTEM_ERROR = "cancelled", "system_error"


@dataclass(frozen=True, slots=True)
class ExistingContact:
    """A row whose contact there was already."""

    row: int
    first_name: str
    last_name: str


@dataclass(frozen=True, slots=True)
class InvalidValue:
    """A value that is missing or not valid; `column` is empty for a row with another number of values."""

    row: int
    column: str
    reason: Message


@dataclass(frozen=True, slots=True)
class RowRange:
    """Rows that were not done, and why: `BY_USER` or `SYSTEM_ERROR`."""

    first: int
    last: int
    cause: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the rows (FL-461). `is_over`: nothing more will be done."""

    state: TaskState
    rows: int
    done: int
    imported: int
    existing: tuple[ExistingContact, ...]
    invalid: tuple[InvalidValue, ...]
    not_imported: tuple[RowRange, ...]

    @property
    def is_over(self) -> bool:
        return self.state.is_final


@dataclass(frozen=True, slots=True)
class RowDone:
    """What a row did, for the log."""

    messages: tuple[Message, ...]
    level: str = "info"


def start_contact_import(actor: Actor, name: str, content: bytes) -> str:
    """Take a file in and have its rows done in the background; returns the task's id.

    What is wrong with the file as a whole is raised at once, before anything is done.
    """
    actor.need(Permission.FLEET_MANAGE)
    name = checked_name(name)
    rows = read_contacts(content)
    with actor.session() as session:
        title = Message.of(N_("Import of delivery contacts from “{name}”"), name=name)
        task_id = start_task(session, actor, KIND, DEPLOYMENT, title, {"rows": len(rows)})
        kept = encrypt({"file": content.decode("utf-8-sig")})
        session.add(ContactImport(task_id=task_id, content=kept, outcomes=_nothing([row.number for row in rows])))
        record(session, actor, "delivery_contact.import_started", "background_task", task_id, {"count": len(rows)})
        return task_id


def cancel_contact_import(actor: Actor, task_id: str) -> None:
    """Do no further row; what was added stays. Raises `NOT_FOUND` and `ENDED`."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        kept, task = _import(session, task_id)
        if TaskState(task.state).is_final:
            raise ENDED()
        kept.is_cancelled = True
        record(session, actor, "delivery_contact.import_cancelled", "background_task", task_id)


def import_report(actor: Actor, task_id: str) -> ImportReport:
    """What became of the rows so far; raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session(read_only=True) as session:
        kept, task = _import(session, task_id)
        return _report(kept, TaskState(task.state), task.done)


def contacts_of_import(session: Session, task_id: str) -> list[ContactRow]:
    """The rows of the task's file; none where everything was done already."""
    kept = session.get(ContactImport, task_id)
    return read_contacts(decrypt(kept.content)["file"].encode()) if kept and kept.content else []


def is_cancelled(session: Session, task_id: str) -> bool:
    """Whether somebody wants no further row."""
    return bool(session.scalar(select(ContactImport.is_cancelled).where(ContactImport.task_id == task_id)))


def do_contact(session: Session, actor: Actor, task_id: str, row: ContactRow) -> RowDone:
    """Add the contact of a row, or note why not."""
    kept = session.get_one(ContactImport, task_id)
    outcomes: dict[str, Any] = {**kept.outcomes}
    done = _do(session, actor, row, outcomes)
    kept.outcomes = outcomes
    return done


def end_contact_import(session: Session, task_id: str) -> ImportReport:
    """Forget the file; what became of its rows."""
    kept = session.get_one(ContactImport, task_id)
    task = session.get_one(BackgroundTask, task_id)
    kept.content = ""
    return _report(kept, TaskState.FINISHED, task.done)


def report_values(report: ImportReport) -> dict[str, int]:
    """The counts, for programs."""
    return {
        "rows": report.rows,
        "imported": report.imported,
        "existing": len(report.existing),
        "invalid": len({one.row for one in report.invalid}),
        "not_imported": report.rows - report.done,
    }


def summary(report: ImportReport) -> Message:
    """How an import ended, in a sentence."""
    if report.not_imported:
        last = report.not_imported[-1]
        text = N_("{imported} of {rows} contacts were imported. Rows {first} to {last} were not: cancelled.")
        return Message.of(text, imported=report.imported, rows=report.rows, first=last.first, last=last.last)
    text = N_("{imported} of {rows} contacts were imported.")
    return Message.of(text, imported=report.imported, rows=report.rows)


def _do(session: Session, actor: Actor, row: ContactRow, outcomes: dict[str, Any]) -> RowDone:
    if row.found != len(COLUMNS):
        return _invalid(row, outcomes, [("", VALUE_COUNT(found=row.found, expected=len(COLUMNS)))])
    values = tidy(row.values)
    if wrong := [(column_of(name), error) for name, error in problems(values)]:
        return _invalid(row, outcomes, wrong)
    name = f"{values['first_name']} {values['last_name']}"
    try:
        add_contact(session, actor, ContactForm(**values))
    except PressroomError as error:
        if error.fault is not CONTACT_EXISTS:
            raise
        known = {"row": row.number, "first_name": values["first_name"], "last_name": values["last_name"]}
        outcomes["existing"] = [*outcomes["existing"], known]
        return RowDone((Message.of(EXISTS, name=name),), "warning")
    outcomes["imported"] += 1
    return RowDone((Message.of(IMPORTED, name=name),))


def _invalid(row: ContactRow, outcomes: dict[str, Any], wrong: Sequence[tuple[str, PressroomError]]) -> RowDone:
    found = [(column, Message.of(error.fault.message, **_facts(error))) for column, error in wrong]
    known = [{"row": row.number, "column": column, "reason": reason.model_dump()} for column, reason in found]
    outcomes["invalid"] = [*outcomes["invalid"], *known]
    return RowDone(tuple(reason for _, reason in found), "error")


def _facts(error: PressroomError) -> dict[str, str | int | float]:
    return {name: value for name, value in error.facts.items() if isinstance(value, str | int | float)}


def _nothing(rows: list[int]) -> dict[str, Any]:
    return {"rows": rows, "imported": 0, "existing": [], "invalid": []}


def _import(session: Session, task_id: str) -> tuple[ContactImport, BackgroundTask]:
    query = select(ContactImport, BackgroundTask).join(BackgroundTask, BackgroundTask.id == ContactImport.task_id)
    found = session.execute(query.where(ContactImport.task_id == task_id)).one_or_none()
    if found is None:
        raise NOT_FOUND(what="background task")
    return found[0], found[1]


def _report(kept: ContactImport, state: TaskState, done: int) -> ImportReport:
    outcomes: Mapping[str, Any] = kept.outcomes
    rows = outcomes["rows"]
    left = rows[done:] if state.is_final else []
    cause = BY_USER if kept.is_cancelled else SYSTEM_ERROR
    return ImportReport(
        state=state,
        rows=len(rows),
        done=done,
        imported=outcomes["imported"],
        existing=tuple(ExistingContact(**one) for one in outcomes["existing"]),
        invalid=tuple(
            InvalidValue(one["row"], one["column"], Message.model_validate(one["reason"]))
            for one in outcomes["invalid"]
        ),
        not_imported=(RowRange(left[0], left[-1], cause),) if left else (),
    )
