"""What people see of their print queue, and documents that solutions put there (SC-86a, PR-105)."""

from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy import select

from connectors.documents import open_store
from connectors.documents.document import Document
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.printing.models import PrintJob
from domain.printing.queue import IN_QUEUE
from domain.printing.queue_pages import shown_in_queue
from domain.printing.states import JobSource
from domain.printing.submission import Submission, submit_file
from domain.printing.views import JobView


def hold_document(actor: Actor, document: Document, key: str) -> str:
    """Put a copy of a stored document into the actor's queue, once per `key`; returns the job's id."""
    folder = get_settings().scratch_folder
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix="print-", suffix=Path(document.name).suffix) as copy:
        target = Path(copy.name)
        open_store(get_settings()).fetch(document.key, target, document.sha256)
        return submit_file(actor, Submission(document.name, JobSource.WORKFLOW, key=key), target).id


def queued_jobs(actor: Actor) -> list[JobView]:
    """The actor's own jobs that are not ended, oldest first."""
    with actor.session(read_only=True) as session:
        own = (PrintJob.user_id == actor.user_id) & PrintJob.state.in_(IN_QUEUE) & shown_in_queue()
        query = select(PrintJob).where(own)
        return [JobView.of(job) for job in session.scalars(query.order_by(PrintJob.submitted, PrintJob.number))]
