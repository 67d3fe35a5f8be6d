"""Documents in MinIO or any other S3 store, through the `minio` client.

A streamed S3 upload states its metadata first, but a digest is known last. So `put` reads a seekable source twice, and
spools any other to a file in the scratch folder: the digest travels as user metadata, and memory stays constant.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import quote
from uuid import uuid4

from connectors.documents.s3_errors import store_errors
from connectors.documents.store import DAMAGED, MISSING, STORE_REFUSED, StoredObject, key_parts
from connectors.documents.streams import copy_pieces, digest_of, save, verified
from connectors.errors import PressroomError

if TYPE_CHECKING:
    from minio import Minio
    from minio.datatypes import Object
    from urllib3 import BaseHTTPResponse, PoolManager

DIGEST = "x-amz-meta-sha256"
PART = 8 << 20
LONGEST_LINK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class S3Address:
    """Where an S3 store is and how to sign in. `endpoint` is host:port; timeouts are in seconds."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str
    region: str
    secure: bool = True
    connect_timeout: float = 5
    read_timeout: float = 60

    def __repr__(self) -> str:
        return f"S3Address({self.endpoint}, {self.bucket})"

    def client(self, endpoint: str | None = None, pools: "Callable[..., PoolManager] | None" = None) -> "Minio":
        """A client with time-outs and two retries; with `region` given it never asks for the bucket's place.

        `pools` makes the connection pools, for callers who let connections go to certain addresses only.
        """
        import certifi
        import urllib3
        from minio import Minio

        http = (pools or urllib3.PoolManager)(
            timeout=urllib3.Timeout(connect=self.connect_timeout, read=self.read_timeout),
            maxsize=10,
            cert_reqs="CERT_REQUIRED",
            ca_certs=certifi.where(),
            retries=urllib3.Retry(
                total=2, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504), raise_on_status=False
            ),
        )
        return Minio(
            endpoint=endpoint or self.endpoint,
            access_key=self.access_key,
            secret_key=self.secret_key,
            secure=self.secure,
            region=self.region,
            http_client=http,
        )


