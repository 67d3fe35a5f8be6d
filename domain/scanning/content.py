"""Where the pages of scans and the files made of them are kept: below the scan's own folder of the store, sealed."""

import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO

from connectors.documents import open_store
from connectors.documents.document import Document
from connectors.documents.sealed import SealedStore
from connectors.documents.store import DocumentStore
from connectors.documents.streams import copy_pieces
from connectors.secrets import sealing_key
from connectors.settings import get_settings
from domain.tenancy import new_id

FOLDER = "scans"


def scan_store() -> DocumentStore:
    """The store of scans: what is at rest in it is sealed."""
    settings = get_settings()
    return SealedStore(open_store(settings), sealing_key(), settings.scratch_folder)


@contextmanager
def scratch_folder(scan_id: str) -> Iterator[Path]:
    """A folder for working files, which goes afterwards."""
    root = get_settings().scratch_folder
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix=f"{scan_id[:8]}-scan-", dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def keep_part(organization_id: str, scan_id: str, source: BinaryIO, media_type: str) -> tuple[str, int]:
    """Store a piece of a page under a key of its own, which is returned with its size."""
    stored = scan_store().put(f"{organization_id}/{FOLDER}/{scan_id}/{new_id()}", source, media_type)
    return stored.key, stored.size


def keep_file(organization_id: str, scan_id: str, path: Path, name: str, media_type: str, pages: int = 1) -> Document:
    """Store a file of a scan; its name stays out of the store."""
    with path.open("rb") as source:
        stored = scan_store().put(f"{organization_id}/{FOLDER}/{scan_id}/{new_id()}", source, media_type)
    return Document(
        key=stored.key, name=name, media_type=media_type, size=stored.size, sha256=stored.sha256, pages=pages
    )


def join_parts(keys: Sequence[str], target: Path) -> None:
    """Write the pieces of a page into one file, in order; raises `DISK_FULL`."""
    store = scan_store()
    with target.open("wb") as whole:
        for key in keys:
            with store.open(key) as part:
                copy_pieces(part, whole)


def delete_keys(keys: Collection[str]) -> None:
    """Delete these objects for good."""
    store = scan_store()
    for key in keys:
        store.delete(key)


def delete_scans(organization_id: str, scan_ids: Collection[str]) -> None:
    """Delete everything that is kept of these scans, for good."""
    store = scan_store()
    for scan_id in scan_ids:
        store.delete_folder(f"{organization_id}/{FOLDER}/{scan_id}")
