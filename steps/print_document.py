"""The print step: the document comes out of the printer at which the run was started (SC-87)."""

import time
from typing import TYPE_CHECKING

from pydantic import Field

from connectors.documents.document import Document
from connectors.errors import PressroomError
from connectors.ipp import faults
from connectors.ipp.jobs import Job, JobState
from connectors.messages import N_, Message
from steps.contract import (
    CANCELLED,
    DELIVERY_UNCERTAIN,
    Delivery,
    DeliveryState,
    StepClass,
    StepContext,
    StepExample,
    StepKind,
    StepParameters,
    StepReport,
    StepResult,
    Surface,
)
from steps.printable import PRINTABLE, check_language
from steps.samples import letter_pdf

if TYPE_CHECKING:
    from connectors.ipp.client import Printer

POLL_SECONDS = 0.5
MARK_LENGTH = 16
BEING_CANCELLED = "processing-to-stop-point"


class PrintDocumentStep(StepParameters):
    """How the document is printed."""

    copies: int = Field(1, ge=1, le=999, title=N_("Copies"), description=N_("How often it is printed, 1 to 999."))


def print_document(document: Document, step: PrintDocumentStep, context: StepContext) -> StepResult:
    """Print the document, once, and wait until the printer is done with it.

    The job's name ends in a part of the delivery's key, by which a later attempt finds it again and follows it.
    Raises the faults of `connectors.ipp.faults`, and `DELIVERY_UNCERTAIN` where an interrupted job is not found.
    """
    from connectors.ipp.client import Printer

    check_language(document)
    address = context.printer_address()
    delivery = context.delivery(document, address)
    context.progress(0, 1)
    if delivery.state is DeliveryState.DELIVERED:
        return _result(document, step, None)
    with Printer(address, context.run.user_name, context.settings.ipp_ca_file) as printer:
        job = _job_of_last_attempt(printer, delivery, document, context)
        if job is None:
            _check_printer(printer, document, step)
            job = _hand_over(printer, document, step, delivery, context)
        _follow(printer, job, delivery, context)
    delivery.delivered(f"{address} job {job.id}")
    context.progress(2, 2)
    return _result(document, step, job)


def _job_of_last_attempt(
    printer: "Printer", delivery: Delivery, document: Document, context: StepContext
) -> Job | None:
    """The job of an interrupted attempt, unless it certainly came to nothing."""
    if delivery.state is not DeliveryState.COMMITTING:
        return None
    job = printer.find_job(_mark(delivery))
    if job is None:
        raise DELIVERY_UNCERTAIN(name=document.name, target=printer.label)
    while BEING_CANCELLED in job.reasons and not job.state.final:
        job = _next_state(printer, job, context)
    if job.state in (JobState.CANCELED, JobState.ABORTED):
        delivery.rejected()
        return None
    return job


def _check_printer(printer: "Printer", document: Document, step: PrintDocumentStep) -> None:
    status = printer.status()
    if not status.accepting:
        raise faults.BUSY(printer=status.name)
    if document.media_type not in status.formats:
        raise printer.wrong_format(document.media_type)
    if step.copies > status.most_copies:
        raise faults.COPIES(printer=status.name, most=status.most_copies)


def _hand_over(
    printer: "Printer", document: Document, step: PrintDocumentStep, delivery: Delivery, context: StepContext
) -> Job:
    path = context.fetch(document)
    name = f"{document.name[:60]} [{_mark(delivery)}]"
    delivery.committing()  # from the first byte on, a printer may print
    try:
        return printer.print_file(
            path, document.media_type, name, step.copies, lambda done, total: context.progress(done, 2 * total)
        )
    except PressroomError as error:
        if error.fault not in (faults.LOST, CANCELLED):
            delivery.rejected()
        raise


def _follow(printer: "Printer", job: Job, delivery: Delivery, context: StepContext) -> None:
    """Wait for the end of the job; a printer may stand still for `print_timeout_seconds` until people look at it."""
    seen, since = job, time.monotonic()
    try:
        while not job.state.final:
            job = _next_state(printer, job, context)
            if job != seen:
                seen, since = job, time.monotonic()
            if not job.state.final and time.monotonic() - since > context.settings.print_timeout_seconds:
                raise _why_stuck(printer, context)
    except PressroomError as error:
        if error.fault is CANCELLED:
            printer.cancel(job.id)
        raise
    if job.state is not JobState.COMPLETED:
        delivery.rejected()
        fault = faults.CANCELED if job.state is JobState.CANCELED else faults.ABORTED
        raise fault(printer=printer.label, reason=", ".join(job.reasons) or "–")


def _why_stuck(printer: "Printer", context: StepContext) -> PressroomError:
    minutes = f"{context.settings.print_timeout_seconds / 60:g}"
    known = faults.trouble(printer.status().reasons, printer.label, stuck=True)
    return known or faults.NO_PROGRESS(printer=printer.label, minutes=minutes)


def _next_state(printer: "Printer", job: Job, context: StepContext) -> Job:
    waiting = faults.trouble(printer.status().reasons, printer.label)
    template = waiting.fault.message if waiting else N_("The printer {printer} has printed {sides} sides.")
    message = Message.of(template, printer=printer.label, sides=job.impressions)
    context.progress(1, 2, message)
    time.sleep(POLL_SECONDS)
    found = printer.job(job.id)
    if found is None:
        raise DELIVERY_UNCERTAIN(name=job.name, target=printer.label)
    return found


def _mark(delivery: Delivery) -> str:
    return delivery.key[:MARK_LENGTH]


def _result(document: Document, step: PrintDocumentStep, job: Job | None) -> StepResult:
    ignored = job is not None and job.substituted
    warnings = (Message.of(N_("The printer did not follow all settings of the job.")),) if ignored else ()
    report = StepReport(
        summary=Message.of(N_("“{name}” was printed. Copies: {copies}."), name=document.name, copies=step.copies),
        warnings=warnings,
        measures={"copies": step.copies},
    )
    return StepResult(documents=(document,), report=report)


KIND = StepKind(
    name="print_document",
    title=N_("Print"),
    description=N_("Prints the document on the printer at which you stand."),
    icon="local_printshop",
    parameters=PrintDocumentStep,
    run=print_document,
    step_class=StepClass.DESTINATION,
    example=StepExample(PrintDocumentStep(copies=2), letter_pdf),
    surfaces=frozenset({Surface.PRINTER}),
    accepts=PRINTABLE,
)
