"""Organizations whose printers reach the cloud through a proxy that asks for credentials (FL-289, FL-290, FL-404).

There a configuration with apps is deployed only to printers whose app framework has the proxy's host and user.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from fleet.configurations.models import AuthenticatedProxy


def is_behind_proxy(session: Session, organization_id: str) -> bool:
    """Whether the organization says so of its printers."""
    return _kept(session, organization_id) is not None


def get_behind_proxy(actor: Actor) -> bool:
    """The same, for people."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session(read_only=True) as session:
        return is_behind_proxy(session, actor.organization_id)


def set_behind_proxy(actor: Actor, *, is_on: bool) -> None:
    """Say so, or say that it is so no longer; counts for jobs that are taken from now on."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        kept = _kept(session, actor.organization_id)
        if is_on is (kept is not None):
            return
        if kept is None:
            session.add(AuthenticatedProxy(organization_id=actor.organization_id))
        else:
            session.delete(kept)
        facts = {"enabled": is_on}
        record(session, actor, "configuration.proxy_switched", "organization", actor.organization_id, facts)


def _kept(session: Session, organization_id: str) -> AuthenticatedProxy | None:
    return session.scalar(select(AuthenticatedProxy).where(AuthenticatedProxy.organization_id == organization_id))
