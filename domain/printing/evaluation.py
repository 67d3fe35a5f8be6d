"""What a job looks like when it is released: the owner's settings, what is changed at the printer, and what is forced.

The order is that of PR-101: the schedule, changes made at the printer, what policies force, quotas, then what the
printer can do; a forced setting is never undone by a person. The owner's policy and quota count, as they are then
(PR-102, PR-103). Nothing is written.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.ipp.ticket import MOST_COPIES, Finishing, JobTicket, Sides
from connectors.messages import N_, Message
from domain.organizations.models import User
from domain.print_definitions.resolution import Person, resolve_one
from domain.print_policies.rules import Forced, JobFacts, Outcome, PolicyRules, apply_policy, check_schedule
from domain.print_policies.subject import POLICIES
from domain.print_quotas.admission import QuotaVerdict, check_quota
from domain.print_quotas.limits import Standing
from domain.print_quotas.standing import standing_of
from domain.printing.models import PrintJob, ReleaseAttempt
from domain.printing.settings import PrintSettings, print_settings

NO_DUPLEX = N_("The printer prints on one side only.")
PRINTER_INCAPABLE = Fault(
    "print_policy.printer_incapable",
    409,
    N_("The print policy has “{name}” printed on both sides, which this printer cannot do."),
    N_("Release it at a printer that prints on both sides; it stays in the queue."),
    spec="PR-104",
)


@dataclass(frozen=True, slots=True)
class PrinterFacts:
    """What rules need to know of a printer; None for what it does not tell. `time_zone` is that of schedules."""

    id: str
    name: str
    time_zone: str
    is_color: bool | None = None
    is_duplex: bool | None = None


class Changes(BaseModel):
    """What a person changes of a job when they release it (PR-192); None leaves a setting as it is.

    `staple` and `punch` are a finishing, or "none" for none of that kind.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    copies: int | None = Field(None, ge=1, le=MOST_COPIES)
    color_mode: Literal["auto", "color", "monochrome"] | None = None
    sides: Sides | None = None
    staple: Finishing | Literal["none"] | None = None
    punch: Finishing | Literal["none"] | None = None

    def applied_to(self, ticket: JobTicket) -> JobTicket:
        """The ticket with these changes."""
        chosen = self.model_dump(include={"copies", "color_mode", "sides"}, exclude_none=True)
        changed: dict[str, Any] = {**chosen}
        finishings = ticket.finishings or ()
        for kind, value in (("staple", self.staple), ("punch", self.punch)):
            if value is not None:
                others = tuple(one for one in finishings if not one.startswith(kind))
                finishings = others if value == "none" else (*others, value)
                changed["finishings"] = finishings or None
        return ticket.model_copy(update=changed)


@dataclass(frozen=True, slots=True)
class Decision:
    """How a job is printed: what the printer is asked for, what of it was forced, and what it takes of the quota."""

    ticket: JobTicket
    is_color: bool
    quota: QuotaVerdict
    forced: tuple[Forced, ...] = ()


def evaluate(session: Session, job: PrintJob, printer: PrinterFacts, changes: Changes, at: datetime) -> Decision:
    """How `job` is printed at `printer` at the moment `at`; raises the fault of what does not let it be (PR-104).

    Those are `SCHEDULE_CLOSED`, `TOO_MANY_PAGES`, `PRINTING_DISABLED`, `QUOTA_EXCEEDED`, `PRINTER_INCAPABLE`, and
    `COLOR_QUOTA_EXCEEDED`, where the same job may be printed in black and white (PR-82).
    """
    settings = print_settings(session, job.organization_id)
    rules = _rules(session, settings, job.user_id)
    check_schedule(rules, at, ZoneInfo(printer.time_zone))
    facts = JobFacts(
        job.name,
        job.pages or 0,
        is_color=job.is_color is not False,
        sides=job.sides,
        chosen=changes.applied_to(JobTicket.model_validate(job.ticket)),
    )
    outcome = apply_policy(rules, facts, printer_has_color=printer.is_color is not False)
    verdict = _quota(session, settings, job, outcome, at)
    outcome = _within_abilities(outcome, rules, facts, printer)
    return Decision(outcome.ticket, outcome.is_color, verdict, outcome.forced)


def impressions_of(pages: int, ticket: JobTicket) -> int:
    """Sides with toner that a job will take: the chosen pages, several to a side, times copies (AM-7)."""
    return -(-chosen_pages(pages, ticket.page_ranges) // (ticket.number_up or 1)) * (ticket.copies or 1)


def chosen_pages(pages: int, ranges: str | None) -> int:
    """How many of a document's pages the ranges name; all of them without ranges."""
    if not ranges:
        return pages
    found = 0
    for part in ranges.split(","):
        low, _, high = part.partition("-")
        found += max(0, min(int(high or low), pages) - int(low) + 1)
    return found


def _rules(session: Session, settings: PrintSettings, user_id: str) -> PolicyRules:
    if not settings.policies.print_enabled:
        return PolicyRules()
    person = Person.of(session.get_one(User, user_id))
    return resolve_one(session, POLICIES, settings, person).definition.content


def _quota(
    session: Session, settings: PrintSettings, job: PrintJob, outcome: Outcome, moment: datetime
) -> QuotaVerdict:
    impressions = impressions_of(job.pages or 0, outcome.ticket)
    standing = standing_of(session, settings, job.organization_id, job.user_id, moment)
    if standing is None:
        return QuotaVerdict(impressions, impressions if outcome.is_color else 0)
    standing = _with_unreported(session, standing, job.user_id)
    return check_quota(standing, impressions, is_color=outcome.is_color, strict=settings.quotas.strict)


def _with_unreported(session: Session, standing: Standing, user_id: str) -> Standing:
    """With what has been printed and is charged only when the printer's own report comes, or does not (PR-81, PR-83).

    Else whoever releases many jobs at once would overdraw by all of them, and not by the last one.
    """
    query = (
        select(ReleaseAttempt.measures)
        .join(PrintJob, PrintJob.id == ReleaseAttempt.job_id)
        .where(PrintJob.user_id == user_id, ReleaseAttempt.usage_due.is_not(None))
    )
    measures = [one for one in session.scalars(query) if one]
    total, color = (sum(int(one[name]) for one in measures) for name in ("impressions", "color_impressions"))
    return replace(
        standing,
        impressions=standing.impressions + total,
        color_impressions=standing.color_impressions + color,
    )


def _within_abilities(outcome: Outcome, rules: PolicyRules, facts: JobFacts, printer: PrinterFacts) -> Outcome:
    """On one side where the printer is known to have nothing else; a policy that asks for both is not put aside."""
    if outcome.ticket.sides in (None, "one-sided") or printer.is_duplex is not False:
        return outcome
    if rules.duplex is not None and rules.duplex.applies(facts.pages, is_color=outcome.is_color):
        raise PRINTER_INCAPABLE(name=facts.name)
    ticket = outcome.ticket.model_copy(update={"sides": "one-sided"})
    forced = Forced("sides", "one-sided", str(outcome.ticket.sides), Message.of(NO_DUPLEX))
    return replace(outcome, ticket=ticket, forced=(*outcome.forced, forced))
