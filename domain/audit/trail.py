"""Reading the audit trail: newest first, page by page, chosen by time, person, action, target and address."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Select, func, or_, select

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, User
from domain.organizations.permissions import Permission
from domain.organizations.person_names import person_names
from domain.tenancy import system_session

BAD_CURSOR = Fault(
    "audit.bad_cursor",
    422,
    N_("“{cursor}” is not the beginning of a page of the audit trail."),
    N_("Send what the page before told as “next”, or nothing for the first page."),
)
CURSOR = re.compile(r"(?P<at>[0-9T:.+-]{10,40})~(?P<id>[0-9]{1,18})")
LARGEST_PAGE = 200
BATCH = 1000
"""Events that are in memory at a time while the whole trail is read."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of the trail ends: events come by time, and by number where several are of one moment."""

    at: datetime
    id: int

    @classmethod
    def read(cls, text: str) -> Self:
        """The cursor that `str` wrote; raises `BAD_CURSOR`."""
        parts = CURSOR.fullmatch(text)
        try:
            if parts is not None and (at := datetime.fromisoformat(parts["at"])).tzinfo is not None:
                return cls(at, int(parts["id"]))
        except ValueError as error:
            raise BAD_CURSOR(cursor=text) from error
        raise BAD_CURSOR(cursor=text)

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.id}"


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which events to read. `person` is an id or an e-mail address; `action` and `address` are beginnings."""

    since: datetime | None = None
    until: datetime | None = None
    person: str = ""
    action: str = ""
    target_kind: str = ""
    target_id: str = ""
    address: str = ""
    before: Cursor | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class AuditEventView:
    """One event. `person` is the name of who did it, for a partner's person with the partner's (AC-40), empty where
    they are gone.
    """

    id: int
    at: datetime
    user_id: str
    person: str
    by_partner: bool
    action: str
    target_kind: str
    target_id: str
    facts: dict[str, Any]
    address: str
    request_id: str

    @property
    def cursor(self) -> Cursor:
        """Where a page that ends with this event goes on."""
        return Cursor(self.at, self.id)


def list_events(actor: Actor, chosen: AuditFilter | None = None) -> list[AuditEventView]:
    """One page of the trail of the organization that the actor works in, newest first."""
    actor.need(Permission.AUDIT_VIEW)
    chosen = chosen or AuditFilter()
    return _events(actor, chosen, min(chosen.limit, LARGEST_PAGE))


def every_event(actor: Actor, chosen: AuditFilter) -> Iterator[AuditEventView]:
    """All chosen events, newest first, however many: a batch at a time, each read in a transaction of its own."""
    actor.need(Permission.AUDIT_VIEW)
    while True:
        found = _events(actor, chosen, BATCH)
        yield from found
        if len(found) < BATCH:
            return
        chosen = replace(chosen, before=found[-1].cursor)


def _events(actor: Actor, chosen: AuditFilter, limit: int) -> list[AuditEventView]:
    query = (
        select(AuditEvent, func.coalesce(User.name, ""))
        .outerjoin(User, User.id == AuditEvent.user_id)
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(limit)
    )
    visitors = _visitors_of_address(actor, chosen.person)
    with actor.session(read_only=True) as session:
        found = session.execute(_narrowed(query, chosen, visitors))
        views = [_view(event, person) for event, person in found]
    names = person_names(actor.organization_id, {view.user_id for view in views if view.by_partner})
    return [replace(view, person=names.get(view.user_id, view.person)) for view in views]


def _visitors_of_address(actor: Actor, address: str) -> list[str]:
    """The partner's person of that address: a customer sees what they did, so it may be searched for."""
    if "@" not in address:
        return []
    partner = select(Organization.parent_id).where(Organization.id == actor.organization_id).scalar_subquery()
    query = select(User.id).where(User.email == address.strip().lower(), User.organization_id == partner)
    with system_session(read_only=True) as session:
        return list(session.scalars(query))


def _narrowed(
    query: Select[tuple[AuditEvent, str]], chosen: AuditFilter, visitors: Sequence[str]
) -> Select[tuple[AuditEvent, str]]:
    if chosen.since:
        query = query.where(AuditEvent.at >= chosen.since)
    if chosen.until:
        query = query.where(AuditEvent.at < chosen.until)
    if person := chosen.person.strip().lower():
        ids = select(User.id).where(User.email == person)
        query = query.where(or_(AuditEvent.user_id.in_([person, *visitors]), AuditEvent.user_id.in_(ids)))
    if chosen.action:
        query = query.where(AuditEvent.action.startswith(chosen.action.strip(), autoescape=True))
    if chosen.target_kind:
        query = query.where(AuditEvent.target_kind == chosen.target_kind.strip())
    if chosen.target_id:
        query = query.where(AuditEvent.target_id == chosen.target_id.strip())
    if chosen.address:
        query = query.where(AuditEvent.address.startswith(chosen.address.strip(), autoescape=True))
    if chosen.before:
        at, number = chosen.before.at, chosen.before.id
        query = query.where(AuditEvent.at <= at, or_(AuditEvent.at < at, AuditEvent.id < number))
    return query


def _view(event: AuditEvent, person: str) -> AuditEventView:
    return AuditEventView(
        event.id,
        event.at,
        event.user_id,
        person,
        event.home_organization_id not in ("", event.organization_id),
        event.action,
        event.target_kind,
        event.target_id,
        event.facts,
        event.address,
        event.request_id,
    )
