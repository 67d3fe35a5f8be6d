"""One request of IPP over HTTP and its answer (RFC 8010, 4), whatever becomes of the connection."""

from collections.abc import Awaitable

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from connectors.ipp.service.body import Body, ConnectionGone, header_of
from connectors.ipp.service.requests import MEDIA_TYPE
from connectors.ipp.service.statuses import IppRefusal
from connectors.ipp.wire import IppMessage, encode

CLOSE = {"Connection": "close"}
SHORTEST_HEADER = 8

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class HttpAnswer(Exception):
    """A request that is answered by HTTP itself, without an IPP message."""

    def __init__(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.status, self.text, self.headers = status, text, headers


async def exchange(body: Body, answer: Awaitable[IppMessage]) -> Response:
    """The response with `answer`; a client that still sends is heard out for a while, so that it reads the refusal."""
    try:
        response = Response(encode(await answer), media_type=MEDIA_TYPE)
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


def require_media_type(request: Request) -> None:
    """Raise `HttpAnswer` where the request is declared to be no message of IPP."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise HttpAnswer(415, f"Send {MEDIA_TYPE}.")


def beginning(body: Body) -> IppMessage:
    """What can be said of a message that cannot be read: version, number and id; raises `HttpAnswer` without them."""
    if len(body.first_bytes) < SHORTEST_HEADER:
        raise HttpAnswer(400, "This is no IPP request.")
    return header_of(body.first_bytes)
