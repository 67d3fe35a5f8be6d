"""Looking jobs up, and moving them from one state to the next (PR-136, PR-137)."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.models import now
from domain.printing.models import PrintJob
from domain.printing.states import FOLLOWING, JobKind, JobState
from domain.tenancy import NOT_FOUND
from domain.workstation_printing.dropping import drop_copies

WRONG_STATE = Fault(
    "print_job.wrong_state",
    409,
    N_("The job “{name}” is not in a state for this: {state}."),
    N_("Look at the queue again: it may just be printing, or be gone."),
    spec="PR-113",
)
JOB_EXPIRED = Fault(
    "print_job.job_expired",
    410,
    N_("“{name}” has waited too long and can no longer be printed."),
    N_("Send it to your print queue again."),
)


def find_job(session: Session, job_id: str, *, lock: bool = False) -> PrintJob:
    """The job of that id in the session's organization; raises `NOT_FOUND`."""
    query = select(PrintJob).where(PrintJob.id == job_id)
    job = session.scalar(query.with_for_update() if lock else query)
    if job is None:
        raise NOT_FOUND(what="print job")
    return job


def move(session: Session, job_id: str, sources: Collection[JobState], target: JobState, **values: Any) -> bool:
    """Bring the job into `target` if it is in one of `sources`, in one statement; whether it was (PR-137).

    Of several that try at once, one succeeds. A step that the table of states does not know is a mistake in the code.
    Whatever ends a hybrid job has it deleted at all nodes (PR-253).
    """
    assert all(target in FOLLOWING[source] for source in sources), f"{sources} → {target}"
    changed = session.execute(
        update(PrintJob)
        .where(PrintJob.id == job_id, PrintJob.state.in_(sources))
        .values(state=target, changed=now(), **values)
        .returning(PrintJob.kind, PrintJob.organization_id)
    ).first()
    if changed is not None and changed.kind == JobKind.HYBRID and target.is_final:
        drop_copies(session, changed.organization_id, [job_id])
    return changed is not None
