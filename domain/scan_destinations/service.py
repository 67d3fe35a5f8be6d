"""Making, changing, listing and deleting scan destinations with their settings (SCAN-1, SCAN-30…SCAN-43, SCAN-120).

Those of the organization are its administrators' (SCAN-4); others use them and make their own (SCAN-5).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import PressroomError
from connectors.secrets import decrypt, encrypt
from connectors.storage import PROVIDERS
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, now
from domain.organizations.permissions import Permission
from domain.scan_destinations.definition import DestinationDefinition
from domain.scan_destinations.faults import (
    ACCESS_UNKNOWN,
    ADMINISTRATORS_ONLY,
    CHANGED_MEANWHILE,
    NAME_TAKEN,
    PERSONAL_OFF,
    PERSONAL_ONLY,
    SERVICE_OFF,
    TOO_MANY,
)
from domain.scan_destinations.models import ORGANIZATION, ScanDestination
from domain.scan_settings.families import service_title
from domain.scan_settings.service import usable_settings
from domain.scan_settings.settings import ScanSettings
from domain.tenancy import NOT_FOUND

MOST_DESTINATIONS = 50


class Scope(StrEnum):
    """The two tabs (SCAN-30)."""

    ORGANIZATIONAL = "organizational"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class DestinationView:
    """A destination as its reader may see it. `problem`: why nobody can scan there now (SCAN-18); None: one can.

    `secrets` are the names of the passwords that are kept for it.
    """

    id: str
    version: int
    scope: Scope
    definition: DestinationDefinition
    problem: PressroomError | None
    secrets: frozenset[str]
    changed: datetime
    may_edit: bool


def list_destinations(actor: Actor, scope: Scope) -> list[DestinationView]:
    """The destinations of that tab, by name; personal ones are their owner's, and none while those are off."""
    actor.need(Permission.SCAN_OPEN)
    with actor.session(read_only=True) as session:
        settings = usable_settings(session, actor)
        if scope is Scope.PERSONAL and not may_have_personal(actor, settings):
            return []
        query = select(ScanDestination).where(ScanDestination.scope == _scope_key(actor, scope))
        rows = session.scalars(query.order_by(ScanDestination.name_key))
        return [_view(actor, row, settings) for row in rows]


def get_destination(actor: Actor, destination_id: str) -> DestinationView:
    """One visible destination; raises `NOT_FOUND`."""
    actor.need(Permission.SCAN_OPEN)
    with actor.session(read_only=True) as session:
        settings = usable_settings(session, actor)
        return _view(actor, visible_row(session, actor, destination_id, settings), settings)


def create_destination(
    actor: Actor, scope: Scope, definition: DestinationDefinition, secrets: Mapping[str, str] | None = None
) -> DestinationView:
    """Save a new destination.

    Raises `PERSONAL_OFF`, `PERSONAL_ONLY` (SCAN-32), `SERVICE_OFF`, `NAME_TAKEN`, `TOO_MANY` (SCAN-120), or that the
    role is missing (SCAN-33).
    """
    with actor.session() as session:
        settings = _need_rights(session, actor, scope)
        _check_service(scope, definition, settings)
        session.get(Organization, actor.organization_id, with_for_update=True)
        _check_count(session, _scope_key(actor, scope))
        row = ScanDestination(
            owner_id=actor.user_id if scope is Scope.PERSONAL else None, scope=_scope_key(actor, scope)
        )
        row.secrets = _sealed(definition, secrets or {}, {})
        _write(session, row, definition)
        record(session, actor, "scan_destination.created", "scan_destination", row.id, _facts(scope, definition))
        return _view(actor, row, settings)


def change_destination(
    actor: Actor,
    destination_id: str,
    definition: DestinationDefinition,
    secrets: Mapping[str, str] | None = None,
    based_on: int | None = None,
) -> DestinationView:
    """Save a change; passwords that are not given again are kept as long as they go to the same place.

    Raises `CHANGED_MEANWHILE` unless the present version is `based_on`, and what `create_destination` raises.
    """
    with actor.session() as session:
        row, settings = _editable(session, actor, destination_id)
        if based_on is not None and based_on != row.version:
            raise CHANGED_MEANWHILE()
        scope = scope_of(row)
        before = DestinationDefinition.model_validate(row.definition)
        if definition.service != before.service:
            _check_service(scope, definition, settings)
        same_place = (definition.service, definition.access) == (before.service, before.access)
        kept = kept_secrets(row) if same_place else {}
        row.secrets = _sealed(definition, secrets or {}, kept)
        row.version += 1
        _write(session, row, definition)
        facts = {**_facts(scope, definition), "changed": _differences(before, definition)}
        record(session, actor, "scan_destination.changed", "scan_destination", row.id, facts)
        return _view(actor, row, settings)


def delete_destinations(actor: Actor, ids: Collection[str]) -> int:
    """Delete one or several, all of them or none (SCAN-34); returns how many. Scans on their way are not touched."""
    with actor.session() as session:
        for destination_id in dict.fromkeys(ids):
            row, _settings = _editable(session, actor, destination_id)
            definition = DestinationDefinition.model_validate(row.definition)
            facts = _facts(scope_of(row), definition)
            record(session, actor, "scan_destination.deleted", "scan_destination", row.id, facts)
            session.delete(row)
        return len(dict.fromkeys(ids))


