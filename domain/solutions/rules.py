"""Which compositions are valid: every rule that is checked when a solution is saved, as one table.

`violations` returns all that is wrong at once, each with the step it concerns, so that the composer can show it while
the author types; `check` raises the first.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.value_problems import own_fault, value_problem
from domain.solutions.definition import MAX_STEPS, SolutionDefinition, StepDefinition
from steps.contract import StepClass, StepKind, StepParameters
from steps.registry import UNKNOWN_STEP, step_kinds

NAME_MISSING = Fault("solution.name_missing", 422, N_("The solution has no name."), N_("Give it a name."), spec="SC-40")
NO_DESTINATION = Fault(
    "solution.no_destination",
    422,
    N_("The solution has no destination."),
    N_("Add a step that delivers the document, such as Download or E-mail."),
    spec="SC-E01",
)
TOO_MANY_STEPS = Fault(
    "solution.too_many_steps",
    422,
    N_("The solution has {count} steps, {limit} are the most."),
    N_("Remove steps, or make two solutions of it."),
    spec="SC-E02",
)
LAST_NOT_DESTINATION = Fault(
    "solution.last_step_not_destination",
    422,
    N_("The last step is not a destination."),
    N_("Move a destination to the end, so that the finished document is delivered."),
    spec="SC-E03",
)
EMPTY_LOCKED = Fault(
    "solution.empty_value_locked",
    422,
    N_("“{field}” is locked but empty."),
    N_("Fill in the value before you lock it, or unlock it."),
    spec="SC-E04",
)
OCR_OUTPUT = Fault(
    "solution.ocr_output_not_docx",
    422,
    N_("The OCR step produces {output}, but “{step}” after it needs DOCX."),
    N_("Set the output type of the OCR step to DOCX."),
    spec="SC-E05",
)
DOWNLOAD_AND_PRINT = Fault(
    "solution.download_and_print",
    422,
    N_("Download works only in the portal and Print only at a printer, so this solution could run nowhere."),
    N_("Remove one of the two steps."),
    spec="SC-E06",
)
TWO_OCR_STEPS = Fault(
    "solution.two_ocr_steps",
    422,
    N_("The solution has more than one OCR step."),
    N_("Keep one: OCR always runs first."),
    spec="SC-69",
)
FRENCH_CANADA = Fault(
    "solution.no_docx_from_french_canada",
    422,
    N_("A translation from French (Canada) cannot produce DOCX, which “{step}” after it needs."),
    N_("Choose another source language, or put “{step}” before the translation."),
    spec="SC-98h",
)
BAD_VALUE = Fault("step.bad_value", 422, N_("“{field}”: {problem}"), N_("Correct the value."))
NO_SUCH_VALUE = Fault(
    "step.no_such_value", 422, N_("The step has no value “{field}” to lock."), N_("Remove it from the locked values.")
)

OCR, TRANSLATE = "ocr", "translate"
NEED_DOCX = ("redact", "footer")


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule. `step` is the position in the editor's order, from 0; `field` the parameter concerned."""

    error: PressroomError
    step: int | None = None
    field: str | None = None


def effective_order(steps: tuple[StepDefinition, ...]) -> list[int]:
    """Positions in the order in which the steps run: OCR first, then as composed (SC-64, SC-67)."""
    return sorted(range(len(steps)), key=lambda position: steps[position].kind != OCR)


def parse_parameters(step: StepDefinition) -> StepParameters:
    """The step's parameters as its model; raises `UNKNOWN_STEP` or `pydantic.ValidationError`."""
    kind = step_kinds().get(step.kind)
    if kind is None:
        raise UNKNOWN_STEP(kind=step.kind, known=", ".join(step_kinds()))
    parameters: StepParameters = kind.parameters.model_validate(step.parameters)
    return parameters


def violations(definition: SolutionDefinition) -> list[Violation]:
    """Everything that keeps the solution from being saved; empty where it may be."""
    found = [violation for rule in _SOLUTION_RULES for violation in rule(definition)]
    for position, step in enumerate(definition.steps):
        found += _step_violations(position, step)
    return found


def check(definition: SolutionDefinition) -> None:
    """Raise the first violation."""
    for violation in violations(definition):
        raise violation.error


def is_quick_run(definition: SolutionDefinition) -> bool:
    """Whether every value of every step is configured and locked (SC-95, SC-97)."""
    return all(
        set(step_kinds()[step.kind].parameters.model_fields) <= step.locked and parse_parameters(step).unready() is None
        for step in definition.steps
    )


