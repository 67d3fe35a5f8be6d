"""The composer's draft: moving, locking, and what it becomes when it is saved."""

import pytest

from connectors.errors import PressroomError
from domain.solutions.definition import MAX_STEPS, SolutionDefinition, StepDefinition
from domain.solutions.rules import EMPTY_LOCKED, NAME_MISSING, NO_DESTINATION
from domain.solutions.templates import TEMPLATES, SolutionTemplate
from portal_api.pages.draft import Draft


def draft_of(*kinds: str) -> Draft:
    return Draft.of(SolutionDefinition(name="Draft", steps=tuple(StepDefinition(kind=kind) for kind in kinds)))


@pytest.mark.parametrize(
    ("moved", "to", "order"),
    [
        ("ocr", 1, ["redact", "ocr", "footer", "download"]),
        ("ocr", 3, ["redact", "footer", "download", "ocr"]),
        ("ocr", 99, ["redact", "footer", "download", "ocr"]),
        ("download", 0, ["download", "ocr", "redact", "footer"]),
        ("download", -5, ["download", "ocr", "redact", "footer"]),
    ],
)
def test_a_step_is_moved_and_keeps_its_values(moved: str, to: int, order: list[str]) -> None:
    draft = draft_of("ocr", "redact", "footer", "download")
    step = next(step for step in draft.steps if step.kind == moved)
    step.parameters["mark"] = 1
    draft.move(step.key, to)
    assert [each.kind for each in draft.steps] == order
    assert draft.steps[draft.position(step.key)].parameters == {"mark": 1}


def test_steps_are_added_where_they_are_wanted_and_removed() -> None:
    draft = draft_of("ocr", "download")
    footer = draft.add("footer", 1)
    last = draft.add("email")
    assert [step.kind for step in draft.steps] == ["ocr", "footer", "download", "email"]
    draft.remove(footer.key)
    assert draft.position(last.key) == 2
    with pytest.raises(StopIteration):
        draft.position(footer.key)


def test_a_draft_is_full_at_the_most_steps_a_solution_may_have() -> None:
    assert not draft_of(*["download"] * (MAX_STEPS - 1)).is_full
    assert draft_of(*["download"] * MAX_STEPS).is_full


def test_an_empty_value_that_is_needed_cannot_be_locked() -> None:
    draft = draft_of("email")
    key = draft.steps[0].key
    with pytest.raises(PressroomError) as caught:
        draft.lock(key, "addresses")
    assert caught.value.fault is EMPTY_LOCKED
    assert draft.definition().steps[0].locked == frozenset()
    draft.steps[0].parameters["send_me_a_copy"] = True
    draft.lock(key, "addresses")
    assert draft.definition().steps[0].locked == {"addresses"}
    draft.unlock(key, "addresses")
    assert draft.definition().steps[0].locked == frozenset()


def test_an_empty_draft_names_what_is_missing() -> None:
    assert [violation.error.fault for violation in Draft().violations()] == [NAME_MISSING, NO_DESTINATION]


def test_scan_settings_out_of_bounds_are_told_by_name() -> None:
    draft = draft_of("download")
    draft.scan_settings["file_name"] = "a/b"
    assert list(draft.scan_problems()) == ["file_name"]
    draft.scan_settings["file_name"] = "a b"
    assert draft.scan_problems() == {}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.key)
def test_every_ready_made_solution_can_be_saved_as_it_is(template: SolutionTemplate) -> None:
    assert Draft.of(SolutionDefinition(name="Ready", steps=template.steps)).violations() == []
