"""The operations of the print service (RFC 8011, 4; PWG 5100.11; PWG 5100.13; PR-323).

One that takes a document is looked at before the document is received, so that nobody sends much for nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connectors.errors import PressroomError
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
    which_jobs,
    with_unsupported,
)
from connectors.ipp.service.statuses import IppRefusal, Status
from connectors.ipp.service.ticket import AskedTicket
from connectors.ipp.values import enums, number_of, text_of
from connectors.ipp.wire import Attributes, Group, Tag
from domain.print_quotas.own import check_something_left
from domain.printing.jobs import WRONG_STATE
from domain.printing.own_jobs import (
    AT_PRINTER,
    MOST_LISTED,
    Wanted,
    cancel_own_jobs,
    close_own_job,
    count_own_jobs,
    keep_open,
    open_own_job,
    own_jobs,
)
from domain.printing.queue import IN_QUEUE
from domain.printing.states import FINAL, RELEASABLE, JobSource, JobState
from domain.printing.submission import Submission, check_file, check_may_submit, fill_job, submit_file
from domain.printing.views import JobView
from domain.texts.catalogue import language_of
from portal_api.ipp.call import Call, job_of, refused_job
from portal_api.ipp.description import abilities, description
from portal_api.ipp.job_status import BRIEF, CREATED, job_attributes, job_groups

UNTITLED = "Untitled"
WHICH_JOBS: Mapping[str, frozenset[JobState]] = {
    "not-completed": IN_QUEUE,
    "completed": FINAL,
    "all": IN_QUEUE | FINAL,
    "canceled": frozenset({JobState.CANCELED, JobState.EXPIRED}),
    "aborted": frozenset({JobState.REJECTED, JobState.FAILED}),
    "pending-held": RELEASABLE | {JobState.CONVERTING, JobState.RECEIVING, JobState.AWAITING_AUTH},
}
Run = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `is_open`: nobody has to say who they are (all printers of us say the same of themselves).

    One that takes a document looks at the request in `run`, which answers only where no document is to come, and does
    its work in `take`. `meanwhile` is called from time to time while the document comes.
    """

    run: Run
    is_open: bool = False
    take: Callable[[Call, Document], Answer] | None = None
    meanwhile: Callable[[Call], None] = lambda _call: None


def get_printer_attributes(call: Call) -> Answer:
    """Get-Printer-Attributes (RFC 8011, 4.2.5)."""
    require_format(call.operation)
    queued = count_own_jobs(call.actor, IN_QUEUE) if call.caller is not None else 0
    known = {**description(call.address, queued), "operations-supported": enums(*OPERATIONS)}
    return Answer((Group(Tag.PRINTER, described(known, requested(call.operation))),))


def validate_job(call: Call) -> Answer:
    """Validate-Job (RFC 8011, 4.2.3)."""
    return with_unsupported(_checked_ticket(call), ())


def look_at_print_job(call: Call) -> Answer:
    """Print-Job (RFC 8011, 4.2.1), before its document."""
    _checked_ticket(call)
    return Answer()


def print_job(call: Call, document: Document) -> Answer:
    """Print-Job: the job waits for its owner as soon as it is prepared."""
    asked = _checked_ticket(call)
    if document.is_empty:
        raise IppRefusal(Status.BAD_REQUEST, "There is no document.")
    submission = _submission(call, asked)
    _check_document(document, submission.name)
    job = submit_file(call.actor, submission, document.path)
    return with_unsupported(asked, (_created(call, job),))


def create_job(call: Call) -> Answer:
    """Create-Job (RFC 8011, 4.2.4)."""
    asked = _checked_ticket(call)
    return with_unsupported(asked, (_created(call, open_own_job(call.actor, _submission(call, asked))),))


def look_at_send_document(call: Call) -> Answer:
    """Send-Document (RFC 8011, 4.3.1), before its document."""
    is_last_document(call.operation)
    job_of(call)
    require_format(call.operation)
    compression_of(call.operation)
    return Answer()


def send_document(call: Call, document: Document) -> Answer:
    """Send-Document: a job takes one document, with which it is complete; what comes without one only closes it."""
    job = job_of(call)
    is_last = flag(call.operation, "last-document")
    if document.is_empty:
        if not is_last:
            raise IppRefusal(Status.BAD_REQUEST, "There is no document.")
        return close_job(call)
    if job.state is not JobState.RECEIVING:
        if job.original is not None and not job.state.is_final:
            raise IppRefusal(Status.MULTIPLE_DOCUMENTS_NOT_SUPPORTED, "A job takes one document.")
        raise IppRefusal(Status.NOT_POSSIBLE, "The job takes no more documents.")
    _check_document(document, job.name)
    return Answer((_created(call, fill_job(call.actor, job.id, document.path)),))


