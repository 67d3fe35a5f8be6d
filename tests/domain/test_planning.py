"""Plans: final values, locks, limits, formats and rights (SC-96, SC-98, SC-99, SC-E07…SC-E26)."""

from dataclasses import replace

import pytest

from connectors.documents.document import Document
from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from domain.runs.planning import MB, build_plan, check_format, check_permitted, check_size
from steps.contract import DOCX, JPEG, PDF, PNG, TIFF, Surface
from tests.domain.test_rules import (
    DOWNLOAD,
    EMAIL,
    FOOTER,
    OCR,
    OCR_PDF,
    PRINT,
    QUEUE,
    REDACT,
    TRANSLATE,
    solution,
    with_values,
)

ANN = Actor("u", "o", "ann@example.com", "Ann", frozenset(role.value for role in Role), home_organization_id="o")


def document(media_type: str) -> Document:
    return Document(key="o/x", name="file", media_type=media_type, size=1, sha256="0" * 64)


def code_of(error: pytest.ExceptionInfo[PressroomError]) -> str:
    return error.value.code


def test_plan_is_in_effective_order_and_remembers_where_steps_were_defined() -> None:
    plan = build_plan(solution(FOOTER, OCR, DOWNLOAD), {})
    assert [(step.position, step.defined_at, step.kind) for step in plan] == [
        (0, 1, "ocr"), (1, 0, "footer"), (2, 2, "download"),
    ]  # fmt: skip


def test_open_value_is_replaced_for_this_run() -> None:
    """SC-112."""
    plan = build_plan(solution(FOOTER, DOWNLOAD), {0: {"text": "Only now"}})
    assert plan[0].parameters["text"] == "Only now"


def test_locked_value_cannot_be_overridden_but_may_be_repeated() -> None:
    definition = solution(with_values(FOOTER, ("text",)), DOWNLOAD)
    assert build_plan(definition, {0: {"text": "Internal"}})[0].parameters["text"] == "Internal"
    with pytest.raises(PressroomError) as error:
        build_plan(definition, {0: {"text": "Other"}})
    assert (code_of(error), error.value.fault.spec) == ("run.locked_value", "SC-E08")


@pytest.mark.parametrize("overrides", [{0: {"colour": "red"}}, {7: {"text": "x"}}])
def test_value_that_no_step_has_is_refused(overrides: dict[int, dict[str, str]]) -> None:
    with pytest.raises(PressroomError) as error:
        build_plan(solution(FOOTER, DOWNLOAD), overrides)
    assert code_of(error) == "run.unknown_value"


def test_run_without_any_address_is_refused() -> None:
    definition = solution(with_values(EMAIL, addresses=""))
    with pytest.raises(PressroomError) as error:
        build_plan(definition, {})
    assert error.value.fault.spec == "SC-E10"
    assert build_plan(definition, {0: {"addresses": "b@example.com"}})
    assert build_plan(definition, {0: {"send_me_a_copy": True}})


def test_ocr_learns_the_language_that_another_step_was_told() -> None:
    """SC-80c."""
    plan = build_plan(solution(OCR, REDACT, DOWNLOAD), {})
    assert plan[0].parameters["language"] == "en"
    assert build_plan(solution(OCR, TRANSLATE, DOWNLOAD), {})[0].parameters.get("language", "auto") == "auto"


@pytest.mark.parametrize(
    ("steps", "limit"),
    [((DOWNLOAD,), 50), ((TRANSLATE, DOWNLOAD), 40), ((EMAIL,), 25), ((TRANSLATE, EMAIL), 25)],
)
def test_smallest_size_limit_applies(steps: tuple[dict[str, object], ...], limit: int) -> None:
    """SC-99a, SC-99b, SC-99c, SC-99d, SC-84e, TR-74; SC-99e: on whichever surface, in MB of 1,048,576 bytes."""
    definition = solution(*steps)
    check_size(definition, "f", limit * MB)
    with pytest.raises(PressroomError) as error:
        check_size(definition, "f", limit * MB + 1)
    assert error.value.fault.spec == "SC-E13"


@pytest.mark.parametrize(
    ("steps", "accepted", "refused"),
    [
        ((OCR_PDF, DOWNLOAD), (PNG, JPEG, TIFF, PDF), (DOCX, "text/plain")),
        ((OCR, REDACT, DOWNLOAD), (PNG, PDF), (DOCX,)),
        ((REDACT, DOWNLOAD), (DOCX,), ("application/zip",)),
        ((FOOTER, DOWNLOAD), (DOCX,), (PNG,)),
        ((DOWNLOAD,), (DOCX, PNG, "application/octet-stream"), ()),
        ((DOWNLOAD, OCR_PDF, EMAIL), (PNG,), (DOCX,)),
    ],
)
def test_first_effective_action_decides_the_input(
    steps: tuple[dict[str, object], ...], accepted: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    """SC-82i, SC-83b, SC-98a, SC-98b, SC-98c, SC-98e."""
    definition = solution(*steps)
    for media_type in accepted:
        check_format(definition, document(media_type))
    for media_type in refused:
        with pytest.raises(PressroomError) as error:
            check_format(definition, document(media_type))
        assert error.value.fault.spec == "SC-E14"


@pytest.mark.parametrize(
    ("step", "role"),
    [
        (OCR_PDF, Role.OCR_USER),
        (TRANSLATE, Role.TRANSLATION_USER),
        (REDACT, Role.REDACTION_USER),
        (QUEUE, Role.PRINT_RELEASE_USER),
    ],
)
def test_each_service_needs_its_role(step: dict[str, object], role: Role) -> None:
    """SC-14, SC-15, SC-16, SC-17, SC-86b."""
    definition = solution(step, DOWNLOAD)
    check_permitted(definition, ANN, Surface.PORTAL)
    with pytest.raises(PressroomError) as error:
        check_permitted(definition, replace(ANN, roles=ANN.roles - {role.value}), Surface.PORTAL)
    assert code_of(error) == "role.missing"
    assert role.value in error.value.message


@pytest.mark.parametrize(("step", "surface"), [(PRINT, Surface.PORTAL), (DOWNLOAD, Surface.PRINTER)])
def test_step_of_the_other_surface_is_refused(step: dict[str, object], surface: Surface) -> None:
    with pytest.raises(PressroomError) as error:
        check_permitted(solution(step), ANN, surface)
    assert error.value.fault.spec == "SC-E26"
