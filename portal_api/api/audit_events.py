"""The audit trail of the organization: read by pages, and exported as a file."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, Field, JsonValue

from domain.audit.export import ExportFormat, export_events
from domain.audit.trail import BAD_CURSOR, AuditEventView, AuditFilter, Cursor, list_events
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from portal_api.access import needs
from portal_api.downloads import content_disposition
from portal_api.problems import documented

router = APIRouter(prefix="/audit-events", tags=["audit trail"])

AuditReader = Annotated[Actor, needs(Permission.AUDIT_VIEW)]
MEDIA_TYPES = {ExportFormat.CSV: "text/csv", ExportFormat.JSON_LINES: "application/jsonl"}
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {media_type: {"schema": {"type": "string"}} for media_type in MEDIA_TYPES.values()}}
}


class AuditEventPublic(BaseModel):
    """One event: who did what to what, when, and from which network address."""

    id: int
    at: datetime
    user_id: str = Field(description="Empty where nobody was signed in, such as for the work of a schedule.")
    person: str = Field(description="Their name, with the partner's for its people; empty for those who are gone.")
    by_partner: bool = Field(description="Whether somebody of the partner's organization did it.")
    action: str = Field(description="A dotted word, such as user.created.")
    target_kind: str
    target_id: str
    facts: dict[str, JsonValue]
    address: str
    request_id: str

    @classmethod
    def of(cls, event: AuditEventView) -> "AuditEventPublic":
        return cls(
            id=event.id,
            at=event.at,
            user_id=event.user_id,
            person=event.person,
            by_partner=event.by_partner,
            action=event.action,
            target_kind=event.target_kind,
            target_id=event.target_id,
            facts=event.facts,
            address=event.address,
            request_id=event.request_id,
        )


class AuditPage(BaseModel):
    """Some events, newest first. `next` is the `before` of the following page, null on the last."""

    items: list[AuditEventPublic]
    next: str | None


def _chosen(
    since: Annotated[AwareDatetime | None, Query(description="Not older than this.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Older than this.")] = None,
    person: Annotated[str, Query(max_length=255, description="Who did it: an id or an e-mail address.")] = "",
    action: Annotated[str, Query(max_length=64, description="Beginning of the action, such as “user.”.")] = "",
    target_kind: Annotated[str, Query(max_length=32)] = "",
    target_id: Annotated[str, Query(max_length=255)] = "",
    address: Annotated[str, Query(max_length=64, description="Beginning of the network address.")] = "",
) -> AuditFilter:
    return AuditFilter(since, until, person, action, target_kind, target_id, address)


Chosen = Annotated[AuditFilter, Depends(_chosen)]


@router.get("", operation_id="list_audit_events", responses=documented(BAD_CURSOR))
def list_all(
    actor: AuditReader,
    chosen: Chosen,
    before: Annotated[str, Query(max_length=64, description="The `next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AuditPage:
    """What was done in the organization, newest first."""
    cursor = Cursor.read(before) if before else None
    events = list_events(actor, replace(chosen, before=cursor, limit=limit))
    following = str(events[-1].cursor) if len(events) == limit else None
    return AuditPage(items=[AuditEventPublic.of(event) for event in events], next=following)


@router.get("/export", operation_id="export_audit_events", response_class=StreamingResponse, responses=FILES)
def export(
    actor: AuditReader,
    chosen: Chosen,
    format: Annotated[ExportFormat, Query()] = ExportFormat.CSV,  # noqa: A002 — the parameter's name in the API
) -> StreamingResponse:
    """All chosen events as a file, newest first."""
    headers = {"Content-Disposition": content_disposition(f"audit-trail.{format.value}"), "Cache-Control": "no-store"}
    return StreamingResponse(export_events(actor, chosen, format), headers=headers, media_type=MEDIA_TYPES[format])
