"""Releases at printers in trouble: cancelled in mid job, switched off in mid job; what is on paper is counted."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from domain.printing.states import AttemptState, BatchState, JobState
from fleet.releasing.batches import ReleaseRequest, cancel_release, find_release, start_release
from flows import release_print_jobs
from tests.support.releasing import ReleaseOffice, release_office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseOffice]:
    folder = tmp_path_factory.mktemp("slow")
    with release_office(folder, ["color-mfp"], page_seconds=0.15, print_timeout_seconds="6") as one:
        yield one


def working(office: ReleaseOffice) -> threading.Thread:
    """A worker of its own that carries out what waits."""
    thread = threading.Thread(target=office.work, name="worker")
    thread.start()
    return thread


def until_printing(office: ReleaseOffice, sides: int) -> None:
    deadline = time.monotonic() + 20
    while office.simulated().life_count < sides:
        assert time.monotonic() < deadline, "nothing is printed"
        time.sleep(0.01)


def test_cancelled_in_mid_job_what_was_printed_is_counted_and_the_job_stays(office: ReleaseOffice) -> None:
    """PR-209, F-5, PR-86: partial prints are charged for what was printed."""
    job = office.held(pages=50)
    before = office.simulated().life_count
    batch = start_release(office.ann, ReleaseRequest(office.printers[0], job_ids=[job]))
    worker = working(office)
    until_printing(office, before + 3)
    cancel_release(office.ann, batch.id)
    worker.join()
    sides = office.simulated().life_count - before
    assert 3 <= sides < 50
    ended = find_release(office.ann, batch.id)
    assert (ended.state, ended.attempts[0].state) == (BatchState.CANCELLED, AttemptState.PARTIALLY_PRINTED)
    assert office.job(job).state == JobState.HELD
    assert [fact.impressions for fact in office.facts() if fact.job_id == job] == [sides]


def test_a_long_job_keeps_no_process_and_is_printed_once(
    office: ReleaseOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PR-347, PR-348: it is looked after again and again, and its printer takes no other release meanwhile."""
    monkeypatch.setattr(release_print_jobs, "FOLLOWED_SECONDS", 0.5)
    monkeypatch.setattr(release_print_jobs, "PAUSE", timedelta(seconds=0.5))
    job, next_job = office.held(pages=20), office.held()
    before, looks = office.simulated().life_count, 0
    batch = start_release(office.ann, ReleaseRequest(office.printers[0], job_ids=[job]))
    behind = start_release(office.ann, ReleaseRequest(office.printers[0], job_ids=[next_job]))
    deadline = time.monotonic() + 30
    while not find_release(office.ann, behind.id).state.is_final:
        assert time.monotonic() < deadline
        if office.work() and not find_release(office.ann, batch.id).state.is_final:
            looks += 1
            assert office.job(next_job).state == JobState.RELEASING, "it waits behind"
        time.sleep(0.05)
    assert looks > 1
    assert office.simulated().life_count - before == 21
    assert office.job(job).state == JobState.PRINTED


def test_a_parked_job_can_be_cancelled_at_once(office: ReleaseOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_print_jobs, "FOLLOWED_SECONDS", 0.3)
    monkeypatch.setattr(release_print_jobs, "PAUSE", timedelta(seconds=60))
    job = office.held(pages=40)
    batch = start_release(office.ann, ReleaseRequest(office.printers[0], job_ids=[job]))
    office.work()
    assert not find_release(office.ann, batch.id).state.is_final
    assert office.work() == 0, "nobody looks before the break is over"
    cancel_release(office.ann, batch.id)
    assert office.work() == 1
    assert find_release(office.ann, batch.id).state is BatchState.CANCELLED
    assert office.job(job).state == JobState.HELD


def test_a_printer_switched_off_in_mid_job_leaves_the_job_with_a_warning(office: ReleaseOffice) -> None:
    """PR-344: the job is gone from the printer when it is back: nobody prints it again by themselves."""
    job = office.held(pages=50)
    before = office.simulated().life_count
    batch = start_release(office.ann, ReleaseRequest(office.printers[0], job_ids=[job]))
    worker = working(office)
    until_printing(office, before + 3)
    office.simulated().power_off(1.0)
    worker.join()
    [attempt] = find_release(office.ann, batch.id).attempts
    assert attempt.state is AttemptState.UNKNOWN
    assert office.job(job).state == JobState.HELD
    assert (office.job(job).reason or {})["code"] == "print_release.not_sure"
    assert office.simulated().life_count - before < 50
    told = sum(fact.impressions for fact in office.facts() if fact.job_id == job)
    assert told <= office.simulated().life_count - before, "as far as it told"
    batch = start_release(office.ann, ReleaseRequest(office.printers[0], job_ids=[office.held()]))
    office.work()
    assert find_release(office.ann, batch.id).state is BatchState.COMPLETED, "the printer prints again"
