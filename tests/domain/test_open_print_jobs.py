"""Jobs whose document does not come: they are dropped after three minutes (PR-118, PR-325)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.printing.models import PrintJob
from domain.printing.own_jobs import keep_open, open_own_job, own_job
from domain.printing.states import JobSource, JobState
from domain.printing.submission import OPEN_FOR, Submission, drop_overdue, submit_file
from steps.samples import letter_pdf
from tests.support.installation import Installation, installed


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as one:
        yield one


@pytest.fixture
def person(installation: Installation) -> Actor:
    return installation.add_person("prints@one.example", Role.PRINT_RELEASE_USER)


def grown_old(person: Actor, number: int, state: JobState = JobState.RECEIVING) -> None:
    with person.session() as session:
        job = session.get(PrintJob, number)
        assert job is not None
        job.state, job.changed = state, now() - OPEN_FOR - timedelta(seconds=1)


@pytest.mark.parametrize("state", [JobState.RECEIVING, JobState.AWAITING_AUTH])
def test_a_job_that_stays_open_is_dropped_with_its_reason(person: Actor, state: JobState) -> None:
    """AC-34, PR-118: within three minutes the person has signed in, or the job is gone."""
    fresh, old = (open_own_job(person, Submission("a.pdf", JobSource.IPP)) for _ in range(2))
    grown_old(person, old.number, state)
    assert drop_overdue() == [old.id]
    dropped = own_job(person, old.number)
    assert dropped.state is JobState.REJECTED
    assert dropped.reason is not None
    assert dropped.reason.code == "print_job.sign_in_timeout"
    assert own_job(person, fresh.number).state is JobState.RECEIVING
    assert drop_overdue() == []


def test_a_job_whose_document_is_on_its_way_stays(person: Actor) -> None:
    job = open_own_job(person, Submission("a.pdf", JobSource.IPP))
    grown_old(person, job.number)
    keep_open(person, job.id)
    assert drop_overdue() == []


def test_a_job_with_its_document_stays_however_long_it_waits(person: Actor, tmp_path: Path) -> None:
    job = submit_file(person, Submission("a.pdf", JobSource.IPP), letter_pdf(tmp_path))
    grown_old(person, job.number, JobState.HELD)
    assert drop_overdue() == []
    assert own_job(person, job.number).state is JobState.HELD
