"""The operations of loopback printers (RFC 8011, 4; PWG 5100.11): those that print systems need."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connectors.documents.media_types import media_type_of
from connectors.ipp.jobs import JobState
from connectors.ipp.service.formats import TAKEN, agrees
from connectors.ipp.service.offer import chosen, described
from connectors.ipp.service.requests import (
    Answer,
    Document,
    asked_ticket,
    compression_of,
    flag,
    is_last_document,
    limit_of,
    name_of_job,
    requested,
    require_declared,
    require_format,
    require_identify_actions,
    user_of,
    which_jobs,
    with_unsupported,
)
from connectors.ipp.service.statuses import IppRefusal, Status
from connectors.ipp.service.ticket import AskedTicket
from connectors.ipp.values import enums, number_of
from connectors.ipp.wire import Attributes, Group, IppMessage, Tag
from pressroom.workstation.loopback.access import is_own_name
from pressroom.workstation.loopback.description import abilities, job_attributes, job_groups, printer_attributes
from pressroom.workstation.loopback.jobs import JobBook, LoopbackJob
from pressroom.workstation.loopback.queues import LoopbackQueue

UNTITLED = "Untitled"
MOST_LISTED = 500
CREATED = ("job-id", "job-uri", "job-uuid", "job-state", "job-state-reasons", "job-state-message")
BRIEF = ("job-id", "job-uri")
ENDED = frozenset({JobState.CANCELED, JobState.ABORTED, JobState.COMPLETED})
WHICH_JOBS: Mapping[str, frozenset[JobState]] = {
    "not-completed": frozenset(JobState) - ENDED,
    "completed": ENDED,
    "all": frozenset(JobState),
    "canceled": frozenset({JobState.CANCELED}),
    "aborted": frozenset({JobState.ABORTED}),
    "pending-held": frozenset({JobState.HELD}),
}


@dataclass(frozen=True, slots=True)
class Call:
    """A request that may be answered: for which printer, at which address (`uri`), for which job of it, if for one."""

    request: IppMessage
    operation: Attributes
    queue: LoopbackQueue
    book: JobBook
    uri: str
    web: str
    job: int = 0


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `is_open`: whoever is on this computer may ask; `take` is for one that brings a document."""

    run: Callable[[Call], Answer]
    is_open: bool = False
    take: Callable[[Call, Document], Answer] | None = None


def get_printer_attributes(call: Call) -> Answer:
    """Get-Printer-Attributes (RFC 8011, 4.2.5)."""
    require_format(call.operation)
    queued = sum(not job.state.final for job in _jobs(call))
    known = printer_attributes(call.queue, call.uri, call.web, queued) | {"operations-supported": enums(*OPERATIONS)}
    return Answer((Group(Tag.PRINTER, described(known, requested(call.operation))),))


def validate_job(call: Call) -> Answer:
    """Validate-Job (RFC 8011, 4.2.3)."""
    return with_unsupported(_checked_ticket(call), ())


def look_at_print_job(call: Call) -> Answer:
    """Print-Job (RFC 8011, 4.2.1), before its document."""
    _checked_ticket(call)
    return Answer()


def print_job(call: Call, document: Document) -> Answer:
    """Print-Job: the job goes its way as soon as it is here."""
    asked = _checked_ticket(call)
    media_type = _checked_document(document, name_of_job(call.operation, UNTITLED))
    job = call.book.fill(_new_job(call, asked).number, document.path, media_type)
    return with_unsupported(asked, (_created(call, job),))


def create_job(call: Call) -> Answer:
    """Create-Job (RFC 8011, 4.2.4)."""
    asked = _checked_ticket(call)
    return with_unsupported(asked, (_created(call, _new_job(call, asked)),))


def look_at_send_document(call: Call) -> Answer:
    """Send-Document (RFC 8011, 4.3.1), before its document."""
    is_last_document(call.operation)
    _job(call)
    require_format(call.operation)
    compression_of(call.operation)
    return Answer()


def send_document(call: Call, document: Document) -> Answer:
    """Send-Document: a job takes one document; what comes without one only closes it."""
    job = _job(call)
    if document.is_empty and is_last_document(call.operation):
        return close_job(call)
    if job.key:
        raise IppRefusal(Status.MULTIPLE_DOCUMENTS_NOT_SUPPORTED, "A job takes one document.")
    media_type = _checked_document(document, job.name)
    return Answer((_created(call, call.book.fill(job.number, document.path, media_type)),))


