"""IPP over HTTP on this computer (RFC 8010, 4): who may, which printer, and the answer.

Addresses are `/ipp/print/{printer}`, with the agent's key behind it for systems that cannot show it otherwise, and a
job's number at the end. At a port of its own a printer is `/ipp/print`, whatever follows.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.errors import PressroomError
from connectors.ipp.service.body import Body
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
    written,
)
from connectors.ipp.service.statuses import IppRefusal, Status, status_of
from connectors.ipp.wire import BadMessage, IppMessage
from pressroom.workstation.loopback.access import Access, is_local_name, is_own_connection, key_of
from pressroom.workstation.loopback.description import MOST_MB
from pressroom.workstation.loopback.jobs import JobBook
from pressroom.workstation.loopback.operations import OPERATIONS, Call
from pressroom.workstation.loopback.queues import ROOT, LoopbackQueue

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

CHALLENGE = {"WWW-Authenticate": 'Basic realm="printctl", charset="UTF-8"'}
_PATH = re.compile(
    rf"{ROOT}(?:/(?P<name>[^/]+?))?(?:/(?P<key>[A-Za-z0-9_-]{{20,64}}))?(?:/(?P<job>[1-9][0-9]{{0,9}}))?/?"
)


@dataclass(frozen=True, slots=True)
class Place:
    """What an address leads to: the printer, its address as it was written, the key in it, and a job."""

    queue: LoopbackQueue
    uri: str
    key: str
    job: int


class Endpoint:
    """The application. `queues` are those that there are now; `web` is where the person's jobs are shown."""

    def __init__(self, book: JobBook, access: Access, queues: Callable[[], dict[str, LoopbackQueue]], web: str) -> None:
        self._book, self._access, self._queues, self._web = book, access, queues, web
        path = ROOT + "{rest:path}"
        self.app = Starlette(routes=[Route(path, self._post, methods=["POST"])])

    async def _post(self, request: Request) -> Response:
        body = Body(request)
        return await exchange(body, self._answer(request, body))

    async def _answer(self, request: Request, body: Body) -> IppMessage:
        place = self._called(request)
        try:
            message = await body.head()
        except (BadMessage, IppRefusal) as error:
            why = error if isinstance(error, IppRefusal) else IppRefusal(Status.BAD_REQUEST, str(error))
            return refused(beginning(body), why)
        try:
            return written(message, await self._carried_out(request, body, message, place))
        except IppRefusal as refusal:
            return refused(message, refusal)
        except PressroomError as error:
            return refused(message, IppRefusal(status_of(error), f"{error.message} {error.remedy}"))

    def _called(self, request: Request) -> Place:
        """The printer that was called, by somebody on this computer and not by a page of the web."""
        if not is_local_name(request.headers.get("host", "")) or "origin" in request.headers:
            raise HttpAnswer(403, "These printers are for the print system of this computer.")
        require_media_type(request)
        place = self._place(request.url.path, request.headers["host"], _port(request))
        if place is None:
            raise HttpAnswer(404, "There is no printer at this address.")
        return place

    def _place(self, path: str, host: str, port: int) -> Place | None:
        found = _PATH.fullmatch(unquote(path))
        if found is None:
            return None
        queues = self._queues()
        own = next((one for one in queues.values() if port == one.port), None)
        queue = own or queues.get(quote(found["name"] or "", safe=""))
        if queue is None:
            return None
        key = found["key"] or ""
        uri = f"ipp://{host}{ROOT}/{queue.path}" + (f"/{key}" if key else "")
        return Place(queue, uri, key, int(found["job"] or 0))

    async def _carried_out(self, request: Request, body: Body, message: IppMessage, place: Place) -> Answer:
        attributes = checked_request(message, OPERATIONS)
        operation = OPERATIONS[message.code]
        named = self._named(target_of_request(attributes), request)
        if named is None or named.queue != place.queue:
            raise IppRefusal(Status.NOT_FOUND, "There is no printer of that address.")
        if not operation.is_open and not await run_in_threadpool(self._is_let_in, request, place):
            raise HttpAnswer(401, "Only the person whose agent this is prints here.", CHALLENGE)
        call = Call(message, attributes, place.queue, self._book, place.uri, self._web, named.job or place.job)
        answer = await run_in_threadpool(operation.run, call)
        if operation.take is None:
            return answer
        room = Room(self._book.store.scratch, MOST_MB)
        async with received_document(body, compression_of(attributes), room) as path:
            return await run_in_threadpool(operation.take, call, Document(path, format_of(attributes)))

    def _named(self, uri: str, request: Request) -> Place | None:
        """What the address in a request leads to; hosts are not compared, as print systems name them as they like."""
        try:
            path = urlsplit(uri).path
        except ValueError:
            return None
        return self._place(path, request.headers["host"], _port(request))

    def _is_let_in(self, request: Request, place: Place) -> bool:
        shown = place.key or key_of(request.headers.get("authorization", ""))
        if shown:
            return self._access.is_key(shown)
        other, here = request.scope.get("client"), request.scope.get("server")
        return other is not None and here is not None and is_own_connection(tuple(other), tuple(here))


def _port(request: Request) -> int:
    here = request.scope.get("server")
    return int(here[1]) if here else 0
