"""What a loopback printer and its jobs say of themselves (RFC 8011, 5.3 and 5.4)."""

import uuid
from datetime import UTC, datetime
from functools import lru_cache

from connectors.ipp.service.offer import TEMPLATE, Offer, offered, printer_state, up_time
from connectors.ipp.ticket import ticket_attributes
from connectors.ipp.values import boolean, enums, integers, keywords, moment, names, nothing, texts, uris
from connectors.ipp.wire import Attribute, Attributes, Tag
from pressroom.workstation.loopback.jobs import LoopbackJob
from pressroom.workstation.loopback.queues import LoopbackQueue

NAMESPACE = uuid.UUID("5f4b5e52-6f7f-4a0d-8a53-2b0b6b8f9d17")
MAKE = "Pressroom Workstation Printer"
MOST_MB, MOST_PAGES = 1024, 100_000
"""What the agent itself takes; the portal has limits of its own (PR-134)."""
PLACES = {
    "cloud": "Your print queue",
    "hybrid": "Your print queue; documents stay on this computer",
    "direct": "",
    "offline": "Prints while the portal cannot be reached",
}


@lru_cache(maxsize=1)
def abilities() -> Attributes:
    """What does not change while the process lives."""
    return offered(Offer(MAKE, MOST_MB, MOST_PAGES, ("en",)))


def printer_attributes(queue: LoopbackQueue, uri: str, web: str, queued: int) -> Attributes:
    """Everything but the operations; the printer is at `uri`, the person's jobs at the page `web`."""
    return {
        "printer-uri-supported": uris(uri),
        "uri-security-supported": keywords("none"),
        "uri-authentication-supported": keywords("basic"),
        "printer-name": names(queue.name),
        "printer-dns-sd-name": names(queue.name),
        "printer-info": texts(queue.name),
        "printer-location": texts(PLACES[queue.mode]),
        "printer-uuid": uris(uuid.uuid5(NAMESPACE, f"{queue.mode} {queue.printer}").urn),
        "printer-more-info": uris(web),
        **printer_state(queued),
        **abilities(),
        **(_in_black() if queue.is_color is False else {}),
    }


def job_attributes(job: LoopbackJob, uri: str) -> Attributes:
    """Everything about a job of the printer at `uri`."""
    ended = job.changed if job.state.final else None
    described: Attributes = {
        "job-id": integers(job.number),
        "job-uri": uris(f"{uri}/{job.number}"),
        "job-uuid": uris(uuid.uuid5(NAMESPACE, f"job {job.number} {job.created}").urn),
        "job-printer-uri": uris(uri),
        "job-name": names(job.name),
        "job-originating-user-name": names(job.user),
        "job-state": enums(job.state),
        "job-state-reasons": keywords(job.reason),
        "job-state-message": texts(job.message),
        "number-of-documents": integers(1 if job.size else 0),
        "number-of-intervening-jobs": integers(0),
        "time-at-creation": integers(_up(job.created)),
        "time-at-processing": integers(_up(ended)) if ended else nothing(),
        "time-at-completed": integers(_up(ended)) if ended else nothing(),
        "date-time-at-creation": moment(job.created),
        "date-time-at-processing": moment(ended),
        "date-time-at-completed": moment(ended),
        "job-printer-up-time": integers(up_time()),
        "job-k-octets": integers((job.size + 1023) // 1024),
        "job-impressions": nothing(),
        "job-impressions-completed": integers(0),
        "job-media-sheets-completed": nothing(),
        "document-format": Attribute(Tag.MIME_TYPE, (job.media_type,)) if job.media_type else nothing(),
    }
    return described | ticket_attributes(job.ticket)


def job_groups(known: Attributes) -> dict[str, list[str]]:
    """The names of groups of attributes that can be asked for."""
    template = [name for name in known if name in TEMPLATE]
    return {"all": list(known), "job-template": template, "job-description": [n for n in known if n not in template]}


def _in_black() -> Attributes:
    return {
        "color-supported": boolean(False),
        "print-color-mode-default": keywords("monochrome"),
        "print-color-mode-supported": keywords("auto", "monochrome"),
    }


def _up(seconds: float) -> int:
    return up_time(datetime.fromtimestamp(seconds, UTC))
