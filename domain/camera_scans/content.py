"""Where photographs and pages are kept: below the scan's own folder of the document store, sealed."""

from collections.abc import Collection
from io import BytesIO

from connectors.documents import open_store
from connectors.documents.document import Document
from connectors.documents.sealed import SealedStore
from connectors.documents.store import DocumentStore
from connectors.secrets import sealing_key
from connectors.settings import get_settings
from domain.tenancy import new_id

FOLDER = "camera-scans"


def camera_store() -> DocumentStore:
    """The store of scans with the camera: what is at rest in it is sealed."""
    settings = get_settings()
    return SealedStore(open_store(settings), sealing_key(), settings.scratch_folder)


def keep(organization_id: str, scan_id: str, content: bytes, name: str, media_type: str) -> Document:
    """Store something of a scan under a key of its own."""
    key = f"{organization_id}/{FOLDER}/{scan_id}/{new_id()}"
    stored = camera_store().put(key, BytesIO(content), media_type)
    return Document(key=key, name=name, media_type=media_type, size=stored.size, sha256=stored.sha256)


def forget_keys(keys: Collection[str]) -> None:
    """Delete these objects for good."""
    store = camera_store()
    for key in keys:
        store.delete(key)


def forget_scans(organization_id: str, scan_ids: Collection[str]) -> None:
    """Delete everything that is kept of these scans, for good."""
    store = camera_store()
    for scan_id in scan_ids:
        store.delete_folder(f"{organization_id}/{FOLDER}/{scan_id}")
