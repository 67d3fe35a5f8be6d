"""Releasing held jobs at simulated printers over real IPP (F-5, F-6): what comes out, and what becomes of the jobs."""

from collections.abc import Iterator

import pytest

from connectors.errors import PressroomError
from connectors.ipp.ticket import JobTicket
from domain.organizations.roles import Role
from domain.printing.content import job_store
from domain.printing.evaluation import Changes
from domain.printing.jobs import find_job
from domain.printing.states import AttemptState, BatchMode, BatchState, JobState
from fleet.printers.models import Printer
from fleet.releasing.batches import ReleaseRequest, cancel_release, find_release, start_release
from printers_sim.printer import Condition
from tests.support.releasing import ReleaseOffice, release_office


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseOffice]:
    with release_office(tmp_path_factory.mktemp("office"), print_timeout_seconds="2") as office:
        yield office


@pytest.fixture
def office(shared: ReleaseOffice) -> ReleaseOffice:
    shared.settings()
    for printer in shared.simulation.printers:
        printer.clear_condition(Condition.JAM)
    return shared


def refusal(office: ReleaseOffice, request: ReleaseRequest) -> str:
    with pytest.raises(PressroomError) as caught:
        start_release(office.ann, request)
    return caught.value.code


def test_a_job_is_printed_once_and_its_content_goes(office: ReleaseOffice) -> None:
    job = office.held(pages=3)
    before = office.simulated().life_count
    batch = start_release(office.ann, ReleaseRequest(office.printers[0], job_ids=[job]))
    assert office.job(job).state == JobState.RELEASING
    assert office.work() == 1
    assert office.simulated().life_count - before == 3
    ended = find_release(office.ann, batch.id)
    assert (ended.state, [one.state for one in ended.attempts]) == (BatchState.COMPLETED, [AttemptState.PRINTED])
    assert office.job(job).state == JobState.PRINTED
    assert office.job(job).content_deleted is not None
    assert [key for key in job_store().list(office.organization_id) if job in str(key)] == []
    fact = office.facts()[-1]
    assert (fact.job_id, fact.impressions, fact.pages, fact.sheets, fact.source) == (job, 3, 3, 3, "intent")
    assert office.work() == 0, "nothing waits any more"


def test_what_was_changed_at_the_panel_counts(office: ReleaseOffice) -> None:
    """PR-192, PR-101: over what the job came with."""
    office.install_apps()
    job = office.held(pages=2, ticket=JobTicket(copies=1, sides="one-sided"))
    changes = Changes(copies=2, sides="two-sided-long-edge", color_mode="monochrome")
    printer = office.simulated()
    before = (printer.life_count, printer.sheets)
    start_release(office.ann, ReleaseRequest(office.printers[0], job_ids=[job], changes=changes))
    office.work()
    assert (printer.life_count - before[0], printer.sheets - before[1]) == (4, 2)


def test_a_job_is_kept_only_where_that_is_allowed(office: ReleaseOffice) -> None:
    """PR-28, PR-194."""
    office.install_apps()
    job = office.held()
    keeping = ReleaseRequest(office.printers[0], job_ids=[job], keep=True)
    assert refusal(office, keeping) == "print_release.feature_disabled"
    office.settings(print_and_keep_enabled=True)
    start_release(office.ann, keeping)
    office.work()
    assert office.job(job).state == JobState.KEPT
    start_release(office.ann, ReleaseRequest(office.printers[0], job_ids=[job]))
    office.work()
    assert office.job(job).state == JobState.PRINTED


def test_nobody_releases_what_is_not_theirs_or_is_being_released(office: ReleaseOffice) -> None:
    """PR-137; foreign jobs and printers do not exist."""
    job = office.held()
    bob = office.installation.add_person("bob@one.example", Role.PRINT_RELEASE_USER)
    with pytest.raises(PressroomError) as caught:
        start_release(bob, ReleaseRequest(office.printers[0], job_ids=[job]))
    assert caught.value.code == "not_found"
    with pytest.raises(PressroomError) as caught:
        start_release(office.installation.stranger, ReleaseRequest(office.printers[0], job_ids=[job]))
    assert caught.value.code == "not_found"
    start_release(office.ann, ReleaseRequest(office.printers[0], job_ids=[job]))
    assert refusal(office, ReleaseRequest(office.printers[1], job_ids=[job])) == "print_job.already_claimed"
    office.work()
    assert refusal(office, ReleaseRequest(office.printers[1], job_ids=[job])) == "print_job.wrong_state"


