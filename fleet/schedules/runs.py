"""Running a schedule when it is due (F-43)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from domain.organizations.actor import actor_of_user
from domain.organizations.models import now
from domain.recurrence.runs import due_row, expect_next
from fleet.printers.filter_groups import printers_of_filter_group
from fleet.printers.models import Printer, TaggedPrinter
from fleet.schedules.models import FleetSchedule, RunFor
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.service import NewTask, add_fleet_task

NO_PRINTERS = N_("No printer belongs to it now; no task was started.")
NOT_ALLOWED = N_("Whoever made the schedule may no longer do this; no task was started.")


def run_schedule(session: Session, schedule_id: str, due: datetime) -> str | None:
    """Make the task that is due, in the caller's transaction of all organizations; its id, or None.

    Nothing is made by a run that was replaced, without printers, or where the issuer has lost the role (F-43).
    """
    schedule = due_row(session, FleetSchedule, schedule_id, due)
    if schedule is None:
        return None
    task_id, count, note = _make_task(session, schedule)
    schedule.last_run, schedule.last_count = now(), count
    schedule.last_note = note.model_dump() if note else None
    expect_next(session, schedule, max(now(), due))  # the engine's clock may be ahead of ours
    return task_id


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
