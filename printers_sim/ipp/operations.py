"""The operations of the IPP printer (RFC 8011 §4, PWG 5100.11, PWG 5100.13)."""

import time
from collections.abc import Callable, Iterable, Mapping

from connectors.ipp.values import integers, keywords, number_of, text_of
from connectors.ipp.wire import Attributes, Group, Tag
from printers_sim.ipp.call import (
    BAD_REQUEST,
    NOT_POSSIBLE,
    NOT_SUPPORTED,
    Answer,
    Call,
    IppRefusal,
    job_numbered,
    job_of,
    require_owner,
    restart,
)
from printers_sim.ipp.description import (
    IDENTIFY_ACTIONS,
    RESTART_PRINTER,
    TEMPLATE,
    TIME_OUT_SECONDS,
    description,
    template_attributes,
)
from printers_sim.ipp.intake import compression_of, document_of, require_format, ticket_of, with_unsupported
from printers_sim.ipp.jobs import DESCRIPTION, Job, JobState, job_attributes
from printers_sim.ipp.media import media_attributes
from printers_sim.ipp.status import status, up_time
from printers_sim.ipp.ticket import Ticket, with_media_name
from printers_sim.rendering.document import OCTETS

LARGE_ATTRIBUTES = frozenset({"media-col-database"})
"""What is given only to those who ask for it by name (PWG 5100.11)."""
JOB_STATES = {"completed": True, "not-completed": False}


def get_printer_attributes(call: Call) -> Answer:
    """Get-Printer-Attributes (RFC 8011 §4.2.5)."""
    require_format(call)
    known = description(call.printer, call.web, call.offered) | status(call.printer, call.queue)
    wanted = _requested(call)
    groups = {
        "all": [name for name in known if name not in LARGE_ATTRIBUTES],
        "job-template": [*template_attributes(call.printer), *media_attributes(call.printer)],
        "printer-description": [name for name in known if name not in LARGE_ATTRIBUTES],
    }
    chosen = _chosen(known, wanted or ["all"], groups)
    return Answer((Group(Tag.PRINTER, chosen),))


def validate_job(call: Call) -> Answer:
    """Validate-Job (RFC 8011 §4.2.3)."""
    require_format(call)
    compression_of(call)
    return with_unsupported(ticket_of(call), ())


def create_job(call: Call) -> Answer:
    """Create-Job (RFC 8011 §4.2.4)."""
    ticket = ticket_of(call)
    job = _new_job(call, ticket)
    return with_unsupported(ticket, (_job_status(call, job),))


def print_job(call: Call) -> Answer:
    """Print-Job (RFC 8011 §4.2.1)."""
    require_format(call)
    ticket = ticket_of(call)
    content = document_of(call)
    job = _new_job(call, ticket)
    _add(call, job, content)
    call.queue.close(job)
    return with_unsupported(ticket, (_job_status(call, job),))


def send_document(call: Call) -> Answer:
    """Send-Document (RFC 8011 §4.3.1)."""
    job = job_of(call)
    last = call.operation.get("last-document")
    if last is None or not isinstance(last.value, bool):
        raise IppRefusal(BAD_REQUEST, "last-document is missing.")
    require_owner(call, job)
    if not job.open:
        raise IppRefusal(NOT_POSSIBLE, "The job takes no more documents.")
    require_format(call)
    if call.data:
        _add(call, job, document_of(call))
    elif not last.value:
        raise IppRefusal(BAD_REQUEST, "There is no document.")
    if last.value:
        call.queue.close(job)
    return Answer((_job_status(call, job),))


def close_job(call: Call) -> Answer:
    """Close-Job (PWG 5100.11 §6.1)."""
    job = job_of(call)
    require_owner(call, job)
    if job.is_finished:
        raise IppRefusal(NOT_POSSIBLE, "The job is finished.")
    if job.open:
        call.queue.close(job)
    return Answer()


def cancel_job(call: Call) -> Answer:
    """Cancel-Job (RFC 8011 §4.3.3)."""
    job = job_of(call)
    require_owner(call, job)
    if job.is_finished:
        raise IppRefusal(NOT_POSSIBLE, "The job is finished.")
    call.queue.cancel(job)
    return Answer()


def cancel_my_jobs(call: Call) -> Answer:
    """Cancel-My-Jobs (PWG 5100.11 §6.3): all of the user's, or those named, if every one of them can be."""
    named = call.operation.get("job-ids")
    if named is None:
        jobs = [job for job in call.queue.waiting() if job.user == call.user]
    else:
        jobs = [job_numbered(call, number) for number in named.values if isinstance(number, int)]
        for job in jobs:
            require_owner(call, job)
            if job.is_finished:
                raise IppRefusal(NOT_POSSIBLE, "One of the jobs is finished.", {"job-ids": integers(job.id)})
    for job in jobs:
        call.queue.cancel(job)
    return Answer()


def hold_job(call: Call) -> Answer:
    """Hold-Job (RFC 8011 §4.3.5)."""
    job = job_of(call)
    require_owner(call, job)
    if job.state is not JobState.PENDING and not (job.state is JobState.HELD and not job.open):
        raise IppRefusal(NOT_POSSIBLE, "Only a job that waits for its turn can be held.")
    job.change(JobState.HELD, "job-hold-until-specified")
    return Answer()


