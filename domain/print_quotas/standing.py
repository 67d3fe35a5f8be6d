"""Which quota somebody has now and what they have used of it (PR-71, PR-73)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.organizations.models import Organization, User, now
from domain.print_definitions.resolution import Person, Resolved, resolve_one
from domain.print_quotas.limits import MonthLimit, QuotaLimits, Standing
from domain.print_quotas.models import PrintQuotaMonth
from domain.print_quotas.subject import QUOTAS
from domain.printing.settings import PrintSettings


def month_of(session: Session, organization_id: str, moment: datetime | None = None) -> str:
    """The month of a moment (None: now) in the organization's time zone, such as 2026-11 (AM-9)."""
    zone = ZoneInfo(session.get_one(Organization, organization_id).time_zone)
    return f"{(moment or now()).astimezone(zone):%Y-%m}"


def resolved_quota(session: Session, settings: PrintSettings, user_id: str) -> Resolved[QuotaLimits]:
    """The definition that holds for somebody, and by what."""
    return resolve_one(session, QUOTAS, settings, Person.of(session.get_one(User, user_id)))


def standing_of(
    session: Session, settings: PrintSettings, organization_id: str, user_id: str, moment: datetime | None = None
) -> Standing | None:
    """Where somebody stands in the month of that moment; None where the organization has no print quotas."""
    if not settings.quotas.enabled:
        return None
    month = month_of(session, organization_id, moment)
    limit = resolved_quota(session, settings, user_id).definition.content.of_month(month)
    return used_of(session.get(PrintQuotaMonth, (user_id, month)), limit)


def used_of(row: PrintQuotaMonth | None, limit: MonthLimit) -> Standing:
    """The standing that a month's row tells of, against that limit."""
    return Standing(limit, row.impressions, row.color_impressions) if row is not None else Standing(limit)
