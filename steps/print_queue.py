"""The cloud print queue step: the document waits for its user until it is released at a printer (SC-86)."""

from connectors.documents.document import Document
from connectors.messages import N_, Message
from steps.contract import (
    DeliveryState,
    StepClass,
    StepContext,
    StepExample,
    StepKind,
    StepParameters,
    StepReport,
    StepResult,
)
from steps.printable import PRINTABLE, check_language
from steps.samples import letter_pdf


class PrintQueueStep(StepParameters):
    """The queue has nothing to choose, and so counts as configured and locked (SC-97)."""


def queue_for_print(document: Document, step: PrintQueueStep, context: StepContext) -> StepResult:  # noqa: ARG001 — the contract
    """Put the document in the running user's queue, once; raises `LANGUAGE_NOT_PRINTABLE`.

    An interrupted attempt is repeated: the queue itself keeps one job per key.
    """
    check_language(document)
    context.progress(0, 1)
    delivery = context.delivery(document, "cloud print queue")
    if delivery.state is not DeliveryState.DELIVERED:
        delivery.committing()
        delivery.delivered(context.hold_for_print(document, delivery.key))
    context.progress(1, 1)
    summary = Message.of(N_("“{name}” waits in your print queue."), name=document.name)
    return StepResult(documents=(document,), report=StepReport(summary=summary, measures={"held": 1}))


KIND = StepKind(
    name="print_queue",
    title=N_("Send to cloud print queue"),
    description=N_("Keeps the document until you release it at a printer."),
    icon="print",
    parameters=PrintQueueStep,
    run=queue_for_print,
    step_class=StepClass.DESTINATION,
    example=StepExample(PrintQueueStep(), letter_pdf),
    role="Print Release Management User",
    accepts=PRINTABLE,
)
