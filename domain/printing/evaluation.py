"""What a job looks like when it is released: the owner's settings, what is changed at the printer, and what is forced.

The order is that of PR-101: changes made at the printer first, then what policies force, then quotas, then what the
printer can do; a forced setting is never undone by a person (PR-102: the owner's policy and quota count).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from connectors.ipp.ticket import MOST_COPIES, Finishing, JobTicket, Sides
from connectors.messages import N_, Message
from domain.printing.models import PrintJob

NO_COLOR = N_("The printer has no colour.")
NO_DUPLEX = N_("The printer prints on one side only.")


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
class Forced:
    """A setting that was changed whatever the person wanted, and why."""

    setting: str
    value: str
    reason: Message


@dataclass(frozen=True, slots=True)
class Decision:
    """How a job is printed."""

    ticket: JobTicket
    forced: tuple[Forced, ...] = ()


def evaluate(session: Session, job: PrintJob, printer: PrinterFacts, changes: Changes, at: datetime) -> Decision:
    """How `job` is printed at `printer` at the moment `at`; raises the fault of what does not let it be (PR-104)."""
    del session, at  # schedules, policies and quotas look into the records; without them nothing is refused
    ticket = changes.applied_to(JobTicket.model_validate(job.ticket))
    return _within_abilities(Decision(ticket), printer)


def _within_abilities(decision: Decision, printer: PrinterFacts) -> Decision:
    """Without colour and on one side where the printer is known to have nothing else."""
    ticket, forced = decision.ticket, list(decision.forced)
    if ticket.color_mode == "color" and printer.is_color is False:
        ticket = ticket.model_copy(update={"color_mode": "monochrome"})
        forced.append(Forced("color_mode", "monochrome", Message.of(NO_COLOR)))
    if ticket.sides not in (None, "one-sided") and printer.is_duplex is False:
        ticket = ticket.model_copy(update={"sides": "one-sided"})
        forced.append(Forced("sides", "one-sided", Message.of(NO_DUPLEX)))
    return Decision(ticket, tuple(forced))
