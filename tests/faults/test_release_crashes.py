"""Whoever dies while jobs are released: none is lost, none is printed twice, the facts equal the counter (PR-344).

The worker dies at each moment at which it could; the portal at each moment of the request
(and really, in `test_portal_crashes`); printers in `test_release_at_troubled_printers`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from connectors.errors import PressroomError
from connectors.ipp import client
from domain.printing.states import AttemptState, JobState
from fleet.releasing import execution
from fleet.releasing.batches import ReleaseRequest, find_release, start_release
from fleet.releasing.execution import take_batch
from flows.lease import lease_owner
from flows.release_print_jobs import release_batch
from steps import print_release
from tests.support.kill_points import Killed, dies, moments_of
from tests.support.releasing import ReleaseOffice, release_office

PAGES = 2
MOMENTS = 45
"""More than one release has; those beyond its end change nothing."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseOffice]:
    with release_office(tmp_path_factory.mktemp("office"), print_timeout_seconds="3") as one:
        yield one


def carry_out(office: ReleaseOffice) -> None:
    taken = take_batch(office.organization_id, office.printers[0], lease_owner())
    if taken is not None:
        release_batch.fn(taken)


def take_over(office: ReleaseOffice) -> None:
    """What the sweep and another worker do after the first is dead."""
    execution.release_lost(lease_owner())
    office.work()


@dataclass(frozen=True)
class Begun:
    """A release of one job that waits for a worker, and what the printer and the facts had counted before."""

    office: ReleaseOffice
    job: str
    batch: str
    printed: int
    counted: int

    def assert_told_right(self) -> None:
        """It was printed once, or never and its owner is told that this is not sure."""
        office, job = self.office, self.office.job(self.job)
        sides = office.simulated().life_count - self.printed
        ended = find_release(office.ann, self.batch)
        assert ended.state.is_final
        assert sum(fact.impressions for fact in office.facts()) - self.counted == sides
        if ended.attempts[0].state is AttemptState.UNKNOWN:
            assert sides == 0, "it died between its note and the first page"
            assert job.state == JobState.HELD
            assert (job.reason or {})["code"] == "print_release.not_sure"
        else:
            assert (sides, ended.attempts[0].state) == (PAGES, AttemptState.PRINTED)
            assert job.state == JobState.PRINTED
            assert job.content_deleted is not None


def begun(office: ReleaseOffice) -> Begun:
    job = office.held(pages=PAGES)
    batch = start_release(office.ann, ReleaseRequest(office.printers[0], job_ids=[job]))
    counted = sum(fact.impressions for fact in office.facts())
    return Begun(office, job, batch.id, office.simulated().life_count, counted)


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_worker_that_dies_at_any_moment_loses_no_job_and_doubles_none(office: ReleaseOffice, moment: int) -> None:
    release = begun(office)
    dies(moment, lambda: carry_out(office))
    take_over(office)
    release.assert_told_right()


@pytest.mark.parametrize("share", [0.0, 0.5, 0.8])
def test_a_worker_that_dies_while_the_document_leaves_prints_no_part_of_it(
    office: ReleaseOffice, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(done: int, total: int) -> None:
        if done >= share * total:
            raise Killed

    release = begun(office)
    with monkeypatch.context() as here:
        here.setattr(client, "PIECE", 256)
        here.setattr(print_release, "_no_progress", die)
        with pytest.raises(Killed):
            carry_out(office)
    take_over(office)
    release.assert_told_right()


def test_a_portal_that_dies_at_any_moment_claims_all_or_nothing(office: ReleaseOffice) -> None:
    probe = office.held()
    request = ReleaseRequest(office.printers[0], job_ids=[probe])
    count = moments_of(lambda: start_release(office.ann, request))
    office.work()
    assert count > 4
    for moment in range(count):
        job = office.held()
        before = office.simulated().life_count
        dies(moment, lambda job=job: start_release(office.ann, ReleaseRequest(office.printers[0], job_ids=[job])))
        is_claimed = office.job(job).state == JobState.RELEASING
        office.work()
        assert office.simulated().life_count - before == (1 if is_claimed else 0), f"moment {moment}"
        assert office.job(job).state == (JobState.PRINTED if is_claimed else JobState.HELD)


def test_a_worker_that_lost_its_lease_stops(office: ReleaseOffice) -> None:
    job = office.held()
    start_release(office.ann, ReleaseRequest(office.printers[0], job_ids=[job]))
    taken = take_batch(office.organization_id, office.printers[0], "lost worker")
    assert taken is not None
    assert take_batch(office.organization_id, office.printers[0], "other") is None, "one at a time (PR-347)"
    execution.release_lost("lost worker")
    office.work()
    with pytest.raises(PressroomError) as caught:
        execution.next_attempt(taken)
    assert caught.value.code == "print_release.lease_lost"
    assert office.job(job).state == JobState.PRINTED
