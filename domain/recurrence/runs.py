"""Telling the engine when something that recurs is due next.

The engine holds one flow run for each, to be started at `next_run`, where operators see it. A run that comes late,
because everything was off, is made up for once. One that was replaced, by a change, a pause or a later run, does
nothing: only the moment that the row itself names counts.
"""

from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.organizations.models import now
from domain.outbox.models import OutboxRow
from domain.outbox.service import enqueue
from domain.recurrence.models import RecurringRow

OVERDUE = timedelta(minutes=15)


def expect_next(session: Session, row: RecurringRow, after: datetime | None = None) -> None:
    """Name the next due moment and give the engine a flow run for it, in the caller's transaction."""
    row.next_run = None if row.is_paused else row.series.next_after(after or now())
    if row.next_run is None:
        return
    hand_over(session, row)


def hand_over(session: Session, row: RecurringRow, again: str = "") -> None:
    """Put the next run into the outbox, unless it was there before; `again` makes it another one."""
    assert row.next_run is not None
    due = row.next_run
    key = f"{row.KEYS}/{row.id}/{due:%Y%m%dT%H%M}/{row.changed:%Y%m%dT%H%M%S%f}{again}"
    if session.scalar(select(OutboxRow.id).where(OutboxRow.key == key)) is not None:
        return
    enqueue(
        session,
        row.organization_id,
        row.RUN_BY,
        key=key,
        name=row.run_name,
        parameters={"schedule_id": row.id, "due": due.isoformat()},
        tags=["schedule"],
        due=due,
    )


Row = TypeVar("Row", bound=RecurringRow)


def due_row(session: Session, model: type[Row], row_id: str, due: datetime) -> Row | None:
    """The row, locked, if it is due at that moment; None for a run that was replaced."""
    row = session.scalar(select(model).where(model.id == row_id).with_for_update())
    return None if row is None or row.is_paused or row.next_run != due else row


def hand_over_overdue(session: Session, model: type[RecurringRow]) -> int:
    """Give the engine those runs anew that it has lost: nothing has run long after they were due. Returns how many."""
    query = select(model).where(model.next_run < now() - OVERDUE, model.is_paused.is_(False))
    overdue = session.scalars(query).all()
    for row in overdue:
        hand_over(session, row, f"/{now():%Y%m%dT%H}")
    return len(overdue)