def may_have_personal(actor: Actor, settings: ScanSettings) -> bool:
    """Whether the tab of personal destinations exists for them (SCAN-31)."""
    return settings.personal_destinations and actor.may(Permission.SCAN_OWN_DESTINATIONS)


def may_edit(actor: Actor, settings: ScanSettings, scope: Scope) -> bool:
    """Whether they may make and change destinations of that tab (SCAN-33)."""
    return may_have_personal(actor, settings) if scope is Scope.PERSONAL else actor.may(Permission.SCAN_MANAGE)


def visible_row(session: Session, actor: Actor, destination_id: str, settings: ScanSettings) -> ScanDestination:
    """The row if the actor may see it; raises `NOT_FOUND`."""
    row = session.scalar(select(ScanDestination).where(ScanDestination.id == destination_id, visible(actor, settings)))
    if row is None:
        raise NOT_FOUND(what="scan destination")
    return row


def visible(actor: Actor, settings: ScanSettings) -> ColumnElement[bool]:
    """The condition by which the actor sees a destination: the organization's, and their own while those are on."""
    own = and_(ScanDestination.scope == actor.user_id, ScanDestination.owner_id == actor.user_id)
    of_all = ScanDestination.scope == ORGANIZATION
    return or_(of_all, own) if may_have_personal(actor, settings) else of_all


def scope_of(row: ScanDestination) -> Scope:
    """The tab that it stands in."""
    return Scope.ORGANIZATIONAL if row.scope == ORGANIZATION else Scope.PERSONAL


def service_problem(settings: ScanSettings, definition: DestinationDefinition) -> PressroomError | None:
    """Why nobody can scan there: its provider is switched off (SCAN-18, SC-E22)."""
    return None if settings.offers(definition.service) else SERVICE_OFF(service=service_title(definition.service))


def kept_secrets(row: ScanDestination) -> dict[str, str]:
    """The passwords of its own that a destination has."""
    return decrypt(row.secrets) if row.secrets else {}


def _need_rights(session: Session, actor: Actor, scope: Scope) -> ScanSettings:
    if scope is Scope.ORGANIZATIONAL:
        actor.need(Permission.SCAN_MANAGE)
        return usable_settings(session, actor)
    actor.need(Permission.SCAN_OWN_DESTINATIONS)
    settings = usable_settings(session, actor)
    if not settings.personal_destinations:
        raise PERSONAL_OFF()
    return settings


def _editable(session: Session, actor: Actor, destination_id: str) -> tuple[ScanDestination, ScanSettings]:
    actor.need(Permission.SCAN_OPEN)
    settings = usable_settings(session, actor)
    row = visible_row(session, actor, destination_id, settings)
    if not may_edit(actor, settings, scope_of(row)):
        raise ADMINISTRATORS_ONLY()
    return row, settings


def _check_service(scope: Scope, definition: DestinationDefinition, settings: ScanSettings) -> None:
    if scope is Scope.ORGANIZATIONAL and definition.family.personal_only:
        raise PERSONAL_ONLY(service=service_title(definition.service))
    if (problem := service_problem(settings, definition)) is not None:
        raise problem


def _check_count(session: Session, scope: str) -> None:
    query = select(func.count()).select_from(ScanDestination).where(ScanDestination.scope == scope)
    if (session.scalar(query) or 0) >= MOST_DESTINATIONS:
        raise TOO_MANY(limit=MOST_DESTINATIONS)


def _scope_key(actor: Actor, scope: Scope) -> str:
    return ORGANIZATION if scope is Scope.ORGANIZATIONAL else actor.user_id


def _sealed(definition: DestinationDefinition, given: Mapping[str, str], kept: Mapping[str, str]) -> str:
    known = PROVIDERS[definition.service].secrets if definition.family.own_access else ()
    for setting in sorted(set(given) - set(known)):
        raise ACCESS_UNKNOWN(service=service_title(definition.service), setting=setting[:64])
    secrets = {**kept, **{name: value for name, value in given.items() if value}}
    return encrypt(secrets) if secrets else ""


def _write(session: Session, row: ScanDestination, definition: DestinationDefinition) -> None:
    row.name_key, row.service = definition.name.casefold()[:255], definition.service
    row.definition, row.changed = definition.model_dump(mode="json"), now()
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise NAME_TAKEN(name=definition.name) from error


def _facts(scope: Scope, definition: DestinationDefinition) -> Facts:
    return {"name": definition.name, "type": scope.value, "service": definition.service}


def _differences(before: DestinationDefinition, after: DestinationDefinition) -> list[str]:
    return [name for name in DestinationDefinition.model_fields if getattr(before, name) != getattr(after, name)]


def _view(actor: Actor, row: ScanDestination, settings: ScanSettings) -> DestinationView:
    definition = DestinationDefinition.model_validate(row.definition)
    scope = scope_of(row)
    return DestinationView(
        row.id,
        row.version,
        scope,
        definition,
        service_problem(settings, definition),
        frozenset(kept_secrets(row)),
        row.changed,
        may_edit(actor, settings, scope),
    )
