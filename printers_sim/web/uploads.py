"""Taking files in: streamed, within limits, whole or not at all."""

import asyncio
import base64
import binascii
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.requests import ClientDisconnect, Request

from printers_sim.device.refusal import Refusal

LARGEST_FIRMWARE = 1 << 30
LARGEST_FILE = 50 << 20
LARGEST_BUNDLE = 32 << 20
LARGEST_JSON = 1 << 20


@asynccontextmanager
async def uploaded(request: Request, largest: int) -> AsyncIterator[Path]:
    """The body of the request as a file for the time being; raises `Refusal` if it is cut off, changed or too large.

    Content-Length has to be given; Content-Digest (RFC 9530, sha-256) is checked where it is given.
    """
    announced = _announced(request, largest)
    wanted = _wanted_digest(request)
    with tempfile.TemporaryDirectory(prefix="pressroom-sim-") as folder:
        path = Path(folder) / "upload"
        received, digest = await _receive(request, path, largest)
        if received != announced:
            raise Refusal(400, "cut_off", f"{announced} bytes were announced, {received} have come.")
        if wanted is not None and wanted != digest:
            raise Refusal(422, "wrong_digest", "The file's SHA-256 digest is not the one given with it.")
        if request.scope["printer"].is_away:
            raise Refusal(503, "restarting", "The printer has begun to restart meanwhile.")
        yield path


async def _receive(request: Request, path: Path, largest: int) -> tuple[int, bytes]:
    digest, received = hashlib.sha256(), 0
    file = await asyncio.to_thread(path.open, "wb")
    try:
        async for block in request.stream():
            received += len(block)
            if received > largest:
                raise too_large(largest)
            digest.update(block)
            file.write(block)
    except ClientDisconnect as error:
        raise Refusal(400, "cut_off", "The file was not sent to its end.") from error
    finally:
        file.close()
    return received, digest.digest()


def too_large(largest: int) -> Refusal:
    """The body is larger than that kind of file may be."""
    return Refusal(413, "too_large", f"The file has more than {largest >> 20} MB.")


def _announced(request: Request, largest: int) -> int:
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise Refusal(411, "length_required", "The length of the file has to be given (Content-Length).")
    if int(length) > largest:
        raise too_large(largest)
    return int(length)


def _wanted_digest(request: Request) -> bytes | None:
    for part in request.headers.get("content-digest", "").split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "sha-256":
            try:
                return base64.b64decode(value.strip(":"), validate=True)
            except binascii.Error as error:
                raise Refusal(400, "wrong_digest", "The header Content-Digest cannot be read.") from error
    return None
