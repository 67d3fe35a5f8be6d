"""The document store's small interface, which every implementation and the conformance suite share."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

from connectors.errors import Fault
from connectors.messages import N_

MISSING = Fault(
    "document.missing",
    404,
    N_("The document is no longer in the document store."),
    N_("It was deleted or its retention time has passed. Hand in the original again."),
)
DAMAGED = Fault(
    "document.damaged",
    500,
    N_("The stored document does not match its checksum."),
    N_("Do not use it. Hand in the original again and tell the administrator: the storage may be failing."),
)
BAD_KEY = Fault(
    "document.bad_key",
    400,
    N_("“{key}” is not a valid place in the document store."),
    N_("Use names without “..”, empty parts, back slashes or control characters."),
)
STORE_UNREACHABLE = Fault(
    "store.unreachable",
    503,
    N_("The document store cannot be reached."),
    N_("Nothing is lost: try again in a moment. Administrators: run “pressroom doctor”."),
    transient=True,
)
STORE_REFUSED = Fault(
    "store.refused",
    500,
    N_("The document store refuses the sign-in or the request."),
    N_("Administrators: check the store's access key, secret key and bucket with “pressroom doctor”."),
)
STORE_FULL = Fault(
    "store.full",
    507,
    N_("The document store is full."),
    N_("The original and all finished steps are kept. Free some space, then run the failed step again."),
    transient=True,
)
DISK_FULL = Fault(
    "disk.full",
    507,
    N_("The disk for working files is full."),
    N_("The original and all finished steps are kept. Free some space, then run the failed step again."),
    transient=True,
)

PART_BYTES = 240
KEY_BYTES = 900


def key_parts(key: str) -> list[str]:
    """The folders and the name that `key` consists of; raises `BAD_KEY` for one that no store may take.

    A part may be `PART_BYTES` long in UTF-8 and a key `KEY_BYTES`, which every file system and S3 server can hold.
    """
    parts = key.split("/")
    for part in parts:
        if part in ("", ".", "..") or "\\" in part or not part.isprintable() or len(part.encode()) > PART_BYTES:
            raise BAD_KEY(key=key[:100])
    if len(key.encode()) > KEY_BYTES:
        raise BAD_KEY(key=key[:100])
    return parts


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What the store knows of one object: `size` in bytes, `sha256` in lower-case hex."""

    key: str
    size: int
    sha256: str
    media_type: str
    modified: datetime


class DocumentStore(Protocol):
    """Where documents are kept. Keys are relative POSIX paths whose first part is the organization's id.

    Every method raises `BAD_KEY` for a key that could leave the store, `STORE_UNREACHABLE`, `STORE_REFUSED` or
    `STORE_FULL` for the store's own trouble. Streams are read and written in pieces: memory does not grow with size.
    """

    def put(self, key: str, source: BinaryIO, media_type: str) -> StoredObject:
        """Store all of `source` under `key` at once or not at all, replacing what was there."""
        ...

    def open(self, key: str, sha256: str | None = None) -> AbstractContextManager[BinaryIO]:
        """Read from the start. `DAMAGED` is raised at the latest with the last byte if the content is not what was
        stored, or, with `sha256`, not what the caller expects."""
        ...

    def fetch(self, key: str, target: Path, sha256: str) -> None:
        """Copy the object to `target`, which exists only if its content has the digest `sha256` (else `DAMAGED`)."""
        ...

    def stat(self, key: str) -> StoredObject:
        """What is known of the object; raises `MISSING`."""
        ...

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Every object below the folder `prefix` (empty: all there are), in key order where the server keeps to it."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object for good, all versions included; removing what is not there is no error."""
        ...

    def delete_folder(self, prefix: str) -> int:
        """Remove everything below the folder `prefix` for good and return how many objects went."""
        ...

    def presigned_link(self, key: str, file_name: str, lifetime: timedelta) -> str | None:
        """An address from which anyone may read the object for `lifetime`, or None where the store has no such."""
        ...

    def check(self) -> None:
        """Raise what is wrong with the store, if anything (used by `pressroom doctor`)."""
        ...
