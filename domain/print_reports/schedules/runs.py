"""Making a scheduled report when it is due, as long as the person it is made for may have it (F-28)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from domain.audit.service import record_unattended
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import User, now
from domain.print_reports.kinds import ReportFormat, ReportKind
from domain.print_reports.mails import mail_stopped
from domain.print_reports.schedules.failures import settle
from domain.print_reports.schedules.models import ReportSchedule
from domain.print_reports.schedules.recipients import people_of
from domain.print_reports.schedules.service import scope_due
from domain.print_reports.scope import ReportScope
from domain.print_reports.service import add_report
from domain.recurrence.runs import due_row, expect_next

SERVER_ERRORS = 500
NOT_ALLOWED = N_("It has stopped: whoever it is made for may no longer make this report.")
NO_RECIPIENTS = N_("It has stopped: none of its recipients can sign in any more.")


def run_report_schedule(session: Session, schedule_id: str, due: datetime) -> str | None:
    """Have the report made that is due, in the caller's transaction of all organizations; its id, or None.

    Its days are those before the due moment, however late the run comes. Nothing is made by a run that was replaced.
    Where the issuer has lost the role or is gone, or nobody is left to read it, the schedule stops and says so.
    """
    schedule = due_row(session, ReportSchedule, schedule_id, due)
    if schedule is None:
        return None
    schedule.last_run = now()
    settle(session, schedule)
    readers = people_of(session, schedule.organization_id, schedule.issuer_id or "", schedule.recipients)
    found = _allowed_now(schedule, due)
    if found is None or not readers:
        _stop(session, schedule, Message.of(NO_RECIPIENTS if found else NOT_ALLOWED), readers)
        return None
    actor, scope = found
    schedule.recipients = [person.id for person in readers]
    mailing = {"name": schedule.name, "recipients": schedule.recipients, "time_zone": schedule.time_zone}
    kind, form = ReportKind(schedule.kind), ReportFormat(schedule.format)
    report_id = add_report(session, schedule.organization_id, actor.user_id, kind, scope, form, mailing)
    schedule.last_report_id, schedule.last_note = report_id, None
    for trail in filter(None, (schedule.organization_id, scope.customer_id)):
        record_unattended(
            session,
            trail,
            "print_report.scheduled",
            "print_report",
            report_id,
            {"kind": kind.value, "first": scope.first.isoformat(), "last": scope.last.isoformat()},
            user_id=actor.user_id,
        )
    expect_next(session, schedule, max(now(), due))  # the engine's clock may be ahead of ours
    return report_id


def _allowed_now(schedule: ReportSchedule, due: datetime) -> tuple[Actor, ReportScope] | None:
    """Who it is made for, as they count now, and what they may have; None when they may not have it."""
    try:
        actor = actor_of_user(schedule.issuer_id or "", schedule.organization_id)
        scope = scope_due(actor, schedule, due)
    except PressroomError as error:
        if error.transient or error.fault.status >= SERVER_ERRORS:
            raise
        return None
    is_whole = scope.user_id == schedule.subject["user_id"]  # or it would have become a report on themselves
    return (actor, scope) if is_whole else None


def _stop(session: Session, schedule: ReportSchedule, why: Message, readers: Sequence[User]) -> None:
    schedule.is_paused, schedule.next_run, schedule.last_note = True, None, why.model_dump()
    record_unattended(
        session,
        schedule.organization_id,
        "print_report_schedule.stopped",
        "print_report_schedule",
        schedule.id,
        {"name": schedule.name},
    )
    issuer = people_of(session, schedule.organization_id, schedule.issuer_id or "", [schedule.issuer_id or ""])
    told = {person.id: person for person in (*issuer, *readers)}
    mail_stopped(session, schedule.organization_id, schedule.name, why, list(told.values()))
