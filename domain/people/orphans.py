"""Assignments that nobody is left for, because they name a department or cost centre exactly (AC-112)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from domain.organizations.models import Membership, User, UserStatus
from domain.quotas.models import QuotaKind, UserQuota

QUOTA_KINDS = {Membership.DEPARTMENT: QuotaKind.DEPARTMENT, Membership.COST_CENTER: QuotaKind.COST_CENTER}
WARNINGS = {
    Membership.DEPARTMENT: N_("Nobody is in the department “{name}” any more, but a page quota is made for it."),
    Membership.COST_CENTER: N_("Nobody is in the cost centre “{name}” any more, but a page quota is made for it."),
}


def orphaned(session: Session, kind: Membership, name: str) -> list[Message]:
    """Warnings about `name`, which somebody of the session's organization has just left."""
    column = {Membership.DEPARTMENT: User.department, Membership.COST_CENTER: User.cost_center}[kind]
    member = select(User.id).where(column == name, User.status != UserStatus.DELETED).limit(1)
    quota = select(UserQuota.id).where(UserQuota.kind == QUOTA_KINDS[kind], UserQuota.holder == name).limit(1)
    if not name or session.scalar(member) is not None or session.scalar(quota) is None:
        return []
    return [Message.of(WARNINGS[kind], name=name)]
