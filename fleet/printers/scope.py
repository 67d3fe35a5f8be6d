"""Whose printers are looked at: those of the organization that one works in, or of the partner and all its customers.

The summary over all organizations is for partner administrators (FL-57, FL-176, FL-531). Their own organization's
printers are part of it where they may see them there.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from domain.organizations.actor import Actor
from domain.organizations.models import Organization, OrganizationStatus
from domain.organizations.permissions import Permission
from domain.organizations.roles import Role
from domain.tenancy import system_session
from fleet.printers.models import Printer

SEES_AT_HOME = frozenset({Role.FLEET_ADMINISTRATOR.value, Role.FLEET_VIEWER.value})


@dataclass(frozen=True, slots=True)
class Scope:
    """A transaction, and the organizations whose rows may be read in it: by id, with their names."""

    session: Session
    organizations: dict[str, str]

    @property
    def ids(self) -> Sequence[str]:
        """The organizations' ids."""
        return tuple(self.organizations)


@contextmanager
def printer_scope(actor: Actor, *, across: bool = False) -> Iterator[Scope]:
    """A read-only look at printers; `across` all organizations of a partner, for who may see the summary of them."""
    if not across:
        actor.need(Permission.FLEET_VIEW)
        with actor.session(read_only=True) as session:
            yield Scope(session, {actor.organization_id: actor.organization_name})
        return
    actor.need(Permission.FLEET_ALL_ORGANIZATIONS)
    with system_session(read_only=True) as session:
        yield Scope(session, _family(session, actor))


def is_in(scope: Scope) -> ColumnElement[bool]:
    """The condition that a printer is of one of the scope's organizations."""
    ids = scope.ids
    return Printer.organization_id == ids[0] if len(ids) == 1 else Printer.organization_id.in_(ids) if ids else ~true()


def _family(session: Session, actor: Actor) -> dict[str, str]:
    home = actor.home_organization_id
    its = Organization.parent_id == home
    sees_home = bool(actor.home_roles & SEES_AT_HOME)
    query = select(Organization.id, Organization.name).where(
        or_(its, Organization.id == home) if sees_home else its,
        Organization.status == OrganizationStatus.ACTIVE,
    )
    return {organization: name for organization, name in session.execute(query.order_by(Organization.name))}  # noqa: C416
