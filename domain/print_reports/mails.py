"""What is mailed about reports: links, never the report itself (PR-299, AN-124, AN-126)."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.mail.service import queue_mail
from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.print_reports.scope import ReportScope
from domain.tasks.files import LIFETIME, MAILED_LIFETIME

SCHEDULES_PATH = "/print/report-schedules"
"""Where people see their scheduled reports."""
RECEIVED_PATH = "/print/reports/received/"
"""Below this, people open reports that were mailed to them, once they have signed in."""


def mail_full_report(actor: Actor, report_id: str, scope: ReportScope) -> None:
    """Tell the person of the two files of a full export, by two links (PR-299)."""
    base = f"{get_settings().public_url}/api/v1/print-reports/{report_id}/files"
    period = {"first": scope.first.isoformat(), "last": scope.last.isoformat()}
    paragraphs = [
        Message.of(N_("Printing in {name} from {first} to {last}."), name=actor.organization_name, **period),
        Message.of(N_("Submitted: {link}"), link=f"{base}/0"),
        Message.of(N_("Released: {link}"), link=f"{base}/1"),
        Message.of(N_("The links work for {hours} hours, for you alone."), hours=int(LIFETIME.total_seconds() // 3600)),
    ]
    subject = Message.of(N_("Your full export of printing"))
    with actor.session() as session:
        queue_mail(
            session,
            actor.organization_id,
            [actor.email],
            subject,
            paragraphs,
            locale=actor.locale,
            key=f"print-report {report_id}",
        )


def mail_scheduled_report(
    session: Session, actor: Actor, report_id: str, name: str, scope: ReportScope, people: Sequence[User], rows: int
) -> None:
    """Tell each of `people` in their language that the report is there, or that there was nothing to report."""
    period = {"first": scope.first.isoformat(), "last": scope.last.isoformat()}
    link = ""
    paragraphs = [Message.of(N_("Printing in {name} from {first} to {last}."), name=actor.organization_name, **period)]
    if rows:
        link = f"{get_settings().public_url}{RECEIVED_PATH}{report_id}"
        paragraphs.append(
            Message.of(
                N_("The link works for {days} days, for you alone. You sign in to open it."), days=MAILED_LIFETIME.days
            )
        )
    else:
        paragraphs.append(Message.of(N_("There was nothing to report in this period.")))
    paragraphs.append(Message.of(N_("It is sent on a schedule that {name} has made."), name=actor.name))
    for person in people:
        queue_mail(
            session,
            actor.organization_id,
            [person.email],
            Message.of(N_("Print report “{name}”"), name=name),
            paragraphs,
            locale=person.locale,
            link=link,
            key=f"print-report {report_id} {person.id}",
        )


def mail_stopped(session: Session, organization_id: str, name: str, why: Message, people: Sequence[User]) -> None:
    """Tell each of `people` that a scheduled report will not come any more."""
    for person in people:
        queue_mail(
            session,
            organization_id,
            [person.email],
            Message.of(N_("Print report “{name}” has stopped"), name=name),
            [why, Message.of(N_("Whoever may make this report can save the schedule anew in the portal."))],
            locale=person.locale,
        )


def mail_failed(
    session: Session,
    organization_id: str,
    report_id: str,
    name: str,
    scope: ReportScope,
    why: Sequence[Message],
    people: Sequence[User],
    *,
    goes_on: bool,
) -> None:
    """Tell each of `people` that a scheduled report could not be made, why, and what to do."""
    period = {"first": scope.first.isoformat(), "last": scope.last.isoformat()}
    what = Message.of(N_("The report on {first} to {last} could not be made, and nobody has got it."), **period)
    after = N_("The schedule goes on. You are not told of further failures until a report has worked in between.")
    last = N_("It was the last one of this schedule. Change the schedule to have the report made once more.")
    for person in people:
        queue_mail(
            session,
            organization_id,
            [person.email],
            Message.of(N_("Print report “{name}” has failed"), name=name),
            [what, *why, Message.of(after if goes_on else last)],
            locale=person.locale,
            link=f"{get_settings().public_url}{SCHEDULES_PATH}",
            key=f"print-report {report_id} failed {person.id}",
        )
