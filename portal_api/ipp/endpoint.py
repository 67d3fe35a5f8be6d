"""IPP over HTTP (RFC 8010, 4): reads the request, finds out who asks, has the operation done, writes the answer."""

from functools import partial
from pathlib import Path
from uuid import uuid4

import structlog
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, PlainTextResponse, Response

from connectors.errors import INTERNAL, PressroomError
from connectors.ipp.values import charsets, languages, text_of, texts
from connectors.ipp.wire import Attributes, BadMessage, Group, IppMessage, LocalText, Tag, encode
from connectors.settings import get_settings
from domain.printing.submission import Client
from domain.texts.catalogue import language_of, translate_error
from portal_api.ipp.addresses import PrinterAddress, address_of, target_of
from portal_api.ipp.body import Body, ConnectionGone, header_of
from portal_api.ipp.call import Answer, Call, Document
from portal_api.ipp.callers import SIGN_IN_TO_PRINT, caller_of
from portal_api.ipp.intake import received_document
from portal_api.ipp.operations import OPERATIONS, Operation, compression_of, format_of
from portal_api.ipp.statuses import IppRefusal, Status, status_of
from portal_api.sign_in import TOO_MANY_SIGN_INS, client_address

MEDIA_TYPE = "application/ipp"
CHARSETS = ("utf-8", "us-ascii")
LOWEST_VERSION, HIGHEST_VERSION = (1, 0), (2, 0)
ICON = Path(__file__).with_name("icon.png")
CHALLENGE = {"WWW-Authenticate": 'Basic realm="Pressroom", charset="UTF-8"'}
CLOSE = {"Connection": "close"}

log = structlog.get_logger(__name__)
router = APIRouter(include_in_schema=False)


