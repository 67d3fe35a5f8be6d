"""Running a schedule when it is due (F-43), and telling the engine when it is due next.

The engine holds one flow run a schedule, to be started at `next_run`, where operators see it. A run that comes late,
because everything was off, is made up for once. One that was replaced, by a change, a pause or a later run, does
nothing: only the moment that the schedule itself names counts.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from domain.organizations.actor import actor_of_user
from domain.organizations.models import now
from domain.outbox.models import OutboxRow
from domain.outbox.service import enqueue
from fleet.printers.filter_groups import printers_of_filter_group
from fleet.printers.models import Printer, TaggedPrinter
from fleet.schedules.models import FleetSchedule, RunFor
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.service import NewTask, add_fleet_task

FLOW = "run-fleet-schedule/run-fleet-schedule"
OVERDUE = timedelta(minutes=15)
NO_PRINTERS = N_("No printer belongs to it now; no task was started.")
NOT_ALLOWED = N_("Whoever made the schedule may no longer do this; no task was started.")


def expect_next(session: Session, schedule: FleetSchedule, after: datetime | None = None) -> None:
    """Name the next due moment and give the engine a flow run for it, in the caller's transaction."""
    schedule.next_run = None if schedule.is_paused else schedule.series.next_after(after or now())
    if schedule.next_run is None:
        return
    hand_over(session, schedule)


def hand_over(session: Session, schedule: FleetSchedule, again: str = "") -> None:
    """Put the next run into the outbox, unless it was there before; `again` makes it another one."""
    assert schedule.next_run is not None
    due = schedule.next_run
    key = f"schedule/{schedule.id}/{due:%Y%m%dT%H%M}/{schedule.changed:%Y%m%dT%H%M%S%f}{again}"
    if session.scalar(select(OutboxRow.id).where(OutboxRow.key == key)) is not None:
        return
    enqueue(
        session,
        schedule.organization_id,
        FLOW,
        key=key,
        name=KINDS[TaskKind(schedule.kind)].title,
        parameters={"schedule_id": schedule.id, "due": due.isoformat()},
        tags=["schedule"],
        due=due,
    )


def run_schedule(session: Session, schedule_id: str, due: datetime) -> str | None:
    """Make the task that is due, in the caller's transaction of all organizations; its id, or None.

    Nothing is made by a run that was replaced, without printers, or where the issuer has lost the role (F-43).
    """
    schedule = session.scalar(select(FleetSchedule).where(FleetSchedule.id == schedule_id).with_for_update())
    if schedule is None or schedule.is_paused or schedule.next_run != due:
        return None
    task_id, count, note = _make_task(session, schedule)
    schedule.last_run, schedule.last_count = now(), count
    schedule.last_note = note.model_dump() if note else None
    expect_next(session, schedule, max(now(), due))  # the engine's clock may be ahead of ours
    return task_id


def hand_over_overdue(session: Session) -> int:
    """Give the engine those runs anew that it has lost: nothing has run long after they were due. Returns how many."""
    query = select(FleetSchedule).where(FleetSchedule.next_run < now() - OVERDUE, FleetSchedule.is_paused.is_(False))
    overdue = session.scalars(query).all()
    for schedule in overdue:
        hand_over(session, schedule, f"/{now():%Y%m%dT%H}")
    return len(overdue)


def printers_of(session: Session, schedule: FleetSchedule) -> list[str]:
    """Ids of the printers that belong to the schedule now (FL-515)."""
    if schedule.run_for == RunFor.FILTER_GROUP:
        return printers_of_filter_group(session, schedule.filter_group_id or "")
    if schedule.filter_group_id is not None:
        return printers_of_filter_group(session, schedule.filter_group_id)
    query = select(Printer.id).where(Printer.organization_id == schedule.organization_id).order_by(Printer.id)
    if schedule.run_for == RunFor.TAGS:
        tagged = select(TaggedPrinter.printer_id).where(TaggedPrinter.tag_id.in_(schedule.tag_ids))
        query = query.where(Printer.id.in_(tagged))
    return list(session.scalars(query))


def _make_task(session: Session, schedule: FleetSchedule) -> tuple[str | None, int, Message | None]:
    kind = TaskKind(schedule.kind)
    try:
        actor = actor_of_user(schedule.issuer_id or "", schedule.organization_id)
        actor.need(KINDS[kind].permission)
    except PressroomError:
        return None, 0, Message.of(NOT_ALLOWED)
    printers = printers_of(session, schedule)
    if not printers:
        return None, 0, Message.of(NO_PRINTERS)
    new = NewTask(kind, name=schedule.name, schedule_id=schedule.id)
    task_id = add_fleet_task(session, schedule.organization_id, schedule.issuer_id, new, printers)
    return task_id, len(printers), None
