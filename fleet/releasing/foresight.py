"""What would become of a job if it were released now, before anything prints (section 10, F-4)."""

from dataclasses import dataclass

from connectors.errors import PressroomError
from connectors.ipp.ticket import JobTicket
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.print_policies.rules import Forced
from domain.printing.evaluation import Changes, PrinterFacts, evaluate
from domain.printing.jobs import WRONG_STATE
from domain.printing.queue import own_job
from domain.printing.states import JobState
from fleet.releasing.printers import release_printer


@dataclass(frozen=True, slots=True)
class Foresight:
    """How the job would be printed, and what policies and the printer change of it; or why it would not be.

    `impressions` are what it would take of the quota, of these `color_impressions` in colour.
    """

    ticket: JobTicket | None
    is_color: bool
    impressions: int
    color_impressions: int
    forced: tuple[Forced, ...]
    refusal: PressroomError | None


def foresee(actor: Actor, job_id: str, printer_id: str = "", changes: Changes | None = None) -> Foresight:
    """What would happen at that printer, or at one that can do everything; nothing is written.

    Raises `NOT_FOUND`, and `WRONG_STATE` for a job that is not held.
    """
    with actor.session(read_only=True) as session:
        job = own_job(session, actor, job_id)
        state = JobState(job.state)
        if not state.is_releasable:
            raise WRONG_STATE(name=job.name, state=state.value)
        any_printer = PrinterFacts("", "", actor.time_zone)
        printer = release_printer(session, printer_id).facts if printer_id else any_printer
        try:
            decision = evaluate(session, job, printer, changes or Changes(), now())
        except PressroomError as refusal:
            return Foresight(None, job.is_color is not False, 0, 0, (), refusal)
    quota = decision.quota
    return Foresight(
        decision.ticket, decision.is_color, quota.impressions, quota.color_impressions, decision.forced, None
    )
