"""Reading with a checksum: what leaves a document store is what was put in, or an error."""

import errno
import hashlib
import io
import os
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from connectors.documents.store import DAMAGED, DISK_FULL

PIECE = 1 << 20


class ByteSource(Protocol):
    """Anything that hands out bytes and can be closed: a file, an HTTP response."""

    def read(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


class VerifiedStream(io.RawIOBase):
    """The first `size` bytes of `source`, whose SHA-256 must be `sha256`.

    The last bytes are handed out only if the digest is right, so that a reader who stops at the expected size is
    protected too; else, and when the source ends early, `DAMAGED` is raised.
    """

    def __init__(self, source: ByteSource, key: str, size: int, sha256: str) -> None:
        super().__init__()
        self._source, self._key, self._left, self._expected = source, key, size, sha256
        self._digest = hashlib.sha256()
        self._verify_at_end()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # a buffer is all we are given
        if not self._left:
            return 0
        piece = self._source.read(min(len(buffer), self._left))
        if not piece:
            raise DAMAGED(key=self._key)
        self._digest.update(piece)
        self._left -= len(piece)
        self._verify_at_end()
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()

    def _verify_at_end(self) -> None:
        if not self._left and self._digest.hexdigest() != self._expected:
            raise DAMAGED(key=self._key)


def verified(source: ByteSource, key: str, size: int, sha256: str) -> BinaryIO:
    """`source` as a buffered `VerifiedStream`."""
    try:
        return io.BufferedReader(VerifiedStream(source, key, size, sha256), PIECE)
    except BaseException:
        source.close()
        raise


def save(source: BinaryIO, target: Path) -> None:
    """Copy `source` to `target`, which appears only when all of it has arrived; raises `DISK_FULL`."""
    partial = target.with_name(f".{target.name[:50]}.partial")
    try:
        with partial.open("wb", buffering=0) as copy:
            copy_pieces(source, copy)
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def copy_pieces(source: BinaryIO, working_file: IO[bytes]) -> None:
    """Copy all of `source` into a working file in pieces; raises `DISK_FULL`."""
    while piece := source.read(PIECE):
        write_piece(working_file, piece)


def write_piece(working_file: IO[bytes], piece: bytes) -> None:
    """Write all of `piece` into a working file; raises `DISK_FULL`."""
    try:
        written = working_file.write(piece)
        while written < len(piece):
            written += working_file.write(piece[written:])
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DISK_FULL() from exc
        raise


def digest_of(source: BinaryIO) -> tuple[str, int]:
    """SHA-256 in hex and the number of bytes from here to the end of a seekable `source`, which is then put back."""
    start = source.tell()
    digest, size = hashlib.sha256(), 0
    while piece := source.read(PIECE):
        digest.update(piece)
        size += len(piece)
    source.seek(start, os.SEEK_SET)
    return digest.hexdigest(), size
