"""The operations of the IPP printer (RFC 8011 §4, PWG 5100.11, PWG 5100.13)."""

import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from connectors.ipp.wire import Attribute, Attributes, Group, IppMessage, Tag
from printers_sim.ipp.description import IDENTIFY_ACTIONS, TEMPLATE, TIME_OUT_SECONDS, description, template_attributes
from printers_sim.ipp.jobs import DESCRIPTION, Job, JobState, job_attributes
from printers_sim.ipp.media import media_attributes
from printers_sim.ipp.queue import PrintQueue
from printers_sim.ipp.status import status, up_time
from printers_sim.ipp.ticket import Ticket, read_ticket, with_media_name
from printers_sim.ipp.values import integers, keywords, number_of, text_of
from printers_sim.printer import SimulatedPrinter
from printers_sim.rendering.document import FORMATS, OCTETS

OK, OK_IGNORED = 0x0000, 0x0001
BAD_REQUEST, NOT_AUTHORIZED, NOT_POSSIBLE, NOT_FOUND = 0x0400, 0x0403, 0x0404, 0x0406
TOO_LARGE, FORMAT_NOT_SUPPORTED, NOT_SUPPORTED = 0x0408, 0x040A, 0x040B
COMPRESSION_NOT_SUPPORTED, COMPRESSION_ERROR = 0x040F, 0x0410
COMPRESSIONS = ("none", "deflate", "gzip")
LARGEST_DOCUMENT = 256 << 20
LARGE_ATTRIBUTES = frozenset({"media-col-database"})
"""What is given only to those who ask for it by name (PWG 5100.11)."""
JOB_STATES = {"completed": True, "not-completed": False}


