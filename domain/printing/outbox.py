"""Print work in the outbox: one flow run may take several waiting jobs, so that a rush costs the engine little."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.organizations.models import now
from domain.outbox.models import OutboxRow
from domain.outbox.service import enqueue

PREPARE = "prepare-print-jobs/prepare-print-jobs"
RELEASE = "release-print-jobs/release-print-jobs"
SLOT = timedelta(seconds=0.5)
"""At most one flow run that prepares jobs is asked for in such a time, for each organization."""


def enqueue_preparation(session: Session, organization_id: str, not_before: datetime | None = None) -> None:
    """Ask the engine to prepare what waits in the organization (F-2, F-3), from `not_before` on.

    Joins a row that has not been handed over yet. One that just is being handed over may miss the job: the sweep finds
    it then.
    """
    slot = int((not_before or now()).timestamp() / SLOT.total_seconds())
    starts = not_before
    while (row := _row(session, organization_id, slot)) is not None:
        if row.dispatched is None:
            return
        slot += 1
        starts = datetime.fromtimestamp(slot * SLOT.total_seconds(), UTC)
    try:
        with session.begin_nested():
            enqueue(
                session,
                organization_id,
                PREPARE,
                key=_key(organization_id, slot),
                name="print jobs",
                parameters={"organization_id": organization_id},
                not_before=starts,
            )
    except IntegrityError:
        return  # another transaction has just asked for the same


def enqueue_release(
    session: Session, organization_id: str, printer_id: str, key: str, not_before: datetime | None = None
) -> None:
    """Ask the engine to carry out the releases that wait at the printer (F-6), once per `key`."""
    enqueue(
        session,
        organization_id,
        RELEASE,
        key=f"release-print-jobs/{key}",
        name="print release",
        parameters={"organization_id": organization_id, "printer_id": printer_id},
        tags=[f"printer:{printer_id}"],
        not_before=not_before,
    )


def _row(session: Session, organization_id: str, slot: int) -> OutboxRow | None:
    return session.scalar(select(OutboxRow).where(OutboxRow.key == _key(organization_id, slot)))


def _key(organization_id: str, slot: int) -> str:
    return f"prepare-print-jobs/{organization_id}/{slot}"
