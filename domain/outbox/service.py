"""Putting work into the outbox and handing it over.

If Prefect is down the row waits; nothing is lost. A row is handed to Prefect under its `key`, so that handing it over
twice starts one flow run. Once the transaction is committed, a worker is woken.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Subquery, delete, event, func, select, update
from sqlalchemy.orm import Session

from connectors.doorbell import ring
from connectors.settings import get_settings
from domain.organizations.models import now
from domain.outbox.models import OutboxRow

LONGEST_WAIT = timedelta(minutes=1)
KEPT = timedelta(days=2)
HAS_WORK = "outbox_has_work"
"""Mark on a session whose transaction holds something for the engine."""


def enqueue(
    session: Session,
    organization_id: str,
    deployment: str,
    *,
    key: str,
    name: str,
    parameters: dict[str, Any],
    tags: Sequence[str] = (),
    not_before: datetime | None = None,
    due: datetime | None = None,
) -> None:
    """Ask the engine to run `deployment` (flow/name) once per `key`; the flow run is tagged with the organization.

    `not_before`: the row waits until then. `due`: the engine gets it now and starts it then.
    """
    session.add(
        OutboxRow(
            organization_id=organization_id,
            deployment=deployment,
            key=key,
            name=name[:512],
            parameters=parameters,
            tags=[f"organization:{organization_id}", *tags],
            available=not_before or now(),
            due=due,
        )
    )
    session.info[HAS_WORK] = True


@event.listens_for(Session, "after_commit")
def _wake_worker(session: Session) -> None:
    if not session.in_nested_transaction() and session.info.pop(HAS_WORK, False):
        ring(get_settings().doorbells)


def waiting_rows(session: Session, limit: int = 50) -> list[OutboxRow]:
    """Rows due now, oldest first. Two dispatchers may see the same row: its key makes that harmless."""
    query = (
        select(OutboxRow)
        .where(OutboxRow.dispatched.is_(None), OutboxRow.available <= now())
        .order_by(OutboxRow.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def mark_dispatched(session: Session, row_id: int, flow_run_id: str) -> None:
    """The engine has it."""
    session.execute(update(OutboxRow).where(OutboxRow.id == row_id).values(dispatched=now(), flow_run_id=flow_run_id))


def postpone(session: Session, row_id: int) -> None:
    """The engine did not take the row: try again later, with growing pauses up to a minute."""
    row = session.get_one(OutboxRow, row_id)
    row.tries += 1
    row.available = now() + min(timedelta(seconds=0.5 * 2 ** min(row.tries, 10)), LONGEST_WAIT)


def forget_dispatched(session: Session) -> None:
    """Remove rows that were handed over long ago."""
    session.execute(delete(OutboxRow).where(OutboxRow.dispatched < now() - KEPT))


def flow_runs_with(session: Session, parameter: str, values: Sequence[str]) -> list[str]:
    """Ids of the engine's flow runs, oldest first, whose `parameter` has one of these values."""
    query = (
        select(OutboxRow.flow_run_id)
        .where(OutboxRow.parameters[parameter].as_string().in_(values), OutboxRow.flow_run_id.is_not(None))
        .order_by(OutboxRow.id)
    )
    return [flow_run_id for flow_run_id in session.scalars(query) if flow_run_id]


def last_hand_overs(parameter: str, before: datetime) -> Subquery:
    """Per value of `parameter` the latest flow run, if it was created before that time: `value`, `flow_run_id`."""
    value = OutboxRow.parameters[parameter].as_string()
    newest = select(func.max(OutboxRow.id)).where(value.is_not(None)).group_by(value)
    query = select(value.label("value"), OutboxRow.flow_run_id).where(
        OutboxRow.id.in_(newest), OutboxRow.dispatched < before
    )
    return query.subquery()
