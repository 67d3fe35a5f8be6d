"""Making, changing, pausing and deleting scheduled reports (F-28: trigger “schedule”)."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_, Message
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.models import User, now
from domain.organizations.permissions import Permission
from domain.organizations.person_names import person_names
from domain.print_reports.kinds import ReportFormat, ReportKind
from domain.print_reports.periods import ReportPeriod
from domain.print_reports.schedules.form import ReportScheduleForm, ReportScheduleView
from domain.print_reports.schedules.models import ReportSchedule
from domain.print_reports.schedules.recipients import people_of, recipient_ids
from domain.print_reports.scope import ReportScope, ReportSubject
from domain.print_reports.service import checked, state_of
from domain.recorded_errors import ErrorView
from domain.recurrence.form import RecurrenceForm
from domain.recurrence.rules import IN_THE_PAST
from domain.recurrence.runs import expect_next
from domain.tasks.models import BackgroundTask, TaskState
from domain.tenancy import NOT_FOUND, system_session

MOST_OF_A_PERSON = 20
DAYS = {"first", "last"}
TOO_MANY = Fault(
    "print_report_schedule.too_many",
    409,
    N_("You have {count} scheduled reports already."),
    N_("Delete or change one of them."),
)
TOO_LONG = Fault(
    "print_report_schedule.too_long",
    422,
    N_("A full export cannot be about so long a period."),
    N_("Choose a period of at most a month for it."),
    spec="AN-29",
)


def list_report_schedules(actor: Actor) -> list[ReportScheduleView]:
    """One's own, by name; who may report on everybody sees those of the whole organization."""
    actor.need(Permission.OWN_REPORTS)
    with system_session(read_only=True) as session:
        found = session.scalars(_seen_by(actor).order_by(func.lower(ReportSchedule.name), ReportSchedule.id)).all()
        return [_view(session, one) for one in found]


def get_report_schedule(actor: Actor, schedule_id: str) -> ReportScheduleView:
    """One of them; raises `NOT_FOUND`."""
    actor.need(Permission.OWN_REPORTS)
    with system_session(read_only=True) as session:
        return _view(session, _of(session, actor, schedule_id))


def create_report_schedule(actor: Actor, form: ReportScheduleForm) -> str:
    """Have a report made and mailed again and again on the actor's behalf; returns the schedule's id.

    Raises what `checked` and `Series.check_future` raise, `UNKNOWN_RECIPIENT`, `TOO_LONG` and `TOO_MANY`.
    """
    schedule = ReportSchedule(organization_id=actor.organization_id)
    with system_session() as session:
        mine = select(func.count()).where(
            ReportSchedule.organization_id == actor.organization_id, ReportSchedule.issuer_id == actor.user_id
        )
        if (count := session.scalar(mine) or 0) >= MOST_OF_A_PERSON:
            raise TOO_MANY(count=count)
        _fill(session, actor, schedule, form)
        session.add(schedule)
        session.flush()
        _keep(session, actor, schedule, "print_report_schedule.created")
        return schedule.id


def change_report_schedule(actor: Actor, schedule_id: str, form: ReportScheduleForm) -> None:
    """Change a schedule; from now on it runs on behalf of who changed it. Raises as `create_report_schedule`."""
    with system_session() as session:
        schedule = _of(session, actor, schedule_id)
        _fill(session, actor, schedule, form)
        _keep(session, actor, schedule, "print_report_schedule.changed")


def pause_report_schedule(actor: Actor, schedule_id: str, *, paused: bool) -> None:
    """Pause a schedule, or let it go on: what fell into the pause is not made up for.

    From now on it runs on behalf of who let it go on. Raises `NOT_FOUND`, `IN_THE_PAST`, and as `checked`.
    """
    with system_session() as session:
        schedule = _of(session, actor, schedule_id)
        if schedule.is_paused == paused:
            return
        if not paused:
            scope_due(actor, schedule, now())
            if schedule.series.next_after(now()) is None:
                raise IN_THE_PAST()
            schedule.issuer_id, schedule.last_note, schedule.failures = actor.user_id, None, 0
        schedule.is_paused = paused
        _keep(session, actor, schedule, f"print_report_schedule.{'paused' if paused else 'continued'}")


