"""Expiry, retention, history and reconciliation of print jobs (F-9, F-10, F-32, PR-173…PR-181)."""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select

from connectors.documents import FolderStore, open_store
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.printing.content import job_store
from domain.printing.expiry import recalculate_expiry
from domain.printing.jobs import find_job
from domain.printing.models import PrintJob, PrintRelease, PrintRemoval, PrintSubmission
from domain.printing.reconciliation import Reconciled, reconcile
from domain.printing.service import queued_jobs
from domain.printing.states import JobSource, JobState
from domain.printing.submission import Submission, submit_file
from domain.tenancy import system_session
from flows.prepare_print_jobs import prepare_batch
from flows.print_upkeep import expire_print_jobs, purge_print_history
from steps.samples import letter_pdf
from tests.support.installation import Installation, installed
from tests.support.print_queues import add_held, add_many
from tests.support.print_settings import set_print_settings

PAST = timedelta(seconds=-1)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as one:
        yield one


@pytest.fixture
def ann(installation: Installation) -> Actor:
    return installation.add_person("ann@one.example", Role.PRINT_RELEASE_USER)


def held_with_content(ann: Actor, tmp_path: Path) -> str:
    job = submit_file(ann, Submission("Letter.pdf", JobSource.WEB), letter_pdf(tmp_path))
    prepare_batch.fn(ann.organization_id)
    return job.id


def stored(ann: Actor) -> int:
    return len(list(job_store().list(ann.organization_id)))


def row(ann: Actor, job_id: str) -> PrintJob:
    with ann.session(read_only=True) as session:
        return find_job(session, job_id)


def test_what_is_due_ends_with_its_content_and_is_a_fact(ann: Actor, tmp_path: Path) -> None:
    due = held_with_content(ann, tmp_path)
    later = held_with_content(ann, tmp_path)
    with ann.session() as session:
        find_job(session, due).expires_at = now() + PAST
    kept = add_held(ann, state=JobState.KEPT, expires_at=now() + PAST)
    busy = add_held(ann, state=JobState.PRINTING, expires_at=now() + PAST)
    before = stored(ann)
    assert expire_print_jobs.fn() == 2
    assert stored(ann) == before / 2
    states = [row(ann, one).state for one in (due, later, kept, busy)]
    assert states == [JobState.EXPIRED, JobState.HELD, JobState.EXPIRED, JobState.PRINTING]
    with ann.session(read_only=True) as session:
        facts = [(fact.job_id, fact.how, fact.pages) for fact in session.scalars(select(PrintRemoval))]
    assert facts == [(due, "expired", 1)], "a kept job was printed (PR-138)"
    assert row(ann, due).content_deleted is not None
    assert expire_print_jobs.fn() == 0


def test_content_that_a_crash_left_is_deleted_by_the_sweep(ann: Actor, tmp_path: Path) -> None:
    job = held_with_content(ann, tmp_path)
    with ann.session() as session:
        ended = find_job(session, job)
        ended.state, ended.changed = JobState.EXPIRED, now() - timedelta(minutes=6)
    assert stored(ann) > 0
    expire_print_jobs.fn()
    assert stored(ann) == 0


@pytest.mark.parametrize(("hours", "is_gone"), [(1, True), (30, False), (200, False)])
def test_another_retention_counts_for_jobs_that_wait_already(ann: Actor, hours: int, is_gone: bool) -> None:
    """PR-176, PR-32: shorter and longer."""
    submitted = now() - timedelta(hours=2)
    job = add_held(ann, submitted=submitted)
    set_print_settings(ann, jobs={"retention_unreleased": {"count": hours, "unit": "hours"}})
    with ann.session() as session:
        assert recalculate_expiry(session, ann.organization_id) == 1
    expires = row(ann, job).expires_at
    assert expires is not None
    assert abs(expires - submitted - timedelta(hours=hours)) < timedelta(seconds=1)
    assert (queued_jobs(ann) == []) is is_gone


