"""How soon print jobs whose time has passed are gone with their content, and how much memory that takes."""

import os
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select, update

from benchmarks.own_process import peak_memory_mb
from benchmarks.own_records import own_records, tidy
from benchmarks.print_queues import seed_jobs
from connectors.documents import FolderStore, open_store
from connectors.logs import configure_logs
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.printing.content import job_store
from domain.printing.models import PrintJob
from domain.printing.states import JobState
from domain.tenancy import system_session
from tests.support.s3_server import running_s3_server

CONTENT = bytes(range(256)) * 80
"""Of each part of a job: 20 KB, as much as a letter."""
PARTS = ("original", "printable", "preview")
BATCH = 5000


@dataclass(frozen=True, slots=True)
class Expired:
    """What an expiry took in a process that did nothing else."""

    jobs: int
    seconds: float
    cpu_seconds: float
    peak_mb: float


def measure_expiry(actor: Actor, count: int, prefix: str) -> dict[str, float]:
    """Seconds until `count` jobs are gone, and how much more memory that takes than a tenth of them.

    There must be as many jobs that wait in the actor's queue, from `seed_jobs`.
    """
    few = _expired(actor, _make_due(actor, count // 10))
    many = _expired(actor, _make_due(actor, count))
    return {
        f"{prefix}s": round(many.seconds, 1),
        f"{prefix}mb": round(many.peak_mb),
        f"{prefix}growth_mb": round(many.peak_mb - few.peak_mb, 1),
    }


def measure_expiry_in_s3(count: int) -> dict[str, float]:
    """Seconds until `count` jobs are gone whose content is in an S3 store of this machine."""
    with TemporaryDirectory(prefix="pressroom-benchmark-s3-") as folder, running_s3_server(Path(folder)) as server:
        place = {
            "documents": "s3",
            "s3_endpoint": server.endpoint,
            "s3_access_key": server.access_key,
            "s3_secret_key": server.secret_key,
            "s3_bucket": "benchmark",
            "s3_secure": "false",
        }
        with own_records(**place) as actor:
            seed_jobs(actor, count)
            done = _expired(actor, _make_due(actor, count))
    return {"expiry_s3_s": round(done.seconds, 1)}


def _make_due(actor: Actor, count: int) -> Sequence[str]:
    """Give `count` jobs that wait their content, and let their time be over; returns their ids."""
    with system_session() as session:
        held = select(PrintJob.id).where(PrintJob.state == JobState.HELD, PrintJob.expires_at > now())
        ids = session.scalars(held.order_by(PrintJob.number).limit(count)).all()
        for start in range(0, count, BATCH):
            due = update(PrintJob).where(PrintJob.id.in_(ids[start : start + BATCH]))
            session.execute(due.values(expires_at=now() - timedelta(minutes=1)))
    _store_content(actor, ids)
    tidy()
    return ids


def _store_content(actor: Actor, ids: Sequence[str]) -> None:
    """The first job's is stored as always; in a folder, files for the others are copied, as nobody will read them."""
    folders = [f"{actor.organization_id}/print-jobs/{one}" for one in ids]
    store = open_store(get_settings())
    is_copied = isinstance(store, FolderStore)
    for part in PARTS:
        for folder in folders[:1] if is_copied else folders:
            job_store().put(f"{folder}/{part}", BytesIO(CONTENT), "application/pdf")
    if isinstance(store, FolderStore):
        for folder in folders[1:]:
            store.path_of(f"{folder}/{PARTS[0]}").parent.mkdir(parents=True)
            for part in PARTS:
                shutil.copyfile(store.path_of(f"{folders[0]}/{part}"), store.path_of(f"{folder}/{part}"))
        os.sync()


def _expired(actor: Actor, ids: Sequence[str]) -> Expired:
    """Let the flow end them, in a process of its own; nothing of them must be left."""
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:
        done = apart.submit(_expire).result()
    took = f"{done.seconds:5.1f} s, {done.cpu_seconds:5.1f} s of CPU, {done.peak_mb:.0f} MB"
    print(f"expiry of {done.jobs} jobs: {took}", flush=True)
    with system_session(read_only=True) as session:
        due = select(PrintJob.state, func.count()).where(PrintJob.id.in_(ids[:BATCH])).group_by(PrintJob.state)
        states = dict(session.execute(due).tuples().all())
    left = next(open_store(get_settings()).list(f"{actor.organization_id}/print-jobs"), None)
    if done.jobs != len(ids) or left is not None or set(states) != {JobState.EXPIRED}:
        raise SystemExit(f"{done.jobs} of {len(ids)} jobs are expired; {states}; left in the store: {left}")
    return done


def _expire() -> Expired:
    """Do it as the worker does, in this process."""
    from flows.print_upkeep import expire_print_jobs

    configure_logs(get_settings())
    wall, cpu = time.perf_counter(), time.process_time()
    jobs = expire_print_jobs.fn()
    return Expired(jobs, time.perf_counter() - wall, time.process_time() - cpu, peak_memory_mb())
