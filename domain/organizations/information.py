"""What an organization is and how it is set: its name, times and languages, the roles that everybody has.

Requirements: AC-8, AC-9, AC-11 (information), AC-61…AC-63 (organization roles).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.entitlements import Entitlement
from domain.organizations.grants import Level, RoleChoice, give_roles, role_choices, take_roles
from domain.organizations.models import Organization, OrganizationStatus, sibling_key
from domain.organizations.names import NAME_TAKEN, check_free, checked_name
from domain.organizations.permissions import Permission
from domain.organizations.roles import FACTS, RoleFacts
from domain.tenancy import system_session


@dataclass(frozen=True, slots=True)
class OrganizationView:
    """An organization as its own people see it. `parent_name` is empty for one of the first level."""

    id: str
    name: str
    parent_name: str
    status: OrganizationStatus
    may_have_children: bool
    entitlements: tuple[Entitlement, ...]
    time_zone: str
    announcement_languages: tuple[str, ...]
    created: datetime


@dataclass(frozen=True, slots=True)
class OrganizationChange:
    """What is to be changed; None stays. Time zones and languages were checked by who made this.

    Announcements are always in English too (DB-64).
    """

    name: str | None = None
    time_zone: str | None = None
    announcement_languages: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class RoleOfEverybody:
    """A role granted to the whole organization; `counts` unless its service is missing (AC-12)."""

    facts: RoleFacts
    counts: bool


def get_organization(actor: Actor) -> OrganizationView:
    """The organization that the actor works in."""
    actor.need(Permission.ORGANIZATION_VIEW)
    return _present(actor)


def change_organization(actor: Actor, change: OrganizationChange) -> OrganizationView:
    """Change what is given; raises the faults of a name (AC-18)."""
    actor.need(Permission.ORGANIZATION_MANAGE)
    name = checked_name(change.name) if change.name is not None else None
    try:
        with system_session() as session:
            organization = session.get_one(Organization, actor.organization_id)
            before = _settings(organization)
            if name is not None:
                check_free(session, name, organization.parent_id, besides=organization.id)
                organization.name, organization.sibling_key = name, sibling_key(name, organization.parent_id)
            if change.time_zone is not None:
                organization.time_zone = change.time_zone
            if change.announcement_languages is not None:
                organization.announcement_languages = list(dict.fromkeys(["en", *change.announcement_languages]))
            changed = {key: value for key, value in _settings(organization).items() if value != before[key]}
            record(session, actor, "organization.changed", "organization", organization.id, changed)
            session.flush()
    except IntegrityError as error:  # a sibling of that name, made at the same moment
        raise NAME_TAKEN(name=name) from error
    return _present(actor)


def roles_of_everybody(actor: Actor) -> list[RoleOfEverybody]:
    """The organization roles, in the order of the role list."""
    actor.need(Permission.ROLES_ORGANIZATION_VIEW)
    with actor.session(read_only=True) as session:
        organization = session.get_one(Organization, actor.organization_id)
        return [
            RoleOfEverybody(facts, facts.entitlement is None or facts.entitlement in organization.entitlements)
            for role, facts in FACTS.items()
            if role in organization.roles
        ]


def give_roles_to_everybody(actor: Actor, roles: Iterable[str], *, confirmed: bool = False) -> None:
    """Assign organization roles, which count for all its people at once (AC-63); raises what `give_roles` raises."""
    with actor.session() as session:
        give_roles(session, actor, session.get_one(Organization, actor.organization_id), roles, confirmed=confirmed)


def take_roles_from_everybody(actor: Actor, roles: Iterable[str]) -> None:
    """Remove organization roles; raises what `take_roles` raises."""
    with actor.session() as session:
        take_roles(session, actor, session.get_one(Organization, actor.organization_id), roles)


def choices_of_roles(actor: Actor, level: Level) -> list[RoleChoice]:
    """Every role with whether the actor can give it at `level`, and why not."""
    actor.need(Permission.ACCOUNTS_OPEN)
    with actor.session(read_only=True) as session:
        return role_choices(session, actor, level)


def _present(actor: Actor) -> OrganizationView:
    with system_session(read_only=True) as session:
        organization = session.get_one(Organization, actor.organization_id)
        parent = session.get(Organization, organization.parent_id) if organization.parent_id else None
        return _view(organization, parent)


def _settings(organization: Organization) -> Facts:
    return {
        "name": organization.name,
        "time_zone": organization.time_zone,
        "announcement_languages": organization.announcement_languages,
    }


def _view(organization: Organization, parent: Organization | None) -> OrganizationView:
    return OrganizationView(
        organization.id,
        organization.name,
        parent.name if parent else "",
        OrganizationStatus(organization.status),
        organization.may_have_children and organization.parent_id is None,
        tuple(entitlement for entitlement in Entitlement if entitlement in organization.entitlements),
        organization.time_zone,
        tuple(organization.announcement_languages),
        organization.created,
    )
