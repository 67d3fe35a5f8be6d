"""A solution while it is being composed: mutable, possibly invalid, and independent of how it is shown."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from pydantic import ValidationError

from connectors.errors import PressroomError
from domain.solutions.definition import MAX_STEPS, ScanSettings, SolutionDefinition, StepDefinition
from domain.solutions.rules import EMPTY_LOCKED, Violation, violations
from domain.solutions.service import SolutionView

_keys = count(1)


@dataclass(slots=True)
class DraftStep:
    """One step in the making. `key` names it for as long as it is on the page, wherever it is moved."""

    kind: str
    parameters: dict[str, Any] = field(default_factory=dict)
    locked: set[str] = field(default_factory=set)
    key: int = field(default_factory=lambda: next(_keys))


@dataclass(slots=True)
class Draft:
    """A solution in the making; `solution_id` and `version` are set once it has been saved."""

    name: str = ""
    description: str = ""
    share_with_organization: bool = False
    shared_with: frozenset[str] = frozenset()
    scan_settings: dict[str, Any] = field(default_factory=dict)
    steps: list[DraftStep] = field(default_factory=list)
    solution_id: str | None = None
    version: int | None = None
    may_edit: bool = True

    @classmethod
    def of(cls, definition: SolutionDefinition) -> "Draft":
        """A new draft with the content of `definition`."""
        return cls(
            definition.name,
            definition.description,
            definition.share_with_organization,
            definition.shared_with,
            definition.scan_settings.model_dump(),
            [DraftStep(step.kind, dict(step.parameters), set(step.locked)) for step in definition.steps],
        )

    @classmethod
    def of_saved(cls, view: SolutionView) -> "Draft":
        """A draft of changes to a saved solution."""
        draft = cls.of(view.definition)
        draft.solution_id, draft.version, draft.may_edit = view.id, view.version, view.may_edit
        return draft

    def definition(self) -> SolutionDefinition:
        """The draft as a definition; raises `pydantic.ValidationError` for scan settings out of bounds."""
        return SolutionDefinition(
            name=self.name,
            description=self.description,
            share_with_organization=self.share_with_organization,
            shared_with=self.shared_with,
            scan_settings=ScanSettings.model_validate(self.scan_settings),
            steps=tuple(
                StepDefinition(kind=step.kind, parameters=step.parameters, locked=frozenset(step.locked))
                for step in self.steps
            ),
        )

    def violations(self) -> list[Violation]:
        """What keeps the draft from being saved (SC-60…SC-72, SC-92)."""
        return violations(self.definition())

    def scan_problems(self) -> dict[str, str]:
        """Scan settings out of their bounds: name to complaint."""
        try:
            ScanSettings.model_validate(self.scan_settings)
        except ValidationError as error:
            return {str(item["loc"][0]): item["msg"] for item in error.errors()}
        return {}

    @property
    def is_full(self) -> bool:
        """Whether the most steps are there (SC-62)."""
        return len(self.steps) >= MAX_STEPS

    def position(self, key: int) -> int:
        """Where the step stands, from 0; raises `StopIteration` for a key that is gone."""
        return next(number for number, step in enumerate(self.steps) if step.key == key)

    def add(self, kind: str, at: int | None = None) -> DraftStep:
        """Put a new step at position `at`, or at the end."""
        step = DraftStep(kind)
        self.steps.insert(len(self.steps) if at is None else at, step)
        return step

    def move(self, key: int, to: int) -> None:
        """Move a step so that it stands at position `to`, counted without it."""
        step = self.steps.pop(self.position(key))
        self.steps.insert(max(0, min(to, len(self.steps))), step)

    def remove(self, key: int) -> None:
        """Take a step out."""
        del self.steps[self.position(key)]

    def lock(self, key: int, name: str) -> None:
        """Lock a value (SC-90); raises `EMPTY_LOCKED` where it may not stay empty (SC-92)."""
        position = self.position(key)
        step = self.steps[position]
        step.locked.add(name)
        refusal = _refusal(self.violations(), position, name)
        if refusal is not None:
            step.locked.discard(name)
            raise refusal

    def unlock(self, key: int, name: str) -> None:
        """Let the value be changed when the solution runs."""
        self.steps[self.position(key)].locked.discard(name)


def _refusal(found: list[Violation], position: int, name: str) -> PressroomError | None:
    for violation in found:
        if (violation.step, violation.field) == (position, name) and violation.error.fault is EMPTY_LOCKED:
            return violation.error
    return None
