"""What policies, quota and printer would make of a job is told before anything prints (F-4, section 10)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from domain.print_definitions.definitions import change_default
from domain.print_policies.rules import PolicyRules
from domain.print_policies.subject import POLICIES
from domain.printing.evaluation import Changes
from domain.printing.states import JobState
from fleet.releasing.foresight import foresee
from tests.support.fleet import add_printers
from tests.support.installation import Installation, installed
from tests.support.print_queues import add_held
from tests.support.print_settings import set_print_settings


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        set_print_settings(one.administrator, policies={"print_enabled": True})
        yield one


@pytest.fixture
def person(installation: Installation) -> Actor:
    return installation.add_person("kim@one.example", Role.PRINT_RELEASE_USER)


def test_nothing_is_forced_without_rules(person: Actor) -> None:
    found = foresee(person, add_held(person, pages=4), changes=Changes(copies=3))
    assert (found.impressions, found.color_impressions, found.forced, found.refusal) == (12, 12, (), None)


def test_what_a_policy_forces_is_told_with_its_reason(installation: Installation, person: Actor) -> None:
    job = add_held(person, pages=4)
    rules = PolicyRules.model_validate({"monochrome": {"min_pages": 2}})
    change_default(installation.administrator, POLICIES, rules)
    found = foresee(person, job)
    assert found.ticket is not None
    assert (found.ticket.color_mode, found.is_color, found.color_impressions) == ("monochrome", False, 0)
    assert [(one.setting, one.value) for one in found.forced] == [("color_mode", "monochrome")]
    (printer,) = add_printers(person.organization_id, 1)
    assert foresee(person, job, printer).forced == found.forced


def test_what_would_not_be_printed_is_told_with_its_remedy(installation: Installation, person: Actor) -> None:
    job = add_held(person, pages=9)
    change_default(installation.administrator, POLICIES, PolicyRules.model_validate({"max_pages": 8}))
    found = foresee(person, job)
    assert found.ticket is None
    assert found.refusal is not None
    assert found.refusal.code == "print_policy.too_many_pages"


def test_whose_jobs_and_in_which_state(installation: Installation, person: Actor) -> None:
    other = installation.add_person("lee@one.example", Role.PRINT_RELEASE_USER)
    with pytest.raises(PressroomError, match=r"not_found"):
        foresee(other, add_held(person))
    with pytest.raises(PressroomError, match=r"not_found"):
        foresee(person, add_held(person), "0" * 32)
    with pytest.raises(PressroomError, match=r"wrong_state"):
        foresee(person, add_held(person, state=JobState.CONVERTING))
