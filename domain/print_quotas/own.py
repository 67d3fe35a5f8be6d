"""One's own print quota: what is left of it, and whether anything may be printed this month at all."""

from dataclasses import dataclass

from domain.organizations.actor import Actor
from domain.print_quotas.admission import QUOTA_EXCEEDED, check_enabled
from domain.print_quotas.limits import Standing
from domain.print_quotas.standing import month_of, standing_of
from domain.printing.settings import print_settings


@dataclass(frozen=True, slots=True)
class OwnQuota:
    """Where one stands in the present month."""

    month: str
    standing: Standing


def own_quota(actor: Actor) -> OwnQuota | None:
    """What the actor may still print this month; None where the organization has no print quotas."""
    with actor.session(read_only=True) as session:
        settings = print_settings(session, actor.organization_id)
        standing = standing_of(session, settings, actor.organization_id, actor.user_id)
        return OwnQuota(month_of(session, actor.organization_id), standing) if standing is not None else None


def check_may_print(actor: Actor) -> None:
    """Raise `PRINTING_DISABLED` where nothing may be printed this month: a job is not even taken in (F-1, step 2)."""
    if (own := own_quota(actor)) is not None:
        check_enabled(own.standing)


def check_something_left(actor: Actor) -> None:
    """Raise `QUOTA_EXCEEDED` where the quota is strict and nothing of it is left: no job could be released (PR-328)."""
    with actor.session(read_only=True) as session:
        settings = print_settings(session, actor.organization_id)
        if not settings.quotas.strict:
            return
        standing = standing_of(session, settings, actor.organization_id, actor.user_id)
    if standing is not None and standing.left is not None and standing.left <= 0:
        raise QUOTA_EXCEEDED(left=standing.left, limit=standing.limit.total_limit or 0, needed=1)
