"""Importing badges and PINs: taking the file in, and doing what its rows ask for (AC-169, AC-175, AC-179…AC-184)."""

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from connectors.documents.file_names import safe_file_name
from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from connectors.secrets import decrypt, encrypt
from domain.organizations.actor import Actor
from domain.organizations.grants import check_power_over
from domain.organizations.models import User
from domain.organizations.permissions import Permission
from domain.printer_login.badges import NewBadge, delete_badge, keep_badge, note_badge
from domain.printer_login.holders import person_by_email
from domain.printer_login.import_file import ImportRow, Operation, RowPlan, planned, read_rows
from domain.printer_login.models import BadgeImport, Origin, Pin
from domain.printer_login.pins import keep_pin, note_pin
from domain.printer_login.rules import PrinterLoginSettings, is_trivial
from domain.tasks.log_mail import mail_log
from domain.tasks.models import BackgroundTask, TaskLine, TaskState
from domain.tasks.service import start_task

KIND, DEPLOYMENT = "badge-import", "import-badges/import-badges"
WRONG_TYPE = Fault(
    "badge_import.wrong_type",
    415,
    N_("“{name}” is neither a CSV nor a text file."),
    N_("Choose a file whose name ends in .csv or .txt."),
    spec="AC-183",
)
NO_SUCH_BADGE = Fault(
    "badge_import.no_such_badge",
    404,
    N_("This badge is not registered."),
    N_("Check the badge ID."),
)
NOT_THEIR_BADGE = Fault(
    "badge_import.not_their_badge",
    404,
    N_("{email} has no such badge."),
    N_("Check the badge ID and the e-mail address."),
    spec="AC-180",
)
NO_PIN = Fault("badge_import.no_pin", 404, N_("{email} has no PIN."), N_("Check the e-mail address."))
SUFFIXES = (".csv", ".txt")


@dataclass(frozen=True, slots=True)
class RowDone:
    """What a row did, for the log; `email` is whom it was about, where the row says so."""

    message: Message
    email: str
    level: str = "info"


def start_import(actor: Actor, name: str, content: bytes) -> str:
    """Take a file in and have its rows done in the background; returns the task's id.

    What is wrong with the file as a whole is raised at once, before anything is done.
    """
    actor.need(Permission.BADGES_MANAGE)
    actor.need(Permission.PINS_MANAGE)
    name = safe_file_name(name)
    if not name.lower().endswith(SUFFIXES):
        raise WRONG_TYPE(name=name)
    read_rows(content)
    with actor.session() as session:
        title = Message.of(N_("Import of badges and PINs from “{name}”"), name=name)
        task_id = start_task(session, actor, KIND, DEPLOYMENT, title, {})
        session.add(BadgeImport(task_id=task_id, content=encrypt({"file": content.decode("utf-8-sig")})))
        return task_id


def rows_of_import(session: Session, task_id: str) -> list[ImportRow]:
    """The rows of the task's file; none where everything was done already."""
    kept = session.get(BadgeImport, task_id)
    return read_rows(decrypt(kept.content)["file"].encode()) if kept else []


def do_row(session: Session, actor: Actor, settings: PrinterLoginSettings, row: ImportRow) -> RowDone:
    """Do what a row asks for, all of it or nothing; what speaks against it is a line of the log, not an end."""
    try:
        with session.begin_nested():
            plan = planned(row, settings)
            return (
                _create(session, actor, settings, plan)
                if plan.operation is Operation.CREATE
                else _delete(session, actor, plan)
            )
    except PressroomError as error:
        if error.transient:
            raise
        facts = {name: value for name, value in error.facts.items() if isinstance(value, str | int | float)}
        return RowDone(Message.of(error.fault.message, **facts), row.email, "error")


def end_import(session: Session, actor: Actor, task_id: str) -> tuple[int, int]:
    """Forget the file and mail the log, once all rows are done; how many rows there were and how many had problems."""
    lines = select(func.count()).select_from(TaskLine).where(TaskLine.task_id == task_id, TaskLine.number > 0)
    rows = session.scalar(lines) or 0
    problems = session.scalar(lines.where(TaskLine.level == "error")) or 0
    session.execute(delete(BadgeImport).where(BadgeImport.task_id == task_id))
    mail_log(session, actor, task_id, import_summary(rows, problems))
    return rows, problems


def import_summary(rows: int, problems: int) -> Message:
    """How an import ended, in a sentence."""
    if problems:
        return Message.of(N_("{problems} of {rows} rows could not be done."), problems=problems, rows=rows)
    return Message.of(N_("All {rows} rows were done."), rows=rows)


def forget_ended_imports(session: Session) -> None:
    """Delete the files of tasks that ended without coming to the end of their file."""
    ended = select(BackgroundTask.id).where(BackgroundTask.state.not_in((TaskState.QUEUED, TaskState.RUNNING)))
    session.execute(delete(BadgeImport).where(BadgeImport.task_id.in_(ended)))


def _create(session: Session, actor: Actor, settings: PrinterLoginSettings, plan: RowPlan) -> RowDone:
    person = person_by_email(session, plan.email)
    check_power_over(session, actor, [person.id])
    if plan.badge:
        badge = keep_badge(session, person, NewBadge(plan.badge, temporary=plan.temporary), Origin.IMPORT)
        note_badge(session, actor, "badge.registered", badge)
    if plan.pin:
        pin = keep_pin(session, person, settings, plan.pin, Origin.IMPORT)
        note_pin(session, actor, "pin.set", pin)
    template, level = _CREATED[bool(plan.badge), bool(plan.pin)], "info"
    if plan.pin and is_trivial(plan.pin):
        template, level = N_("{email}: done, but the PIN is easy to guess."), "warning"
    return RowDone(Message.of(template, email=plan.email), plan.email, level)


def _delete(session: Session, actor: Actor, plan: RowPlan) -> RowDone:
    person = person_by_email(session, plan.email) if plan.email else None
    if plan.badge:
        _delete_badge(session, actor, plan, person)
    if plan.removes_pin and person is not None:
        pin = session.scalar(select(Pin).where(Pin.user_id == person.id))
        if pin is None:
            raise NO_PIN(email=plan.email)
        note_pin(session, actor, "pin.removed", pin)
        session.delete(pin)
    if person is None:
        return RowDone(Message.of(N_("The badge is removed.")), "")
    return RowDone(Message.of(_REMOVED[bool(plan.badge), plan.removes_pin], email=plan.email), plan.email)


def _delete_badge(session: Session, actor: Actor, plan: RowPlan, owner: User | None) -> None:
    badge = delete_badge(session, actor.organization_id, plan.badge, owner.id if owner else None)
    if badge is None:
        raise NOT_THEIR_BADGE(email=plan.email) if owner else NO_SUCH_BADGE()
    note_badge(session, actor, "badge.removed", badge)


_CREATED = {
    (True, False): N_("{email}: the badge is registered."),
    (False, True): N_("{email}: the PIN is set."),
    (True, True): N_("{email}: the badge is registered and the PIN is set."),
}
_REMOVED = {
    (True, False): N_("{email}: the badge is removed."),
    (False, True): N_("{email}: the PIN is removed."),
    (True, True): N_("{email}: the badge and the PIN are removed."),
}
