"""A step whose `preload` breaks the rule: it leaves a thread running."""

import threading

from connectors.documents.document import Document
from steps.contract import StepClass, StepContext, StepExample, StepKind, StepParameters, StepResult


class ThreadedStep(StepParameters):
    """No values."""


def pass_on(document: Document, step: ThreadedStep, context: StepContext) -> StepResult:
    """Pass the document on."""
    return StepResult(documents=(document,))


def start_thread() -> None:
    """Leave a thread that waits for ever."""
    threading.Thread(target=threading.Event().wait, daemon=True).start()


KIND = StepKind(
    name="threaded",
    title="Threaded",
    description="Passes the document on.",
    icon="call_split",
    parameters=ThreadedStep,
    run=pass_on,
    step_class=StepClass.ACTION,
    example=StepExample(ThreadedStep(), lambda folder: folder),
    preload=start_thread,
)
