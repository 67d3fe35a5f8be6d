"""Documents: what travels through a run, the stores that keep it, and the checks at the door."""

from connectors.documents.document import Document
from connectors.documents.folder import FolderStore
from connectors.documents.store import DocumentStore, StoredObject
from connectors.settings import Settings

__all__ = ["Document", "DocumentStore", "FolderStore", "StoredObject", "open_store"]


def open_store(settings: Settings) -> DocumentStore:
    """The document store that the settings choose. An S3 store is not asked anything yet: `check` does that."""
    if settings.documents == "folder":
        return FolderStore(settings.documents_folder)
    from connectors.documents.s3 import S3Address, S3Store

    address = S3Address(
        endpoint=settings.s3_endpoint,
        access_key=settings.s3_access_key.get_secret_value(),
        secret_key=settings.s3_secret_key.get_secret_value(),
        bucket=settings.s3_bucket,
        region=settings.s3_region,
        secure=settings.s3_secure,
    )
    return S3Store(address, settings.scratch_folder, settings.s3_public_endpoint)
