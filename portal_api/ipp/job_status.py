"""What IPP says of a job (RFC 8011, 5.3; PR-135, PR-327)."""

import uuid
from datetime import datetime
from enum import IntEnum

from connectors.ipp.service.offer import TEMPLATE, up_time
from connectors.ipp.ticket import ticket_attributes
from connectors.ipp.values import enums, integers, keywords, moment, names, nothing, texts, uris
from connectors.ipp.wire import Attribute, Attributes
from domain.printing.states import JobState
from domain.printing.views import JobView
from domain.texts.catalogue import translate
from portal_api.ipp.addresses import PrinterAddress
from portal_api.ipp.description import NAMESPACE

BRIEF = ("job-id", "job-uri")
"""What Get-Jobs gives without being asked for more."""
CREATED = ("job-id", "job-uri", "job-uuid", "job-state", "job-state-reasons", "job-state-message")
"""What is told of a new job."""


class IppState(IntEnum):
    """RFC 8011, 5.3.7."""

    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9


STATES: dict[JobState, tuple[IppState, str]] = {
    JobState.AWAITING_AUTH: (IppState.HELD, "account-info-needed"),
    JobState.RECEIVING: (IppState.HELD, "job-incoming"),
    JobState.CONVERTING: (IppState.HELD, "job-incoming"),
    JobState.HELD: (IppState.HELD, "job-held-for-release"),
    JobState.KEPT: (IppState.HELD, "job-held-for-release"),
    JobState.RELEASING: (IppState.PENDING, "job-queued"),
    JobState.PRINTING: (IppState.PROCESSING, "job-printing"),
    JobState.STOPPED: (IppState.STOPPED, "printer-stopped"),
    JobState.PRINTED: (IppState.COMPLETED, "job-completed-successfully"),
    JobState.CANCELED: (IppState.CANCELED, "job-canceled-by-user"),
    JobState.EXPIRED: (IppState.CANCELED, "job-canceled-after-timeout"),
    JobState.REJECTED: (IppState.ABORTED, "document-format-error"),
    JobState.FAILED: (IppState.ABORTED, "aborted-by-system"),
}
"""States by what IPP calls them and why (PR-135)."""
REJECTIONS = {
    "document.encrypted": "document-password-error",
    "print_job.format_not_supported": "unsupported-document-format",
    "print_job.sign_in_timeout": "account-authorization-failed",
    "print_job.too_many_pages": "aborted-by-system",
}
"""Why a job was not accepted, by the code of its error, where it is not the document that is broken."""


def reason_of(job: JobView) -> str:
    """Why the job is in its state, as a keyword."""
    usual = STATES[job.state][1]
    if job.state is not JobState.REJECTED or job.reason is None:
        return usual
    return REJECTIONS.get(job.reason.code, usual)


def job_attributes(job: JobView, printer: PrinterAddress, owner: str, locale: str) -> Attributes:
    """Everything about a job of `owner`."""
    ended = job.changed if job.state.is_final else None
    described: Attributes = {
        "job-id": integers(job.number),
        "job-uri": uris(f"{printer.uri}/{job.number}"),
        "job-uuid": uris(uuid.uuid5(NAMESPACE, job.id).urn),
        "job-printer-uri": uris(printer.uri),
        "job-more-info": uris(f"{printer.web}/print-queue"),
        "job-name": names(job.name),
        "job-originating-user-name": names(owner),
        "job-state": enums(STATES[job.state][0]),
        "job-state-reasons": keywords(reason_of(job)),
        "job-state-message": texts(_message(job, locale)),
        "job-release-action": keywords("owner-authorized"),
        "number-of-documents": integers(1 if job.original else 0),
        "number-of-intervening-jobs": integers(0),
        "time-at-creation": integers(up_time(job.submitted)),
        "time-at-processing": _time(ended),
        "time-at-completed": _time(ended),
        "date-time-at-creation": moment(job.submitted.timestamp()),
        "date-time-at-processing": _moment(ended),
        "date-time-at-completed": _moment(ended),
        "job-printer-up-time": integers(up_time()),
        "job-k-octets": integers((job.size + 1023) // 1024),
        "job-impressions": integers(job.pages) if job.pages is not None else nothing(),
        "job-impressions-completed": integers((job.pages or 0) if job.state is JobState.PRINTED else 0),
        "job-media-sheets-completed": nothing(),
        "document-format": Attribute(0x49, (job.media_type,)) if job.media_type else nothing(),
    }
    return described | ticket_attributes(job.ticket)


def job_groups(known: Attributes) -> dict[str, list[str]]:
    """The names of groups of attributes that can be asked for."""
    template = [name for name in known if name in TEMPLATE]
    return {"all": list(known), "job-template": template, "job-description": [n for n in known if n not in template]}


def _message(job: JobView, locale: str) -> str:
    if job.reason is None:
        return ""
    return translate(job.reason.message_template, locale, **job.reason.facts)


def _time(at: datetime | None) -> Attribute:
    return nothing() if at is None else integers(up_time(at))


def _moment(at: datetime | None) -> Attribute:
    return nothing() if at is None else moment(at.timestamp())