class IppRefusal(Exception):
    """An operation that is not done: the status, why, and what was not supported."""

    def __init__(self, status: int, message: str, unsupported: Mapping[str, Attribute] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.unsupported = dict(unsupported or {})


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has been looked at: its attributes, what follows them, and where the printer was called."""

    request: IppMessage
    operation: Attributes
    data: bytes
    printer: SimulatedPrinter
    queue: PrintQueue
    ipp: str
    web: str
    offered: tuple[str, ...]

    @property
    def user(self) -> str:
        """Who says to be asking."""
        return text_of(self.operation, "requesting-user-name") or "anonymous"


@dataclass(frozen=True, slots=True)
class Answer:
    """Groups after the operation attributes, and the status."""

    groups: tuple[Group, ...] = ()
    status: int = OK


def get_printer_attributes(call: Call) -> Answer:
    """Get-Printer-Attributes (RFC 8011 §4.2.5)."""
    _require_format(call)
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
    _require_format(call)
    _compression(call)
    return _with_unsupported(_ticket(call), ())


def create_job(call: Call) -> Answer:
    """Create-Job (RFC 8011 §4.2.4)."""
    ticket = _ticket(call)
    job = _new_job(call, ticket)
    return _with_unsupported(ticket, (_job_status(call, job),))


def print_job(call: Call) -> Answer:
    """Print-Job (RFC 8011 §4.2.1)."""
    _require_format(call)
    ticket = _ticket(call)
    content = _document(call)
    job = _new_job(call, ticket)
    _add(call, job, content)
    call.queue.close(job)
    return _with_unsupported(ticket, (_job_status(call, job),))


def send_document(call: Call) -> Answer:
    """Send-Document (RFC 8011 §4.3.1)."""
    job = _job(call)
    last = call.operation.get("last-document")
    if last is None or not isinstance(last.value, bool):
        raise IppRefusal(BAD_REQUEST, "last-document is missing.")
    _require_owner(call, job)
    if not job.open:
        raise IppRefusal(NOT_POSSIBLE, "The job takes no more documents.")
    _require_format(call)
    if call.data:
        _add(call, job, _document(call))
    elif not last.value:
        raise IppRefusal(BAD_REQUEST, "There is no document.")
    if last.value:
        call.queue.close(job)
    return Answer((_job_status(call, job),))


def close_job(call: Call) -> Answer:
    """Close-Job (PWG 5100.11 §6.1)."""
    job = _job(call)
    _require_owner(call, job)
    if job.is_finished:
        raise IppRefusal(NOT_POSSIBLE, "The job is finished.")
    if job.open:
        call.queue.close(job)
    return Answer()


def cancel_job(call: Call) -> Answer:
    """Cancel-Job (RFC 8011 §4.3.3)."""
    job = _job(call)
    _require_owner(call, job)
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
        jobs = [_job_numbered(call, number) for number in named.values if isinstance(number, int)]
        for job in jobs:
            _require_owner(call, job)
            if job.is_finished:
                raise IppRefusal(NOT_POSSIBLE, "One of the jobs is finished.", {"job-ids": integers(job.id)})
    for job in jobs:
        call.queue.cancel(job)
    return Answer()


def hold_job(call: Call) -> Answer:
    """Hold-Job (RFC 8011 §4.3.5)."""
    job = _job(call)
    _require_owner(call, job)
    if job.state is not JobState.PENDING and not (job.state is JobState.HELD and not job.open):
        raise IppRefusal(NOT_POSSIBLE, "Only a job that waits for its turn can be held.")
    job.change(JobState.HELD, "job-hold-until-specified")
    return Answer()


def release_job(call: Call) -> Answer:
    """Release-Job (RFC 8011 §4.3.6)."""
    job = _job(call)
    _require_owner(call, job)
    if job.state is not JobState.HELD or job.open:
        raise IppRefusal(NOT_POSSIBLE, "Only a job that is held can be released.")
    call.queue.release(job)
    return Answer()


def get_job_attributes(call: Call) -> Answer:
    """Get-Job-Attributes (RFC 8011 §4.3.4)."""
    known = _described(call, _job(call))
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


def _ticket(call: Call) -> Ticket:
    asked = call.request.first(Tag.JOB)
    ticket = read_ticket(asked, template_attributes(call.printer) | media_attributes(call.printer))
    fidelity = call.operation.get("ipp-attribute-fidelity")
    if ticket.unsupported and fidelity is not None and fidelity.value is True:
        raise IppRefusal(NOT_SUPPORTED, "An attribute or a value is not supported.", ticket.unsupported)
    return ticket


def _with_unsupported(ticket: Ticket, groups: tuple[Group, ...]) -> Answer:
    if not ticket.unsupported:
        return Answer(groups)
    return Answer((Group(Tag.UNSUPPORTED_GROUP, dict(ticket.unsupported)), *groups), OK_IGNORED)


def _require_format(call: Call) -> None:
    wanted = call.operation.get("document-format")
    if wanted is not None and wanted.value not in (*FORMATS, OCTETS):
        raise IppRefusal(FORMAT_NOT_SUPPORTED, "Documents of that format are not printed.", {"document-format": wanted})


def _compression(call: Call) -> str:
    wanted = call.operation.get("compression")
    if wanted is not None and wanted.value not in COMPRESSIONS:
        raise IppRefusal(COMPRESSION_NOT_SUPPORTED, "That compression is not supported.", {"compression": wanted})
    return text_of(call.operation, "compression") or "none"


def _document(call: Call) -> bytes:
    how = _compression(call)
    if not call.data:
        raise IppRefusal(BAD_REQUEST, "There is no document.")
    if how == "none":
        return call.data
    window = 16 + zlib.MAX_WBITS if how == "gzip" else -zlib.MAX_WBITS
    unpacking = zlib.decompressobj(window)
    try:
        content = unpacking.decompress(call.data, LARGEST_DOCUMENT)
    except zlib.error as error:
        raise IppRefusal(COMPRESSION_ERROR, "The document cannot be unpacked.") from error
    if unpacking.unconsumed_tail:
        raise IppRefusal(TOO_LARGE, "Unpacked, the document is too large.")
    if not unpacking.eof:
        raise IppRefusal(COMPRESSION_ERROR, "The document was not packed to its end.")
    return content


def _job(call: Call) -> Job:
    uri = text_of(call.operation, "job-uri")
    if uri is not None:
        _, _, number = uri.rpartition("/")
        return _job_numbered(call, int(number) if number.isdecimal() else 0)
    return _job_numbered(call, number_of(call.operation, "job-id", 0))


def _job_numbered(call: Call, number: int) -> Job:
    if number < 1:
        raise IppRefusal(BAD_REQUEST, "The job has to be named by job-id or job-uri.")
    job = call.queue.jobs.get(number)
    if job is None:
        raise IppRefusal(NOT_FOUND, f"There is no job {number}.")
    return job


def _require_owner(call: Call, job: Job) -> None:
    if job.user != call.user:
        raise IppRefusal(NOT_AUTHORIZED, "The job is somebody else's.")


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
