"""How jobs leave: the fact that one was not printed, and their content, which goes for good."""

from collections.abc import Collection, Sequence

from sqlalchemy import update

from domain.organizations.models import now
from domain.printing.content import delete_content
from domain.printing.models import PrintJob, PrintRemoval
from domain.tenancy import tenant_session

BATCH = 500


def removal_fact(job: PrintJob, how: str) -> PrintRemoval:
    """The fact that a job left without being printed (PR-138)."""
    return PrintRemoval(
        organization_id=job.organization_id, job_id=job.id, user_id=job.user_id, how=how, pages=job.pages or 0
    )


def remove_content(organization_id: str, job_ids: Sequence[str]) -> None:
    """Delete what is kept of ended jobs and note it; what a crash leaves is found by the sweep."""
    delete_content(organization_id, job_ids)
    for start in range(0, len(job_ids), BATCH):
        _note(organization_id, job_ids[start : start + BATCH])


def _note(organization_id: str, job_ids: Collection[str]) -> None:
    with tenant_session(organization_id) as session:
        empty = PrintJob.id.in_(job_ids) & PrintJob.content_deleted.is_(None)
        session.execute(update(PrintJob).where(empty).values(content_deleted=now(), changed=PrintJob.changed))
