"""IPP over HTTP (RFC 8010 §4): reads the request, lets the operation be done, writes the answer."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from connectors.ipp.values import charsets, languages, text_of, texts
from connectors.ipp.wire import Attribute, BadMessage, Group, IppMessage, Tag, decode, encode
from printers_sim.device.settings import setting
from printers_sim.ipp import system
from printers_sim.ipp.call import BAD_REQUEST, NOT_FOUND, TOO_LARGE, Answer, Call, IppRefusal
from printers_sim.ipp.description import PATH, RESTART_PRINTER, operations_of
from printers_sim.ipp.intake import LARGEST_DOCUMENT
from printers_sim.ipp.operations import OPERATIONS
from printers_sim.ipp.queue import PrintQueue
from printers_sim.printer import SimulatedPrinter
from printers_sim.web.ports import Ports
from printers_sim.web.requests import require_administrator, timing_of

MEDIA_TYPE = "application/ipp"
OPERATION_NOT_SUPPORTED, VERSION_NOT_SUPPORTED, CHARSET_NOT_SUPPORTED = 0x0501, 0x0503, 0x040D
CHARSETS = ("utf-8", "us-ascii")
LOWEST_VERSION, HIGHEST_VERSION = (1, 0), (2, 0)
RESTARTS = frozenset({RESTART_PRINTER, system.RESTART_SYSTEM})
"""What only the printer's administrator may do."""


async def ipp(request: Request) -> Response:
    """POST application/ipp."""
    printer: SimulatedPrinter = request.scope["printer"]
    if setting(printer, "network.ipp_enabled") is not True:
        return PlainTextResponse("IPP is turned off.", 404)
    if request.headers.get("content-type", "").partition(";")[0].strip() != MEDIA_TYPE:
        return PlainTextResponse(f"Send {MEDIA_TYPE}.", 415)
    body = bytearray()
    try:
        async for block in request.stream():
            body += block
            if len(body) > LARGEST_DOCUMENT:
                return _response(
                    _refused(_header(bytes(body[:8])), IppRefusal(TOO_LARGE, "The document is too large."))
                )
    except ClientDisconnect:
        return PlainTextResponse("The request was not sent to its end.", 400)
    try:
        message, data = decode(bytes(body))
    except BadMessage as error:
        if len(body) < 8:
            return PlainTextResponse("This is no IPP request.", 400)
        return _response(_refused(_header(bytes(body[:8])), IppRefusal(BAD_REQUEST, str(error))))
    if message.code in RESTARTS:
        require_administrator(request, printer)
    if request.url.path == system.PATH:
        return _response(system_answer(message, printer, timing_of(request).restart))
    return _response(answer_to(message, data, printer, _place(request)))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a printer was called (web and IPP), everywhere that it prints, its queue, and how long it restarts."""

    web: str
    ipp: str
    offered: tuple[str, ...]
    queue: PrintQueue
    restart_seconds: float = 0.0


def _place(request: Request) -> Place:
    address, port = request.scope["server"]
    ports: Ports = request.app.state.ports
    offered = [f"ipp://{address}:{ports.http}{PATH}"]
    if ports.https is not None:
        offered.append(f"ipps://{address}:{ports.https}{PATH}")
    scheme = request.scope["scheme"]
    ipp = f"{'ipps' if scheme == 'https' else 'ipp'}://{address}:{port}{PATH}"
    queue = request.app.state.queues.of(request.scope["printer"])
    return Place(f"{scheme}://{address}:{port}", ipp, tuple(offered), queue, timing_of(request).restart)


def answer_to(message: IppMessage, data: bytes, printer: SimulatedPrinter, place: Place) -> IppMessage:
    """The answer to a request that came to that place."""
    try:
        operation = _checked(message, operations_of(printer), ("printer-uri", "job-uri"), PATH)
        call = Call(
            message,
            operation,
            data,
            printer,
            place.queue,
            place.ipp,
            place.web,
            place.offered,
            place.restart_seconds,
        )
        answer = OPERATIONS[message.code](call)
    except IppRefusal as refusal:
        return _refused(message, refusal)
    return _answered(message, answer, "")


def system_answer(message: IppMessage, printer: SimulatedPrinter, restart_seconds: float) -> IppMessage:
    """The answer of the printer's system object, where it has one (PWG 5100.22)."""
    try:
        _checked(message, system.operations_of(printer), ("system-uri",), system.PATH)
        answer = system.answer(message.code, printer, restart_seconds)
    except IppRefusal as refusal:
        return _refused(message, refusal)
    return _answered(message, answer, "")


def _checked(message: IppMessage, offered: Container[int], targets: Sequence[str], path: str) -> dict[str, Attribute]:
    """The operation attributes, if version, number, order and target are right (RFC 8011 §4.1)."""
    if not LOWEST_VERSION <= message.version <= HIGHEST_VERSION:
        raise IppRefusal(VERSION_NOT_SUPPORTED, "This printer speaks IPP 1.0 to 2.0.")
    if message.request_id < 1:
        raise IppRefusal(BAD_REQUEST, "request-id has to be at least 1.")
    if not message.groups or message.groups[0].tag != Tag.OPERATION:
        raise IppRefusal(BAD_REQUEST, "The operation attributes have to come first.")
    operation = message.groups[0].attributes
    if list(operation)[:2] != ["attributes-charset", "attributes-natural-language"]:
        raise IppRefusal(BAD_REQUEST, "attributes-charset and attributes-natural-language have to come first.")
    if (text_of(operation, "attributes-charset") or "").lower() not in CHARSETS:
        raise IppRefusal(CHARSET_NOT_SUPPORTED, "Only UTF-8 is understood.")
    target = next(filter(None, (text_of(operation, name) for name in targets)), None)
    if target is None:
        raise IppRefusal(BAD_REQUEST, f"{targets[0]} is missing.")
    if message.code not in offered:
        raise IppRefusal(OPERATION_NOT_SUPPORTED, "The printer has no such operation.")
    if path not in target:
        raise IppRefusal(NOT_FOUND, "There is no printer of that address.")
    return operation


def _refused(message: IppMessage, refusal: IppRefusal) -> IppMessage:
    unsupported: Mapping[str, Attribute] = refusal.unsupported
    groups = (Group(Tag.UNSUPPORTED_GROUP, dict(unsupported)),) if unsupported else ()
    return _answered(message, Answer(groups, refusal.status), refusal.message)


def _answered(message: IppMessage, answer: Answer, text: str) -> IppMessage:
    attributes = {"attributes-charset": charsets("utf-8"), "attributes-natural-language": languages("en")}
    if text:
        attributes["status-message"] = texts(text)
    version = max(LOWEST_VERSION, min(message.version, HIGHEST_VERSION))
    return IppMessage(answer.status, message.request_id, (Group(Tag.OPERATION, attributes), *answer.groups), version)


def _header(head: bytes) -> IppMessage:
    """As much of a request as can be read when the rest cannot."""
    return decode(head + bytes([Tag.END]))[0]


def _response(message: IppMessage) -> Response:
    return Response(encode(message), media_type=MEDIA_TYPE)


ROUTES = [Route(path, ipp, methods=["POST"]) for path in (PATH, f"{PATH}/{{job_id:int}}", system.PATH)]
