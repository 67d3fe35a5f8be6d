"""Having reports made as files, by a flow, for the person who asked (F-28, PR-299)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.audit.service import record
from domain.mail.service import queue_mail
from domain.organizations.actor import Actor
from domain.print_reports.lines import ReportFormat, write_lines
from domain.print_reports.scope import LONGEST_DAYS, LONGEST_FULL_DAYS, Allowed, ReportScope, allowed
from domain.print_reports.sums import Fact
from domain.recorded_errors import ErrorView
from domain.tasks.files import LIFETIME, MadeFile, is_expired
from domain.tasks.models import TaskState
from domain.tasks.service import TaskFilter, TaskView, get_task, list_tasks, start_task
from domain.tenancy import NOT_FOUND

KIND, DEPLOYMENT = "print-report", "make-print-report/make-print-report"
TITLE = N_("Print report: {kind}, {first} to {last}")


class ReportKind(StrEnum):
    """What a file has: one fact a line; `full` has a file of what was submitted and one of what was released."""

    RELEASED = "released"
    SUBMITTED = "submitted"
    DELETED = "deleted"
    FULL = "full"


FACTS = {
    ReportKind.RELEASED: (Fact.RELEASED,),
    ReportKind.SUBMITTED: (Fact.SUBMITTED,),
    ReportKind.DELETED: (Fact.DELETED,),
    ReportKind.FULL: (Fact.SUBMITTED, Fact.RELEASED),
}


MEDIA_TYPES = {
    ReportFormat.CSV: "text/csv",
    ReportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ReportState(StrEnum):
    """How far a report is (F-28)."""

    RUNNING = "running"
    READY = "ready"
    NO_DATA = "no_data"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report that somebody has asked for; `files` are names and sizes, in the order in which they are downloaded."""

    id: str
    title: Message
    state: ReportState
    created: datetime
    files: tuple[tuple[str, int], ...]
    rows: int
    error: ErrorView | None


def start_report(
    actor: Actor, kind: ReportKind, scope: ReportScope, form: ReportFormat = ReportFormat.CSV
) -> ReportView:
    """Have a report made; raises as `allowed`."""
    asked = _checked(actor, kind, scope)
    parameters = {"kind": kind.value, "scope": asked.scope.model_dump(mode="json"), "format": form.value}
    facts = {"kind": kind.value, "first": scope.first.isoformat(), "last": scope.last.isoformat()}
    with actor.session() as session:
        task_id = start_task(session, actor, KIND, DEPLOYMENT, Message.of(TITLE, **facts), parameters)
        record(session, actor, "print_report.requested", "print_report", task_id, dict(facts))
    return report_of(actor, task_id)


def write_report(
    actor: Actor, kind: ReportKind, scope: ReportScope, folder: Path, form: ReportFormat = ReportFormat.CSV
) -> tuple[list[MadeFile], int]:
    """Write the files of a report; returns them and how many facts they have. Raises as `allowed`."""
    asked = _checked(actor, kind, scope)
    made, count = [], 0
    for fact in FACTS[kind]:
        path = folder / f"{fact.value}.{form.value}"
        with actor.session(read_only=True) as session:
            count += write_lines(session, fact, asked, path, form)
        name = f"print-{fact.value}-{scope.first.isoformat()}-{scope.last.isoformat()}.{form.value}"
        made.append(MadeFile(path, name, MEDIA_TYPES[form]))
    return made, count


def mail_full_report(actor: Actor, report_id: str, scope: ReportScope) -> None:
    """Tell the person of the two files of a full export, by two links (PR-299)."""
    base = f"{get_settings().public_url}/api/v1/print-reports/{report_id}/files"
    period = {"first": scope.first.isoformat(), "last": scope.last.isoformat()}
    paragraphs = [
        Message.of(N_("Printing in {name} from {first} to {last}."), name=actor.organization_name, **period),
        Message.of(N_("Submitted: {link}"), link=f"{base}/0"),
        Message.of(N_("Released: {link}"), link=f"{base}/1"),
        Message.of(N_("The links work for {hours} hours, for you alone."), hours=int(LIFETIME.total_seconds() // 3600)),
    ]
    subject = Message.of(N_("Your full export of printing"))
    with actor.session() as session:
        queue_mail(
            session,
            actor.organization_id,
            [actor.email],
            subject,
            paragraphs,
            locale=actor.locale,
            key=f"print-report {report_id}",
        )


def list_reports(actor: Actor) -> list[ReportView]:
    """The reports that the actor has asked for lately, newest first."""
    return [_view(task) for task in list_tasks(actor, TaskFilter(KIND)) if task.starter_id == actor.user_id]


def report_of(actor: Actor, report_id: str) -> ReportView:
    """One of them; raises `NOT_FOUND`."""
    task = get_task(actor, report_id)
    if task.kind != KIND or task.starter_id != actor.user_id:
        raise NOT_FOUND(what="report")
    return _view(task)


def _checked(actor: Actor, kind: ReportKind, scope: ReportScope) -> Allowed:
    return allowed(actor, scope, longest=LONGEST_FULL_DAYS if kind is ReportKind.FULL else LONGEST_DAYS)


def _view(task: TaskView) -> ReportView:
    files: list[dict[str, Any]] = task.result.get("files", [])
    rows = int(task.result.get("rows", 0))
    if not task.state.is_final:
        state = ReportState.RUNNING
    elif task.state is not TaskState.FINISHED:
        state = ReportState.FAILED
    elif is_expired(task.result):
        state = ReportState.EXPIRED
    else:
        state = ReportState.READY if rows else ReportState.NO_DATA
    named = tuple((str(one["name"]), int(one["size"])) for one in files)
    return ReportView(task.id, task.title, state, task.created, named, rows, task.error)