def test_all_own_jobs_are_released_in_their_order_and_one_that_fails_keeps_no_other(office: ReleaseOffice) -> None:
    """F-6."""
    jobs = [office.held(name=f"{number}.pdf") for number in range(3)]
    with office.ann.session() as session:
        broken = find_job(session, jobs[1])
        assert broken.printable is not None
        broken.printable = broken.printable | {"media_type": "image/urf"}
    batch = start_release(office.ann, ReleaseRequest(office.printers[0], BatchMode.ALL, origin="compact"))
    assert [one.job_id for one in batch.attempts] == jobs[::-1], "newest first, unless the setting says otherwise"
    office.work()
    ended = find_release(office.ann, batch.id)
    assert ended.state is BatchState.COMPLETED_WITH_ERRORS
    states = [one.state for one in ended.attempts]
    assert states == [AttemptState.PRINTED, AttemptState.REFUSED, AttemptState.PRINTED]
    assert ended.attempts[1].error is not None
    assert ended.attempts[1].error.code == "printer.format"
    assert office.job(jobs[1]).state == JobState.HELD


@pytest.mark.parametrize("came_from", [JobState.HELD, JobState.KEPT])
def test_cancelled_before_it_began_everything_goes_back(office: ReleaseOffice, came_from: JobState) -> None:
    """PR-136: into the state that it came from."""
    job = office.held()
    with office.ann.session() as session:
        find_job(session, job).state = came_from
    before = office.simulated().life_count
    batch = start_release(office.ann, ReleaseRequest(office.printers[0], job_ids=[job]))
    cancel_release(office.ann, batch.id)
    office.work()
    assert find_release(office.ann, batch.id).state is BatchState.CANCELLED
    assert office.job(job).state == came_from
    assert office.simulated().life_count == before


def test_a_printer_that_stands_still_gives_the_job_back_with_what_people_must_do(office: ReleaseOffice) -> None:
    """F-5: waits in “stopped”, then back; 10 minutes usually, 2 seconds in this test."""
    job = office.held()
    office.simulated().raise_condition(Condition.JAM)
    before = office.simulated().life_count
    batch = start_release(office.ann, ReleaseRequest(office.printers[0], job_ids=[job]))
    office.work()
    [attempt] = find_release(office.ann, batch.id).attempts
    assert attempt.state is AttemptState.FAILED
    assert attempt.error is not None
    assert attempt.error.code == "printer.media_jam"
    assert office.job(job).state == JobState.HELD
    office.simulated().clear_condition(Condition.JAM)
    assert office.simulated().life_count == before


def test_colour_at_a_printer_without_is_printed_in_black_and_says_so(office: ReleaseOffice) -> None:
    job = office.held(ticket=JobTicket(color_mode="color"))
    with office.ann.session() as session:
        session.get_one(Printer, office.printers[1]).is_color = False
    batch = start_release(office.ann, ReleaseRequest(office.printers[1], job_ids=[job]))
    office.work(1)
    [attempt] = find_release(office.ann, batch.id).attempts
    assert attempt.state is AttemptState.PRINTED
    assert [(one.setting, one.value) for one in attempt.forced] == [("color_mode", "monochrome")]
    assert office.facts()[-1].color_impressions == 0


@pytest.mark.parametrize(
    ("ticket", "sides"),
    [(JobTicket(number_up=2), 3), (JobTicket(page_ranges="2-3"), 2), (JobTicket(page_ranges="1-4", number_up=4), 1)],
)
def test_chosen_pages_and_several_on_a_side(office: ReleaseOffice, ticket: JobTicket, sides: int) -> None:
    job = office.held(pages=5, ticket=ticket)
    before = office.simulated().life_count
    start_release(office.ann, ReleaseRequest(office.printers[0], job_ids=[job]))
    office.work()
    assert office.simulated().life_count - before == sides
    assert office.job(job).state == JobState.PRINTED


def test_a_printer_that_is_switched_off_is_named(office: ReleaseOffice) -> None:
    job = office.held()
    office.simulated().knobs.offline = True
    try:
        batch = start_release(office.ann, ReleaseRequest(office.printers[0], job_ids=[job]))
        office.work()
    finally:
        office.simulated().knobs.offline = False
    [attempt] = find_release(office.ann, batch.id).attempts
    assert attempt.error is not None
    assert attempt.error.code == "printer.unreachable"
    assert office.job(job).state == JobState.HELD
