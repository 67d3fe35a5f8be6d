"""A step that waits until the file named by PRESSROOM_TEST_GATE exists, so that a test can stop a run in its middle."""

import os
import time
from pathlib import Path

from connectors.documents.document import Document
from steps.contract import StepClass, StepContext, StepExample, StepKind, StepParameters, StepResult


class GateStep(StepParameters):
    """No values."""


def wait_at_gate(document: Document, step: GateStep, context: StepContext) -> StepResult:
    """Pass the document on once the gate is open."""
    while not Path(os.environ["PRESSROOM_TEST_GATE"]).exists():
        context.progress(0, 1)
        time.sleep(0.05)
    return StepResult(documents=(document,))


KIND = StepKind(
    name="gate",
    title="Gate",
    description="Waits.",
    icon="door_front",
    parameters=GateStep,
    run=wait_at_gate,
    step_class=StepClass.ACTION,
    example=StepExample(GateStep(), lambda folder: folder),
)
