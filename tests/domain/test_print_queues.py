"""Print queues: who sees what, in which order, and what can be changed or deleted (PR-105…PR-116)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.errors import Fault, PressroomError
from connectors.ipp.ticket import JobTicket
from domain.audit.models import AuditEvent
from domain.organizations.actor import ROLE_MISSING, Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.printing import changes, queue
from domain.printing.changes import COPIES_FIXED, SETTING_UNAVAILABLE, JobChange
from domain.printing.content import job_store
from domain.printing.history import list_releases
from domain.printing.jobs import WRONG_STATE, find_job, move
from domain.printing.models import PrintRelease, PrintRemoval
from domain.printing.queue_pages import QueueFilter
from domain.printing.states import JobSource, JobState
from domain.printing.submission import Submission, submit_file
from domain.tenancy import NOT_FOUND
from steps.samples import letter_pdf
from tests.support.installation import Installation, installed
from tests.support.print_queues import add_held, add_many
from tests.support.print_settings import set_print_settings


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as one:
        yield one


@pytest.fixture
def ann(installation: Installation) -> Actor:
    return installation.add_person("ann@one.example", Role.PRINT_RELEASE_USER)


@pytest.fixture
def bob(installation: Installation) -> Actor:
    return installation.add_person("bob@one.example", Role.PRINT_RELEASE_USER)


@pytest.fixture
def manager(installation: Installation) -> Actor:
    return installation.add_person("manager@one.example", Role.PRINT_RELEASE_ADMINISTRATOR)


def names(actor: Actor, **chosen: object) -> list[str]:
    return [job.name for job in queue.list_queue(actor, QueueFilter(**chosen))]  # type: ignore[arg-type]


def refused(fault: Fault, act: object) -> None:
    with pytest.raises(PressroomError) as error:
        act()  # type: ignore[operator]
    assert error.value.fault is fault


def state_of(actor: Actor, job_id: str) -> JobState:
    with actor.session(read_only=True) as session:
        return JobState(find_job(session, job_id).state)


def test_one_sees_ones_own_newest_first_or_oldest_first_as_the_organization_wants(ann: Actor, bob: Actor) -> None:
    """PR-31, PR-114."""
    add_many(ann, 3)
    add_held(bob, "of Bob.pdf")
    newest = ["Document 000002.pdf", "Document 000001.pdf", "Document 000000.pdf"]
    assert names(ann) == newest
    set_print_settings(ann, jobs={"oldest_first": True})
    assert names(ann) == newest[::-1]
    assert names(ann, descending=True) == newest


def test_what_has_expired_or_ended_is_not_shown_and_what_was_refused_is_for_a_day(ann: Actor) -> None:
    """PR-177: at once, before any sweep."""
    past = now() - timedelta(seconds=1)
    add_held(ann, "expired", expires_at=past)
    add_held(ann, "at a printer", expires_at=past, state=JobState.PRINTING)
    for state in (JobState.PRINTED, JobState.CANCELED, JobState.EXPIRED):
        add_held(ann, state.value, state=state)
    refused_id = add_held(ann, "refused", state=JobState.REJECTED)
    add_held(ann, "refused long ago", state=JobState.REJECTED, changed=now() - timedelta(days=2))
    assert sorted(names(ann)) == ["at a printer", "refused"]
    changes.delete_job(ann, refused_id)
    assert names(ann) == ["at a printer"]


def test_administrators_work_in_the_queues_of_others_and_nobody_else_does(
    installation: Installation, ann: Actor, bob: Actor, manager: Actor
) -> None:
    """PR-106, PR-7."""
    job = add_held(ann, "of Ann.pdf")
    assert names(manager, user_id=ann.user_id) == ["of Ann.pdf"]
    assert queue.get_job(manager, job).name == "of Ann.pdf"
    assert [(one.name, one.jobs) for one in queue.list_queue_owners(manager)] == [("Ann", 1)]
    assert [(one.name, one.jobs) for one in queue.list_queue_owners(manager, "b")] == [("Bob", 0)]
    refused(ROLE_MISSING, lambda: names(bob, user_id=ann.user_id))
    refused(NOT_FOUND, lambda: queue.get_job(bob, job))
    refused(NOT_FOUND, lambda: changes.delete_job(bob, job))
    refused(NOT_FOUND, lambda: queue.get_job(installation.stranger, job))
    refused(NOT_FOUND, lambda: names(installation.stranger, user_id=ann.user_id))
    refused(ROLE_MISSING, lambda: queue.list_queue_owners(bob))


def test_settings_of_a_held_job_change_and_others_are_refused(ann: Actor) -> None:
    """PR-113."""
    job = add_held(ann)
    changed = changes.change_job(ann, job, JobChange("for Monday", JobTicket(copies=3, sides="two-sided-long-edge")))
    assert (changed.description, changed.ticket.copies) == ("for Monday", 3)
    again = changes.change_job(ann, job, JobChange(ticket=JobTicket(copies=2)))
    assert again.ticket == JobTicket(copies=2), "the whole ticket is replaced"
    assert again.description == "for Monday"
    for state in (JobState.RELEASING, JobState.PRINTING, JobState.STOPPED, JobState.CONVERTING):
        busy = add_held(ann, state=state)
        with pytest.raises(PressroomError) as error:
            changes.change_job(ann, busy, JobChange("late"))
        assert (error.value.fault, error.value.fault.status) == (WRONG_STATE, 409)


def test_copies_can_be_fixed_by_the_organization(ann: Actor) -> None:
    """PR-27."""
    job = add_held(ann)
    assert "copies" not in changes.closed_settings(ann, queue.get_job(ann, job))
    set_print_settings(ann, jobs={"change_copies_enabled": False})
    assert "copies" in changes.closed_settings(ann, queue.get_job(ann, job)), "pages show it disabled"
    refused(COPIES_FIXED, lambda: changes.change_job(ann, job, JobChange(ticket=JobTicket(copies=3))))
    assert changes.change_job(ann, job, JobChange(ticket=JobTicket(collate=True))).ticket.collate


@pytest.mark.parametrize(
    ("facts", "unavailable"),
    [
        ({}, set()),
        ({"is_color": False}, {"color_mode"}),
        ({"media_type": "image/pwg-raster"}, {"number_up", "number_up_direction", "orientation", "page_ranges"}),
        ({"kind": "hybrid"}, set()),
    ],
)
def test_settings_that_a_job_cannot_have_are_named_and_refused(
    ann: Actor, facts: dict[str, object], unavailable: set[str]
) -> None:
    """PR-110, PR-132."""
    job = add_held(ann, **facts)
    assert changes.unavailable_settings(queue.get_job(ann, job)) == unavailable
    change = JobChange(ticket=JobTicket(number_up=2, color_mode="color"))
    if unavailable & {"number_up", "color_mode"}:
        refused(SETTING_UNAVAILABLE, lambda: changes.change_job(ann, job, change))
    else:
        assert changes.change_job(ann, job, change).ticket.number_up == 2


def test_deleting_takes_the_content_at_once_and_leaves_the_fact(ann: Actor, tmp_path: Path) -> None:
    """PR-138."""
    job = submit_file(ann, Submission("Letter.pdf", JobSource.WEB), letter_pdf(tmp_path))
    assert len(list(job_store().list(ann.organization_id))) == 1
    held = add_held(ann, pages=7)
    busy = add_held(ann, state=JobState.PRINTING)
    results = changes.delete_jobs(ann, [job.id, held, busy, "unknown", held])
    assert [(one.job_id, one.error.fault if one.error else None) for one in results] == [
        (job.id, None),
        (held, None),
        (busy, WRONG_STATE),
        ("unknown", NOT_FOUND),
    ]
    assert list(job_store().list(ann.organization_id)) == []
    assert (state_of(ann, job.id), state_of(ann, busy)) == (JobState.CANCELED, JobState.PRINTING)
    with ann.session(read_only=True) as session:
        facts = [(fact.job_id, fact.how, fact.pages) for fact in session.scalars(select(PrintRemoval))]
        assert facts == [(held, "deleted", 7)], "what was never in the queue is no fact"
        assert find_job(session, held).content_deleted is not None
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.target_kind == "print_job")).all()
        assert actions == ["print_job.deleted"]


def test_a_job_that_is_just_claimed_is_not_deleted(ann: Actor) -> None:
    job = add_held(ann)
    with ann.session() as session:
        assert move(session, job, [JobState.HELD], JobState.RELEASING)
    refused(WRONG_STATE, lambda: changes.delete_job(ann, job))


def test_defaults_are_ones_own_and_administrators_set_those_of_others(ann: Actor, bob: Actor, manager: Actor) -> None:
    """PR-111, AM-19."""
    ticket = JobTicket(sides="two-sided-long-edge", color_mode="monochrome")
    before = add_held(ann)
    changes.set_defaults(ann, ticket)
    assert changes.get_defaults(ann) == ticket
    assert changes.get_defaults(bob) == JobTicket()
    changes.set_defaults(manager, JobTicket(copies=2), ann.user_id)
    assert changes.get_defaults(ann) == JobTicket(copies=2)
    assert queue.get_job(ann, before).ticket == JobTicket(), "PR-112"
    refused(ROLE_MISSING, lambda: changes.set_defaults(bob, ticket, ann.user_id))


def test_history_shows_what_was_printed_within_its_period_and_by_whom(ann: Actor, bob: Actor) -> None:
    """PR-33, PR-174, PR-179, PR-181."""
    job = add_held(ann, "Letter.pdf", state=JobState.PRINTED)
    with ann.session() as session:
        for number, (by, days) in enumerate([(ann, 0), (bob, 1), (ann, 31)]):
            session.add(_release(job, ann, by, number, days))
    found = list_releases(ann)
    assert [(one.released_by, one.job_name, one.printer_address) for one in found] == [
        ("", "Letter.pdf", "127.0.0.9"),
        ("Bob", "Letter.pdf", "127.0.0.9"),
    ]
    assert (found[0].impressions, found[0].is_color, found[0].is_duplex, found[0].source) == (4, True, True, "web")
    assert list_releases(bob) == []
    assert [one.id for one in list_releases(ann, after=(found[0].released, found[0].id))] == [found[1].id]
    for count, unit, shown in ((12, "hours", 1), (2, "days", 2), (40, "days", 3)):
        set_print_settings(ann, jobs={"history_period": {"count": count, "unit": unit}})
        assert len(list_releases(ann)) == shown


def _release(job_id: str, owner: Actor, by: Actor, number: int, days: int) -> PrintRelease:
    return PrintRelease(
        attempt_id=f"attempt-{number}",
        job_id=job_id,
        user_id=owner.user_id,
        released_by=by.user_id,
        released=now() - timedelta(days=days),
        printer_address="127.0.0.9",
        impressions=4,
        color_impressions=1,
        sheets=2,
        pages=4,
        copies=1,
        sides="two-sided-long-edge",
        result="printed",
        source="device",
    )
