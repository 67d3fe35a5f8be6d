"""Documents that are sealed before they reach a store: nobody who reads the store's disk or bucket can tell them.

An object is: a mark with the version of the format; the object's own random key, wrapped by the store's key; what is
known of the document (size, SHA-256 and media type of the clear content), sealed by the object's key; then the content
in pieces of `CHUNK` bytes, each sealed by AES-256-GCM. A piece's nonce and associated data hold its number and whether
it is the last one, so that pieces that were cut off, left out or exchanged are found out; the wrapping holds the
object's key in the store, so that one object cannot be put in another's place.
"""

import hashlib
import io
import os
import struct
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connectors.documents.media_types import UNKNOWN
from connectors.documents.store import DAMAGED, MISSING, DocumentStore, StoredObject, key_parts
from connectors.documents.streams import save, verified, write_piece
from connectors.errors import Fault, PressroomError
from connectors.messages import N_

SEAL_FOREIGN = Fault(
    "document.seal_foreign",
    500,
    N_("The stored document cannot be unsealed."),
    N_("The secret key has changed. Put the former PRESSROOM_SECRET_KEY back, or hand in the original again."),
)

MARK = b"PRSEAL\x00\x01"
CHUNK = 1 << 18
KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16
ABOUT = struct.Struct(">Q32sH")
LENGTH = struct.Struct(">H")
WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES
OF_DESCRIPTION = b"\xff" * NONCE_BYTES
SPOOLED_IN_MEMORY = 1 << 20


