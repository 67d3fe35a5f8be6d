"""Bringing the document store and the records of print jobs together again, daily (F-32)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, islice

from sqlalchemy import select

from connectors.documents import DocumentStore, open_store
from connectors.documents.store import MISSING
from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.models import now
from domain.printing.content import delete_content
from domain.printing.jobs import move
from domain.printing.models import PrintJob
from domain.printing.states import FINAL, RELEASABLE, JobState
from domain.recorded_errors import error_record
from domain.tenancy import tenant_session

CONTENT_LOST = Fault(
    "print_job.content_lost",
    500,
    N_("The content of “{name}” is no longer in the document store."),
    N_("Send it again. Administrators: the store may have been restored from an older backup."),
)
YOUNG = timedelta(hours=1)
"""Content younger than this may belong to a job whose record is just being written."""
BATCH = 200


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was repaired: contents without a job, and jobs without content. Both 0: clean."""

    orphans: int
    lost: int


def reconcile(organization_id: str) -> Reconciled:
    """Delete content that belongs to no waiting job, and fail jobs whose content is gone."""
    return Reconciled(_delete_orphans(organization_id), _fail_lost(organization_id))


def _delete_orphans(organization_id: str) -> int:
    count, limit = 0, now() - YOUNG
    objects = open_store(get_settings()).list(f"{organization_id}/print-jobs")
    stored = ((one.key.split("/")[2], one.modified) for one in objects)
    newest = ((job_id, max(when for _, when in group)) for job_id, group in groupby(stored, key=lambda one: one[0]))
    for batch in _batches(job_id for job_id, modified in newest if modified < limit):
        with tenant_session(organization_id, read_only=True) as session:
            living = select(PrintJob.id).where(PrintJob.id.in_(batch), PrintJob.state.not_in(FINAL))
            orphans = set(batch) - set(session.scalars(living))
        delete_content(organization_id, sorted(orphans))
        count += len(orphans)
    return count


def _fail_lost(organization_id: str) -> int:
    store, count, last = open_store(get_settings()), 0, 0
    while True:
        with tenant_session(organization_id, read_only=True) as session:
            waiting = select(PrintJob.number, PrintJob.id, PrintJob.name, PrintJob.printable).where(
                PrintJob.state.in_(RELEASABLE), PrintJob.number > last
            )
            jobs = session.execute(waiting.order_by(PrintJob.number).limit(BATCH)).all()
        if not jobs:
            return count
        last = jobs[-1].number
        for job in jobs:
            if job.printable is not None and not _is_there(store, job.printable["key"]):
                count += _fail(organization_id, job.id, job.name)


def _is_there(store: DocumentStore, key: str) -> bool:
    try:
        store.stat(key)
    except PressroomError as error:
        if error.fault is MISSING:
            return False
        raise
    return True


def _fail(organization_id: str, job_id: str, name: str) -> bool:
    with tenant_session(organization_id) as session:
        reason = error_record(CONTENT_LOST(name=name))
        return move(session, job_id, RELEASABLE, JobState.FAILED, reason=reason, content_deleted=now())


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    ids = iter(ids)
    while batch := list(islice(ids, BATCH)):
        yield batch
