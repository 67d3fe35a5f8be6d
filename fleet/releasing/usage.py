"""What was really printed: the fact of a release, from the printer's usage app, else from the intent (F-7, PR-297).

A printer whose usage app reports is waited for; after ten minutes, and where there is no such app, the numbers are
those that the printer counted for the job, else those that follow from the job itself. A report that comes later
replaces them; the same report twice changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.ipp.ticket import JobTicket
from connectors.messages import N_
from domain.organizations.models import User, now
from domain.print_quotas.ledger import Usage, charge
from domain.printing.evaluation import chosen_pages
from domain.printing.models import PrintJob, PrintRelease, ReleaseAttempt, ReleaseBatch
from domain.printing.settings import print_settings
from domain.printing.states import AttemptState
from domain.tenancy import NOT_FOUND, system_session, tenant_session
from fleet.releasing.direct import take_device_report
from fleet.releasing.features import Feature
from fleet.releasing.printers import ReleasePrinter, release_printer
from steps.ipp_delivery import MARK_LENGTH

DEVICE, INTENT = "device", "intent"
IS_COLOR = "is_color"
"""Where an attempt keeps, until it has numbers, whether it was to be printed in colour."""
REPORT_TIME = timedelta(minutes=10)
"""So long the usage app of a printer has to report (F-7)."""
TWO_SIDED = "two-sided"
NOT_ITS_RELEASE = Fault(
    "print_usage.other_printer",
    409,
    N_("This job was not released at this printer."),
    N_("Report the usage of each job at the printer that printed it."),
)
IMPLAUSIBLE = Fault(
    "print_usage.implausible",
    422,
    N_("A report of usage cannot have more colour impressions than impressions."),
    N_("Correct the numbers and send the report again."),
)


@dataclass(frozen=True, slots=True)
class Measures:
    """What the printer counted for a job, None for what it did not; `whole`: all of the job was printed."""

    impressions: int | None
    sheets: int | None
    whole: bool


@dataclass(frozen=True, slots=True)
class UsageReport:
    """What a usage app tells of one job: sides with toner, sheets, paper. `release` is the attempt or its mark."""

    release: str
    impressions: int
    color_impressions: int
    sheets: int
    paper: str = ""
    paper_type: str = ""


def note_end(
    session: Session,
    batch: ReleaseBatch,
    attempt: ReleaseAttempt,
    job: PrintJob,
    printer: ReleasePrinter,
    measures: Measures,
) -> None:
    """A job has ended of which something was printed: keep what is known, and the fact, or wait for the report."""
    numbers = _intended(job, attempt, measures)
    attempt.measures = numbers | {"source": INTENT}
    reported = session.get(PrintRelease, attempt.id)
    if reported is not None:
        reported.result = attempt.state
        attempt.measures = _measures_of(reported)
    elif Feature.USAGE_REPORTS in printer.features and batch.origin != "adapter":
        attempt.usage_due = now() + REPORT_TIME
    else:
        _write(session, batch, attempt, job, numbers, INTENT)


def report_usage(organization_id: str, printer_id: str, report: UsageReport) -> bool:
    """Take the report of a printer's usage app; whether it changed what was known.

    Raises `IMPLAUSIBLE`, `NOT_FOUND`, `NOT_ITS_RELEASE`.
    """
    if report.color_impressions > report.impressions:
        raise IMPLAUSIBLE()
    with tenant_session(organization_id) as session:
        printer = release_printer(session, printer_id)
        named = (ReleaseAttempt.id == report.release) | (ReleaseAttempt.mark == report.release)
        attempt = session.scalar(select(ReleaseAttempt).where(named).with_for_update())
        if attempt is None:
            return _of_direct_job(session, organization_id, printer, report)
        batch = session.get_one(ReleaseBatch, attempt.batch_id)
        if batch.printer_id != printer.id:
            raise NOT_ITS_RELEASE()
        job = session.scalar(select(PrintJob).where(PrintJob.id == attempt.job_id))
        if job is None:
            raise NOT_FOUND(what="print job")
        numbers = _intended(job, attempt, Measures(None, None, whole=True))
        numbers |= {
            "impressions": report.impressions,
            "color_impressions": report.color_impressions,
            "sheets": report.sheets,
            "paper": report.paper or numbers["paper"],
            "paper_type": report.paper_type or numbers["paper_type"],
        }
        return _write(session, batch, attempt, job, numbers, DEVICE)


def _of_direct_job(session: Session, organization_id: str, printer: ReleasePrinter, report: UsageReport) -> bool:
    """A job that no release knows was sent directly, where that is done at all; else it does not exist."""
    assignments = print_settings(session, organization_id).assignments
    if not (assignments.enabled and len(report.release) == MARK_LENGTH):
        raise NOT_FOUND(what="release")
    numbers: dict[str, object] = {
        "impressions": report.impressions,
        "color_impressions": report.color_impressions,
        "sheets": report.sheets,
        **({"paper": report.paper} if report.paper else {}),
        **({"paper_type": report.paper_type} if report.paper_type else {}),
    }
    return take_device_report(session, organization_id, printer.id, report.release, numbers)


def settle_missing_reports(at: datetime | None = None, limit: int = 500) -> int:
    """Write the facts of releases whose report did not come in time, from the intent; how many there were (F-7)."""
    moment = at or now()
    with system_session(read_only=True) as session:
        query = select(ReleaseAttempt.organization_id, ReleaseAttempt.id).where(ReleaseAttempt.usage_due <= moment)
        due = list(session.execute(query.order_by(ReleaseAttempt.usage_due).limit(limit)).tuples())
    for organization_id, attempt_id in due:
        with tenant_session(organization_id) as session:
            found = select(ReleaseAttempt).where(ReleaseAttempt.id == attempt_id).with_for_update()
            attempt = session.scalar(found)
            if attempt is None or attempt.usage_due is None:
                continue
            batch = session.get_one(ReleaseBatch, attempt.batch_id)
            job = session.scalar(select(PrintJob).where(PrintJob.id == attempt.job_id))
            assert job is not None, "attempts go with their jobs"
            _write(session, batch, attempt, job, dict(attempt.measures or {}), INTENT)
    return len(due)


def _write(
    session: Session,
    batch: ReleaseBatch,
    attempt: ReleaseAttempt,
    job: PrintJob,
    numbers: dict[str, object],
    source: str,
) -> bool:
    """The one fact of the attempt, charged to the owner's quota; what a device told is not replaced by an intent."""
    former = session.get(PrintRelease, attempt.id)
    if former is not None and source == INTENT:
        return False
    facts = {name: numbers[name] for name in NUMBERS} | {"source": source}
    if former is not None and all(getattr(former, name) == value for name, value in facts.items()):
        return False
    release = former or _new_fact(session, batch, attempt, job)
    for name, value in facts.items():
        setattr(release, name, value)
    release.result = attempt.state if attempt.ended else AttemptState.PRINTED
    session.add(release)
    attempt.usage_due, attempt.measures = None, _measures_of(release)
    session.flush()
    charge(session, batch.organization_id, _usage(release))
    return True


