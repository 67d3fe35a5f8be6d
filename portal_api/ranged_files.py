"""Files of the document store for programs that go on with a broken transfer where it stopped (RFC 9110, 14)."""

from collections.abc import Iterator
from typing import BinaryIO

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from connectors.documents import open_store
from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import get_settings

PIECE = 1 << 18
OUT_OF_RANGE = Fault(
    "agent_protocol.range",
    416,
    N_("The file has no such part."),
    N_("Ask for the whole file again."),
)


def ranged_file(request: Request, key: str, sha256: str) -> Response:
    """The file, or its rest from `Range: bytes=N-`; raises `OUT_OF_RANGE`."""
    start = _start(request.headers.get("range", ""))
    size = open_store(get_settings()).stat(key).size
    if start > size:
        raise OUT_OF_RANGE()
    headers = {"Content-Length": str(size - start), "Accept-Ranges": "bytes", "ETag": f'"{sha256}"'}
    if start:
        headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
    return StreamingResponse(_pieces(key, start), 206 if start else 200, headers, media_type="application/octet-stream")


def _pieces(key: str, start: int) -> Iterator[bytes]:
    with open_store(get_settings()).open(key) as stream:
        _skip(stream, start)
        while piece := stream.read(PIECE):
            yield piece


def _skip(stream: BinaryIO, count: int) -> None:
    while count > 0 and (piece := stream.read(min(PIECE, count))):
        count -= len(piece)


def _start(header: str) -> int:
    """The first byte asked for; other kinds of ranges are passed over, as RFC 9110 §14.2 allows."""
    unit, _, span = header.partition("=")
    first, dash, last = span.partition("-")
    return int(first) if unit == "bytes" and dash and not last and first.isdigit() else 0