class S3Store:
    """Keeps each object under its key in one bucket, which is made at the first `put` if it is missing.

    `scratch` takes what must be spooled; `public_endpoint` is the host:port under which browsers reach the store.
    """

    def __init__(self, address: S3Address, scratch: Path, public_endpoint: str = "") -> None:
        self._address, self._scratch = address, scratch
        self._bucket = address.bucket
        self._client = address.client()
        self._public = address.client(public_endpoint) if public_endpoint else self._client

    def put(self, key: str, source: BinaryIO, media_type: str) -> StoredObject:
        key_parts(key)
        with self._seekable(source) as content:
            sha256, size = digest_of(content)
            try:
                self._upload(key, content, size, sha256, media_type)
            except PressroomError as error:
                if error.facts.get("reason") != "NoSuchBucket":
                    raise
                self._make_bucket()
                content.seek(-size, 2)
                self._upload(key, content, size, sha256, media_type)
        return StoredObject(key, size, sha256, media_type, datetime.now(UTC))

    def open(self, key: str, sha256: str | None = None) -> AbstractContextManager[BinaryIO]:
        key_parts(key)
        with store_errors(key):
            response = self._client.get_object(bucket_name=self._bucket, object_name=key)
        expected = sha256 or response.headers.get(DIGEST)
        size = response.headers.get("content-length")
        if expected is None or size is None:
            response.close()
            raise DAMAGED(key=key)
        return verified(_Body(response, key), key, int(size), expected)

    def fetch(self, key: str, target: Path, sha256: str) -> None:
        with self.open(key, sha256) as source:
            save(source, target)

    def stat(self, key: str) -> StoredObject:
        key_parts(key)
        with store_errors(key):
            found = self._client.stat_object(bucket_name=self._bucket, object_name=key)
        sha256 = (found.metadata or {}).get(DIGEST)
        if not sha256 or found.size is None:
            raise DAMAGED(key=key)
        return StoredObject(
            key,
            found.size,
            sha256,
            found.content_type or "application/octet-stream",
            found.last_modified or datetime.now(UTC),
        )

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """One request an object besides the listing, because S3 lists no user metadata."""
        for listed in self._listed(_folder_prefix(prefix)):
            try:
                yield self.stat(str(listed.object_name))
            except PressroomError as error:
                if error.fault is not MISSING:
                    raise

    def delete(self, key: str) -> None:
        key_parts(key)
        for version in self._listed(key, versions=True):
            if version.object_name == key:
                with store_errors(key):
                    self._client.remove_object(bucket_name=self._bucket, object_name=key, version_id=_version(version))

    def delete_folder(self, prefix: str) -> int:
        from minio.deleteobjects import DeleteObject

        key_parts(prefix.removesuffix("/"))
        names: set[str] = set()

        def doomed() -> Iterator[DeleteObject]:
            for version in self._listed(_folder_prefix(prefix), versions=True):
                names.add(str(version.object_name))
                yield DeleteObject(str(version.object_name), _version(version))

        with store_errors(prefix):
            for failure in self._client.remove_objects(bucket_name=self._bucket, delete_object_list=doomed()):
                raise STORE_REFUSED(key=prefix, reason=failure.code)
        return len(names)

    def presigned_link(self, key: str, file_name: str, lifetime: timedelta) -> str | None:
        key_parts(key)
        with store_errors(key):
            return str(
                self._public.presigned_get_object(
                    bucket_name=self._bucket,
                    object_name=key,
                    expires=min(lifetime, LONGEST_LINK),
                    response_headers={"response-content-disposition": attachment(file_name)},
                )
            )

    def check(self) -> None:
        key = f"check/{uuid4().hex}"
        self.put(key, BytesIO(b"check"), "text/plain")
        with self.open(key) as source:
            source.read()
        self.delete(key)

    @contextmanager
    def _seekable(self, source: BinaryIO) -> Iterator[BinaryIO]:
        if source.seekable():
            yield source
            return
        self._scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._scratch, buffering=0) as spool:
            copy_pieces(source, spool)
            spool.seek(0)
            yield cast(BinaryIO, spool)

    def _upload(self, key: str, content: BinaryIO, size: int, sha256: str, media_type: str) -> None:
        with store_errors(key):
            self._client.put_object(
                bucket_name=self._bucket,
                object_name=key,
                data=content,
                length=size,
                content_type=media_type,
                metadata={"sha256": sha256},
                part_size=PART,
                num_parallel_uploads=2,
            )

    def _make_bucket(self) -> None:
        with store_errors(self._bucket, passing=("BucketAlreadyOwnedByYou", "BucketAlreadyExists")):
            self._client.make_bucket(bucket_name=self._bucket, location=self._address.region)

    def _listed(self, prefix: str, *, versions: bool = False) -> "Iterator[Object]":
        with store_errors(prefix, passing=("NoSuchBucket",)):
            yield from self._client.list_objects(
                bucket_name=self._bucket, prefix=prefix, recursive=True, include_version=versions
            )


class _Body:
    """The body of an answer, whose network errors are the store's faults."""

    def __init__(self, response: "BaseHTTPResponse", key: str) -> None:
        self._response, self._key = response, key

    def read(self, size: int, /) -> bytes:
        with store_errors(self._key):
            return bytes(self._response.read(size))

    def close(self) -> None:
        """Give the connection back; where content is left over, drop it."""
        self._response.close()
        self._response.release_conn()


def attachment(file_name: str) -> str:
    """The value of Content-Disposition (RFC 6266) that makes a browser save under `file_name`, whatever is in it."""
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in file_name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"


def _folder_prefix(prefix: str) -> str:
    return "/".join(key_parts(prefix.removesuffix("/"))) + "/" if prefix else ""


def _version(listed: "Object") -> str | None:
    """The version to remove; a bucket without versions names none, or “null”."""
    return listed.version_id or None
