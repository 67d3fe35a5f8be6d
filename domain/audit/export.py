"""The audit trail as a file: CSV for spreadsheets, JSON lines for programs, written as it is read."""

import csv
import json
from collections.abc import Iterator
from enum import StrEnum
from io import StringIO

from connectors.spreadsheets import BYTE_ORDER_MARK, harmless
from domain.audit.service import record
from domain.audit.trail import AuditEventView, AuditFilter, every_event
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission

COLUMNS = (
    *("at", "user_id", "person", "by_partner", "action", "target_kind", "target_id"),
    *("facts", "address", "request_id"),
)


class ExportFormat(StrEnum):
    """How the trail is written."""

    CSV = "csv"
    JSON_LINES = "jsonl"


def export_events(actor: Actor, chosen: AuditFilter, form: ExportFormat) -> Iterator[str]:
    """The chosen events, a piece of the file at a time; that the trail was exported is itself recorded in it.

    The permission is checked and the export recorded before the first piece is asked for.
    """
    actor.need(Permission.AUDIT_VIEW)
    with actor.session() as session:
        record(session, actor, "audit.exported", "audit", facts={"format": form.value})
    events = every_event(actor, chosen)
    return _csv(events) if form is ExportFormat.CSV else map(_json_line, events)


def _csv(events: Iterator[AuditEventView]) -> Iterator[str]:
    piece = StringIO()
    writer = csv.writer(piece)
    piece.write(BYTE_ORDER_MARK)
    writer.writerow(COLUMNS)
    for event in events:
        yield _taken(piece)
        writer.writerow([harmless(str(value)) for value in _values(event).values()])
    yield _taken(piece)


def _taken(piece: StringIO) -> str:
    text = piece.getvalue()
    piece.seek(0)
    piece.truncate()
    return text


def _json_line(event: AuditEventView) -> str:
    return (
        json.dumps({**_values(event), "by_partner": event.by_partner, "facts": event.facts}, ensure_ascii=False) + "\n"
    )


def _values(event: AuditEventView) -> dict[str, str]:
    texts = (
        event.at.isoformat(),
        event.user_id,
        event.person,
        "yes" if event.by_partner else "no",
        event.action,
        event.target_kind,
        event.target_id,
        json.dumps(event.facts, ensure_ascii=False, sort_keys=True),
        event.address,
        event.request_id,
    )
    return dict(zip(COLUMNS, texts, strict=True))