@dataclass(frozen=True, slots=True)
class _Head:
    """What stands before the pieces: the object's cipher, and what is known of the clear content."""

    cipher: AESGCM
    size: int
    sha256: str
    media_type: str

    @property
    def pieces(self) -> int:
        return max(1, -(-self.size // CHUNK))


class SealedStore:
    """Keeps everything in `store`, sealed with keys that are wrapped by `key` (32 bytes).

    `scratch` takes sealed content on its way: nothing clear is ever written to a disk.
    """

    def __init__(self, store: DocumentStore, key: bytes, scratch: Path) -> None:
        self._store, self._wrapping, self._scratch = store, AESGCM(key), scratch

    def put(self, key: str, source: BinaryIO, media_type: str) -> StoredObject:
        key_parts(key)
        self._scratch.mkdir(parents=True, exist_ok=True)
        with SpooledTemporaryFile(max_size=SPOOLED_IN_MEMORY, dir=str(self._scratch)) as spool:
            head = self._seal(key, source, media_type, cast(IO[bytes], spool))
            spool.seek(0)
            stored = self._store.put(key, cast(BinaryIO, spool), UNKNOWN)
        return replace(stored, size=head.size, sha256=head.sha256, media_type=media_type)

    def open(self, key: str, sha256: str | None = None) -> AbstractContextManager[BinaryIO]:
        with ExitStack() as opening:
            sealed = opening.enter_context(self._store.open(key))
            head = self._head(sealed, key)
            pieces = _Pieces(sealed, key, head, opening.pop_all())
        return verified(pieces, key, head.size, sha256 or head.sha256)

    def fetch(self, key: str, target: Path, sha256: str) -> None:
        with self.open(key, sha256) as source:
            save(source, target)

    def stat(self, key: str) -> StoredObject:
        stored = self._store.stat(key)
        with self._store.open(key) as sealed:
            head = self._head(sealed, key)
        return replace(stored, size=head.size, sha256=head.sha256, media_type=head.media_type)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        for stored in self._store.list(prefix):
            try:
                yield self.stat(stored.key)
            except PressroomError as error:
                if error.fault is not MISSING:
                    raise

    def delete(self, key: str) -> None:
        self._store.delete(key)

    def delete_folder(self, prefix: str) -> int:
        return self._store.delete_folder(prefix)

    def presigned_link(self, key: str, file_name: str, lifetime: timedelta) -> str | None:
        """None: whoever followed a link of the store itself would get what is sealed."""
        key_parts(key)
        return None

    def check(self) -> None:
        key = f"check/{uuid4().hex}"
        self.put(key, io.BytesIO(b"check"), "text/plain")
        with self.open(key) as source:
            source.read()
        self.delete(key)

    def _seal(self, key: str, source: BinaryIO, media_type: str, spool: IO[bytes]) -> _Head:
        """Write the object to `spool`; its head is filled in last, when size and digest are known."""
        data_key = AESGCM.generate_key(bit_length=8 * KEY_BYTES)
        cipher = AESGCM(data_key)
        nonce = os.urandom(NONCE_BYTES)
        wrapped = nonce + self._wrapping.encrypt(nonce, data_key, MARK + key.encode())
        kind = media_type.encode()
        about_bytes = ABOUT.size + len(kind) + TAG_BYTES
        start = len(MARK) + WRAPPED_BYTES + LENGTH.size + about_bytes
        write_piece(spool, bytes(start))
        digest, size = _write_pieces(cipher, source, spool)
        about = ABOUT.pack(size, digest, len(kind)) + kind
        spool.seek(0)
        write_piece(spool, MARK + wrapped + LENGTH.pack(about_bytes) + cipher.encrypt(OF_DESCRIPTION, about, MARK))
        return _Head(cipher, size, digest.hex(), media_type)

    def _head(self, sealed: BinaryIO, key: str) -> _Head:
        """What the object's first bytes say; raises `SEAL_FOREIGN` or `DAMAGED`."""
        if _exactly(sealed, len(MARK), key) != MARK:
            raise DAMAGED(key=key)
        wrapped = _exactly(sealed, WRAPPED_BYTES, key)
        try:
            nonce, sealed_key = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
            cipher = AESGCM(self._wrapping.decrypt(nonce, sealed_key, MARK + key.encode()))
        except InvalidTag as error:
            raise SEAL_FOREIGN(key=key) from error
        (length,) = LENGTH.unpack(_exactly(sealed, LENGTH.size, key))
        try:
            about = cipher.decrypt(OF_DESCRIPTION, _exactly(sealed, length, key), MARK)
        except InvalidTag as error:
            raise DAMAGED(key=key) from error
        size, sha256, _ = ABOUT.unpack_from(about)
        return _Head(cipher, size, sha256.hex(), about[ABOUT.size :].decode())


class _Pieces:
    """The clear content of an open object, piece by piece."""

    def __init__(self, sealed: BinaryIO, key: str, head: _Head, opened: ExitStack) -> None:
        self._sealed, self._key, self._head, self._opened = sealed, key, head, opened
        self._number, self._clear = 0, memoryview(b"")

    def read(self, size: int, /) -> bytes:
        if not self._clear and self._number < self._head.pieces:
            self._clear = memoryview(self._next())
        piece, self._clear = self._clear[:size], self._clear[size:]
        return bytes(piece)

    def close(self) -> None:
        self._opened.close()

    def _next(self) -> bytes:
        is_last = self._number == self._head.pieces - 1
        length = self._head.size - self._number * CHUNK if is_last else CHUNK
        sealed = _exactly(self._sealed, length + TAG_BYTES, self._key)
        place = _place(self._number, is_last=is_last)
        self._number += 1
        try:
            clear = self._head.cipher.decrypt(place, sealed, place)
        except InvalidTag as error:
            raise DAMAGED(key=self._key) from error
        if is_last and self._sealed.read(1):
            raise DAMAGED(key=self._key)
        return clear


def _write_pieces(cipher: AESGCM, source: BinaryIO, spool: IO[bytes]) -> tuple[bytes, int]:
    """Seal all of `source` into `spool`; returns the digest and the size of what was clear."""
    digest, size, number = hashlib.sha256(), 0, 0
    piece = _full_piece(source)
    while True:
        following = _full_piece(source) if len(piece) == CHUNK else b""
        digest.update(piece)
        size += len(piece)
        place = _place(number, is_last=not following)
        write_piece(spool, cipher.encrypt(place, piece, place))
        if not following:
            return digest.digest(), size
        piece, number = following, number + 1


def _full_piece(source: BinaryIO) -> bytes:
    """The next `CHUNK` bytes; fewer only at the end, however small the portions that the source hands out."""
    found = bytearray()
    while len(found) < CHUNK and (part := source.read(CHUNK - len(found))):
        found += part
    return bytes(found)


def _place(number: int, *, is_last: bool) -> bytes:
    """Nonce and associated data of a piece. The object's key is used for nothing else, so numbers never meet twice."""
    return number.to_bytes(NONCE_BYTES - 1, "big") + (b"\x01" if is_last else b"\x00")


def _exactly(sealed: BinaryIO, length: int, key: str) -> bytes:
    found = bytearray()
    while len(found) < length:
        part = sealed.read(length - len(found))
        if not part:
            raise DAMAGED(key=key)
        found += part
    return bytes(found)
