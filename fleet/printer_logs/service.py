"""Collected logs of printers and agents: listed, opened by who may download them, deleted when their time has passed.

FL-137, FL-166, FL-235, FL-534.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from sqlalchemy import select

from connectors.documents import Document, open_store
from connectors.settings import get_settings
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.organizations.person_names import person_names
from domain.tenancy import NOT_FOUND, system_session
from fleet.printer_logs.models import OF_AGENT, CollectedLog
from fleet.tasks.models import Job

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class LogView:
    """A log as lists show it; `requester` is empty for who is gone.

    `kind` is a word of `LogKind`, `mib_walk`, or `agent` for that of an agent.
    """

    id: str
    printer_id: str | None
    subject: str
    kind: str
    file_name: str
    media_type: str
    size: int
    requester: str
    requested: datetime
    collected: datetime


def list_logs(actor: Actor, printer_id: str = "", limit: int = 100, *, agent_id: str = "") -> list[LogView]:
    """The logs of a printer, those that an agent handed over about itself (FL-137, FL-166), or all; newest first."""
    actor.need(Permission.FLEET_VIEW)
    query = select(CollectedLog).order_by(CollectedLog.collected.desc(), CollectedLog.id).limit(limit)
    if printer_id:
        query = query.where(CollectedLog.printer_id == printer_id)
    if agent_id:
        its = select(Job.id).where(Job.agent_id == agent_id)
        query = query.where(CollectedLog.kind == OF_AGENT, CollectedLog.job_id.in_(its))
    with actor.session(read_only=True) as session:
        logs = session.scalars(query).all()
        names = person_names(actor.organization_id, [log.requester_id or "" for log in logs])
        return [_view(log, names.get(log.requester_id or "", "")) for log in logs]


@contextmanager
def open_log(actor: Actor, log_id: str) -> Iterator[tuple[Document, BinaryIO]]:
    """The file of a log, for File Service Administrators; raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_LOGS_DOWNLOAD)
    with actor.session() as session:
        log = session.scalar(select(CollectedLog).where(CollectedLog.id == log_id))
        if log is None:
            raise NOT_FOUND(what="log")
        record(session, actor, "printer_log.downloaded", "printer", log.printer_id or "", {"name": log.file_name})
        name, key, media_type = log.file_name, log.object_key, log.media_type
    store = open_store(get_settings())
    stored = store.stat(key)
    document = Document(key=key, name=name, media_type=media_type, size=stored.size, sha256=stored.sha256)
    with store.open(key, stored.sha256) as stream:
        yield document, stream


def forget_logs() -> int:
    """Delete logs older than the retention time of documents, row and file; returns how many."""
    store, count = open_store(get_settings()), 0
    oldest = now() - timedelta(days=get_settings().retention_days)
    while True:
        with system_session() as session:
            old = session.scalars(select(CollectedLog).where(CollectedLog.collected < oldest).limit(AT_ONCE)).all()
            for log in old:
                store.delete(log.object_key)
                session.delete(log)
        if not old:
            return count
        count += len(old)


def _view(log: CollectedLog, requester: str) -> LogView:
    return LogView(
        id=log.id,
        printer_id=log.printer_id,
        subject=log.subject,
        kind=log.kind,
        file_name=log.file_name,
        media_type=log.media_type,
        size=log.size,
        requester=requester,
        requested=log.requested,
        collected=log.collected,
    )
