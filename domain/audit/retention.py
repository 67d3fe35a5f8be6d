"""How long the audit trail is kept: what is older goes, and only that can."""

from datetime import timedelta

from sqlalchemy import delete, select

from connectors.settings import get_settings
from domain.audit.models import AuditEvent, AuditHorizon
from domain.organizations.models import now
from domain.tenancy import system_session

BATCH = 2000
"""Events deleted in one transaction: other people's writes wait for it."""


def expire_events() -> int:
    """Delete the events whose time is over; returns how many.

    The horizon is moved first, because the database deletes nothing that is newer.
    """
    horizon = now() - timedelta(days=get_settings().audit_retention_days)
    with system_session() as session:
        session.merge(AuditHorizon(id=1, kept_since=horizon))
    total = 0
    oldest = select(AuditEvent.id).where(AuditEvent.at < horizon).order_by(AuditEvent.at).limit(BATCH)
    while True:
        with system_session() as session:
            gone = session.execute(delete(AuditEvent).where(AuditEvent.id.in_(oldest)).returning(AuditEvent.id)).all()
        total += len(gone)
        if len(gone) < BATCH:
            return total
