"""Making, changing, pausing and deleting schedules (FL-503…FL-516)."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_, Message
from domain.audit.service import record
from domain.organizations.actor import PERSON_NEEDED, Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.organizations.person_names import person_names
from domain.recurrence.runs import expect_next
from domain.tenancy import NOT_FOUND
from fleet.printers.filter_groups import check_filter_group
from fleet.printers.models import Tag
from fleet.schedules.models import FleetSchedule, RunFor
from fleet.schedules.views import RECURRING, ScheduleForm, ScheduleView

NAME_TAKEN = Fault(
    "schedule.name_taken",
    409,
    N_("There is a schedule “{name}” already."),
    N_("Choose another name."),
)
NOT_RECURRING = Fault(
    "schedule.kind",
    422,
    N_("This kind of task cannot recur."),
    N_("Choose “Check compliance” or “Enforce assigned configuration”."),
    spec="FL-502",
)
TARGET_NEEDED = Fault(
    "schedule.target",
    422,
    N_("It is not said which printers the schedule is for."),
    N_("Choose all printers, one tag or more, or exactly one filter group."),
    spec="FL-506",
)


def list_schedules(actor: Actor, kind: str = "") -> list[ScheduleView]:
    """The organization's schedules by name, of one kind or of all."""
    actor.need(Permission.FLEET_MANAGE)
    query = select(FleetSchedule).order_by(FleetSchedule.name_key)
    if kind:
        query = query.where(FleetSchedule.kind == kind)
    with actor.session(read_only=True) as session:
        found = session.scalars(query).all()
        names = person_names(actor.organization_id, {one.issuer_id for one in found if one.issuer_id})
        return [_view(one, names.get(one.issuer_id or "", "")) for one in found]


def get_schedule(actor: Actor, schedule_id: str, permission: Permission = Permission.FLEET_MANAGE) -> ScheduleView:
    """One schedule; raises `NOT_FOUND`. Whoever has changed it sees it by that `permission`."""
    actor.need(permission)
    with actor.session(read_only=True) as session:
        schedule = _of(session, schedule_id)
        issuers = {schedule.issuer_id} if schedule.issuer_id else set()
        names = person_names(actor.organization_id, issuers)
        return _view(schedule, names.get(schedule.issuer_id or "", ""))


def create_schedule(actor: Actor, form: ScheduleForm) -> str:
    """Make a schedule on the actor's behalf; returns its id.

    Raises `PERSON_NEEDED` for an application, `NAME_TAKEN`, `NOT_RECURRING`, `NO_SUCH_ZONE`, `TARGET_NEEDED`,
    `NOT_FOUND`, `IN_THE_PAST` and what `Series.check` raises.
    """
    _need_issuer(actor)
    schedule = FleetSchedule(organization_id=actor.organization_id)
    with actor.session() as session:
        _fill(session, schedule, form)
        schedule.issuer_id = actor.user_id
        session.add(schedule)
        _keep(session, form.name)
        expect_next(session, schedule)
        record(session, actor, "schedule.created", "schedule", schedule.id, {"name": schedule.name})
        return schedule.id


def change_schedule(actor: Actor, schedule_id: str, form: ScheduleForm) -> None:
    """Change a schedule; from now on it runs on behalf of who changed it. Raises as `create_schedule`."""
    _need_issuer(actor)
    with actor.session() as session:
        schedule = _of(session, schedule_id)
        _fill(session, schedule, form)
        schedule.issuer_id, schedule.changed = actor.user_id, now()
        _keep(session, form.name)
        expect_next(session, schedule)
        record(session, actor, "schedule.changed", "schedule", schedule.id, {"name": schedule.name})


def pause_schedule(actor: Actor, schedule_id: str, *, paused: bool) -> None:
    """Pause a schedule, or let it go on: what fell into the pause is not made up for."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        schedule = _of(session, schedule_id)
        if schedule.is_paused == paused:
            return
        schedule.is_paused, schedule.changed = paused, now()
        expect_next(session, schedule)
        action = "schedule.paused" if paused else "schedule.continued"
        record(session, actor, action, "schedule", schedule.id, {"name": schedule.name})


def delete_schedule(actor: Actor, schedule_id: str) -> None:
    """Delete a schedule; tasks that it has made go on."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        schedule = _of(session, schedule_id)
        record(session, actor, "schedule.deleted", "schedule", schedule.id, {"name": schedule.name})
        session.delete(schedule)


def _need_issuer(actor: Actor) -> None:
    """Schedules run on behalf of a person, as they count then."""
    actor.need(Permission.FLEET_CONFIGURE)
    if actor.is_application:
        raise PERSON_NEEDED()


def _fill(session: Session, schedule: FleetSchedule, form: ScheduleForm) -> None:
    if form.kind not in RECURRING:
        raise NOT_RECURRING()
    form.series.check_future(now())
    _check_target(session, form)
    values = form.model_dump()
    for name, value in values.items():
        setattr(schedule, name, list(value) if isinstance(value, tuple) else value)
    schedule.name_key = form.name.casefold()


def _check_target(session: Session, form: ScheduleForm) -> None:
    wants_tags, wants_group = form.run_for is RunFor.TAGS, form.run_for is RunFor.FILTER_GROUP
    if wants_tags != bool(form.tag_ids) or wants_group != bool(form.filter_group_id):
        raise TARGET_NEEDED()
    if wants_tags:
        known = session.scalars(select(Tag.id).where(Tag.id.in_(form.tag_ids))).all()
        if len(known) != len(set(form.tag_ids)):
            raise NOT_FOUND(what="tag")
    if form.filter_group_id is not None:
        check_filter_group(session, form.filter_group_id)
    if wants_group:
        check_filter_group(session, form.filter_group_id or "")


def _keep(session: Session, name: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise NAME_TAKEN(name=name) from error


def _of(session: Session, schedule_id: str) -> FleetSchedule:
    schedule = session.scalar(select(FleetSchedule).where(FleetSchedule.id == schedule_id))
    if schedule is None:
        raise NOT_FOUND(what="schedule")
    return schedule


def _view(schedule: FleetSchedule, issuer: str) -> ScheduleView:
    form = ScheduleForm.model_validate({name: getattr(schedule, name) for name in ScheduleForm.model_fields})
    note = Message.model_validate(schedule.last_note) if schedule.last_note else None
    return ScheduleView(
        schedule.id,
        form,
        schedule.is_paused,
        issuer,
        None if schedule.is_paused else schedule.next_run,
        schedule.last_run,
        schedule.last_count,
        note,
    )