def close_job(call: Call) -> Answer:
    """Close-Job (PWG 5100.11, 6.1): a job without a document is dropped, another one has gone its way already."""
    job = _job(call)
    if not job.key and not job.state.final:
        job = call.book.move(job.number, JobState.ABORTED, "aborted-by-system", "There was no document.")
    return Answer((_created(call, job),))


def cancel_job(call: Call) -> Answer:
    """Cancel-Job (RFC 8011, 4.3.3)."""
    call.book.cancel(_job(call).number)
    return Answer()


def cancel_my_jobs(call: Call) -> Answer:
    """Cancel-My-Jobs (PWG 5100.11, 6.3): all that are at the printer, or those named."""
    named = call.operation.get("job-ids")
    numbers = {number for number in named.values if isinstance(number, int)} if named is not None else None
    for job in _jobs(call):
        if not job.state.final and (numbers is None or job.number in numbers):
            call.book.cancel(job.number)
    return Answer()


def get_job_attributes(call: Call) -> Answer:
    """Get-Job-Attributes (RFC 8011, 4.3.4)."""
    known = job_attributes(_job(call), call.uri)
    return Answer((Group(Tag.JOB, chosen(known, requested(call.operation) or ["all"], job_groups(known))),))


def get_jobs(call: Call) -> Answer:
    """Get-Jobs (RFC 8011, 4.2.6)."""
    states, limit = which_jobs(call.operation, WHICH_JOBS), limit_of(call.operation, MOST_LISTED)
    user = user_of(call.operation) if flag(call.operation, "my-jobs") else None
    found = [job for job in _jobs(call) if job.state in states and user in (None, job.user)]
    names = requested(call.operation) or list(BRIEF)
    described_jobs = (job_attributes(job, call.uri) for job in found[:limit])
    return Answer(tuple(Group(Tag.JOB, chosen(known, names, job_groups(known))) for known in described_jobs))


def identify_printer(call: Call) -> Answer:
    """Identify-Printer (PWG 5100.13): there is no device here that could flash."""
    require_identify_actions(call.operation)
    return Answer()


OPERATIONS: Mapping[int, Operation] = {
    0x0002: Operation(look_at_print_job, take=print_job),
    0x0004: Operation(validate_job),
    0x0005: Operation(create_job),
    0x0006: Operation(look_at_send_document, take=send_document),
    0x0008: Operation(cancel_job),
    0x0009: Operation(get_job_attributes),
    0x000A: Operation(get_jobs),
    0x000B: Operation(get_printer_attributes, is_open=True),
    0x0039: Operation(cancel_my_jobs),
    0x003B: Operation(close_job),
    0x003C: Operation(identify_printer),
}


def _checked_ticket(call: Call) -> AskedTicket:
    """What the job asks for; raises `IppRefusal`, also where it is another person's job."""
    if not is_own_name(user_of(call.operation)):
        raise IppRefusal(Status.FORBIDDEN, "Only the person whose agent this is prints here.")
    return asked_ticket(call.request, call.operation, abilities())


def _checked_document(document: Document, name: str) -> str:
    """What the document is; raises `IppRefusal` where it is nothing that is printed or not what it is said to be."""
    if document.is_empty:
        raise IppRefusal(Status.BAD_REQUEST, "There is no document.")
    found = media_type_of(document.path, name)
    require_declared(document, found)
    if not any(agrees(one, found) for one in TAKEN):
        raise IppRefusal(Status.FORMAT_NOT_SUPPORTED, f"Documents of the format {found} are not printed.")
    return found


def _new_job(call: Call, asked: AskedTicket) -> LoopbackJob:
    name = name_of_job(call.operation, UNTITLED)
    return call.book.create(call.queue.path, name, user_of(call.operation), asked.ticket)


def _job(call: Call) -> LoopbackJob:
    """The job of this printer that the request names; raises `IppRefusal`, `NO_JOB`."""
    number = call.job or number_of(call.operation, "job-id", 0)
    if number < 1:
        raise IppRefusal(Status.BAD_REQUEST, "The job has to be named by job-id or job-uri.")
    job = call.book.job(number)
    if job.queue != call.queue.path:
        raise IppRefusal(Status.NOT_FOUND, "There is no such job at this printer.")
    return job


def _jobs(call: Call) -> list[LoopbackJob]:
    return [job for job in call.book.jobs() if job.queue == call.queue.path]


def _created(call: Call, job: LoopbackJob) -> Group:
    known = job_attributes(job, call.uri)
    return Group(Tag.JOB, {name: known[name] for name in CREATED})
