"""Writing the audit trail, in the transaction of the change itself: what is not recorded did not happen."""

from collections.abc import Mapping

import structlog
from sqlalchemy.orm import Session

from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor

Facts = Mapping[str, str | int | float | bool | list[str] | None]


def record(
    session: Session,
    actor: Actor,
    action: str,
    target_kind: str,
    target_id: str = "",
    facts: Facts | None = None,
    *,
    organization_id: str | None = None,
) -> None:
    """Note that `actor` did `action` to a target of the organization they work in (or of `organization_id`).

    `action` is a word of `domain.audit.actions`, which has its title for people. `facts` tell what changed (names of
    fields, roles, counts), never passwords, PINs, codes, badge numbers or keys.
    """
    _add(session, organization_id or actor.organization_id, action, target_kind, target_id, facts, actor)


def record_unattended(
    session: Session,
    organization_id: str,
    action: str,
    target_kind: str,
    target_id: str = "",
    facts: Facts | None = None,
    *,
    user_id: str = "",
    address: str = "",
) -> None:
    """Note what happened without anybody signed in: a failed sign-in, an expiry, the work of a schedule."""
    _add(session, organization_id, action, target_kind, target_id, facts, None, user_id, address)


def _add(
    session: Session,
    organization_id: str,
    action: str,
    target_kind: str,
    target_id: str,
    facts: Facts | None,
    actor: Actor | None,
    user_id: str = "",
    address: str = "",
) -> None:
    session.add(
        AuditEvent(
            organization_id=organization_id,
            user_id=actor.subject_id if actor else user_id,
            home_organization_id=actor.home_organization_id if actor else "",
            action=action,
            target_kind=target_kind,
            target_id=target_id[:255],
            facts=dict(facts or {}),
            address=(actor.address if actor else address)[:64],
            request_id=str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64],
        )
    )
