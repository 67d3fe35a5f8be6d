"""The body of an IPP request, read as it arrives: its attributes first, then the document (RFC 8010, 3; PR-325).

Nothing keeps one waiting for ever: every piece has to come within some time, all of it at a least speed, and attributes
within some size. Who was refused may still send a little, so that the answer reaches them; then the connection ends.
"""

import time
from collections.abc import AsyncIterator

import anyio
from starlette.requests import Request

from connectors.ipp.service.statuses import IppRefusal, Status
from connectors.ipp.wire import BadMessage, CutOff, IppMessage, Tag, decode

LONGEST_HEAD = 1 << 17
"""Most bytes of attributes; clients send a few hundred."""
IDLE_SECONDS = 60.0
LEAST_SPEED = 4096
"""Bytes a second that a client has to keep up with on the whole, after a start."""
START_SECONDS = 180.0
LINGER_BYTES, LINGER_SECONDS = 8 << 20, 3.0
BLOCK = 1 << 19


class ConnectionGone(Exception):
    """The client is not there any more: nobody reads an answer."""


class Body:
    """The body of one request."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._began = time.monotonic()
        self._received = 0
        self._rest = b""
        self.is_complete = False
        self.first_bytes = b""

    async def head(self) -> IppMessage:
        """The attributes. Raises `BadMessage` where they are none, `IppRefusal` for too many, `ConnectionGone`."""
        data, next_try = bytearray(), 1
        while not self.is_complete:
            data += await self._piece()
            if len(data) < next_try and not self.is_complete:
                continue
            next_try = 2 * len(data)
            self.first_bytes = bytes(data[:8])
            try:
                message, self._rest = decode(bytes(data))
            except CutOff:
                if len(data) > LONGEST_HEAD:
                    raise IppRefusal(Status.ENTITY_TOO_LARGE, "The attributes are too long.") from None
                continue
            return message
        raise BadMessage("the request ends within its attributes")

    async def document(self) -> AsyncIterator[bytes]:
        """What follows the attributes, in blocks of some size. Raises `IppRefusal` (too slow), `ConnectionGone`."""
        block, self._rest = bytearray(self._rest), b""
        while not self.is_complete:
            block += await self._piece()
            if len(block) >= BLOCK:
                yield bytes(block)
                block.clear()
        if block:
            yield bytes(block)

    async def linger(self) -> None:
        """Take in a little of what is still being sent, so that the client gets round to reading the answer."""
        left = LINGER_BYTES
        with anyio.move_on_after(LINGER_SECONDS):
            while not self.is_complete and left > 0:
                left -= len(await self._piece())

    async def _piece(self) -> bytes:
        allowed = self._began + START_SECONDS + self._received / LEAST_SPEED - time.monotonic()
        try:
            with anyio.fail_after(max(0.0, min(IDLE_SECONDS, allowed))):
                message = await self._request.receive()
        except TimeoutError:
            raise IppRefusal(Status.TIMEOUT, "The document was sent too slowly.") from None
        if message["type"] == "http.disconnect":
            raise ConnectionGone
        piece: bytes = message.get("body", b"")
        self._received += len(piece)
        self.is_complete = not message.get("more_body", False)
        return piece


def header_of(first_bytes: bytes) -> IppMessage:
    """As much of a request as can be read when the rest cannot."""
    return decode(first_bytes + bytes([Tag.END]))[0]