def keep_waiting(call: Call) -> None:
    """The document of Send-Document is on its way, however long that takes."""
    keep_open(call.actor, job_of(call).id)


def close_job(call: Call) -> Answer:
    """Close-Job (PWG 5100.11, 6.1)."""
    job = job_of(call)
    if job.state.is_final:
        raise IppRefusal(Status.NOT_POSSIBLE, "The job is finished.")
    if job.state is JobState.RECEIVING:
        close_own_job(call.actor, job.id)
        job = job_of(call)
    return Answer((_created(call, job),))


def cancel_job(call: Call) -> Answer:
    """Cancel-Job (RFC 8011, 4.3.3)."""
    cancel_own_jobs(call.actor, [job_of(call).number])
    return Answer()


def cancel_my_jobs(call: Call) -> Answer:
    """Cancel-My-Jobs (PWG 5100.11, 6.3): all of one's own, or those named, if every one of them can be."""
    named = call.operation.get("job-ids")
    if named is None:
        states = WHICH_JOBS["pending-held"]
        numbers = [job.number for job in own_jobs(call.actor, Wanted(states))]
    else:
        numbers = [number for number in named.values if isinstance(number, int)]
    try:
        cancel_own_jobs(call.actor, numbers)
    except PressroomError as error:
        if error.fault not in (WRONG_STATE, AT_PRINTER):
            raise
        number = int(str(error.facts["number"]))
        raise IppRefusal(Status.NOT_POSSIBLE, "One of the jobs cannot be canceled.", refused_job(number)) from error
    return Answer()


def not_possible(call: Call) -> Answer:
    """Release-Job: jobs are released by their owner at a printer and nowhere else (PR-323)."""
    job_of(call)
    raise IppRefusal(Status.NOT_POSSIBLE, "Jobs are released at a printer.")


def get_job_attributes(call: Call) -> Answer:
    """Get-Job-Attributes (RFC 8011, 4.3.4)."""
    known = _described(call, job_of(call))
    return Answer((Group(Tag.JOB, chosen(known, requested(call.operation) or ["all"], job_groups(known))),))


def get_jobs(call: Call) -> Answer:
    """Get-Jobs (RFC 8011, 4.2.6): only ever one's own. `my-jobs` are those sent in the same name as this request."""
    states, limit = which_jobs(call.operation, WHICH_JOBS), limit_of(call.operation, MOST_LISTED)
    user = call.client.user if flag(call.operation, "my-jobs") else None
    wanted = Wanted(states, user, number_of(call.operation, "first-job-id", 1), limit)
    names = requested(call.operation) or list(BRIEF)
    described = (_described(call, job) for job in own_jobs(call.actor, wanted))
    return Answer(tuple(Group(Tag.JOB, chosen(known, names, job_groups(known))) for known in described))


def identify_printer(call: Call) -> Answer:
    """Identify-Printer (PWG 5100.13): there is no device that could flash; the queue is at its web page."""
    require_identify_actions(call.operation)
    return Answer()


OPERATIONS: Mapping[int, Operation] = {
    0x0002: Operation(look_at_print_job, take=print_job),
    0x0004: Operation(validate_job),
    0x0005: Operation(create_job),
    0x0006: Operation(look_at_send_document, take=send_document, meanwhile=keep_waiting),
    0x0008: Operation(cancel_job),
    0x0009: Operation(get_job_attributes),
    0x000A: Operation(get_jobs),
    0x000B: Operation(get_printer_attributes, is_open=True),
    0x000D: Operation(not_possible),
    0x0039: Operation(cancel_my_jobs),
    0x003B: Operation(close_job),
    0x003C: Operation(identify_printer),
}


def _checked_ticket(call: Call) -> AskedTicket:
    """What the job asks for; raises `IppRefusal`, `ROLE_MISSING`, `PRINTING_DISABLED`, `QUOTA_EXCEEDED`."""
    check_may_submit(call.actor, JobSource.IPP)
    check_something_left(call.actor)
    return asked_ticket(call.request, call.operation, abilities())


def _check_document(document: Document, name: str) -> None:
    """Raise `IppRefusal` where the document is not what it was declared to be (PR-130), and what `check_file` does."""
    found = check_file(document.path, name)
    require_declared(document, found)


def _submission(call: Call, asked: AskedTicket) -> Submission:
    return Submission(name_of_job(call.operation, UNTITLED), JobSource.IPP, asked.ticket, call.client)


def _created(call: Call, job: JobView) -> Group:
    known = _described(call, job)
    return Group(Tag.JOB, {name: known[name] for name in CREATED})


def _described(call: Call, job: JobView) -> Attributes:
    language = text_of(call.operation, "attributes-natural-language") or "en"
    return job_attributes(job, call.address, call.actor.email, language_of(language))
