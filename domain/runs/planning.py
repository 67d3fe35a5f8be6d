"""From a solution to a plan: what will run, in which order, with which final values, and whether it may."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from connectors.documents.document import Document
from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from domain.solutions.definition import SolutionDefinition, StepDefinition
from domain.solutions.rules import OCR, effective_order, field_title, validation_problems
from steps.contract import DOCX, IMAGES, PDF, Service, Surface
from steps.registry import step_kind

MB = 1_048_576
GENERAL_LIMIT, TRANSLATE_LIMIT, EMAIL_LIMIT = 50 * MB, 40 * MB, 25 * MB

LOCKED_VALUE = Fault(
    "run.locked_value",
    422,
    N_("“{field}” of step {step} is locked and cannot be changed."),
    N_("Leave the value as it is, or ask the solution's author to unlock it."),
    spec="SC-E08",
)
UNKNOWN_VALUE = Fault(
    "run.unknown_value",
    422,
    N_("Step {step} has no value “{field}”."),
    N_("Send only values that the step has; the solution's details list them."),
)
TOO_LARGE = Fault(
    "document.too_large",
    413,
    N_("“{name}” has {size} MB; this solution takes at most {limit} MB."),
    N_("Split the document or scan it with a lower resolution."),
    spec="SC-E13",
)
INPUT_FORMAT = Fault(
    "document.input_format",
    415,
    N_("This solution cannot take “{name}” ({media_type})."),
    N_("It takes: {accepted}."),
    spec="SC-E14",
)
WRONG_SURFACE = Fault(
    "run.wrong_surface",
    422,
    N_("“{step}” does not work from here ({surface})."),
    N_("Run the solution from the other place, or remove the step from it."),
    spec="SC-E26",
)

SERVICE_ROLES = {
    Service.TRANSLATION: Role.TRANSLATION_USER,
    Service.REDACTION: Role.REDACTION_USER,
    Service.OCR: Role.OCR_USER,
}


NOT_DEFINED = -1
"""The place in the editor's order of a step that its author did not put there."""


class PlannedStep(BaseModel):
    """One step as it will run. `position` counts in effective order, `defined_at` in the editor's order.

    An `is_implicit` step makes of a scan what the solution takes (SC-53): it costs no pages and takes no role.
    """

    model_config = ConfigDict(frozen=True)

    position: int
    defined_at: int
    kind: str
    parameters: dict[str, Any]
    is_implicit: bool = False


Overrides = Mapping[int, Mapping[str, Any]]
"""Values given for one run: position in the editor's order → parameter → value (SC-112)."""


def build_plan(
    definition: SolutionDefinition, overrides: Overrides, *, scanned_as_docx: bool = False
) -> list[PlannedStep]:
    """The steps in effective order with their final values; before them one that makes DOCX of a scan, where wanted.

    Raises `LOCKED_VALUE` (SC-E08), a parameter's own fault, or what a step still lacks (SC-E10).
    """
    for position in overrides:
        if not 0 <= position < len(definition.steps):
            raise UNKNOWN_VALUE(step=position + 1, field="")
    steps = [
        step.model_copy(update={"parameters": _final_values(number, step, overrides.get(number, {}))})
        for number, step in enumerate(definition.steps)
    ]
    language = _document_language(steps)
    plan = [_docx_of_scan(language)] if scanned_as_docx and not has_ocr(definition) else []
    for position, defined_at in enumerate(effective_order(definition.steps), len(plan)):
        step = steps[defined_at]
        parameters = step.parameters
        if step.kind == OCR and language and parameters.get("language", "auto") == "auto":
            parameters = {**parameters, "language": language}
        _check_ready(step.kind, parameters)
        plan.append(PlannedStep(position=position, defined_at=defined_at, kind=step.kind, parameters=parameters))
    return plan


def has_ocr(definition: SolutionDefinition) -> bool:
    """Whether the solution recognises text itself."""
    return any(step.kind == OCR for step in definition.steps)


def check_values(definition: SolutionDefinition, position: int, given: Mapping[str, Any]) -> None:
    """Check one step's values as a run would (SC-123); `position` is in the editor's order.

    Raises `UNKNOWN_VALUE`, `LOCKED_VALUE`, a parameter's own fault, or what the step still lacks.
    """
    if not 0 <= position < len(definition.steps):
        raise UNKNOWN_VALUE(step=position + 1, field="")
    step = definition.steps[position]
    _check_ready(step.kind, _final_values(position, step, given))


