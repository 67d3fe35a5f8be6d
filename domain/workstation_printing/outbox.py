"""Work on copies in the outbox: one flow run looks after all jobs of an organization that are short of copies."""

from datetime import datetime

from sqlalchemy.orm import Session

from domain.outbox.service import enqueue

REPLICATE = "replicate-hybrid-jobs/replicate-hybrid-jobs"
REMOVE = "remove-print-nodes/remove-print-nodes"


def enqueue_replication(session: Session, organization_id: str, key: str, not_before: datetime | None = None) -> None:
    """Ask the engine to have copies made (F-18), once per `key`."""
    enqueue(
        session,
        organization_id,
        REPLICATE,
        key=f"replicate-hybrid-jobs/{key}",
        name="copies of hybrid jobs",
        parameters={"organization_id": organization_id},
        not_before=not_before,
    )


def enqueue_removal(session: Session, organization_id: str, key: str) -> None:
    """Ask the engine to go on with the removal of nodes (F-22), once per `key`."""
    enqueue(
        session,
        organization_id,
        REMOVE,
        key=f"remove-print-nodes/{key}",
        name="removal of storage nodes",
        parameters={"organization_id": organization_id},
    )
