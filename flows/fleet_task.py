"""How a fleet task runs: one flow over many printers, a Prefect task for each batch of them.

Inside a batch many printers are worked on at a time; each has a job in our records, which are the truth. Neither
printers nor their credentials pass through the engine: a batch takes its jobs from the records. A flow that takes over
from a lost worker first does again what that worker had in hand: steps look at the printer before they change it.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog
from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.client.schemas.objects import State

from connectors.documents import open_store
from connectors.errors import INTERNAL
from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.tenancy import tenant_session
from fleet.tasks.execution import Taken, counts_of, for_worker, orders_in_hand, status_of, take_jobs
from fleet.tasks.reporting import keep_reports
from fleet.tasks.status import JOB_TITLES, TASK_TITLES, TaskStatus
from flows.background_task import TaskAtWork, TaskOutcome, perform_task
from steps.printer_registry import printer_steps
from steps.printer_work import FileReference, Order, Report, carry_out

log = structlog.get_logger(__name__)

BATCH = 500
"""Jobs that one Prefect task does."""

WRITTEN_AT_ONCE = 50
"""Reports that are written in one transaction."""


class StoredFiles:
    """The document store as printer steps see it; fetched files are shared by the batch and removed with it."""

    def __init__(self, organization_id: str, folder: Path) -> None:
        self._organization_id, self._folder = organization_id, folder
        self._lock = asyncio.Lock()

    async def fetch(self, reference: FileReference) -> Path:
        """The file, checked against its SHA-256; fetched once."""
        target = self._folder / hashlib.sha256(reference.key.encode()).hexdigest()
        async with self._lock:
            if not target.exists():
                await asyncio.to_thread(open_store(get_settings()).fetch, reference.key, target, reference.sha256)
        return target

    async def keep(self, path: Path, name: str, media_type: str) -> str:
        """Put a file from a printer into the store; returns its key."""
        key = f"{self._organization_id}/fleet/logs/{uuid4().hex}"
        with path.open("rb") as source:
            await asyncio.to_thread(open_store(get_settings()).put, key, source, media_type)
        return key


def perform_fleet_task(task_id: str) -> State[Any]:
    """Do what our own worker has to do of a fleet task; agents that call in do the rest by themselves."""
    return perform_task(task_id, _perform)


def _perform(work: TaskAtWork) -> TaskOutcome:
    organization_id, fleet_task_id = work.work.organization_id, str(work.parameters["fleet_task_id"])
    number = done = 0
    while True:
        number += 1
        batch = work_on_printers.with_options(task_run_name=f"batch {number}")
        ended = batch(organization_id, fleet_task_id, resumes=number == 1, check=work.check)
        if not ended:
            break
        done += ended
        work.progress(done, done)
    return _outcome(organization_id, fleet_task_id)


def _nobody_else() -> None:
    """Nobody can take over where no lease is kept."""


@task(name="work-on-printers", persist_result=False)
def work_on_printers(
    organization_id: str, fleet_task_id: str, *, resumes: bool, check: Callable[[], None] = _nobody_else
) -> int:
    """Take a batch of the task's jobs and carry them out; returns how many ended, 0 when there is nothing to do.

    With `resumes` it begins with what a lost worker had in hand. `check` raises once another worker has taken over:
    no printer is begun after that.
    """
    mine = for_worker(fleet_task_id)
    with tenant_session(organization_id) as session:
        taken = Taken(orders_in_hand(session, mine), 0) if resumes else Taken([], 0)
        if not taken.orders:
            taken = take_jobs(session, mine, BATCH)
    with tempfile.TemporaryDirectory(prefix="pressroom-fleet-") as folder:
        files = StoredFiles(organization_id, Path(folder))
        asyncio.run(_carry_out_all(organization_id, taken.orders, files, check))
    return len(taken.orders) + taken.refused


async def _carry_out_all(
    organization_id: str, orders: Sequence[Order], files: StoredFiles, check: Callable[[], None]
) -> None:
    written: list[tuple[int, Report]] = []
    async for report in _reports(orders, files, check):
        written.append(report)
        if len(written) >= WRITTEN_AT_ONCE:
            await asyncio.to_thread(keep_reports, organization_id, written)
            written = []
    if written:
        await asyncio.to_thread(keep_reports, organization_id, written)


async def _reports(
    orders: Sequence[Order], files: StoredFiles, check: Callable[[], None]
) -> AsyncIterator[tuple[int, Report]]:
    slots = asyncio.Semaphore(get_settings().fleet_in_flight)

    async def one(order: Order) -> tuple[int, Report]:
        async with slots:
            check()
            return order.job_id, await _carried_out(order, files)

    for finished in asyncio.as_completed([one(order) for order in orders]):
        yield await finished


async def _carried_out(order: Order, files: StoredFiles) -> Report:
    try:
        return await carry_out(order, files, printer_steps())
    except Exception:
        reference = uuid4().hex[:12]
        log.exception("work on a printer failed unexpectedly", reference=reference, job_id=order.job_id)
        return Report.of(INTERNAL(reference=reference))


def _outcome(organization_id: str, fleet_task_id: str) -> TaskOutcome:
    with tenant_session(organization_id, read_only=True) as session:
        counts, status = counts_of(session, fleet_task_id), status_of(session, fleet_task_id)
    create_table_artifact(
        key="fleet-task-jobs",
        table=[{"Status": JOB_TITLES[one], "Jobs": count} for one, count in sorted(counts.items())],
        description=f"Fleet task {fleet_task_id}: {TASK_TITLES[status]}",
    )
    troubled = status in (TaskStatus.COMPLETED_WITH_ERRORS, TaskStatus.FAILED, TaskStatus.NOT_COMMUNICATING)
    total = sum(counts.values())
    return TaskOutcome(
        {"fleet_task_id": fleet_task_id, "status": status.value, "jobs": total},
        Message.of(N_("{total} jobs; status: {status}"), total=total, status=TASK_TITLES[status]),
        has_errors=troubled,
    )
