"""Where the content of print jobs is kept: below the job's own folder of the document store, sealed (PR-345)."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from connectors.documents import open_store
from connectors.documents.document import Document
from connectors.documents.file_names import safe_file_name
from connectors.documents.sealed import SealedStore
from connectors.documents.store import DocumentStore
from connectors.secrets import sealing_key
from connectors.settings import get_settings

AT_A_TIME = 8
"""Deletions in flight: a store answers each after a moment, and many at once."""


def job_store() -> DocumentStore:
    """The store of print jobs' content: what is at rest in it is sealed."""
    settings = get_settings()
    return SealedStore(open_store(settings), sealing_key(), settings.scratch_folder)


def keep_content(
    organization_id: str, job_id: str, part: str, path: Path, name: str, media_type: str, pages: int | None = None
) -> Document:
    """Store a file as the `part` of a job: original, printable or preview. Its name stays out of the store."""
    name = safe_file_name(name)
    key = f"{organization_id}/print-jobs/{job_id}/{part}"
    with path.open("rb") as source:
        stored = job_store().put(key, source, media_type)
    return Document(key=key, name=name, media_type=media_type, size=stored.size, sha256=stored.sha256, pages=pages)


def delete_content(organization_id: str, job_ids: Collection[str]) -> None:
    """Delete everything that is kept of these jobs' content, for good."""
    store = job_store()
    folders = [f"{organization_id}/print-jobs/{job_id}" for job_id in job_ids]
    if len(folders) < AT_A_TIME:
        for folder in folders:
            store.delete_folder(folder)
        return
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for _ in pool.map(store.delete_folder, folders):
            continue
