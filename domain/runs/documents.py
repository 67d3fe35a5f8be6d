"""The documents of runs: reading them, links that let somebody read one, and their deletion."""

import secrets
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path, PurePath
from shutil import copyfileobj
from tempfile import NamedTemporaryFile
from typing import BinaryIO

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectors.documents import open_store
from connectors.documents.document import Document
from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.audit.service import record, record_unattended
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.runs.models import DownloadLink, Run, RunState
from domain.runs.service import DOCUMENTS_GONE, STILL_RUNNING, get_run, log_event, visible_run
from domain.sign_in.sessions import token_hash
from domain.tenancy import NOT_FOUND, system_session

LINK_INVALID = Fault(
    "download.link_invalid",
    410,
    N_("This download link has expired or was already used."),
    N_("Open the run and make a new one."),
    spec="SC-116",
)


@contextmanager
def open_document(actor: Actor, run_id: str, key: str) -> Iterator[tuple[Document, BinaryIO]]:
    """Read one document of a run; raises `NOT_FOUND` for a key that is not the run's."""
    details = get_run(actor, run_id)
    if details.run.documents_deleted:
        raise DOCUMENTS_GONE()
    document = next((document for document in details.documents if document.key == key), None)
    if document is None:
        raise NOT_FOUND(what="document")
    with open_store(get_settings()).open(document.key, document.sha256) as stream:
        yield document, stream


@contextmanager
def download_document(actor: Actor, run_id: str, key: str) -> Iterator[tuple[Document, BinaryIO]]:
    """`open_document` for somebody who takes the document away, which the audit trail tells."""
    with open_document(actor, run_id, key) as (document, stream):
        with actor.session() as session:
            record(session, actor, "document.downloaded", "run", run_id, {"document": document.name})
        yield document, stream


def pack_downloads(actor: Actor, run_id: str) -> tuple[str, Path]:
    """All downloadable documents of the run as one ZIP file (TR-46): its name, and a file that the caller removes.

    Raises `NOT_FOUND` for a run without any, and `DOCUMENTS_GONE`.
    """
    details = get_run(actor, run_id)
    if details.run.documents_deleted:
        raise DOCUMENTS_GONE()
    if not details.downloads:
        raise NOT_FOUND(what="document")
    store, folder = open_store(get_settings()), get_settings().scratch_folder
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix="downloads-", suffix=".zip", delete=False) as target:
        path = Path(target.name)
        try:
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, document in _named_apart(details.downloads):
                    with store.open(document.key, document.sha256) as stream, archive.open(name, "w") as member:
                        copyfileobj(stream, member)
            with actor.session() as session:
                facts = {"documents": [document.name for document in details.downloads]}
                record(session, actor, "document.downloaded", "run", run_id, facts)
        except BaseException:
            path.unlink()
            raise
    return f"{PurePath(details.run.original.name).stem}.zip", path


def _named_apart(documents: Iterable[Document]) -> Iterator[tuple[str, Document]]:
    """The documents with names that differ: two of one name would hide each other in an archive."""
    taken = set[str]()
    for document in documents:
        name, plain = document.name, PurePath(document.name)
        for number in count(2):
            if name.casefold() not in taken:
                break
            name = f"{plain.stem} ({number}){plain.suffix}"
        taken.add(name.casefold())
        yield name, document


def create_download_link(actor: Actor, run_id: str, key: str) -> tuple[str, datetime]:
    """A token that reads one downloadable document once within the time set (SC-116), and when it ends."""
    details = get_run(actor, run_id)
    document = next((document for document in details.downloads if document.key == key), None)
    if document is None:
        raise NOT_FOUND(what="document")
    token = secrets.token_urlsafe(32)
    expires = now() + timedelta(minutes=get_settings().download_minutes)
    with actor.session() as session:
        session.add(
            DownloadLink(token_hash=token_hash(token), run_id=run_id, document=document.model_dump(), expires=expires)
        )
        record(session, actor, "document.link_made", "run", run_id, {"document": document.name})
    return token, expires


def redeem_download_link(token: str, address: str = "") -> Document:
    """The document behind a link, which is used up by this; raises `LINK_INVALID`. `address` is who asks for it."""
    with system_session() as session:
        link = session.scalar(
            update(DownloadLink)
            .where(
                DownloadLink.token_hash == token_hash(token),
                DownloadLink.used.is_(None),
                DownloadLink.expires > now(),
            )
            .values(used=now())
            .returning(DownloadLink)
        )
        if link is None:
            raise LINK_INVALID()
        document = Document.model_validate(link.document)
        facts = {"document": document.name, "by": "link"}
        record_unattended(
            session, link.organization_id, "document.downloaded", "run", link.run_id, facts, address=address
        )
        return document


def delete_documents(actor: Actor, run_id: str) -> None:
    """Delete a run's documents for good; its record and log stay."""
    with actor.session() as session:
        run = visible_run(session, actor, run_id)
        if not RunState(run.state).is_final:
            raise STILL_RUNNING()
        _delete_documents(session, run)
        record(session, actor, "run.documents_deleted", "run", run.id, {"solution": run.solution_name})


def expire_documents() -> int:
    """Delete the documents of runs that ended longer ago than the retention time; returns how many runs."""
    limit = now() - timedelta(days=get_settings().retention_days)
    with system_session(read_only=True) as session:
        query = select(Run.id).where(Run.finished < limit, Run.documents_deleted.is_(None))
        expired = session.scalars(query.limit(1000)).all()
    for run_id in expired:
        with system_session() as session:
            _delete_documents(session, session.get_one(Run, run_id))
    return len(expired)


def _delete_documents(session: Session, run: Run) -> None:
    open_store(get_settings()).delete_folder(f"{run.organization_id}/runs/{run.id}")
    run.documents_deleted = now()
    log_event(session, run, Message.of(N_("The documents were deleted.")))
