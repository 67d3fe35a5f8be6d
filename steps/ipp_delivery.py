"""One job at an IPP printer, printed once whatever crashes: named with a mark, found again by it, followed to its end.

Both the print step and the release of held jobs deliver like this. The order of things: note that a printer may have
the job *before* its first byte leaves; note the printer's number for it afterwards; after a crash in between, look the
mark up among the printer's jobs instead of sending anything again (PR-344).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.errors import PressroomError
from connectors.ipp import faults
from connectors.ipp.jobs import Job

if TYPE_CHECKING:
    from connectors.ipp.client import Printer

POLL_SECONDS = 0.5
MARK_LENGTH = 16
LONGEST_SHOWN = 60
"""Characters of a document's name that a printer is told; the mark comes after them."""
BEING_CANCELLED = "processing-to-stop-point"


@dataclass(frozen=True, slots=True)
class Sight:
    """A job as it was last seen, and what keeps the printer from going on with it, if anything does."""

    job: Job
    trouble: PressroomError | None = None


def marked_name(name: str, mark: str) -> str:
    """What the job is called at the printer."""
    return f"{name[:LONGEST_SHOWN]} [{mark}]"


def job_of_mark(printer: "Printer", mark: str) -> Job | None:
    """The job that an interrupted delivery left at the printer, once it is not just being cancelled; None: not there.

    Raises the faults of `connectors.ipp`.
    """
    job = printer.find_job(mark)
    while job is not None and BEING_CANCELLED in job.reasons and not job.state.final:
        time.sleep(POLL_SECONDS)
        job = printer.job(job.id)
    return job


def follow(printer: "Printer", job: Job, timeout_seconds: float, seen: Callable[[Sight], None]) -> Job | None:
    """The job at its end; None where the printer has forgotten it meanwhile.

    `seen` hears of every look at it and may raise to stop following. A printer that stands still is waited for
    `timeout_seconds`; then what it stands for is raised, or `NO_PROGRESS`.
    """
    last, since = job, time.monotonic()
    while not job.state.final:
        reasons = printer.status().reasons
        seen(Sight(job, faults.trouble(reasons, printer.label)))
        if time.monotonic() - since > timeout_seconds:
            raise why_stuck(printer, timeout_seconds)
        time.sleep(POLL_SECONDS)
        found = printer.job(job.id)
        if found is None:
            return None
        job = found
        if job != last:
            last, since = job, time.monotonic()
    return job


def why_stuck(printer: "Printer", timeout_seconds: float) -> PressroomError:
    """What a printer that does not go on stands for."""
    known = faults.trouble(printer.status().reasons, printer.label, stuck=True)
    return known or faults.NO_PROGRESS(printer=printer.label, minutes=f"{timeout_seconds / 60:g}")