def test_a_cap_stays_and_kept_jobs_go_by_their_last_release(ann: Actor) -> None:
    """PR-155, PR-175, PR-176, PR-32."""
    cap, released = now() + timedelta(hours=1), now() - timedelta(hours=3)
    capped = add_held(ann, expires_latest=cap)
    kept = add_held(ann, state=JobState.KEPT, submitted=now() - timedelta(days=9))
    with ann.session() as session:
        for number, hours in enumerate((30, 3)):
            session.add(_release(kept, ann, number, now() - timedelta(hours=hours)))
    set_print_settings(ann, jobs={"retention_released": {"count": 12, "unit": "hours"}})
    with ann.session() as session:
        recalculate_expiry(session, ann.organization_id)
    assert row(ann, capped).expires_at == cap
    expires = row(ann, kept).expires_at
    assert expires is not None
    assert abs(expires - released - timedelta(hours=12)) < timedelta(seconds=5)


def _release(job_id: str, owner: Actor, number: int, released: object) -> PrintRelease:
    return PrintRelease(
        attempt_id=f"attempt-{number}",
        job_id=job_id,
        user_id=owner.user_id,
        released_by=owner.user_id,
        released=released,
        impressions=1,
        color_impressions=0,
        sheets=1,
        pages=1,
        copies=1,
        sides="one-sided",
        result="printed",
        source="device",
    )


def test_history_older_than_its_period_is_purged_and_the_facts_stay(ann: Actor, tmp_path: Path) -> None:
    """PR-181, F-10."""
    long_ago = now() - timedelta(days=31)
    old = add_held(ann, state=JobState.PRINTED, changed=long_ago, content_deleted=long_ago)
    recent = add_held(ann, state=JobState.PRINTED, content_deleted=now())
    waiting = add_held(ann, changed=long_ago)
    with ann.session() as session:
        session.add(_release(old, ann, 1, long_ago))
        session.add(_release(recent, ann, 2, now() - timedelta(days=731)))
    assert purge_print_history.fn() == 1
    with ann.session(read_only=True) as session:
        assert set(session.scalars(select(PrintJob.id))) == {recent, waiting}
        assert list(session.scalars(select(PrintRelease.job_id))) == [old], "two years"


def test_the_store_and_the_records_are_brought_together(ann: Actor, tmp_path: Path) -> None:
    """F-32."""
    whole, lost, ended = (held_with_content(ann, tmp_path) for _ in range(3))
    store = open_store(get_settings())
    assert isinstance(store, FolderStore)
    store.delete_folder(f"{ann.organization_id}/print-jobs/{lost}")
    with ann.session() as session:
        find_job(session, ended).state = JobState.PRINTED
    for key in ("orphan/original", "young/original"):
        job_store().put(f"{ann.organization_id}/print-jobs/{key}", BytesIO(b"left"), "text/plain")
    hour_ago = time.time() - 3700
    for key in [one.key for one in store.list(ann.organization_id) if "young" not in one.key]:
        os.utime(store.path_of(key), (hour_ago, hour_ago))
    assert reconcile(ann.organization_id) == Reconciled(orphans=2, lost=1)
    left = {one.key.split("/")[2] for one in store.list(ann.organization_id)}
    assert left == {whole, "young"}
    assert row(ann, lost).state == JobState.FAILED
    reason = row(ann, lost).reason
    assert reason is not None
    assert reason["code"] == "print_job.content_lost"
    assert reconcile(ann.organization_id) == Reconciled(0, 0), "clean"


def test_no_clear_text_of_a_job_is_on_the_disk(ann: Actor, tmp_path: Path) -> None:
    """Issue 5, PR-345: held encrypted; what a job was prepared with is gone from the working folder too."""
    secret = "the board decides on Friday"
    path = tmp_path / "minutes.txt"
    path.write_text(secret * 100)
    submit_file(ann, Submission("minutes.txt", JobSource.WEB), path)
    prepare_batch.fn(ann.organization_id)
    home = get_settings().home
    kept = [file for folder in ("documents", "scratch") for file in (home / folder).rglob("*") if file.is_file()]
    assert len(kept) == 3, "original, printable and preview"
    for file in kept:
        content = file.read_bytes()
        assert not [mark for mark in (secret.encode(), b"%PDF", b"\x89PNG", b"minutes") if mark in content], file


def test_a_thousand_due_jobs_are_swept_in_batches(ann: Actor) -> None:
    add_many(ann, 1200, expires_at=now() + PAST)
    assert expire_print_jobs.fn() == 1200
    with system_session(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(PrintRemoval)) == 1200
        assert session.scalar(select(func.count()).select_from(PrintSubmission)) == 0
