"""Having reports made as files, by a flow, for the person who asked (F-28, PR-299)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.print_reports.clients import write_clients
from domain.print_reports.customers import check_comparison, write_customers
from domain.print_reports.kinds import MEDIA_TYPES, ReportFormat, ReportKind
from domain.print_reports.lines import write_lines
from domain.print_reports.scope import LONGEST_DAYS, LONGEST_FULL_DAYS, ReportScope, allowed
from domain.print_reports.sums import Fact
from domain.recorded_errors import ErrorView
from domain.tasks.files import MadeFile, is_expired
from domain.tasks.models import TaskState
from domain.tasks.service import TaskFilter, TaskView, get_received_task, get_task, list_tasks, start_task_of
from domain.tenancy import NOT_FOUND, system_session

KIND, DEPLOYMENT = "print-report", "make-print-report/make-print-report"
REQUESTED = "print_report.requested"
TITLE = N_("Print report: {kind}, {first} to {last}")


FACTS = {
    ReportKind.RELEASED: (Fact.RELEASED,),
    ReportKind.SUBMITTED: (Fact.SUBMITTED,),
    ReportKind.DELETED: (Fact.DELETED,),
    ReportKind.FULL: (Fact.SUBMITTED, Fact.RELEASED),
}


class ReportState(StrEnum):
    """How far a report is (F-28)."""

    QUEUED = "queued"
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
    """Have a report made; raises as `checked`. What is asked for of a customer stands in the customer's trail too."""
    scope = checked(actor, kind, scope)
    facts = {"kind": kind.value, "first": scope.first.isoformat(), "last": scope.last.isoformat()}
    with system_session() if scope.customer_id else actor.session() as session:
        task_id = add_report(session, actor.organization_id, actor.user_id, kind, scope, form)
        for trail in filter(None, (actor.organization_id, scope.customer_id)):
            record(
                session, actor, "print_report.requested", "print_report", task_id, dict(facts), organization_id=trail
            )
    return report_of(actor, task_id)


def add_report(
    session: Session,
    organization_id: str,
    user_id: str | None,
    kind: ReportKind,
    scope: ReportScope,
    form: ReportFormat,
    mailing: Mapping[str, Any] | None = None,
) -> str:
    """Put the making of a report into the caller's transaction; returns its id. `mailing` is for the flow."""
    title = Message.of(TITLE, kind=kind.value, first=scope.first.isoformat(), last=scope.last.isoformat())
    parameters = {"kind": kind.value, "scope": scope.model_dump(mode="json"), "format": form.value}
    parameters |= {"mailing": dict(mailing)} if mailing else {}
    return start_task_of(session, organization_id, user_id, KIND, DEPLOYMENT, title, parameters)


def checked(actor: Actor, kind: ReportKind, scope: ReportScope) -> ReportScope:
    """The scope as the actor may have it; raises as `allowed`, or as `check_comparison`."""
    if kind is ReportKind.CUSTOMERS:
        check_comparison(actor, scope)
        return scope
    asked = allowed(actor, scope, longest=_longest(kind))
    if kind is ReportKind.CLIENTS:
        asked.need_names()
    return asked.scope


def write_report(
    actor: Actor, kind: ReportKind, scope: ReportScope, folder: Path, form: ReportFormat = ReportFormat.CSV
) -> tuple[list[MadeFile], int]:
    """Write the files of a report; returns them and how many facts they have. Raises as `checked`."""
    dated = f"{scope.first.isoformat()}-{scope.last.isoformat()}.{form.value}"
    if kind is ReportKind.CUSTOMERS:
        path = folder / f"{kind.value}.{form.value}"
        count = write_customers(actor, scope, path, form)
        return [MadeFile(path, f"print-{kind.value}-{dated}", MEDIA_TYPES[form])], count
    asked = allowed(actor, scope, longest=_longest(kind))
    if asked.scope != scope:  # they could report on others when they asked, and can no more
        actor.need(Permission.PRINT_REPORTS)
    if kind is ReportKind.CLIENTS:
        path = folder / f"{kind.value}.{form.value}"
        count = write_clients(asked, path, form)
        return [MadeFile(path, f"print-{kind.value}-{dated}", MEDIA_TYPES[form])], count
    made, count = [], 0
    for fact in FACTS[kind]:
        path = folder / f"{fact.value}.{form.value}"
        with asked.session() as session:
            count += write_lines(session, fact, asked, path, form)
        made.append(MadeFile(path, f"print-{fact.value}-{dated}", MEDIA_TYPES[form]))
    return made, count


def list_reports(actor: Actor) -> list[ReportView]:
    """The reports that the actor has asked for lately, newest first."""
    return [_view(task) for task in list_tasks(actor, TaskFilter(KIND)) if task.starter_id == actor.user_id]


def report_of(actor: Actor, report_id: str) -> ReportView:
    """One of them; raises `NOT_FOUND`."""
    task = get_task(actor, report_id)
    if task.kind != KIND or task.starter_id != actor.user_id:
        raise NOT_FOUND(what="report")
    return _view(task)


def received_report(actor: Actor, report_id: str) -> ReportView:
    """A report that was mailed to the actor, or that they have asked for; raises `NOT_FOUND`."""
    task = get_received_task(actor, report_id, KIND)
    return _view(task)


def _longest(kind: ReportKind) -> int:
    return LONGEST_FULL_DAYS if kind is ReportKind.FULL else LONGEST_DAYS


def state_of(task_state: TaskState, result: Mapping[str, Any]) -> ReportState:
    """How far a report is whose task is in that state."""
    if not task_state.is_final:
        return ReportState.QUEUED if task_state is TaskState.QUEUED else ReportState.RUNNING
    if task_state is not TaskState.FINISHED:
        return ReportState.FAILED
    if not result.get("rows"):
        return ReportState.NO_DATA
    return ReportState.EXPIRED if is_expired(result) else ReportState.READY


def _view(task: TaskView) -> ReportView:
    files: list[dict[str, Any]] = task.result.get("files", [])
    rows = int(task.result.get("rows", 0))
    named = tuple((str(one["name"]), int(one["size"])) for one in files)
    return ReportView(task.id, task.title, state_of(task.state, task.result), task.created, named, rows, task.error)
