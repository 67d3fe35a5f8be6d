"""How printers differed from their assigned configurations: kept as a history, and as evidence (FL-422…FL-425)."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.spreadsheets import BYTE_ORDER_MARK
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.configurations.models import Configuration, Drift, DriftEnding
from fleet.printers.models import Compliance, Printer
from fleet.tasks.models import FleetTask, Job
from steps.printer_configuration import ComplianceFacts, Difference
from steps.printer_work import Outcome, Report

CHUNK = 1000
HISTORY_HEADER = (
    "Address", "Serial number", "Model", "Configuration", "Component", "Item", "Expected", "Found", "Seen",
    "Ended", "Ending", "Value at the end", "Task",
)  # fmt: skip
EVIDENCE_HEADER = (
    "Printer", "Configuration", "Started", "Ended", "Status", "Result", "Component", "Item", "Expected",
    "Before", "After", "In the second check", "Restarted",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DriftView:
    """A difference that was found, and what became of it."""

    id: int
    printer_id: str
    configuration: str
    component: str
    item: str
    expected: str
    found: str
    after: str
    seen: datetime
    ended: datetime | None
    ending: DriftEnding | None
    task_id: str


@dataclass(frozen=True, slots=True)
class PrinterCompliance:
    """What is wanted of a printer, what it took last, and the result of the last check (FL-424)."""

    assigned: str | None
    last: str
    result: Compliance | None
    checked: datetime | None


@dataclass(frozen=True, slots=True)
class AssignedPrinter:
    """A printer to which a configuration is assigned, with the result of its last check."""

    id: str
    subject: str
    model: str
    result: Compliance | None
    checked: datetime | None


def keep_results(session: Session, task_id: str, settled: Sequence[tuple[Job, Printer, Report]]) -> None:
    """Write the results of checks or enforcements to the printers, the jobs and the history (A-27).

    Without a result a printer could not be checked: what was known of its differences stays as it is. One that cannot
    be reached keeps its former result, whose age is shown.
    """
    present = _open_drift(session, [printer.id for _, printer, _ in settled])
    for job, printer, report in settled:
        facts = _facts(report)
        is_silent = report.outcome is Outcome.NOT_COMMUNICATING
        if facts.result or not (is_silent and printer.compliance):
            printer.compliance = Compliance(facts.result) if facts.result else Compliance.UNKNOWN
            printer.compliance_at = now()
        job.result = facts.model_dump(mode="json", exclude_defaults=True)
        if facts.result:
            _keep_drift(session, printer, task_id, facts, present.get(printer.id, []))


def end_drift(session: Session, printer_ids: Sequence[str]) -> None:
    """What was open for these printers no longer counts: another configuration is wanted of them, or none."""
    for open_ones in _open_drift(session, printer_ids).values():
        for drift in open_ones:
            drift.ended, drift.ending = now(), DriftEnding.REPLACED


def printer_compliance(actor: Actor, printer_id: str) -> PrinterCompliance:
    """How a printer stands; raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_VIEW)
    with actor.session(read_only=True) as session:
        printer = session.scalar(select(Printer).where(Printer.id == printer_id))
        if printer is None:
            raise NOT_FOUND(what="printer")
        query = select(Configuration.name).where(Configuration.id == printer.assigned_configuration_id)
        return PrinterCompliance(
            assigned=session.scalar(query),
            last=printer.last_configuration,
            result=Compliance(printer.compliance) if printer.compliance else None,
            checked=printer.compliance_at,
        )


def assigned_printers(actor: Actor, configuration_id: str, limit: int = 100) -> list[AssignedPrinter]:
    """Printers to which the configuration is assigned, those that are not compliant first."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session(read_only=True) as session:
        query = select(Printer).where(Printer.assigned_configuration_id == configuration_id)
        bad_first = (Printer.compliance == Compliance.COMPLIANT).asc(), Printer.address, Printer.id
        return [
            AssignedPrinter(
                id=printer.id,
                subject=f"{printer.address} · {printer.serial_number}",
                model=printer.model,
                result=Compliance(printer.compliance) if printer.compliance else None,
                checked=printer.compliance_at,
            )
            for printer in session.scalars(query.order_by(*bad_first).limit(limit))
        ]


def all_assigned(actor: Actor, configuration_id: str) -> list[str]:
    """The ids of all printers to which the configuration is assigned."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session(read_only=True) as session:
        query = select(Printer.id).where(Printer.assigned_configuration_id == configuration_id)
        return list(session.scalars(query.order_by(Printer.id)))