def delete_report_schedule(actor: Actor, schedule_id: str) -> None:
    """Delete a schedule; reports that it has made stay as long as they would."""
    with system_session() as session:
        schedule = _of(session, actor, schedule_id)
        facts = {"name": schedule.name}
        record(session, actor, "print_report_schedule.deleted", "print_report_schedule", schedule.id, facts)
        session.delete(schedule)


def scope_due(actor: Actor, schedule: ReportSchedule, moment: datetime) -> ReportScope:
    """What the report is about that is due at that moment, as the actor may have it; raises as `checked`."""
    zone = ZoneInfo(schedule.time_zone)
    first, last = ReportPeriod(schedule.period).days(moment.astimezone(zone).date())
    scope = ReportScope(first=first, last=last, **schedule.subject)
    return checked(replace(actor, time_zone=schedule.time_zone), ReportKind(schedule.kind), scope)


def _fill(session: Session, actor: Actor, schedule: ReportSchedule, form: ReportScheduleForm) -> None:
    form.series.check_future(now())
    if form.kind is ReportKind.FULL and form.period.is_long:
        raise TOO_LONG()
    for name in RecurrenceForm.model_fields:
        value = getattr(form, name)
        setattr(schedule, name, list(value) if isinstance(value, tuple) else value)
    schedule.name, schedule.kind, schedule.period, schedule.format = form.name, form.kind, form.period, form.format
    schedule.subject = form.subject.model_dump()
    schedule.subject = ReportSubject(**scope_due(actor, schedule, now()).model_dump(exclude=DAYS)).model_dump()
    schedule.recipients = recipient_ids(session, actor.organization_id, actor.user_id, form.recipients)
    schedule.issuer_id, schedule.is_paused, schedule.last_note = actor.user_id, False, None
    schedule.failures = 0


def _keep(session: Session, actor: Actor, schedule: ReportSchedule, action: str) -> None:
    schedule.changed = now()
    expect_next(session, schedule)
    facts: Facts = {"name": schedule.name, "kind": schedule.kind, "recipients": len(schedule.recipients)}
    record(session, actor, action, "print_report_schedule", schedule.id, facts)


def _seen_by(actor: Actor) -> Select[tuple[ReportSchedule]]:
    query = select(ReportSchedule).where(ReportSchedule.organization_id == actor.organization_id)
    return query if actor.may(Permission.PRINT_REPORTS) else query.where(ReportSchedule.issuer_id == actor.user_id)


def _of(session: Session, actor: Actor, schedule_id: str) -> ReportSchedule:
    actor.need(Permission.OWN_REPORTS)
    schedule = session.scalar(_seen_by(actor).where(ReportSchedule.id == schedule_id))
    if schedule is None:
        raise NOT_FOUND(what="schedule")
    return schedule


def _view(session: Session, schedule: ReportSchedule) -> ReportScheduleView:
    issuer_id = schedule.issuer_id or ""
    people: list[User] = people_of(session, schedule.organization_id, issuer_id, schedule.recipients)
    last = session.get(BackgroundTask, schedule.last_report_id) if schedule.last_report_id else None
    return ReportScheduleView(
        schedule.id,
        schedule.name,
        ReportKind(schedule.kind),
        ReportPeriod(schedule.period),
        ReportSubject.model_validate(schedule.subject),
        ReportFormat(schedule.format),
        tuple(person.email for person in people),
        RecurrenceForm.model_validate({name: getattr(schedule, name) for name in RecurrenceForm.model_fields}),
        schedule.is_paused,
        issuer_id,
        person_names(schedule.organization_id, {issuer_id}).get(issuer_id, ""),
        None if schedule.is_paused else schedule.next_run,
        schedule.last_run,
        last.id if last else "",
        state_of(TaskState(last.state), last.result or {}) if last else None,
        ErrorView.of(last.error) if last else None,
        Message.model_validate(schedule.last_note) if schedule.last_note else None,
    )
