"""Documents: what travels through a run, and the stores that keep it."""

from connectors.documents.document import Document
from connectors.documents.store import DocumentStore, StoredObject

__all__ = ["Document", "DocumentStore", "StoredObject"]