def size_limit(definition: SolutionDefinition) -> int:
    """Largest original in bytes: the smallest limit that applies (SC-99)."""
    kinds = {step.kind for step in definition.steps}
    limits = [GENERAL_LIMIT]
    limits += [TRANSLATE_LIMIT] if "translate" in kinds else []
    limits += [EMAIL_LIMIT] if "email" in kinds else []
    return min(limits)


def check_size(definition: SolutionDefinition, name: str, size: int) -> None:
    """Raise `TOO_LARGE` (SC-E13) for an original above the limit."""
    limit = size_limit(definition)
    if size > limit:
        raise TOO_LARGE(name=name, size=f"{size / MB:.1f}", limit=limit // MB)


def accepted_types(definition: SolutionDefinition) -> frozenset[str]:
    """Media types this solution takes; empty: any (SC-98). The first action in effective order decides."""
    ordered = [definition.steps[position] for position in effective_order(definition.steps)]
    for step in ordered:
        kind = step_kind(step.kind)
        if kind.accepts:
            return kind.accepts
    return frozenset()


def check_format(definition: SolutionDefinition, document: Document, *, scanned_as_docx: bool = False) -> None:
    """Raise `INPUT_FORMAT` (SC-E14) where the solution cannot use the original, or DOCX cannot be made of it."""
    accepted = step_kind(OCR).accepts if scanned_as_docx else accepted_types(definition)
    if accepted and document.media_type not in accepted:
        raise INPUT_FORMAT(
            name=document.name, media_type=document.media_type, accepted=", ".join(map(short_type, sorted(accepted)))
        )


def check_permitted(definition: SolutionDefinition, actor: Actor, surface: Surface) -> None:
    """Raise `WRONG_SURFACE` (SC-E26) or `ROLE_MISSING` (SC-E15) where the actor may not run it from here."""
    for step in definition.steps:
        kind = step_kind(step.kind)
        if surface not in kind.surfaces:
            raise WRONG_SURFACE(step=kind.title, surface=surface.value)
        needed = SERVICE_ROLES[kind.service].value if kind.service else kind.role
        if needed:
            actor.require_role(needed)


def services(definition: SolutionDefinition) -> list[Service]:
    """The metered services that the solution uses, each once, in the editor's order."""
    used = (step_kind(step.kind).service for step in definition.steps)
    return list(dict.fromkeys(service for service in used if service is not None))


def short_type(media_type: str) -> str:
    """A media type as people say it: PDF, DOCX, PNG."""
    known = {DOCX: "DOCX", PDF: "PDF", "text/plain": "TXT"} | {image: image[6:].upper() for image in IMAGES}
    return known.get(media_type, media_type.rsplit(".", 1)[-1].rsplit("/", 1)[-1].upper())


def _docx_of_scan(language: str | None) -> PlannedStep:
    parameters = {"output_type": "docx", "language": language or "auto"}
    return PlannedStep(position=0, defined_at=NOT_DEFINED, kind=OCR, parameters=parameters, is_implicit=True)


def _final_values(number: int, step: StepDefinition, given: Mapping[str, Any]) -> dict[str, Any]:
    kind = step_kind(step.kind)
    values = dict(step.parameters)
    for field, value in given.items():
        if field not in kind.parameters.model_fields:
            raise UNKNOWN_VALUE(step=number + 1, field=field)
        if field in step.locked and not _same(kind.parameters, step.parameters, field, value):
            raise LOCKED_VALUE(step=number + 1, field=field_title(kind, field))
        values[field] = value
    return values


def _same(model: type[BaseModel], values: dict[str, Any], field: str, value: object) -> bool:
    """Whether `value` means what the definition already says, whatever its notation."""
    try:
        before, after = model.model_validate(values), model.model_validate({**values, field: value})
    except ValidationError:
        return False
    return bool(getattr(before, field) == getattr(after, field))


def _check_ready(kind_name: str, parameters: dict[str, Any]) -> None:
    kind = step_kind(kind_name)
    try:
        step = kind.parameters.model_validate(parameters)
    except ValidationError as error:
        raise validation_problems(error, kind)[0][1] from error
    if (missing := step.unready()) is not None:
        raise missing


def _document_language(steps: list[StepDefinition]) -> str | None:
    """The language another step was told the document has; OCR reads better for knowing it (SC-80c)."""
    for step in steps:
        field = {"translate": "source_language", "redact": "language"}.get(step.kind)
        language = step.parameters.get(field, "auto") if field else "auto"
        if language and language != "auto":
            return str(language)
    return None
