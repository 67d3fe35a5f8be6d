"""IPP over HTTP (RFC 8010, 4): reads the request, finds out who asks, has the operation done, writes the answer."""

from functools import partial
from pathlib import Path
from uuid import uuid4

import structlog
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, Response

from connectors.errors import INTERNAL, PressroomError
from connectors.ipp.service.body import Body, ConnectionGone
from connectors.ipp.service.exchange import HttpAnswer, beginning, exchange, require_media_type
from connectors.ipp.service.intake import Room, received_document
from connectors.ipp.service.requests import (
    Answer,
    Document,
    checked_request,
    compression_of,
    format_of,
    refused,
    target_of_request,
    user_of,
    written,
)
from connectors.ipp.service.statuses import IppRefusal, Status, status_of
from connectors.ipp.values import text_of
from connectors.ipp.wire import Attributes, BadMessage, IppMessage, Tag
from connectors.settings import get_settings
from domain.printing.submission import Client
from domain.texts.catalogue import language_of, translate_error
from portal_api.ipp.addresses import PrinterAddress, address_of, target_of
from portal_api.ipp.call import Call
from portal_api.ipp.callers import SIGN_IN_TO_PRINT, caller_of
from portal_api.ipp.operations import OPERATIONS, Operation
from portal_api.sign_in import TOO_MANY_SIGN_INS, client_address

ICON = Path(__file__).with_name("icon.png")
CHALLENGE = {"WWW-Authenticate": 'Basic realm="Pressroom", charset="UTF-8"'}

log = structlog.get_logger(__name__)
router = APIRouter(include_in_schema=False)


@router.get("/ipp/icon.png")
def icon() -> Response:
    """The printer's picture."""
    return FileResponse(ICON, media_type="image/png")


@router.post("/ipp/print/{path:path}")
async def ipp(request: Request) -> Response:
    """POST application/ipp."""
    body = Body(request)
    return await exchange(body, _answer(request, body))


async def _answer(request: Request, body: Body) -> IppMessage:
    address = _called(request)
    try:
        message = await body.head()
    except BadMessage as error:
        return refused(beginning(body), IppRefusal(Status.BAD_REQUEST, str(error)))
    except IppRefusal as refusal:
        return refused(beginning(body), refusal)
    try:
        return written(message, await _carried_out(request, body, message, address), language=_language(message))
    except IppRefusal as refusal:
        return refused(message, refusal, _language(message))
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
    require_media_type(request)
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
    settings = get_settings()
    room, meanwhile = Room(settings.scratch_folder, settings.print_max_mb), partial(operation.meanwhile, call)
    async with received_document(body, compression_of(attributes), room, meanwhile) as path:
        return await run_in_threadpool(operation.take, call, Document(path, format_of(attributes)))


def _http_answer(error: PressroomError) -> HttpAnswer | None:
    """How HTTP says that somebody is not let in, where clients know what to do then."""
    if error.fault.status == 401:
        return HttpAnswer(401, error.message, CHALLENGE)
    if error.fault is TOO_MANY_SIGN_INS:
        return HttpAnswer(429, error.message, {"Retry-After": "60"})
    return None


def _checked(message: IppMessage, address: PrinterAddress) -> tuple[Attributes, Operation]:
    """The operation and its attributes, if version, number, order and target are right (RFC 8011, 4.1)."""
    attributes = checked_request(message, OPERATIONS)
    if target_of(target_of_request(attributes), address) is None:
        raise IppRefusal(Status.NOT_FOUND, "There is no printer of that address.")
    return attributes, OPERATIONS[message.code]


def _client(request: Request, attributes: Attributes) -> Client:
    """What sent the request, as far as it says so: “CUPS/2.4.2 (Linux …) IPP/2.0”."""
    product, _, version = request.headers.get("user-agent", "").partition(" ")[0].partition("/")
    return Client(product, version, client_address(request), user_of(attributes))


def _fault(message: IppMessage, error: PressroomError) -> IppMessage:
    if error.fault.status >= 500:
        log.warning("an IPP request failed", code=error.code, exc_info=error)
    text = " ".join(translate_error(error, _language(message)))
    return refused(message, IppRefusal(status_of(error), text), _language(message))


def _language(message: IppMessage) -> str:
    return language_of(text_of(message.first(Tag.OPERATION), "attributes-natural-language") or "en")
