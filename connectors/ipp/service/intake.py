"""The document of a print request: written to the disk as it arrives, unpacked, and never larger than allowed (PR-134).

A packed document is bounded by what it unpacks to, so that a small one cannot fill the disk.
"""

import errno
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from starlette.concurrency import run_in_threadpool

from connectors.documents.store import DISK_FULL
from connectors.ipp.service.body import Body
from connectors.ipp.service.formats import COMPRESSIONS
from connectors.ipp.service.statuses import IppRefusal, Status

PIECE = 1 << 20
MEANWHILE_SECONDS = 60.0
ZLIB_HEADER = 0x78


@dataclass(frozen=True, slots=True)
class Room:
    """Where documents are put while they arrive, and how large one may be."""

    folder: Path
    most_mb: int


@asynccontextmanager
async def received_document(
    body: Body, compression: str, room: Room, meanwhile: Callable[[], None] = lambda: None
) -> AsyncIterator[Path]:
    """The document that follows in `body`, in a new file that is removed afterwards; it may be empty.

    `meanwhile` is called at once and every minute that it takes. Raises `IppRefusal` where the document is too large,
    too slow, or not packed as it says, and `DISK_FULL`.
    """
    file = await run_in_threadpool(_new_file, room.folder)
    document = _Document(file, compression, room.most_mb << 20)
    try:
        with file:
            last = time.monotonic() - MEANWHILE_SECONDS
            async for block in body.document():
                if time.monotonic() - last >= MEANWHILE_SECONDS:
                    await run_in_threadpool(meanwhile)
                    last = time.monotonic()
                await run_in_threadpool(document.add, block)
            await run_in_threadpool(document.end)
        yield Path(file.name)
    finally:
        await run_in_threadpool(Path(file.name).unlink, missing_ok=True)


class _Document:
    """A document so far."""

    def __init__(self, file: IO[bytes], compression: str, limit: int) -> None:
        assert compression in COMPRESSIONS
        self._file, self._compression = file, compression
        self._limit = limit
        self._size = 0
        self._unpacking: zlib._Decompress | None = None

    def add(self, block: bytes) -> None:
        """Write what has come."""
        if self._compression == "none":
            self._write(block)
            return
        if self._unpacking is None:
            self._unpacking = zlib.decompressobj(_window(self._compression, block))
        try:
            while block and not self._unpacking.eof:
                self._write(self._unpacking.decompress(block, PIECE))
                block = self._unpacking.unconsumed_tail
        except zlib.error:
            raise IppRefusal(Status.COMPRESSION_ERROR, "The document cannot be unpacked.") from None

    def end(self) -> None:
        """Everything has come."""
        if self._unpacking is not None and not self._unpacking.eof:
            raise IppRefusal(Status.COMPRESSION_ERROR, "The document was not packed to its end.")

    def _write(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._limit:
            limit = self._limit >> 20
            raise IppRefusal(Status.ENTITY_TOO_LARGE, f"A document may have {limit} MB; this one is larger.")
        try:
            self._file.write(data)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DISK_FULL() from error
            raise


def _window(compression: str, start: bytes) -> int:
    """How zlib is to read it: gzip, or deflate with or without zlib's own header, as both are sent."""
    if compression == "gzip":
        return 16 + zlib.MAX_WBITS
    has_header = len(start) > 1 and start[0] == ZLIB_HEADER and (start[0] * 256 + start[1]) % 31 == 0
    return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS


def _new_file(folder: Path) -> IO[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    return NamedTemporaryFile(dir=folder, prefix="ipp-", delete=False)