def release_job(call: Call) -> Answer:
    """Release-Job (RFC 8011 §4.3.6)."""
    job = job_of(call)
    require_owner(call, job)
    if job.state is not JobState.HELD or job.open:
        raise IppRefusal(NOT_POSSIBLE, "Only a job that is held can be released.")
    call.queue.release(job)
    return Answer()


def get_job_attributes(call: Call) -> Answer:
    """Get-Job-Attributes (RFC 8011 §4.3.4)."""
    known = _described(call, job_of(call))
    return Answer((Group(Tag.JOB, _chosen(known, _requested(call) or ["all"], _job_groups(known))),))


def get_jobs(call: Call) -> Answer:
    """Get-Jobs (RFC 8011 §4.2.6)."""
    which = text_of(call.operation, "which-jobs") or "not-completed"
    if which not in (*JOB_STATES, "all"):
        raise IppRefusal(NOT_SUPPORTED, "which-jobs is not supported.", {"which-jobs": keywords(which)})
    jobs = call.queue.waiting() if which == "not-completed" else sorted(call.queue.jobs.values(), key=_newest_first)
    jobs = [job for job in jobs if which == "all" or job.is_finished is JOB_STATES[which]]
    mine = call.operation.get("my-jobs")
    if mine is not None and mine.value is True:
        jobs = [job for job in jobs if job.user == call.user]
    limit = number_of(call.operation, "limit", len(jobs) or 1)
    if limit < 1:
        raise IppRefusal(BAD_REQUEST, "limit has to be at least 1.")
    wanted = _requested(call) or list(DESCRIPTION)
    described = (_described(call, job) for job in jobs[:limit])
    return Answer(tuple(Group(Tag.JOB, _chosen(known, wanted, _job_groups(known))) for known in described))


def identify_printer(call: Call) -> Answer:
    """Identify-Printer (PWG 5100.13 §3.2): the panel shows it."""
    actions = call.operation.get("identify-actions")
    if actions is not None and not set(actions.values) <= set(IDENTIFY_ACTIONS):
        raise IppRefusal(NOT_SUPPORTED, "An action is not supported.", {"identify-actions": actions})
    call.printer.identified_at = time.time()
    return Answer()


def restart_printer(call: Call) -> Answer:
    """Restart-Printer (RFC 3998 §3.5.1): it is away for a while."""
    restart(call.printer, call.restart_seconds)
    return Answer()


OPERATIONS: Mapping[int, Callable[[Call], Answer]] = {
    0x0002: print_job,
    0x0004: validate_job,
    0x0005: create_job,
    0x0006: send_document,
    0x0008: cancel_job,
    0x0009: get_job_attributes,
    0x000A: get_jobs,
    0x000B: get_printer_attributes,
    0x000C: hold_job,
    0x000D: release_job,
    RESTART_PRINTER: restart_printer,
    0x0039: cancel_my_jobs,
    0x003B: close_job,
    0x003C: identify_printer,
}


def _new_job(call: Call, ticket: Ticket) -> Job:
    for job in call.queue.waiting():  # PWG 5100.13: documents that do not come abort the job
        if job.open and time.monotonic() - job.touched > TIME_OUT_SECONDS:
            job.open = False
            job.change(JobState.ABORTED, "aborted-by-system", message="No document came.")
    name = text_of(call.operation, "job-name") or text_of(call.operation, "document-name") or "Untitled"
    return call.queue.create(name, call.user, with_media_name(ticket, call.printer))


def _add(call: Call, job: Job, content: bytes) -> None:
    media_type = text_of(call.operation, "document-format") or OCTETS
    call.queue.add_document(job, content, media_type, text_of(call.operation, "document-name") or job.name)


def _job_status(call: Call, job: Job) -> Group:
    shown = ("job-id", "job-uri", "job-uuid", "job-state", "job-state-reasons", "job-state-message")
    known = _described(call, job)
    return Group(Tag.JOB, {name: known[name] for name in (*shown, "number-of-intervening-jobs")})


def _described(call: Call, job: Job) -> Attributes:
    waiting = call.queue.waiting()
    ahead = waiting.index(job) if job in waiting else 0
    return job_attributes(job, call.ipp, call.web, time.time() - up_time(call.printer), ahead)


def _requested(call: Call) -> list[str]:
    found = call.operation.get("requested-attributes")
    return [value for value in found.values if isinstance(value, str)] if found else []


def _chosen(known: Attributes, wanted: Iterable[str], groups: Mapping[str, Iterable[str]]) -> Attributes:
    names = {name for one in wanted for name in groups.get(one, [one])}
    return {name: value for name, value in known.items() if name in names}


def _job_groups(known: Attributes) -> Mapping[str, Iterable[str]]:
    template = [name for name in known if name in TEMPLATE]
    return {
        "all": list(known),
        "job-template": template,
        "job-description": [name for name in known if name not in TEMPLATE],
    }


def _newest_first(job: Job) -> float:
    return -job.id
