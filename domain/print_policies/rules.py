"""What a print policy may say (PR-88), and what it makes of a job: pure, so that every case can be tried."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.errors import Fault
from connectors.ipp.ticket import JobTicket, Sides
from connectors.messages import N_, Message
from domain.print_policies.schedule import Schedule

MOST_PAGES = 100_000
SCHEDULE_CLOSED = Fault(
    "print_policy.schedule_closed",
    403,
    N_("Printing is not allowed now. It is allowed again from {opening} at this printer."),
    N_("Release the job then; it stays in the queue. Print administrators set the days and times."),
    spec="PR-89",
)
TOO_MANY_PAGES = Fault(
    "print_policy.too_many_pages",
    403,
    N_("“{name}” has {pages} pages; {limit} are allowed for each job."),
    N_("Split the document and print its parts, or ask a print administrator."),
    spec="AM-16",
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MonochromeRule(_Part):
    """Colour becomes monochrome in jobs with at least `min_pages` pages."""

    min_pages: int = Field(1, ge=1, le=MOST_PAGES, description="1: in all jobs.")


class DuplexScope(_Part):
    """Jobs of one colour class with at least `min_pages` pages."""

    min_pages: int = Field(1, ge=1, le=MOST_PAGES, description="1: all jobs of the class.")


class DuplexRule(_Part):
    """Both sides are printed on in monochrome jobs, colour jobs, or both, each from a number of pages on (AM-15)."""

    binding: Literal["long-edge", "short-edge"] = "long-edge"
    monochrome: DuplexScope | None = DuplexScope()
    color: DuplexScope | None = DuplexScope()

    @model_validator(mode="after")
    def _some_jobs(self) -> Self:
        if self.monochrome is None and self.color is None:
            raise ValueError(N_("Choose monochrome jobs, colour jobs, or both."))
        return self

    @property
    def sides(self) -> Sides:
        return "two-sided-long-edge" if self.binding == "long-edge" else "two-sided-short-edge"

    def applies(self, pages: int, *, is_color: bool) -> bool:
        """Whether it is for a job of so many pages, in colour or not."""
        scope = self.color if is_color else self.monochrome
        return scope is not None and pages >= scope.min_pages


class PolicyRules(_Part):
    """All that a policy says; nothing is restricted where a part is missing."""

    monochrome: MonochromeRule | None = None
    duplex: DuplexRule | None = None
    schedule: Schedule | None = None
    max_pages: int | None = Field(None, ge=1, le=MOST_PAGES, description="Most pages of one job (AM-16).")


MONOCHROME_POLICY = N_("The print policy allows black and white only for a job of {pages} pages.")
DUPLEX_POLICY = N_("The print policy has a job of {pages} pages printed on both sides.")
NO_COLOR = N_("The printer has no colour.")


@dataclass(frozen=True, slots=True)
class Forced:
    """A setting that became another whatever the person wanted: its value now and as it was chosen, and why."""

    setting: str
    value: str
    chosen: str
    reason: Message


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What is known of a job: pages of the document (not times copies, PR-92), colour and sides as submitted.

    `chosen` are its settings, with what was changed at the release.
    """

    name: str
    pages: int
    is_color: bool
    sides: str = "one-sided"
    chosen: JobTicket = field(default_factory=JobTicket)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job is printed with, whether in colour, and what of it was forced."""

    ticket: JobTicket
    is_color: bool
    forced: tuple[Forced, ...] = ()


def check_schedule(rules: PolicyRules, moment: datetime, zone: ZoneInfo) -> None:
    """Raise `SCHEDULE_CLOSED`, with the next opening in the printer's local time, outside the window (PR-89, PR-91)."""
    if rules.schedule is None or rules.schedule.is_open(moment, zone):
        return
    opening = rules.schedule.next_opening(moment, zone).astimezone(zone)
    raise SCHEDULE_CLOSED(opening=f"{opening:%Y-%m-%d %H:%M}", opening_at=opening.isoformat())


def apply_policy(rules: PolicyRules, job: JobFacts, *, printer_has_color: bool = True) -> Outcome:
    """What becomes of a job (PR-101, step 6), whatever was chosen for it.

    Monochrome comes first; duplex is judged on the colour class that results. Raises `TOO_MANY_PAGES`.
    """
    if rules.max_pages is not None and job.pages > rules.max_pages:
        raise TOO_MANY_PAGES(name=job.name, pages=job.pages, limit=rules.max_pages)
    wanted = job.chosen
    is_color = job.is_color and wanted.color_mode != "monochrome"
    changed: dict[str, str] = {}
    forced = []
    if rules.monochrome is not None and job.pages >= rules.monochrome.min_pages:
        changed["color_mode"] = "monochrome"
        if is_color:
            reason = Message.of(MONOCHROME_POLICY, pages=job.pages)
            forced.append(Forced("color_mode", "monochrome", wanted.color_mode or "color", reason))
    elif not printer_has_color:
        changed["color_mode"] = "monochrome"
        if wanted.color_mode == "color":
            forced.append(Forced("color_mode", "monochrome", "color", Message.of(NO_COLOR)))
    is_color = is_color and "color_mode" not in changed
    if rules.duplex is not None and rules.duplex.applies(job.pages, is_color=is_color):
        changed["sides"] = rules.duplex.sides
        chosen = wanted.sides or job.sides or "one-sided"
        if chosen != rules.duplex.sides:
            reason = Message.of(DUPLEX_POLICY, pages=job.pages)
            forced.append(Forced("sides", rules.duplex.sides, chosen, reason))
    return Outcome(wanted.model_copy(update=changed), is_color, tuple(forced))
