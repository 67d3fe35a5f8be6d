"""Reading what is kept of a job: the document as it came, and the picture of its first page."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from connectors.documents.document import Document
from connectors.documents.store import MISSING
from domain.organizations.actor import Actor
from domain.printing.content import job_store
from domain.printing.queue import get_job


@contextmanager
def open_original(actor: Actor, job_id: str) -> Iterator[tuple[Document, BinaryIO]]:
    """The document that was handed in; raises `NOT_FOUND`, or `MISSING` once its content is gone."""
    with _opened(get_job(actor, job_id).original) as opened:
        yield opened


@contextmanager
def open_preview(actor: Actor, job_id: str) -> Iterator[tuple[Document, BinaryIO]]:
    """The picture of the first page; raises `NOT_FOUND`, or `MISSING` where there is none."""
    with _opened(get_job(actor, job_id).preview) as opened:
        yield opened


@contextmanager
def _opened(document: Document | None) -> Iterator[tuple[Document, BinaryIO]]:
    if document is None:
        raise MISSING()
    with job_store().open(document.key, document.sha256) as stream:
        yield document, stream