def field_title(kind: StepKind[Any], field: str) -> str:
    """A parameter's name for people."""
    info = kind.parameters.model_fields.get(field)
    return (info.title if info else None) or field


def validation_problems(error: ValidationError, kind: StepKind[Any]) -> list[tuple[str, PressroomError]]:
    """A model's complaints as (field, error): our own faults as they are, pydantic's in their words."""
    problems: list[tuple[str, PressroomError]] = []
    for item in error.errors():
        field = str(item["loc"][0]) if item["loc"] else ""
        own = own_fault(item, kind.parameters.LIMITS)
        bad_value = BAD_VALUE(field=field_title(kind, field) or kind.title, problem=value_problem(item))
        problems.append((field, own or bad_value))
    return problems


def _step_violations(position: int, step: StepDefinition) -> Iterator[Violation]:
    kind = step_kinds().get(step.kind)
    if kind is None:
        yield Violation(UNKNOWN_STEP(kind=step.kind, known=", ".join(step_kinds())), position)
        return
    for field in sorted(step.locked - set(kind.parameters.model_fields)):
        yield Violation(NO_SUCH_VALUE(field=field), position, field)
    try:
        parameters = parse_parameters(step)
    except ValidationError as error:
        for field, problem in validation_problems(error, kind):
            yield Violation(problem, position, field)
        return
    except PressroomError as error:
        yield Violation(error, position)
        return
    if parameters.unready() is not None:
        # An empty value may be locked only where the step can run without it (SC-84: no address, but a copy to me).
        for field in sorted(step.locked & set(kind.parameters.model_fields)):
            if _is_empty(getattr(parameters, field)):
                yield Violation(EMPTY_LOCKED(field=field_title(kind, field)), position, field)


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str | tuple | list | frozenset | dict) and not value)


def _name(definition: SolutionDefinition) -> Iterator[Violation]:
    if not definition.name:
        yield Violation(NAME_MISSING())


def _destination(definition: SolutionDefinition) -> Iterator[Violation]:
    classes = [_class(step) for step in definition.steps]
    if StepClass.DESTINATION not in classes:
        yield Violation(NO_DESTINATION())
    elif classes[-1] is not StepClass.DESTINATION:
        yield Violation(LAST_NOT_DESTINATION(), len(classes) - 1)


def _count(definition: SolutionDefinition) -> Iterator[Violation]:
    if len(definition.steps) > MAX_STEPS:
        yield Violation(TOO_MANY_STEPS(count=len(definition.steps), limit=MAX_STEPS), MAX_STEPS)


def _one_ocr(definition: SolutionDefinition) -> Iterator[Violation]:
    positions = [position for position, step in enumerate(definition.steps) if step.kind == OCR]
    for position in positions[1:]:
        yield Violation(TWO_OCR_STEPS(), position)


def _ocr_output(definition: SolutionDefinition) -> Iterator[Violation]:
    ordered = [definition.steps[position] for position in effective_order(definition.steps)]
    if not ordered or ordered[0].kind != OCR:
        return
    needing = next((step for step in ordered if step.kind in NEED_DOCX), None)
    output = ordered[0].parameters.get("output_type", "pdf")
    if needing is not None and output != "docx":
        title = step_kinds()[needing.kind].title
        yield Violation(OCR_OUTPUT(output=str(output).upper(), step=title), _position(definition, OCR), "output_type")


def _surfaces(definition: SolutionDefinition) -> Iterator[Violation]:
    kinds = [step_kinds()[step.kind] for step in definition.steps if step.kind in step_kinds()]
    if kinds and not frozenset.intersection(*(kind.surfaces for kind in kinds)):
        yield Violation(DOWNLOAD_AND_PRINT())


def _french_canada(definition: SolutionDefinition) -> Iterator[Violation]:
    for position, step in enumerate(definition.steps):
        if step.kind == TRANSLATE and step.parameters.get("source_language") == "fr-CA":
            needing = next((later for later in definition.steps[position + 1 :] if later.kind in NEED_DOCX), None)
            if needing is not None:
                yield Violation(FRENCH_CANADA(step=step_kinds()[needing.kind].title), position, "source_language")


def _class(step: StepDefinition) -> StepClass | None:
    kind = step_kinds().get(step.kind)
    return kind.step_class if kind else None


def _position(definition: SolutionDefinition, kind: str) -> int:
    return next(position for position, step in enumerate(definition.steps) if step.kind == kind)


_SOLUTION_RULES: tuple[Callable[[SolutionDefinition], Iterator[Violation]], ...] = (
    _name,
    _count,
    _destination,
    _one_ocr,
    _ocr_output,
    _surfaces,
    _french_canada,
)
