"""Charging what was printed (PR-83…PR-86, F-8): once for each release of a job, replaced by later reports about it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.organizations.models import now
from domain.print_quotas.models import PrintCharge, PrintQuotaMonth
from domain.print_quotas.notices import note_standing
from domain.print_quotas.standing import month_of
from domain.printing.settings import print_settings


@dataclass(frozen=True, slots=True)
class Usage:
    """What one release of a job printed. `user_id` is the job's owner, whoever released it (PR-84)."""

    job_id: str
    attempt_id: str
    user_id: str
    impressions: int
    color_impressions: int
    printed: datetime


def charge(session: Session, organization_id: str, usage: Usage) -> None:
    """Charge a release, or put its charge right: told twice, it counts once.

    Charges of one person and month wait for each other, so that sums and notices are never made from old numbers. It
    is charged whether quotas are on or not: who switches them on sees what was printed this month.
    """
    known = _charge(session, usage)
    month = known.month if known is not None else month_of(session, organization_id, usage.printed)
    row = month_row(session, organization_id, usage.user_id, month)
    entry = _charge(session, usage)  # now that nobody else charges this person: it may have come meanwhile
    if entry is None:
        entry = PrintCharge(
            organization_id=organization_id,
            job_id=usage.job_id,
            attempt_id=usage.attempt_id,
            user_id=usage.user_id,
            month=month,
            impressions=0,
            color_impressions=0,
        )
        session.add(entry)
    row.impressions += usage.impressions - entry.impressions
    row.color_impressions += usage.color_impressions - entry.color_impressions
    entry.impressions, entry.color_impressions = usage.impressions, usage.color_impressions
    entry.changed = now()
    session.flush()
    settings = print_settings(session, organization_id)
    if settings.quotas.enabled and month == month_of(session, organization_id):
        note_standing(session, settings, row)


def month_row(session: Session, organization_id: str, user_id: str, month: str) -> PrintQuotaMonth:
    """The row of a person and month, made if it is missing, and held until the end of the transaction."""
    query = (
        select(PrintQuotaMonth)
        .where(PrintQuotaMonth.user_id == user_id, PrintQuotaMonth.month == month)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = session.scalar(query)
    if row is None:
        try:
            with session.begin_nested():
                session.add(PrintQuotaMonth(organization_id=organization_id, user_id=user_id, month=month))
        except IntegrityError:
            pass  # another transaction has just made it
        row = session.scalars(query).one()
    return row


def wrong_months(session: Session) -> list[tuple[str, str]]:
    """People and months whose sums differ from their charges; there are none unless something was changed by hand."""
    sums = (
        select(
            PrintCharge.user_id,
            PrintCharge.month,
            func.sum(PrintCharge.impressions).label("impressions"),
            func.sum(PrintCharge.color_impressions).label("color"),
        )
        .group_by(PrintCharge.user_id, PrintCharge.month)
        .subquery()
    )
    query = (
        select(PrintQuotaMonth.user_id, PrintQuotaMonth.month)
        .outerjoin(sums, (sums.c.user_id == PrintQuotaMonth.user_id) & (sums.c.month == PrintQuotaMonth.month))
        .where(
            (PrintQuotaMonth.impressions != func.coalesce(sums.c.impressions, 0))
            | (PrintQuotaMonth.color_impressions != func.coalesce(sums.c.color, 0))
        )
    )
    return [(user_id, month) for user_id, month in session.execute(query)]


def _charge(session: Session, usage: Usage) -> PrintCharge | None:
    query = select(PrintCharge).where(PrintCharge.job_id == usage.job_id, PrintCharge.attempt_id == usage.attempt_id)
    return session.scalar(query.execution_options(populate_existing=True))
