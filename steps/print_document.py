"""The print step: the document comes out of the printer at which the run was started (SC-87)."""

from typing import TYPE_CHECKING

from pydantic import Field

from connectors.documents.document import Document
from connectors.errors import PressroomError
from connectors.ipp import faults
from connectors.ipp.jobs import Job, JobState
from connectors.ipp.ticket import JobTicket, ticket_attributes
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
from steps.ipp_delivery import MARK_LENGTH, Sight, follow, job_of_mark, marked_name
from steps.printable import PRINTABLE, check_language
from steps.samples import letter_pdf

if TYPE_CHECKING:
    from connectors.ipp.client import Printer


class PrintDocumentStep(StepParameters):
    """How the document is printed."""

    copies: int = Field(1, ge=1, le=999, title=N_("Copies"), description=N_("How often it is printed, 1 to 999."))


def print_document(document: Document, step: PrintDocumentStep, context: StepContext) -> StepResult:
    """Print the document, once, and wait until the printer is done with it.

    The job's name ends in a part of the delivery's key, by which a later attempt finds it again and follows it.
    Raises the faults of `connectors.ipp.faults`, and `DELIVERY_UNCERTAIN` where an interrupted job is not found.
    """
    check_language(document)
    address = context.printer_address()
    delivery = context.delivery(document, address)
    context.progress(0, 1)
    if delivery.state is DeliveryState.DELIVERED:
        return _result(document, step, None)
    with _reached(address, context) as printer:
        job = _job_of_last_attempt(printer, delivery, document)
        if job is None:
            _check_printer(printer, document, step)
            job = _hand_over(printer, document, step, delivery, context)
        _follow(printer, job, delivery, context)
    delivery.delivered(f"{address} job {job.id}")
    context.progress(2, 2)
    return _result(document, step, job)


def _reached(address: str, context: StepContext) -> "Printer":
    """The printer at its address; one that does not answer by IPPS is asked by IPP (PR-197)."""
    from connectors.ipp.client import Printer

    user, authorities = context.run.user_name, context.settings.ipp_ca_file
    printer = Printer(address, user, authorities)
    if not address.startswith("ipps:"):
        return printer
    try:
        printer.status()
    except PressroomError as error:
        printer.__exit__(None, None, None)
        if error.fault is not faults.UNREACHABLE:
            raise
        return Printer(f"ipp:{address.removeprefix('ipps:')}", user, authorities)
    return printer


def _job_of_last_attempt(printer: "Printer", delivery: Delivery, document: Document) -> Job | None:
    """The job of an interrupted attempt, unless it certainly came to nothing."""
    if delivery.state is not DeliveryState.COMMITTING:
        return None
    job = job_of_mark(printer, _mark(delivery))
    if job is None:
        raise DELIVERY_UNCERTAIN(name=document.name, target=printer.label)
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
    name = marked_name(document.name, _mark(delivery))
    ticket = ticket_attributes(JobTicket(copies=step.copies)) if step.copies > 1 else {}
    delivery.committing()  # from the first byte on, a printer may print
    try:
        return printer.print_file(
            path, document.media_type, name, ticket, lambda done, total: context.progress(done, 2 * total)
        )
    except PressroomError as error:
        if error.fault not in (faults.LOST, CANCELLED):
            delivery.rejected()
        raise


def _follow(printer: "Printer", job: Job, delivery: Delivery, context: StepContext) -> None:
    """Wait for the end of the job; a printer may stand still for `print_timeout_seconds` until people look at it."""

    def tell(sight: Sight) -> None:
        waiting = sight.trouble
        template = waiting.fault.message if waiting else N_("The printer {printer} has printed {sides} sides.")
        context.progress(1, 2, Message.of(template, printer=printer.label, sides=sight.job.impressions))

    try:
        ended = follow(printer, job, context.settings.print_timeout_seconds, tell)
    except PressroomError as error:
        if error.fault is CANCELLED:
            printer.cancel(job.id)
        raise
    if ended is None:
        raise DELIVERY_UNCERTAIN(name=job.name, target=printer.label)
    if ended.state is not JobState.COMPLETED:
        delivery.rejected()
        fault = faults.CANCELED if ended.state is JobState.CANCELED else faults.ABORTED
        raise fault(printer=printer.label, reason=", ".join(ended.reasons) or "–")


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
