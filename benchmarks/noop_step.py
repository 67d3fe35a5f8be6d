"""A step that does nothing, to measure the engine alone; also the smallest example of a step of another package."""

from pathlib import Path

from connectors.documents.document import Document
from connectors.messages import N_
from steps.contract import StepClass, StepContext, StepExample, StepKind, StepParameters, StepResult


class NoopStep(StepParameters):
    """No values."""


def noop(document: Document, step: NoopStep, context: StepContext) -> StepResult:
    """Pass the document on."""
    context.progress(1, 1)
    return StepResult(documents=(document,))


def _example(folder: Path) -> Path:
    path = folder / "noop.txt"
    path.write_text("nothing happens to this text")
    return path


KIND = StepKind(
    name="noop",
    title=N_("Do nothing"),
    description=N_("Passes the document on as it is."),
    icon="more_horiz",
    parameters=NoopStep,
    run=noop,
    step_class=StepClass.DESTINATION,
    example=StepExample(NoopStep(), _example),
)
