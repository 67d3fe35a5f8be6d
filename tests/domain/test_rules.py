"""Composition rules (SC-40…SC-99, errors SC-E01…SC-E11): each broken once and kept once."""

from typing import Any

import pytest

from domain.solutions.definition import SolutionDefinition, SolutionType
from domain.solutions.rules import effective_order, is_quick_run, violations
from domain.solutions.templates import TEMPLATES, SolutionTemplate

OCR = {"kind": "ocr", "parameters": {"output_type": "docx"}}
OCR_PDF = {"kind": "ocr", "parameters": {"output_type": "pdf"}}
TRANSLATE = {"kind": "translate", "parameters": {"target_languages": ["es"]}}
REDACT = {"kind": "redact", "parameters": {"pii": ["PERSON"], "language": "en"}}
FOOTER = {"kind": "footer", "parameters": {"text": "Internal"}}
DOWNLOAD = {"kind": "download"}
EMAIL = {"kind": "email", "parameters": {"addresses": "a@example.com"}}
PRINT = {"kind": "print_document"}
QUEUE = {"kind": "print_queue"}
CLOUD = {"kind": "cloud_storage", "parameters": {"provider": "folder"}}


def solution(*steps: dict[str, Any], name: str = "S") -> SolutionDefinition:
    return SolutionDefinition.model_validate({"name": name, "steps": steps})


def with_values(step: dict[str, Any], locked: tuple[str, ...] = (), **values: Any) -> dict[str, Any]:
    return {"kind": step["kind"], "parameters": {**step.get("parameters", {}), **values}, "locked": locked}


@pytest.mark.parametrize(
    ("requirement", "broken", "code", "position"),
    [
        ("SC-40", solution(DOWNLOAD, name="  "), "solution.name_missing", None),
        ("SC-E01 / SC-61", solution(OCR), "solution.no_destination", None),
        ("SC-E01 / SC-61", solution(), "solution.no_destination", None),
        ("SC-E02 / SC-62", solution(*[FOOTER] * 10, DOWNLOAD), "solution.too_many_steps", 10),
        ("SC-E03 / SC-63", solution(DOWNLOAD, FOOTER), "solution.last_step_not_destination", 1),
        ("SC-67", solution(DOWNLOAD, OCR), "solution.last_step_not_destination", 1),
        ("SC-E04", solution(with_values(FOOTER, ("text",), text=""), DOWNLOAD), "solution.empty_value_locked", 0),
        ("SC-84", solution(with_values(EMAIL, ("addresses",), addresses="")), "solution.empty_value_locked", 0),
        ("SC-E05 / SC-71", solution(OCR_PDF, REDACT, DOWNLOAD), "solution.ocr_output_not_docx", 0),
        ("SC-E05 / SC-71", solution(FOOTER, OCR_PDF, DOWNLOAD), "solution.ocr_output_not_docx", 1),
        ("SC-E06 / SC-72", solution(DOWNLOAD, PRINT), "solution.download_and_print", None),
        ("SC-69", solution(OCR, OCR, DOWNLOAD), "solution.two_ocr_steps", 1),
        ("SC-98h", solution(with_values(TRANSLATE, source_language="fr-CA"), FOOTER, DOWNLOAD),
         "solution.no_docx_from_french_canada", 0),
        ("unknown step", solution({"kind": "fax"}, DOWNLOAD), "step.unknown", 0),
        ("unknown lock", solution(with_values(DOWNLOAD, ("speed",))), "step.no_such_value", 0),
        ("unknown value", solution(with_values(DOWNLOAD, speed=3)), "step.bad_value", 0),
        ("unknown output", solution(with_values(OCR, output_type="rtf"), DOWNLOAD), "step.bad_value", 0),
    ],
)  # fmt: skip
def test_broken_rule_is_named_with_its_step(
    requirement: str, broken: SolutionDefinition, code: str, position: int | None
) -> None:
    found = {(violation.error.code, violation.step) for violation in violations(broken)}
    assert (code, position) in found, (requirement, found)


