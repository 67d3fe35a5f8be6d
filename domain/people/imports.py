"""Importing people: taking the file in, reading it again for the work, and the end (AC-95…AC-98)."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from connectors.documents.file_names import safe_file_name
from connectors.messages import N_, Message
from connectors.secrets import decrypt, encrypt
from domain.audit.service import record
from domain.federation.routing import is_federated
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.people.import_file import ImportRow, Operation, RowFault, read_rows
from domain.people.import_rows import DONE
from domain.people.models import UserImport
from domain.tasks.log_mail import mail_log
from domain.tasks.models import BackgroundTask, TaskLine, TaskState
from domain.tasks.service import start_task

KIND, DEPLOYMENT = "user-import", "import-users/import-users"
LINKS_FOR_NEW_PEOPLE = N_("Links to set a password are sent to people whom the file creates only, to nobody else.")


@dataclass(frozen=True, slots=True)
class ImportFile:
    """The rows of an import and what was chosen with it."""

    rows: list[ImportRow | RowFault]
    send_links: bool
    is_federated: bool

    def warnings(self) -> list[Message]:
        """What to note about the file as a whole (AC-98)."""
        others = any(isinstance(row, ImportRow) and row.operation is not Operation.CREATE for row in self.rows)
        return [Message.of(LINKS_FOR_NEW_PEOPLE)] if self.send_links and others else []


def start_import(actor: Actor, name: str, content: bytes, *, send_links: bool = False) -> str:
    """Take a file in and have its rows done in the background; returns the task's id.

    What is wrong with the file as a whole is raised at once, before anything is done (AC-107).
    """
    actor.need(Permission.USERS_IMPORT)
    name = safe_file_name(name)
    rows = read_rows(name, content)
    with actor.session() as session:
        title = Message.of(N_("Import of people from “{name}”"), name=name)
        task_id = start_task(session, actor, KIND, DEPLOYMENT, title, {"name": name, "send_links": send_links})
        session.add(UserImport(task_id=task_id, content=encrypt({"file": content.decode("utf-8-sig")})))
        record(session, actor, "users.import_started", "task", task_id, {"rows": len(rows)})
        return task_id


def file_of_import(session: Session, task_id: str, parameters: Mapping[str, object]) -> ImportFile:
    """What the task is to do; no rows where everything was done already."""
    kept = session.get(UserImport, task_id)
    federated = is_federated(session, kept.organization_id) if kept else False
    rows = read_rows(str(parameters["name"]), decrypt(kept.content)["file"].encode()) if kept else []
    return ImportFile(rows, bool(parameters["send_links"]), federated)


def end_import(session: Session, actor: Actor, task_id: str) -> tuple[dict[str, int], Message]:
    """Forget the file and mail the log, once all rows are done; returns how many rows did what, and a summary."""
    counts = _counts(session, task_id)
    summary = import_summary(counts)
    session.execute(delete(UserImport).where(UserImport.task_id == task_id))
    record(session, actor, "users.imported", "task", task_id, counts)
    mail_log(session, actor, task_id, summary)
    return counts, summary


def import_summary(counts: Mapping[str, int]) -> Message:
    """How an import ended, in a sentence."""
    return Message.of(
        N_("{created} created, {changed} changed, {deleted} deleted, {problems} rows could not be done."), **counts
    )


def forget_ended_imports(session: Session) -> None:
    """Delete the files of imports that ended without coming to the end of their file."""
    ended = select(BackgroundTask.id).where(BackgroundTask.state.not_in((TaskState.QUEUED, TaskState.RUNNING)))
    session.execute(delete(UserImport).where(UserImport.task_id.in_(ended)))


def _counts(session: Session, task_id: str) -> dict[str, int]:
    template = TaskLine.message["template"].as_string()
    rows = select(TaskLine).where(TaskLine.task_id == task_id, TaskLine.number > 0).with_only_columns(func.count())
    counts = {
        name: session.scalar(rows.select_from(TaskLine).where(template == text)) or 0 for name, text in DONE.items()
    }
    problems = session.scalar(rows.select_from(TaskLine).where(TaskLine.level == "error")) or 0
    return {**counts, "problems": problems}
