"""Telling people when their print quota is almost used up, used up, or enough again (F-8, step 5)."""

from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.mail.service import queue_mail
from domain.organizations.models import User, UserStatus, now
from domain.print_definitions.resolution import Resolved
from domain.print_quotas.limits import QuotaLimits, QuotaStatus, Standing
from domain.print_quotas.models import PrintQuotaMonth
from domain.print_quotas.standing import resolved_quota, used_of
from domain.printing.settings import PrintSettings

SUBJECTS = {
    QuotaStatus.OK: N_("You can print again"),
    QuotaStatus.WARNING: N_("Your print quota is almost used up"),
    QuotaStatus.EXCEEDED: N_("Your print quota is used up"),
}
TOTAL = N_("In {month} you have printed {used} of {limit} impressions; {left} are left.")
COLOR = N_("Of these you have printed {used} of {limit} in colour; {left} are left.")
NEXT = {
    QuotaStatus.OK: N_("Your quota was changed, or a report about a job was corrected."),
    QuotaStatus.WARNING: N_("The quota begins anew on the first day of next month."),
    QuotaStatus.EXCEEDED: N_(
        "What is used up begins anew on the first day of next month. Print administrators can change your quota."
    ),
}


def note_standing(
    session: Session, settings: PrintSettings, row: PrintQuotaMonth, resolved: Resolved[QuotaLimits] | None = None
) -> QuotaStatus:
    """Keep with the month's row which quota holds and how it stands; tell the person when the status is another.

    The caller holds the row. Nobody is told of a month in which they have printed nothing.
    """
    resolved = resolved or resolved_quota(session, settings, row.user_id)
    standing = used_of(row, resolved.definition.content.of_month(row.month))
    row.month_limit = standing.limit.model_dump(mode="json")
    row.definition_id, row.definition, row.source = resolved.definition.id, resolved.definition.name, resolved.source
    row.seen = now()
    if standing.status != row.status:
        row.status = standing.status
        if row.impressions:
            _tell(session, row, standing)
    return standing.status


def _tell(session: Session, row: PrintQuotaMonth, standing: Standing) -> None:
    person = session.get_one(User, row.user_id)
    if person.status != UserStatus.ACTIVE or standing.limit.total == "disabled":
        return
    row.notices += 1
    paragraphs = []
    if standing.left is not None:
        paragraphs.append(_numbers(TOTAL, row.month, row.impressions, standing.limit.total_limit, standing.left))
    if standing.color_left is not None:
        limit = standing.limit.color_limit
        paragraphs.append(_numbers(COLOR, row.month, row.color_impressions, limit, standing.color_left))
    queue_mail(
        session,
        row.organization_id,
        [person.email],
        Message.of(SUBJECTS[standing.status]),
        [*paragraphs, Message.of(NEXT[standing.status])],
        locale=person.locale,
        link=f"{get_settings().public_url}/print-queue",
        key=f"print-quota/{row.user_id}/{row.month}/{row.notices}",
    )


def _numbers(text: str, month: str, used: int, limit: int | None, left: int) -> Message:
    return Message.of(text, month=month, used=used, limit=limit or 0, left=left)
