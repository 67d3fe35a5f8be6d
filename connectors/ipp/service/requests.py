"""Requests as they are checked before anything is done, and answers as they are written (RFC 8010; RFC 8011, 4.1)."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from connectors.ipp.service.formats import COMPRESSIONS, OCTETS, TAKEN, agrees, declared
from connectors.ipp.service.offer import IDENTIFY_ACTIONS
from connectors.ipp.service.statuses import IppRefusal, Status
from connectors.ipp.service.ticket import AskedTicket, read_ticket
from connectors.ipp.values import charsets, keywords, languages, number_of, text_of, texts
from connectors.ipp.wire import Attributes, Group, IppMessage, LocalText, Tag

MEDIA_TYPE = "application/ipp"
CHARSETS = ("utf-8", "us-ascii")
LOWEST_VERSION, HIGHEST_VERSION = (1, 0), (2, 0)
LONGEST_USER = 255

States = TypeVar("States")


@dataclass(frozen=True, slots=True)
class Answer:
    """Groups after the operation attributes, and the status."""

    groups: tuple[Group, ...] = ()
    status: Status = Status.OK


@dataclass(frozen=True, slots=True)
class Document:
    """A document that came: the file, and what it is said to be."""

    path: Path
    media_type: str

    @property
    def is_empty(self) -> bool:
        return self.path.stat().st_size == 0


def checked_request(message: IppMessage, operations: Container[int]) -> Attributes:
    """The operation attributes, if version, number, charset, order and operation are right; raises `IppRefusal`.

    Whom the request is for is left to the caller: `target_of_request`.
    """
    if not LOWEST_VERSION <= message.version <= HIGHEST_VERSION:
        raise IppRefusal(Status.VERSION_NOT_SUPPORTED, "This printer speaks IPP 1.0 to 2.0.")
    if message.request_id < 1:
        raise IppRefusal(Status.BAD_REQUEST, "request-id has to be at least 1.")
    if not message.groups or message.groups[0].tag != Tag.OPERATION:
        raise IppRefusal(Status.BAD_REQUEST, "The operation attributes have to come first.")
    attributes = {name: value for name, value in message.groups[0].attributes.items() if value.values}
    if list(attributes)[:2] != ["attributes-charset", "attributes-natural-language"]:
        raise IppRefusal(Status.BAD_REQUEST, "attributes-charset and attributes-natural-language have to come first.")
    if (text_of(attributes, "attributes-charset") or "").lower() not in CHARSETS:
        raise IppRefusal(Status.CHARSET_NOT_SUPPORTED, "Only UTF-8 is understood.")
    target_of_request(attributes)
    if message.code not in operations:
        raise IppRefusal(Status.OPERATION_NOT_SUPPORTED, "The printer has no such operation.")
    return attributes


def target_of_request(operation: Attributes) -> str:
    """The address of the printer or job that the request is for; raises `IppRefusal`."""
    target = text_of(operation, "printer-uri") or text_of(operation, "job-uri")
    if target is None:
        raise IppRefusal(Status.BAD_REQUEST, "printer-uri is missing.")
    return target


def user_of(operation: Attributes) -> str:
    """Who the sender says that the person is."""
    found = operation.get("requesting-user-name")
    name = found.value if found else ""
    return (name.text if isinstance(name, LocalText) else str(name or ""))[:LONGEST_USER]


def flag(operation: Attributes, name: str) -> bool:
    """Whether a boolean attribute of the operation is there and true."""
    found = operation.get(name)
    return found is not None and found.value is True


def compression_of(operation: Attributes) -> str:
    """How the document is packed; raises `IppRefusal`."""
    wanted = operation.get("compression")
    if wanted is not None and wanted.value not in COMPRESSIONS:
        refused = {"compression": wanted}
        raise IppRefusal(Status.COMPRESSION_NOT_SUPPORTED, "That compression is not supported.", refused)
    return text_of(operation, "compression") or "none"


def format_of(operation: Attributes) -> str:
    """What the document is said to be."""
    return declared(text_of(operation, "document-format") or OCTETS)


def require_format(operation: Attributes) -> None:
    """Raise `IppRefusal` for a format that is not printed."""
    if format_of(operation) not in (*TAKEN, OCTETS):
        refused = {"document-format": operation["document-format"]}
        raise IppRefusal(Status.FORMAT_NOT_SUPPORTED, "Documents of that format are not printed.", refused)


def is_last_document(operation: Attributes) -> bool:
    """Whether no further document follows; raises `IppRefusal` where that is not said."""
    last = operation.get("last-document")
    if last is None or not isinstance(last.value, bool):
        raise IppRefusal(Status.BAD_REQUEST, "last-document is missing.")
    return last.value


def requested(operation: Attributes) -> list[str]:
    """The names of attributes and groups that are asked for."""
    found = operation.get("requested-attributes")
    return [value for value in found.values if isinstance(value, str)] if found else []


def name_of_job(operation: Attributes, otherwise: str) -> str:
    """How the job is called."""
    return text_of(operation, "job-name") or text_of(operation, "document-name") or otherwise


def asked_ticket(request: IppMessage, operation: Attributes, offered: Attributes) -> AskedTicket:
    """What the job asks for of what is `offered`; raises `IppRefusal`, also where nothing may be left out."""
    require_format(operation)
    compression_of(operation)
    asked = read_ticket(request.first(Tag.JOB), offered)
    if asked.unsupported and flag(operation, "ipp-attribute-fidelity"):
        raise IppRefusal(Status.NOT_SUPPORTED, "An attribute or a value is not supported.", asked.unsupported)
    return asked


def require_declared(document: Document, found: str) -> None:
    """Raise `IppRefusal` where the document is not what it was declared to be (PR-130)."""
    if not agrees(document.media_type, found):
        raise IppRefusal(Status.FORMAT_ERROR, f"The document is no {document.media_type} but {found}.")


def which_jobs(operation: Attributes, known: Mapping[str, States]) -> States:
    """Which jobs Get-Jobs asks for (RFC 8011, 4.2.6.1); raises `IppRefusal`."""
    which = text_of(operation, "which-jobs") or "not-completed"
    if which not in known:
        raise IppRefusal(Status.NOT_SUPPORTED, "which-jobs is not supported.", {"which-jobs": keywords(which)})
    return known[which]


def limit_of(operation: Attributes, most: int) -> int:
    """How many jobs Get-Jobs may tell, `most` where that is not said; raises `IppRefusal`."""
    limit = number_of(operation, "limit", most)
    if limit < 1:
        raise IppRefusal(Status.BAD_REQUEST, "limit has to be at least 1.")
    return limit


def require_identify_actions(operation: Attributes) -> None:
    """Raise `IppRefusal` where a printer is to show itself in a way that is not offered (PWG 5100.13)."""
    actions = operation.get("identify-actions")
    if actions is not None and not set(actions.values) <= set(IDENTIFY_ACTIONS):
        raise IppRefusal(Status.NOT_SUPPORTED, "An action is not supported.", {"identify-actions": actions})


def with_unsupported(asked: AskedTicket, groups: tuple[Group, ...]) -> Answer:
    """An answer that tells what was not supported, if anything."""
    if not asked.unsupported:
        return Answer(groups)
    return Answer((Group(Tag.UNSUPPORTED_GROUP, dict(asked.unsupported)), *groups), Status.OK_IGNORED)


def written(message: IppMessage, answer: Answer, text: str = "", language: str = "en") -> IppMessage:
    """The answer to a request, with what is said about it."""
    attributes = {"attributes-charset": charsets("utf-8"), "attributes-natural-language": languages(language)}
    if text:
        attributes["status-message"] = texts(text)
    version = max(LOWEST_VERSION, min(message.version, HIGHEST_VERSION))
    return IppMessage(answer.status, message.request_id, (Group(Tag.OPERATION, attributes), *answer.groups), version)


def refused(message: IppMessage, refusal: IppRefusal, language: str = "en") -> IppMessage:
    """The answer to a request of which nothing was done."""
    groups = (Group(Tag.UNSUPPORTED_GROUP, dict(refusal.unsupported)),) if refusal.unsupported else ()
    return written(message, Answer(groups, refusal.status), refusal.message, language)
