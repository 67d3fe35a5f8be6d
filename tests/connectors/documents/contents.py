"""What is put into document stores and read out of them."""

import hashlib
import os
from io import BytesIO, RawIOBase
from pathlib import Path
from uuid import uuid4

from connectors.documents import DocumentStore
from connectors.documents.s3 import S3Store
from tests.support.s3_server import S3Server

MB = 1 << 20
SEALING_KEY = bytes(range(32))


def s3_store(server: S3Server, tmp_path: Path) -> S3Store:
    return S3Store(server.address(f"test-{uuid4().hex[:12]}"), tmp_path / "spool")


def put(store: DocumentStore, key: str, content: bytes = b"content", media_type: str = "text/plain") -> str:
    return store.put(key, BytesIO(content), media_type).sha256


def read(store: DocumentStore, key: str) -> bytes:
    with store.open(key) as source:
        return source.read()


def keys(store: DocumentStore, prefix: str) -> list[str]:
    return [stored.key for stored in store.list(prefix)]


class Unseekable(RawIOBase):
    """Random bytes that come only once, as an upload does; `fail_after` breaks off."""

    def __init__(self, size: int, fail_after: int | None = None) -> None:
        self.left, self.sent, self.fail_after = size, 0, fail_after
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self.fail_after is not None and self.sent >= self.fail_after:
            raise ConnectionResetError("the sender went away")
        piece = os.urandom(min(self.left, 64 << 10 if size < 0 else size))
        self.left -= len(piece)
        self.sent += len(piece)
        self.digest.update(piece)
        return piece
