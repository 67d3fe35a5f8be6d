"""What is asked at the panel before a run: step screens with their locks, from the definition (SC-120…SC-127)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.pii import MatchMode
from domain.runs.planning import check_values
from domain.solutions.definition import SolutionDefinition, StepDefinition
from domain.solutions.rules import effective_order, validation_problems
from steps.redact import KIND as REDACT
from steps.redact import RedactStep
from steps.registry import step_kind

NEW_EXPRESSION = Fault(
    "panel.new_expression",
    422,
    N_("Regular expressions cannot be typed or changed at a printer: “{text}”."),
    N_("Remove it here, and have it added to the solution in the portal."),
    spec="SC-82h",
)


@dataclass(frozen=True, slots=True)
class ScreenField:
    """A value on a step's screen: its preset, and whether it can be changed (SC-93, SC-94)."""

    name: str
    value: Any
    is_locked: bool


@dataclass(frozen=True, slots=True)
class StepScreen:
    """The screen of a step. `position` is in the editor's order, which overrides name."""

    position: int
    kind: str
    fields: tuple[ScreenField, ...]

    @property
    def is_shown(self) -> bool:
        """A step whose values are all locked, or that has none, is not asked for (SC-94, SC-97)."""
        return any(not field.is_locked for field in self.fields)


@dataclass(frozen=True, slots=True)
class StepProblem:
    """What keeps the person from going on; `field` is empty where it concerns the step as a whole (SC-123)."""

    field: str
    error: PressroomError


def step_screens(definition: SolutionDefinition) -> tuple[StepScreen, ...]:
    """Every step in the order in which they run, for the summary; the ones that are shown say so (SC-127)."""
    return tuple(_screen(position, definition.steps[position]) for position in effective_order(definition.steps))


def step_problems(definition: SolutionDefinition, position: int, given: Mapping[str, Any]) -> list[StepProblem]:
    """What is wrong with a step's values: the rules of the portal, field by field (SC-123), and SC-82h.

    Raises `UNKNOWN_VALUE` for a step or value that there is not, and `LOCKED_VALUE` (SC-E08).
    """
    try:
        check_values(definition, position, given)
    except PressroomError as error:
        if error.fault.code.startswith("run."):
            raise
        return _by_field(definition.steps[position], given) or [StepProblem("", error)]
    refusal = expression_refusal(definition.steps[position], given)
    return [StepProblem("custom_texts", refusal)] if refusal is not None else []


def expression_refusal(step: StepDefinition, given: Mapping[str, Any]) -> PressroomError | None:
    """`NEW_EXPRESSION` where sound values hold a regular expression that the solution does not: at printers they can
    only be removed (SC-82h)."""
    if step.kind != REDACT.name:
        return None
    known, wanted = _expressions(step.parameters), _expressions({**step.parameters, **given})
    new = next((text for text in wanted if text not in known), None)
    return NEW_EXPRESSION(text=new) if new is not None else None


def _expressions(values: Mapping[str, Any]) -> list[str]:
    entries = RedactStep.model_validate(values).custom_texts
    return [entry.text for entry in entries if entry.mode is MatchMode.ADVANCED]


def _by_field(step: StepDefinition, given: Mapping[str, Any]) -> list[StepProblem]:
    kind = step_kind(step.kind)
    try:
        kind.parameters.model_validate({**step.parameters, **given})
    except ValidationError as error:
        return [StepProblem(field, problem) for field, problem in validation_problems(error, kind)]
    return []


def _screen(position: int, step: StepDefinition) -> StepScreen:
    kind = step_kind(step.kind)
    values = presets(kind.parameters, step.parameters)
    fields = tuple(ScreenField(name, value, name in step.locked) for name, value in values.items())
    return StepScreen(position, step.kind, fields)


def presets(model: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every value of a step as plain JSON: as composed, else the default."""
    chosen = model.model_construct(**given)
    return {name: chosen.model_dump(mode="json", include={name}, warnings=False)[name] for name in model.model_fields}
