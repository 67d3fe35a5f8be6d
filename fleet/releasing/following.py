"""Following many releases at once, for all panels of a process together: two queries an organization."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from domain.printing.models import PrintJob, ReleaseAttempt, ReleaseBatch
from domain.printing.states import BatchState
from domain.tenancy import tenant_session
from fleet.releasing.views import BatchView


def releases_of(organization_id: str, batch_ids: Collection[str]) -> Mapping[str, BatchView]:
    """The releases of these ids as they are now; those that are gone are left out.

    Whoever asks has made sure that the releases are theirs to see.
    """
    with tenant_session(organization_id, read_only=True) as session:
        batches = list(session.scalars(select(ReleaseBatch).where(ReleaseBatch.id.in_(batch_ids))))
        query = (
            select(ReleaseAttempt, PrintJob)
            .join(PrintJob, PrintJob.id == ReleaseAttempt.job_id)
            .where(ReleaseAttempt.batch_id.in_(batch_ids))
            .order_by(ReleaseAttempt.position)
        )
        attempts: dict[str, list[tuple[ReleaseAttempt, PrintJob]]] = {batch.id: [] for batch in batches}
        for attempt, job in session.execute(query).tuples():
            attempts[attempt.batch_id].append((attempt, job))
        return {batch.id: BatchView.of(batch, attempts[batch.id]) for batch in batches}


def unfinished_release(organization_id: str, user_id: str, printer_id: str) -> BatchView | None:
    """The newest release of a person at a printer that has not ended."""
    with tenant_session(organization_id, read_only=True) as session:
        query = select(ReleaseBatch.id).where(
            ReleaseBatch.user_id == user_id,
            ReleaseBatch.printer_id == printer_id,
            ReleaseBatch.state.in_([state for state in BatchState if not state.is_final]),
        )
        found = session.scalar(query.order_by(ReleaseBatch.created.desc()).limit(1))
    return releases_of(organization_id, [found]).get(found) if found else None
