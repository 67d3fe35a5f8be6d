"""Any S3 bucket as cloud storage: a folder is a prefix, and our key is kept with the object as metadata."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from connectors.documents.s3 import S3Address
from connectors.documents.s3_errors import store_errors
from connectors.documents.store import MISSING, STORE_FULL, STORE_REFUSED, STORE_UNREACHABLE
from connectors.errors import PressroomError
from connectors.storage.connector import Account, FolderedStorage, NameTakenError, Upload, setting
from connectors.storage.faults import FOLDER_UNAVAILABLE, STORAGE_FULL, STORAGE_REFUSED, STORAGE_UNREACHABLE
from connectors.storage.network import guarded_pool

if TYPE_CHECKING:
    from minio import Minio
    from minio.datatypes import Object

TITLE = "S3"
KEY = "x-amz-meta-pressroom-key"
PART = 8 << 20
FAULTS = {
    STORE_FULL: STORAGE_FULL,
    MISSING: FOLDER_UNAVAILABLE,
    STORE_UNREACHABLE: STORAGE_UNREACHABLE,
    STORE_REFUSED: STORAGE_REFUSED,
}


class S3Storage(FolderedStorage[str]):
    """The bucket that the account names; a folder's handle is its prefix, empty or with “/” at its end."""

    def __init__(self, account: Account, *, allow_private: bool) -> None:
        super().__init__(TITLE)
        options, secrets = account.options, {**account.options, **account.secrets}
        address = S3Address(
            endpoint=setting(options, "endpoint", TITLE),
            access_key=setting(secrets, "access_key", TITLE),
            secret_key=setting(account.secrets, "secret_key", TITLE),
            bucket=setting(options, "bucket", TITLE),
            region=options.get("region", "us-east-1"),
            secure=not allow_private or options.get("secure", "true") != "false",
        )
        self._bucket = address.bucket
        with _faults(address.endpoint):
            self._client: Minio = address.client(pools=None if allow_private else partial(guarded_pool, TITLE))

    def root(self) -> str:
        return ""

    def enter(self, place: str, name: str) -> str | None:
        prefix = f"{place}{name}/"
        return prefix if next(self._listed(prefix, recursive=True), None) else None

    def make(self, place: str, name: str) -> bool:
        """A folder shows once something is in it: an empty object of its name, as other S3 programs do."""
        from io import BytesIO

        with _faults(name):
            self._client.put_object(
                bucket_name=self._bucket, object_name=f"{place}{name}/", data=BytesIO(b""), length=0
            )
        return True

    def folders(self, place: str) -> Iterable[str]:
        found = (str(listed.object_name) for listed in self._listed(place, recursive=False) if listed.is_dir)
        return (name[len(place) :].rstrip("/") for name in found if name != place)

    def names(self, place: str) -> Iterable[str]:
        found = (str(listed.object_name) for listed in self._listed(place, recursive=False))
        return (name[len(place) :].rstrip("/") for name in found if name != place)

    def put(self, place: str, name: str, upload: Upload) -> None:
        if self._key_of(f"{place}{name}") is not None:
            raise NameTakenError
        with _faults(place), upload.path.open("rb") as source:
            self._client.put_object(
                bucket_name=self._bucket,
                object_name=f"{place}{name}",
                data=_Counted(source.read, upload),  # type: ignore[arg-type]  # read is all that is asked of it
                length=upload.size,
                metadata={"pressroom-key": upload.key},
                part_size=PART,
                num_parallel_uploads=1,
            )

    def arrived(self, place: str, upload: Upload) -> str | None:
        names = upload.possible_names
        for listed in self._listed(place, recursive=False):
            name = str(listed.object_name)[len(place) :]
            if name in names and self._key_of(f"{place}{name}") == upload.key:
                return name
        return None

    def _key_of(self, object_name: str) -> str | None:
        """The key kept with the object, empty for another program's, None where there is no object."""
        try:
            with _faults(object_name):
                found = self._client.stat_object(bucket_name=self._bucket, object_name=object_name)
        except PressroomError as error:
            if error.fault is FOLDER_UNAVAILABLE:
                return None
            raise
        return str((found.metadata or {}).get(KEY, ""))

    def _listed(self, prefix: str, *, recursive: bool) -> "Iterator[Object]":
        with _faults(prefix):
            yield from self._client.list_objects(bucket_name=self._bucket, prefix=prefix, recursive=recursive)


class _Counted:
    """Tells how far the reading got; also the point where the user's cancelling takes effect."""

    def __init__(self, read: Callable[[int], bytes], upload: Upload) -> None:
        self._read, self._upload, self._sent = read, upload, 0

    def read(self, size: int) -> bytes:
        piece = self._read(size)
        self._sent += len(piece)
        self._upload.on_progress(self._sent, self._upload.size)
        return piece


@contextmanager
def _faults(place: str) -> Iterator[None]:
    """The document store's faults as those of the user's own storage."""
    try:
        with store_errors(place):
            yield
    except PressroomError as error:
        if error.fault in FAULTS:
            raise FAULTS[error.fault](provider=TITLE, folder=place) from error
        raise
    except ValueError as exc:  # the client's word for an impossible endpoint, bucket or object name
        raise STORAGE_REFUSED(provider=TITLE) from exc
