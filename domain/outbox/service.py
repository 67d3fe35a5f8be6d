"""Putting work into the outbox and handing it over.

If Prefect is down the row waits; nothing is lost. A row is handed to Prefect under its `key`, so that handing it over
twice starts one flow run.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from domain.organizations.models import now
from domain.outbox.models import OutboxRow

LONGEST_WAIT = timedelta(minutes=1)
KEPT = timedelta(days=2)


def enqueue(
    session: Session,
    organization_id: str,
    deployment: str,
    *,
    key: str,
    name: str,
    parameters: dict[str, Any],
    tags: Sequence[str] = (),
) -> None:
    """Ask the engine to run `deployment` (flow/name) once per `key`; the flow run is tagged with the organization."""
    session.add(
        OutboxRow(
            organization_id=organization_id,
            deployment=deployment,
            key=key,
            name=name[:512],
            parameters=parameters,
            tags=[f"organization:{organization_id}", *tags],
        )
    )


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
