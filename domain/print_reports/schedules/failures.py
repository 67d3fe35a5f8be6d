"""Telling the person for whom a scheduled report is made that it failed: once, until one has worked again (F-28)."""

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from connectors.messages import Message
from domain.print_reports.mails import mail_failed
from domain.print_reports.schedules.models import ReportSchedule
from domain.print_reports.schedules.recipients import people_of
from domain.print_reports.scope import ReportScope
from domain.print_reports.service import ReportState, state_of
from domain.tasks.models import BackgroundTask, TaskState


def settle_report(session: Session, report_id: str) -> None:
    """A report has ended: count that for its schedule, if it is of one. `session` sees all organizations."""
    for schedule_id in session.scalars(_unsettled().where(BackgroundTask.id == report_id)):
        _settle_by_id(session, schedule_id)


def settle_reports(session: Session) -> int:
    """The same for all that have ended unnoticed, such as those whose worker was lost; returns how many."""
    found = session.scalars(_unsettled()).all()
    for schedule_id in found:
        _settle_by_id(session, schedule_id)
    return len(found)


def settle(session: Session, schedule: ReportSchedule) -> None:
    """Count how the last report ended, each report once; the first of a row of failures is told (the row is locked)."""
    report_id = schedule.last_report_id
    if not report_id or report_id == schedule.settled_report_id:
        return
    report = session.get(BackgroundTask, report_id)
    if report is None or not TaskState(report.state).is_final:
        return
    schedule.settled_report_id = report_id
    if state_of(TaskState(report.state), report.result or {}) is not ReportState.FAILED:
        schedule.failures = 0
        return
    schedule.failures += 1
    if schedule.failures == 1:
        _tell(session, schedule, report)


def _unsettled() -> Select[tuple[str]]:
    ended = [state for state in TaskState if state.is_final]
    settled = ReportSchedule.settled_report_id
    return (
        select(ReportSchedule.id)
        .join(BackgroundTask, BackgroundTask.id == ReportSchedule.last_report_id)
        .where(BackgroundTask.state.in_(ended), or_(settled.is_(None), settled != BackgroundTask.id))
    )


def _settle_by_id(session: Session, schedule_id: str) -> None:
    schedule = session.scalar(
        select(ReportSchedule)
        .where(ReportSchedule.id == schedule_id)
        .with_for_update()
        .execution_options(populate_existing=True)  # another worker may just have told it
    )
    if schedule is not None:
        settle(session, schedule)


def _tell(session: Session, schedule: ReportSchedule, report: BackgroundTask) -> None:
    owner_id = schedule.issuer_id or ""
    owners = people_of(session, schedule.organization_id, owner_id, [owner_id])
    scope, error = ReportScope.model_validate(report.parameters["scope"]), report.error or {}
    why = [Message(template=error[part], facts=error["facts"]) for part in ("message", "remedy") if part in error]
    goes_on = schedule.next_run is not None and not schedule.is_paused
    mail_failed(session, schedule.organization_id, report.id, schedule.name, scope, why, owners, goes_on=goes_on)