def list_drift(actor: Actor, printer_id: str, limit: int = 200) -> list[DriftView]:
    """What was found on a printer, the newest first; raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_VIEW)
    with actor.session(read_only=True) as session:
        if session.scalar(select(Printer.id).where(Printer.id == printer_id)) is None:
            raise NOT_FOUND(what="printer")
        query = select(Drift).where(Drift.printer_id == printer_id).order_by(Drift.id.desc()).limit(limit)
        return [_view(drift) for drift in session.scalars(query)]


def export_history(actor: Actor) -> Iterator[str]:
    """The whole history of the organization as CSV, line by line, the oldest first."""
    actor.need(Permission.FLEET_CONFIGURE)
    _note_export(actor, "history")
    return _history(actor)


def export_evidence(actor: Actor, task_id: str) -> Iterator[str]:
    """What a task found and changed as CSV: a line for each part with its values before and after.

    Raises `NOT_FOUND` for what is no task of the organization.
    """
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session(read_only=True) as session:
        if session.scalar(select(FleetTask.id).where(FleetTask.id == task_id)) is None:
            raise NOT_FOUND(what="task")
    _note_export(actor, task_id)
    return _evidence(actor, task_id)


def _facts(report: Report) -> ComplianceFacts:
    """The facts of a report; those of an agent that makes no sense are none."""
    try:
        return ComplianceFacts.model_validate(report.facts)
    except ValidationError:
        return ComplianceFacts()


def _keep_drift(
    session: Session, printer: Printer, task_id: str, facts: ComplianceFacts, present: Sequence[Drift]
) -> None:
    """Open what is new, end what is no longer so."""
    first = facts.differences if facts.found is None else facts.found
    changes = {(one.component, one.item): one.after for one in facts.changes}
    found = {(one.component, one.item): one for one in (*first, *facts.differences)}
    still = {(one.component, one.item) for one in facts.differences}
    known = {(drift.component, drift.item): drift for drift in present}
    for key, drift in known.items():
        if key not in found or (drift.configuration, drift.expected) != (facts.title, found[key].expected):
            is_replaced = drift.configuration != facts.title or key in found
            drift.ended, drift.ending = now(), DriftEnding.REPLACED if is_replaced else DriftEnding.RETURNED
    going_on = {key: drift for key, drift in known.items() if drift.ended is None}
    for key, one in found.items():
        drift = going_on.get(key) or _new(printer, task_id, facts.title, one)
        session.add(drift)
        if key not in still:
            drift.ended, drift.ending = now(), DriftEnding.ENFORCED
            drift.after = changes.get(key, one.expected)


def _new(printer: Printer, task_id: str, title: str, one: Difference) -> Drift:
    return Drift(
        organization_id=printer.organization_id,
        printer_id=printer.id,
        configuration_id=printer.assigned_configuration_id or "",
        configuration=title[:300],
        component=one.component[:32],
        item=one.item[:255],
        expected=one.expected,
        found=one.found,
        task_id=task_id,
    )


def _open_drift(session: Session, printer_ids: Sequence[str]) -> dict[str, list[Drift]]:
    """What is open, by printer."""
    found: dict[str, list[Drift]] = {}
    for start in range(0, len(printer_ids), CHUNK):
        chosen = Drift.printer_id.in_(printer_ids[start : start + CHUNK])
        for drift in session.scalars(select(Drift).where(chosen, Drift.ended.is_(None))):
            found.setdefault(drift.printer_id, []).append(drift)
    return found


def _history(actor: Actor) -> Iterator[str]:
    yield BYTE_ORDER_MARK + _line(HISTORY_HEADER)
    last = 0
    while True:
        with actor.session(read_only=True) as session:
            query = select(Drift, Printer).join(Printer, Printer.id == Drift.printer_id).where(Drift.id > last)
            rows = session.execute(query.order_by(Drift.id).limit(CHUNK)).tuples().all()
            lines = [_line(_history_row(drift, printer)) for drift, printer in rows]
            last = rows[-1][0].id if rows else last
        yield from lines
        if len(lines) < CHUNK:
            return


def _history_row(drift: Drift, printer: Printer) -> Sequence[object]:
    return (
        printer.address,
        printer.serial_number,
        printer.model,
        drift.configuration,
        drift.component,
        drift.item,
        drift.expected,
        drift.found,
        _moment(drift.seen),
        _moment(drift.ended),
        drift.ending or "",
        drift.after,
        drift.task_id,
    )


def _evidence(actor: Actor, task_id: str) -> Iterator[str]:
    yield BYTE_ORDER_MARK + _line(EVIDENCE_HEADER)
    last = 0
    while True:
        with actor.session(read_only=True) as session:
            query = select(Job).where(Job.task_id == task_id, Job.id > last).order_by(Job.id).limit(CHUNK)
            jobs = session.scalars(query).all()
            lines = [_line(row) for job in jobs for row in _evidence_rows(job)]
            last = jobs[-1].id if jobs else last
        yield from lines
        if len(jobs) < CHUNK:
            return


def _evidence_rows(job: Job) -> Iterator[Sequence[object]]:
    """A line for each part that differed or was changed; one line alone for a printer where nothing did."""
    facts = ComplianceFacts.model_validate(job.result or {})
    moments = _moment(job.delivered), _moment(job.finished)
    head = (job.subject, facts.title, *moments, job.status, facts.result or "")
    first = facts.differences if facts.found is None else facts.found
    differing = {(one.component, one.item): one for one in first}
    changes = {(one.component, one.item): one for one in facts.changes}
    second = {(one.component, one.item): one.found for one in facts.differences} if facts.found is not None else {}
    keys = list(dict.fromkeys([*differing, *changes, *second]))
    for key in keys:
        one, change = differing.get(key), changes.get(key)
        expected = one.expected if one else ""
        before = change.before if change else one.found if one else ""
        after = change.after if change else ""
        again = second.get(key, expected or after) if facts.found is not None else ""
        yield (*head, *key, expected, before, after, again, facts.restarted_at)
    if not keys:
        yield (*head, "", "", "", "", "", "", facts.restarted_at)


def _note_export(actor: Actor, what: str) -> None:
    with actor.session() as session:
        record(session, actor, "compliance.exported", "compliance", what)


def _line(values: Sequence[object]) -> str:
    """A line of CSV that a spreadsheet does not run."""
    out = StringIO()
    texts = [str(value) for value in values]
    csv.writer(out).writerow([f"'{one}" if one[:1] in ("=", "+", "-", "@", "\t") else one for one in texts])
    return out.getvalue()


def _moment(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def _view(drift: Drift) -> DriftView:
    return DriftView(
        id=drift.id,
        printer_id=drift.printer_id,
        configuration=drift.configuration,
        component=drift.component,
        item=drift.item,
        expected=drift.expected,
        found=drift.found,
        after=drift.after,
        seen=drift.seen,
        ended=drift.ended,
        ending=DriftEnding(drift.ending) if drift.ending else None,
        task_id=drift.task_id,
    )
