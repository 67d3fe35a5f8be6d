"""Files that a background task made for the person who started it, kept for a day."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import select

from connectors.documents import open_store
from connectors.documents.document import Document
from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.tasks.models import BackgroundTask, TaskState
from domain.tasks.service import is_for
from domain.tenancy import NOT_FOUND, system_session

LIFETIME, MAILED_LIFETIME = timedelta(hours=24), timedelta(days=7)
"""How long files are kept; those whose link was mailed without anybody waiting for it longer (AN-127)."""
FILES_EXPIRED = Fault(
    "task.files_expired",
    410,
    N_("This file is not kept any more."),
    N_("Have it made again: such files are kept for 24 hours, or 7 days where a link was mailed on a schedule."),
    spec="PR-285",
)
FILES_NOT_READY = Fault(
    "task.files_not_ready",
    409,
    N_("This file is not made yet."),
    N_("Wait until the task has ended, then try again."),
)


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file that was made, still on this machine."""

    path: Path
    name: str
    media_type: str


def keep_files(
    organization_id: str, task_id: str, made: Sequence[MadeFile], receivers: Sequence[str] = ()
) -> dict[str, Any]:
    """Put the files of a task into the document store; returns what its result is to say of them.

    `receivers` are people who get a link by mail: they may have the files too, and for longer.
    """
    store, kept = open_store(get_settings()), []
    for number, one in enumerate(made):
        with one.path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            store.put(_key(organization_id, task_id, number), stream, one.media_type)
        size = one.path.stat().st_size
        kept.append({"name": one.name, "media_type": one.media_type, "size": size, "sha256": sha256})
    expires = now() + (MAILED_LIFETIME if receivers else LIFETIME)
    return {"files": kept, "expires": expires.isoformat(), **({"receivers": list(receivers)} if receivers else {})}


@contextmanager
def open_file(actor: Actor, task_id: str, kind: str, number: int) -> Iterator[tuple[Document, BinaryIO]]:
    """A file of a task that is for the actor, as its starter or receiver.

    Raises `NOT_FOUND`, `FILES_NOT_READY`, `FILES_EXPIRED`.
    """
    query = select(BackgroundTask).where(BackgroundTask.id == task_id, BackgroundTask.kind == kind)
    with actor.session(read_only=True) as session:
        task = session.scalar(query)
        if task is None or not is_for(task, actor):
            raise NOT_FOUND(what="file")
        state, result = TaskState(task.state), dict(task.result or {})
    if not state.is_final:
        raise FILES_NOT_READY()
    files = result.get("files", [])
    if not 0 <= number < len(files):
        raise NOT_FOUND(what="file")
    if is_expired(result):
        raise FILES_EXPIRED()
    told = files[number]
    key = _key(actor.organization_id, task_id, number)
    document = Document(
        key=key, name=told["name"], media_type=told["media_type"], size=told["size"], sha256=told["sha256"]
    )
    with open_store(get_settings()).open(key, told["sha256"]) as stream:
        yield document, stream


def is_expired(result: Mapping[str, Any]) -> bool:
    """Whether the files that a task's result tells of are not kept any more."""
    expires = result.get("expires")
    return expires is not None and datetime.fromisoformat(expires) <= now()


def forget_files(kinds: Sequence[str]) -> int:
    """Delete the expired files of tasks of these kinds, in every organization; how many tasks had some."""
    store, count = open_store(get_settings()), 0
    oldest = now() - LIFETIME
    query = select(BackgroundTask).where(
        BackgroundTask.kind.in_(kinds), BackgroundTask.finished.between(oldest - 2 * MAILED_LIFETIME, oldest)
    )
    with system_session(read_only=True) as session:
        done = [(task.organization_id, task.id, dict(task.result or {})) for task in session.scalars(query)]
    for organization_id, task_id, result in done:
        if result.get("files") and is_expired(result):
            count += bool(store.delete_folder(f"{organization_id}/task-files/{task_id}"))
    return count


def _key(organization_id: str, task_id: str, number: int) -> str:
    return f"{organization_id}/task-files/{task_id}/{number}"