@pytest.mark.parametrize(
    ("step", "code", "spec"),
    [
        (with_values(TRANSLATE, target_languages=["es", "fr", "pt", "it", "ca", "da"]),
         "translate.too_many_targets", "SC-E07"),
        (with_values(TRANSLATE, target_languages=["xx-unknown"]), "translate.language_unknown", ""),
        (with_values(TRANSLATE, source_language="es"), "translate.source_is_target", ""),
        (with_values(EMAIL, addresses=",".join("a@b" for _ in range(51))), "mail.too_many_addresses", "SC-E09"),
        (with_values(EMAIL, addresses="a" * 250 + "@example.com"), "mail.addresses_too_long", "SC-E09"),
        (with_values(EMAIL, addresses="a@example.com; b@example.com"), "mail.bad_separator", "SC-E09"),
        (with_values(EMAIL, addresses="a@example.com, b"), "mail.bad_address", "SC-84a"),
        (with_values(FOOTER, text="x" * 513), "footer.too_long", "SC-E11"),
        (with_values(REDACT, custom_texts=[{"text": f"t{n}", "mode": "EXACT"} for n in range(21)]),
         "redact.too_many_texts", "SC-E11"),
        (with_values(REDACT, custom_texts=[{"text": "ok"}, {"text": "a" * 513, "mode": "ADVANCED"}]),
         "redact.text_too_long", "SC-E11"),
        (with_values(REDACT, custom_texts=[{"text": "(", "mode": "ADVANCED"}]), "redact.bad_expression", ""),
        (with_values(REDACT, custom_texts=[{"text": "(a{999}){999}", "mode": "ADVANCED"}]),
         "redact.expression_too_large", ""),
        (with_values(REDACT, pii=["SHOE_SIZE"]), "redact.entity_unknown", ""),
        (with_values(CLOUD, path="../../other"), "storage.bad_path", ""),
        (with_values(CLOUD, path="x" * 401), "storage.path_too_long", "SC-E24"),
        (with_values(CLOUD, path="x" * 256), "storage.path_too_long", "SC-E24"),
        (with_values(PRINT, copies=0), "step.bad_value", ""),
    ],
)  # fmt: skip
def test_values_beyond_their_limits_are_refused_at_save(step: dict[str, Any], code: str, spec: str) -> None:
    steps = (step, DOWNLOAD) if step["kind"] != "print_document" else (step,)
    (found,) = (violation for violation in violations(solution(*steps)) if violation.step == 0)
    assert (found.error.code, found.error.fault.spec) == (code, spec)
    assert found.field in step["parameters"] or code == "translate.source_is_target"
    assert "{" not in found.error.message.replace("{999}", "") + found.error.remedy


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(solution(DOWNLOAD), id="SC-61 destination only"),
        pytest.param(solution(*[FOOTER] * 9, DOWNLOAD), id="SC-62 ten steps"),
        pytest.param(solution(FOOTER, OCR, DOWNLOAD), id="SC-64 OCR anywhere"),
        pytest.param(solution(EMAIL, FOOTER, DOWNLOAD), id="SC-68 destination between actions"),
        pytest.param(solution(OCR_PDF, TRANSLATE, DOWNLOAD), id="SC-71 only for redact and footer"),
        pytest.param(solution(PRINT, QUEUE), id="SC-72 print without download"),
        pytest.param(solution(with_values(EMAIL, addresses="")), id="SC-84c open address"),
        pytest.param(solution(with_values(EMAIL, ("addresses",), addresses="", send_me_a_copy=True)), id="SC-84b"),
        pytest.param(solution(with_values(FOOTER, text=""), DOWNLOAD), id="open footer text"),
        pytest.param(solution(FOOTER, with_values(TRANSLATE, source_language="fr-CA"), DOWNLOAD), id="SC-98h order"),
    ],
)
def test_valid_composition_has_no_violation(kept: SolutionDefinition) -> None:
    assert [str(violation.error) for violation in violations(kept)] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.key)
def test_every_template_is_valid(template: SolutionTemplate) -> None:
    assert violations(template.definition) == []


def test_ocr_runs_first_and_the_rest_keeps_its_order() -> None:
    assert effective_order(solution(FOOTER, EMAIL, OCR, DOWNLOAD).steps) == [2, 0, 1, 3]


def test_type_follows_sharing() -> None:
    assert solution(DOWNLOAD).type is SolutionType.PERSONAL
    assert SolutionDefinition(name="S", share_with_organization=True).type is SolutionType.ORGANIZATIONAL
    assert SolutionDefinition(name="S", shared_with=frozenset({"child"})).type is SolutionType.SHARED


def test_quick_run_needs_every_value_locked() -> None:
    locked = with_values(FOOTER, ("text",))
    assert is_quick_run(solution(locked, DOWNLOAD))
    assert not is_quick_run(solution(FOOTER, DOWNLOAD))
    assert not is_quick_run(solution(locked, with_values(EMAIL, ("send_me_a_copy",))))
