"""From the arrival of a job to the queue (F-1, F-2, F-3)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from connectors.documents.store import STORE_UNREACHABLE
from connectors.errors import PressroomError
from connectors.ipp.ticket import JobTicket
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.outbox.models import OutboxRow
from domain.printing import preparation
from domain.printing.content import job_store
from domain.printing.jobs import find_job, move
from domain.printing.models import PrintDefaults, PrintSettingsRow, PrintSubmission
from domain.printing.service import queued_jobs
from domain.printing.states import JobSource, JobState
from domain.printing.submission import Submission, submit_file
from flows.prepare_print_jobs import prepare_batch
from steps.samples import letter_pdf
from tests.support.installation import Installation, installed
from tests.support.print_settings import set_print_settings


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as one:
        yield one


@pytest.fixture
def printer_user(installation: Installation) -> Actor:
    return installation.add_person("prints@one.example", Role.PRINT_RELEASE_USER)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    return letter_pdf(tmp_path)


def prepare(actor: Actor) -> int:
    return prepare_batch.fn(actor.organization_id)


def test_a_pdf_is_counted_and_held_for_its_owner(printer_user: Actor, letter: Path) -> None:
    ticket = JobTicket(copies=2)
    handed_in = submit_file(printer_user, Submission("Letter.pdf", JobSource.WEB, ticket), letter)
    assert handed_in.state is JobState.CONVERTING
    assert prepare(printer_user) == 1
    [job] = queued_jobs(printer_user)
    assert (job.state, job.pages, job.ticket.copies) == (JobState.HELD, 1, 2)
    assert (job.is_color, job.sides) == (True, "one-sided"), "PR-93"
    assert job.expires_at is not None
    assert abs(job.expires_at - job.submitted - timedelta(days=3)) < timedelta(seconds=1), "section 41"
    with printer_user.session(read_only=True) as session:
        [fact] = session.scalars(select(PrintSubmission))
        assert (fact.job_id, fact.pages, fact.source, fact.file_name) == (job.id, 1, JobSource.WEB, "")


def test_reports_name_files_only_where_that_is_wanted(printer_user: Actor, letter: Path) -> None:
    """PR-30, AM-6: the owner sees the name of every job; what reports are made of has it from the setting on."""
    for name, is_kept in (("Before.pdf", False), ("After.pdf", True)):
        set_print_settings(printer_user, jobs={"keep_filename_for_reporting": is_kept})
        submit_file(printer_user, Submission(name, JobSource.WEB), letter)
        prepare(printer_user)
    assert {job.name for job in queued_jobs(printer_user)} == {"Before.pdf", "After.pdf"}
    with printer_user.session(read_only=True) as session:
        assert set(session.scalars(select(PrintSubmission.file_name))) == {"", "After.pdf"}


def test_the_same_submission_twice_is_one_job(printer_user: Actor, letter: Path) -> None:
    submission = Submission("Letter.pdf", JobSource.API, key="once")
    first, second = (submit_file(printer_user, submission, letter) for _ in range(2))
    assert first.id == second.id
    assert len(queued_jobs(printer_user)) == 1


def test_defaults_come_under_what_was_chosen(printer_user: Actor, letter: Path) -> None:
    """PR-111, PR-112."""
    with printer_user.session() as session:
        session.add(PrintDefaults(user_id=printer_user.user_id, ticket={"copies": 5, "sides": "two-sided-long-edge"}))
    job = submit_file(printer_user, Submission("a.pdf", JobSource.WEB, JobTicket(copies=1)), letter)
    assert job.ticket == JobTicket(copies=1, sides="two-sided-long-edge")


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "empty.pdf", "document.empty"),
        (b"PK\x03\x04 nothing that prints", "archive.zip", "print_job.format_not_supported"),
        (b"\x00\x01\x02\x03", "noise.bin", "print_job.format_not_supported"),
    ],
)
def test_what_cannot_be_printed_is_refused_at_the_door(
    printer_user: Actor, tmp_path: Path, content: bytes, name: str, code: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(PressroomError) as refused:
        submit_file(printer_user, Submission(name, JobSource.WEB), file)
    assert refused.value.code == code
    assert queued_jobs(printer_user) == []
    assert list(job_store().list(printer_user.organization_id)) == []


def test_formats_besides_the_usual_ones_can_be_switched_off(printer_user: Actor, tmp_path: Path) -> None:
    """PR-129."""
    picture = tmp_path / "picture.png"
    Image.new("RGB", (20, 20), "red").save(picture)
    assert submit_file(printer_user, Submission("picture.png", JobSource.WEB), picture).media_type == "image/png"
    with printer_user.session() as session:
        session.add(PrintSettingsRow(values={"jobs": {"extra_formats": False}}))
    with pytest.raises(PressroomError) as refused:
        submit_file(printer_user, Submission("picture.png", JobSource.WEB), picture)
    assert refused.value.code == "print_job.format_not_supported"
    assert "PNG" not in refused.value.remedy


def test_a_broken_pdf_is_rejected_with_its_reason_and_its_content_goes(printer_user: Actor, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing more")
    job = submit_file(printer_user, Submission("broken.pdf", JobSource.WEB), broken)
    prepare(printer_user)
    with printer_user.session(read_only=True) as session:
        row = find_job(session, job.id)
        assert row.state == JobState.REJECTED
        assert row.reason is not None
        assert row.reason["code"] == "document.damaged_file"
    assert list(job_store().list(printer_user.organization_id)) == []


def test_whoever_may_not_print_cannot_hand_in(installation: Installation, letter: Path) -> None:
    somebody = installation.add_person("reads@one.example", Role.PRINT_RELEASE_REPORTING_ANALYST)
    with pytest.raises(PressroomError) as refused:
        submit_file(somebody, Submission("a.pdf", JobSource.WEB), letter)
    assert refused.value.code == "role.missing"


def test_a_rush_of_jobs_asks_for_few_flow_runs(printer_user: Actor, letter: Path) -> None:
    for number in range(10):
        submit_file(printer_user, Submission(f"{number}.pdf", JobSource.IPP), letter)
    with printer_user.session(read_only=True) as session:
        assert len(session.scalars(select(OutboxRow)).all()) < 10
    assert prepare(printer_user) == 10


def test_a_job_of_a_lost_worker_is_prepared_by_another(printer_user: Actor, letter: Path) -> None:
    job = submit_file(printer_user, Submission("a.pdf", JobSource.WEB), letter)
    [taken] = preparation.take_waiting(printer_user.organization_id, "lost worker", 5)
    assert preparation.take_waiting(printer_user.organization_id, "other", 5) == [], "one at a time"
    assert preparation.release_lost("lost worker") == [job.id]
    assert prepare(printer_user) == 1
    assert [one.state for one in queued_jobs(printer_user)] == [JobState.HELD]
    held = preparation.Prepared(taken.original, 1, is_color=True, sides="one-sided")
    assert not preparation.hold(taken, held), "the one that was thought lost comes too late"


def test_a_fault_that_passes_is_tried_again_and_at_last_given_up(printer_user: Actor, letter: Path) -> None:
    """PR-346, class T: five times after the first, each pause twice as long as the one before."""
    job = submit_file(printer_user, Submission("a.pdf", JobSource.WEB), letter)
    for pause in (2, 4, 8, 16, 32, None):
        with printer_user.session() as session:
            find_job(session, job.id).lease_until = now() - timedelta(seconds=1)
        [taken] = preparation.take_waiting(printer_user.organization_id, "worker", 5)
        before = now()
        preparation.try_again(taken, STORE_UNREACHABLE())
        with printer_user.session(read_only=True) as session:
            again = find_job(session, job.id).lease_until
        if pause is not None:
            assert again is not None
            assert timedelta(0) <= again - before - timedelta(seconds=pause) < timedelta(seconds=2)
    with printer_user.session(read_only=True) as session:
        row = find_job(session, job.id)
        assert row.state == JobState.FAILED
        assert row.reason is not None
        assert row.reason["code"] == "print_job.preparation_failed"


def test_one_of_several_claims_of_a_job_succeeds(printer_user: Actor, letter: Path) -> None:
    """PR-137."""
    job = submit_file(printer_user, Submission("a.pdf", JobSource.WEB), letter)
    prepare(printer_user)
    claims = []
    for _ in range(3):
        with printer_user.session() as session:
            claims.append(move(session, job.id, [JobState.HELD, JobState.KEPT], JobState.RELEASING))
    assert claims == [True, False, False]