def _usage(release: PrintRelease) -> Usage:
    return Usage(
        release.job_id,
        release.attempt_id,
        release.user_id,
        release.impressions,
        release.color_impressions,
        release.released,
    )


NUMBERS: Sequence[str] = (
    *("impressions", "color_impressions", "sheets", "pages", "copies", "sides", "paper", "paper_type"),
)


def _new_fact(session: Session, batch: ReleaseBatch, attempt: ReleaseAttempt, job: PrintJob) -> PrintRelease:
    owner = session.get(User, job.user_id)
    return PrintRelease(
        organization_id=batch.organization_id,
        attempt_id=attempt.id,
        job_id=job.id,
        user_id=job.user_id,
        released_by=batch.user_id,
        department=owner.department if owner else "",
        cost_center=owner.cost_center if owner else "",
        released=attempt.sent or now(),
        printer_id=batch.printer_id,
        printer_name=str(batch.printer.get("name", "")),
        printer_address=str(batch.printer.get("address", "")),
        serial_number=str(batch.printer.get("serial_number", "")),
        model=str(batch.printer.get("model", "")),
    )


def _intended(job: PrintJob, attempt: ReleaseAttempt, measures: Measures) -> dict[str, object]:
    """What follows from the job and what the printer counted; a partial print is what it counted (F-5)."""
    ticket = JobTicket.model_validate(attempt.ticket or {})
    pages = chosen_pages(job.pages or 0, ticket.page_ranges)
    copies = ticket.copies or 1
    sides_a_copy = -(-pages // (ticket.number_up or 1))
    is_duplex = (ticket.sides or job.sides).startswith(TWO_SIDED)
    impressions = measures.impressions if measures.impressions is not None else sides_a_copy * copies
    if measures.sheets is not None:
        sheets = measures.sheets
    elif measures.impressions is not None and not measures.whole:
        sheets = -(-impressions // 2) if is_duplex else impressions
    else:
        sheets = (-(-sides_a_copy // 2) if is_duplex else sides_a_copy) * copies
    is_color = bool((attempt.measures or {}).get(IS_COLOR, job.is_color)) and ticket.color_mode != "monochrome"
    return {
        "impressions": impressions,
        "color_impressions": impressions if is_color else 0,
        "sheets": sheets,
        "pages": pages,
        "copies": copies,
        "sides": ticket.sides or job.sides or "one-sided",
        "paper": ticket.media or "",
        "paper_type": ticket.media_type or "",
    }


def _measures_of(release: PrintRelease) -> dict[str, object]:
    return {name: getattr(release, name) for name in NUMBERS} | {"source": release.source}
