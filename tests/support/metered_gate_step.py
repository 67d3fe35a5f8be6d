"""A step of a metered service that waits at the gate of `gate_step` before it is done: it uses 4,000 characters."""

from connectors.documents.document import Document
from steps.contract import Service, StepClass, StepContext, StepExample, StepKind, StepParameters, StepResult
from tests.support.gate_step import GateStep, wait_at_gate

CHARACTERS = 4000


class MeteredGateStep(StepParameters):
    """No values."""


def read_at_gate(document: Document, step: MeteredGateStep, context: StepContext) -> StepResult:
    """Say how much it is, and pass the document on once the gate is open."""
    context.measured(CHARACTERS)
    passed = wait_at_gate(document, GateStep(), context)
    return StepResult(documents=passed.documents, characters=CHARACTERS)


KIND = StepKind(
    name="metered_gate",
    title="Metered gate",
    description="Waits, and is charged for it.",
    icon="door_front",
    parameters=MeteredGateStep,
    run=read_at_gate,
    step_class=StepClass.ACTION,
    example=StepExample(MeteredGateStep(), lambda folder: folder),
    service=Service.REDACTION,
    role="Redaction User",
)