class HttpAnswer(Exception):
    """A request that is answered by HTTP itself, without an IPP message."""

    def __init__(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.status, self.text, self.headers = status, text, headers


@router.get("/ipp/icon.png")
def icon() -> Response:
    """The printer's picture."""
    return FileResponse(ICON, media_type="image/png")


@router.post("/ipp/print/{path:path}")
async def ipp(request: Request) -> Response:
    """POST application/ipp."""
    body = Body(request)
    try:
        answer = await _answer(request, body)
        response = Response(encode(answer), media_type=MEDIA_TYPE)
    except ConnectionGone:
        return PlainTextResponse("The request was not sent to its end.", 400)
    except HttpAnswer as http:
        response = PlainTextResponse(http.text, http.status, http.headers)
    if not body.is_complete:
        try:
            await body.linger()
        except (ConnectionGone, IppRefusal):
            log.debug("a client that was refused went away")
        response.headers.update(CLOSE)
    return response


async def _answer(request: Request, body: Body) -> IppMessage:
    address = _called(request)
    try:
        message = await body.head()
    except BadMessage as error:
        return _refused(_beginning(body), IppRefusal(Status.BAD_REQUEST, str(error)))
    except IppRefusal as refusal:
        return _refused(_beginning(body), refusal)
    try:
        return _answered(message, await _carried_out(request, body, message, address), "")
    except IppRefusal as refusal:
        return _refused(message, refusal)
    except PressroomError as error:
        return _fault(message, error)
    except (ConnectionGone, HttpAnswer):
        raise
    except Exception:
        reference = uuid4().hex[:12]
        log.exception("an IPP request failed unexpectedly", reference=reference, operation=message.code)
        return _fault(message, INTERNAL(reference=reference))


def _called(request: Request) -> PrinterAddress:
    """The queue that was called, if the connection is one for secrets."""
    is_secure = request.url.scheme == "https"
    if not is_secure and not get_settings().ipp_in_the_clear:
        raise HttpAnswer(403, "Print passwords travel over TLS only: use the printer's ipps address.")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise HttpAnswer(415, f"Send {MEDIA_TYPE}.")
    address = address_of(request.url.path, request.headers.get("host", ""), is_secure)
    if address is None:
        raise HttpAnswer(404, "There is no print queue at this address.")
    return address


async def _carried_out(request: Request, body: Body, message: IppMessage, address: PrinterAddress) -> Answer:
    attributes, operation = _checked(message, address)
    try:
        caller = await run_in_threadpool(caller_of, request, address)
    except PressroomError as error:
        raise _http_answer(error) or error from None
    request.state.actor = caller
    if caller is None and not operation.is_open:
        raise _http_answer(SIGN_IN_TO_PRINT()) or SIGN_IN_TO_PRINT()
    call = Call(message, attributes, address, caller, _client(request, attributes))
    answer = await run_in_threadpool(operation.run, call)
    if operation.take is None:
        return answer
    async with received_document(body, compression_of(call), partial(operation.meanwhile, call)) as path:
        return await run_in_threadpool(operation.take, call, Document(path, format_of(call)))


def _http_answer(error: PressroomError) -> HttpAnswer | None:
    """How HTTP says that somebody is not let in, where clients know what to do then."""
    if error.fault.status == 401:
        return HttpAnswer(401, error.message, CHALLENGE)
    if error.fault is TOO_MANY_SIGN_INS:
        return HttpAnswer(429, error.message, {"Retry-After": "60"})
    return None


def _checked(message: IppMessage, address: PrinterAddress) -> tuple[Attributes, Operation]:
    """The operation and its attributes, if version, number, order and target are right (RFC 8011, 4.1)."""
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
    target = text_of(attributes, "printer-uri") or text_of(attributes, "job-uri")
    if target is None:
        raise IppRefusal(Status.BAD_REQUEST, "printer-uri is missing.")
    if message.code not in OPERATIONS:
        raise IppRefusal(Status.OPERATION_NOT_SUPPORTED, "The printer has no such operation.")
    if target_of(target, address) is None:
        raise IppRefusal(Status.NOT_FOUND, "There is no printer of that address.")
    return attributes, OPERATIONS[message.code]


def _client(request: Request, attributes: Attributes) -> Client:
    """What sent the request, as far as it says so: “CUPS/2.4.2 (Linux …) IPP/2.0”."""
    product, _, version = request.headers.get("user-agent", "").partition(" ")[0].partition("/")
    found = attributes.get("requesting-user-name")
    name = found.value if found else ""
    user = name.text if isinstance(name, LocalText) else str(name or "")
    return Client(product, version, client_address(request), user[:255])


def _fault(message: IppMessage, error: PressroomError) -> IppMessage:
    if error.fault.status >= 500:
        log.warning("an IPP request failed", code=error.code, exc_info=error)
    text = " ".join(translate_error(error, _language(message)))
    return _refused(message, IppRefusal(status_of(error), text))


def _refused(message: IppMessage, refusal: IppRefusal) -> IppMessage:
    groups = (Group(Tag.UNSUPPORTED_GROUP, dict(refusal.unsupported)),) if refusal.unsupported else ()
    return _answered(message, Answer(groups, refusal.status), refusal.message)


def _answered(message: IppMessage, answer: Answer, text: str) -> IppMessage:
    attributes = {"attributes-charset": charsets("utf-8"), "attributes-natural-language": languages(_language(message))}
    if text:
        attributes["status-message"] = texts(text)
    version = max(LOWEST_VERSION, min(message.version, HIGHEST_VERSION))
    return IppMessage(answer.status, message.request_id, (Group(Tag.OPERATION, attributes), *answer.groups), version)


def _language(message: IppMessage) -> str:
    return language_of(text_of(message.first(Tag.OPERATION), "attributes-natural-language") or "en")


def _beginning(body: Body) -> IppMessage:
    if len(body.first_bytes) < 8:
        raise HttpAnswer(400, "This is no IPP request.")
    return header_of(body.first_bytes)
