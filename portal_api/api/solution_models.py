"""Solutions as the API shows them."""

from datetime import datetime

from pydantic import BaseModel, Field

from domain.runs.planning import accepted_types, size_limit
from domain.solutions.definition import SolutionDefinition, SolutionType
from domain.solutions.rules import Violation, effective_order, is_quick_run, violations
from domain.solutions.service import SolutionView
from domain.texts.catalogue import translate_error
from steps.registry import step_kinds


class SolutionPublic(BaseModel):
    """A solution. `version` is the number that an update names in If-Match."""

    id: str
    version: int
    type: SolutionType
    owner_id: str
    owner_name: str
    changed: datetime
    may_edit: bool = Field(description="Whether the reader may change and delete it.")
    definition: SolutionDefinition

    @classmethod
    def of(cls, view: SolutionView) -> "SolutionPublic":
        return cls(
            id=view.id,
            version=view.version,
            type=view.type,
            owner_id=view.owner_id,
            owner_name=view.owner_name,
            changed=view.changed,
            may_edit=view.may_edit,
            definition=view.definition,
        )


class SolutionVersionPublic(BaseModel):
    """One saved state of a solution."""

    version: int
    created: datetime


class ViolationPublic(BaseModel):
    """One broken rule of composition."""

    code: str
    message: str
    remedy: str
    step: int | None = Field(description="Position in the editor's order, from 0.")
    field: str | None = Field(description="The parameter concerned.")

    @classmethod
    def of(cls, violation: Violation, locale: str) -> "ViolationPublic":
        message, remedy = translate_error(violation.error, locale)
        return cls(
            code=violation.error.code, message=message, remedy=remedy, step=violation.step, field=violation.field
        )


class CompositionPublic(BaseModel):
    """What a draft amounts to: everything that keeps it from being saved, and how it would run."""

    violations: list[ViolationPublic]
    effective_order: list[int] = Field(description="Positions in the order in which the steps run (SC-64).")
    accepted_types: list[str] = Field(description="Media types that a run takes; empty: any (SC-98).")
    size_limit: int = Field(description="Largest original in bytes (SC-99).")
    quick_run: bool = Field(description="Whether everything is set and locked (SC-95).")

    @classmethod
    def of(cls, draft: SolutionDefinition, locale: str) -> "CompositionPublic":
        found = violations(draft)
        known = draft.model_copy(update={"steps": tuple(step for step in draft.steps if step.kind in step_kinds())})
        return cls(
            violations=[ViolationPublic.of(violation, locale) for violation in found],
            effective_order=effective_order(draft.steps),
            accepted_types=sorted(accepted_types(known)),
            size_limit=size_limit(draft),
            quick_run=not found and is_quick_run(draft),
        )
