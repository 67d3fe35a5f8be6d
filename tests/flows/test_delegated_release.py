"""Delegates release the jobs of others, at printers with the full release app only (PR-166, PR-167, PR-169…PR-172)."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.organizations.roles import Role
from domain.print_definitions.assignments import assign
from domain.print_definitions.definitions import create_definition
from domain.print_definitions.models import TargetKind
from domain.print_policies.rules import DuplexRule, PolicyRules
from domain.print_policies.subject import POLICIES
from domain.print_quotas.models import PrintCharge
from domain.printing.delegates.service import NewDelegate, add_delegate, remove_delegates
from domain.printing.evaluation import Changes
from domain.printing.jobs import find_job
from domain.printing.states import JobKind, JobState
from domain.tenancy import new_id
from fleet.releasing.batches import ReleaseRequest, start_release
from fleet.releasing.panel import change_settings, delete_jobs, jobs_at_printer
from tests.support.print_settings import set_print_settings
from tests.support.releasing import ReleaseOffice, release_office

FULL, SMALL = 0, 1


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseOffice]:
    with release_office(tmp_path_factory.mktemp("office")) as one:
        one.install_apps(FULL, print_release="5.10.21")  # without the usage app nothing is waited for
        yield one


@pytest.fixture
def assistant(office: ReleaseOffice) -> Iterator[Actor]:
    """Somebody whom Ann has made her delegate."""
    office.settings(delegation_enabled=True)
    person = office.installation.add_person(f"{new_id()}@one.example", Role.PRINT_RELEASE_USER)
    delegation = add_delegate(office.ann, NewDelegate(person.user_id, days=1))
    yield person
    remove_delegates(office.ann, [delegation.id])


def refusal(office: ReleaseOffice, person: Actor, job: str, printer: int = FULL) -> str:
    with pytest.raises(PressroomError) as caught:
        start_release(person, ReleaseRequest(office.printers[printer], job_ids=[job]))
    return caught.value.code


def test_a_delegate_releases_and_the_owner_is_charged(office: ReleaseOffice, assistant: Actor) -> None:
    """PR-84, PR-102, PR-169: by the owner's policy and quota, under the name of who released it."""
    with office.ann.session() as session:
        session.get_one(User, office.ann.user_id).cost_center = "CC1"
    policies = {"print_enabled": True, "print_assignment_mode": "cost_center"}
    values = {"jobs": {"delegation_enabled": True}, "policies": policies, "quotas": {"enabled": True}}
    set_print_settings(office.installation.administrator, **values)
    duplex = create_definition(office.installation.administrator, POLICIES, "Duplex", PolicyRules(duplex=DuplexRule()))
    assign(office.installation.administrator, POLICIES, TargetKind.COST_CENTER, "CC1", duplex.id)
    job = office.held(pages=2)
    assert jobs_at_printer(assistant, office.printers[FULL]) == []
    seen = jobs_at_printer(assistant, office.printers[FULL], office.ann.user_id)
    assert [one.id for one in seen] == [job]
    start_release(assistant, ReleaseRequest(office.printers[FULL], job_ids=[job]))
    office.work(FULL)
    assert office.job(job).state == JobState.PRINTED
    fact = office.facts()[-1]
    assert (fact.user_id, fact.released_by, fact.impressions) == (office.ann.user_id, assistant.user_id, 2)
    assert fact.sides == "two-sided-long-edge"
    with office.ann.session(read_only=True) as session:
        charged = session.scalars(select(PrintCharge.user_id).where(PrintCharge.job_id == job)).all()
    assert charged == [office.ann.user_id]


def test_a_printer_without_the_full_app_releases_no_job_of_others(office: ReleaseOffice, assistant: Actor) -> None:
    assert refusal(office, assistant, office.held(), SMALL) == "print_job.not_releasable_here"


def test_a_hybrid_job_is_seen_but_not_released(office: ReleaseOffice, assistant: Actor) -> None:
    """PR-166, PR-244."""
    job = office.held()
    with office.ann.session() as session:
        find_job(session, job).kind = JobKind.HYBRID
    assert job in [one.id for one in jobs_at_printer(assistant, office.printers[FULL], office.ann.user_id)]
    assert refusal(office, assistant, job) == "print_job.not_releasable_here"


def test_a_delegate_neither_changes_nor_deletes(office: ReleaseOffice, assistant: Actor) -> None:
    """PR-171."""
    job = office.held()
    for way in (lambda: change_settings(assistant, job, Changes(copies=2)), lambda: delete_jobs(assistant, [job])):
        with pytest.raises(PressroomError) as caught:
            way()
        assert caught.value.code == "not_found"


def test_who_is_no_delegate_any_more_sees_nothing(office: ReleaseOffice, assistant: Actor) -> None:
    """Switching delegation off suspends it (PR-172)."""
    job = office.held()
    office.settings(delegation_enabled=False)
    assert refusal(office, assistant, job) == "not_found"
    with pytest.raises(PressroomError) as caught:
        jobs_at_printer(assistant, office.printers[FULL], office.ann.user_id)
    assert caught.value.code == "not_found"
    office.settings(delegation_enabled=True)
    assert jobs_at_printer(assistant, office.printers[FULL], office.ann.user_id)
