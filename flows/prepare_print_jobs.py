"""How jobs get from their arrival into the queue (F-2, F-3): one flow run takes what waits in an organization.

Under load a flow run prepares several jobs, a Prefect task for each batch of them.
"""

import shutil
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

import structlog
from prefect import flow, task

from connectors.documents.media_types import PNG
from connectors.errors import INTERNAL, PressroomError
from connectors.logs import bind
from connectors.settings import get_settings
from domain.printing import preparation
from domain.printing.content import job_store, keep_content
from domain.printing.preparation import Prepared, Waiting
from flows.lease import Lease, lease_owner
from steps.print_preparation import PreparationLimits, PreparedFile, prepare_for_print

log = structlog.get_logger(__name__)

BATCH = 20


@flow(name="prepare-print-jobs", validate_parameters=False, persist_result=False)
def prepare_print_jobs(organization_id: str) -> int:
    """Prepare every job of the organization that waits for it; returns how many there were."""
    total = 0
    while count := prepare_batch(organization_id):
        total += count
    return total


@task(name="prepare-batch", persist_result=False)
def prepare_batch(organization_id: str) -> int:
    """Take some of the waiting jobs and prepare each; one that fails does not keep the others."""
    owner = lease_owner()
    waiting = preparation.take_waiting(organization_id, owner, BATCH)
    if waiting:
        with Lease(f"print-{organization_id[:8]}", partial(preparation.renew, organization_id, owner)) as lease:
            for job in waiting:
                lease.check()
                with bind(job_id=job.job_id, organization_id=organization_id):
                    _prepare(job)
    return len(waiting)


def _prepare(waiting: Waiting) -> None:
    try:
        preparation.hold(waiting, _prepared(waiting))
    except PressroomError as error:
        if error.transient:
            preparation.try_again(waiting, error)
        else:
            preparation.refuse(waiting, error)
    except Exception:
        reference = uuid4().hex[:12]
        log.exception("preparing a print job failed unexpectedly", reference=reference)
        preparation.try_again(waiting, INTERNAL(reference=reference))


def _prepared(waiting: Waiting) -> Prepared:
    root = get_settings().scratch_folder
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix=f"{waiting.job_id[:8]}-print-", dir=root))
    try:
        source = folder / "original"
        job_store().fetch(waiting.original.key, source, waiting.original.sha256)
        limits = PreparationLimits(waiting.page_limit, waiting.measures_pages)
        made = prepare_for_print(source, waiting.name, waiting.original.media_type, folder, limits)
        return _kept(waiting, made, source)
    finally:
        shutil.rmtree(folder)


def _kept(waiting: Waiting, made: PreparedFile, source: Path) -> Prepared:
    keep = partial(keep_content, waiting.organization_id, waiting.job_id)
    stem = Path(waiting.name).stem
    printable = waiting.original.model_copy(update={"pages": made.pages})
    if made.path != source:
        printable = keep("printable", made.path, f"{stem}.pdf", made.media_type, made.pages)
    preview = keep("preview", made.preview, f"{stem}.png", PNG) if made.preview else None
    return Prepared(printable, made.pages, made.is_color, made.sides, preview)
