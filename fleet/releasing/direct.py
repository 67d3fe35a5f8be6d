"""Jobs that workstations send to printers themselves: told afterwards, accounted for exactly once (F-23, F-24).

Nothing is held and no content comes here (PR-234). A record that was told twice counts once; one that comes weeks
later is charged to the month in which it was printed (PR-265). Where the printer's usage app reports the same job, its
numbers count, whichever of the two comes first (PR-241).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.documents.file_names import safe_file_name
from connectors.errors import PressroomError
from connectors.ipp.ticket import JobTicket
from domain.organizations.actor import Actor
from domain.organizations.models import User, now
from domain.organizations.permissions import Permission
from domain.print_quotas.ledger import Usage, charge
from domain.print_quotas.own import check_may_print
from domain.printing.evaluation import Changes, Decision, evaluate
from domain.printing.features import FEATURE_DISABLED
from domain.printing.models import PrintJob, PrintRelease
from domain.printing.preparation import submission_fact
from domain.printing.settings import print_settings
from domain.printing.states import JobKind, JobSource, JobState
from domain.printing.submission import known_job
from domain.tenancy import new_id
from domain.workstation_printing.callers import CallingNode
from domain.workstation_printing.models import DirectJob, DirectReport
from fleet.releasing.printers import ReleasePrinter, release_printer

OLDEST, AHEAD = timedelta(days=30), timedelta(minutes=10)
"""Records may be so old (PR-265); clocks may be so wrong."""
DIRECTLY = "(Direct)"
"""What stands after a printer's address where the numbers are the workstation's own (PR-240)."""
INTENT, DEVICE = "intent", "device"
COUNTED = ("impressions", "color_impressions", "sheets")


@dataclass(frozen=True, slots=True)
class DirectPrint:
    """What a workstation tells of one print. `mark` is in the job's name at the printer; `printer_id` empty: unknown.

    `impressions` and `sheets` are what the printer counted, if it did; they follow from the rest where they are None.
    """

    local_id: str
    mark: str
    mode: Literal["direct", "offline"]
    name: str
    printed: datetime
    pages: int
    copies: int
    is_color: bool
    sides: str
    printer_id: str = ""
    address: str = ""
    impressions: int | None = None
    sheets: int | None = None
    paper: str = ""
    media_type: str = ""
    size: int = 0
    policy: str = ""
    client_version: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one record: accepted, duplicate, or rejected and why."""

    local_id: str
    status: Literal["accepted", "duplicate", "rejected"]
    reason: str = ""


def take_prints(caller: CallingNode, records: Sequence[DirectPrint]) -> list[Taken]:
    """Keep what a workstation printed, each record by itself; raises `NOT_A_WORKSTATION`, `ACCOUNT_ENDED`."""
    person = caller.person()
    return [_take(person, caller, record) for record in records]


def check_print(caller: CallingNode, record: DirectPrint, ticket: JobTicket) -> tuple[Decision, ReleasePrinter]:
    """How a print would be done now, by policies and quota, and where (AM-14, AM-18); raises what is against it."""
    person = caller.person()
    check_may_print(person)
    with person.session(read_only=True) as session:
        settings = print_settings(session, person.organization_id).assignments
        is_open = settings.enabled and settings.use_with in ("direct", "direct_and_offline")
        if not is_open:
            raise FEATURE_DISABLED(feature="direct")
        person.need(Permission.DIRECT_SUBMIT)
        printer = _printer(session, record)
        job = _job(person, caller, record)
        job.ticket = ticket.chosen()
        return evaluate(session, job, printer.facts, Changes(), now()), printer


def take_device_report(
    session: Session, organization_id: str, printer_id: str, mark: str, numbers: dict[str, object]
) -> bool:
    """The printer's own report of a job that no release knows: it was sent directly (PR-241).

    Whether it changed what was known; one whose workstation has not told of it yet is kept for that.
    """
    known = session.scalar(select(DirectJob).where(DirectJob.mark == mark))
    if known is not None:
        release = session.scalar(select(PrintRelease).where(PrintRelease.job_id == known.job_id))
        return release is not None and _replaced(session, release, numbers)
    query = select(DirectReport).where(DirectReport.printer_id == printer_id, DirectReport.mark == mark)
    waiting = session.scalar(query)
    if waiting is None:
        row = DirectReport(organization_id=organization_id, printer_id=printer_id, mark=mark, numbers=numbers)
        session.add(row)
        return True
    changed = waiting.numbers != numbers
    waiting.numbers = numbers
    return changed


def _take(person: Actor, caller: CallingNode, record: DirectPrint) -> Taken:
    present = now()
    if not present - OLDEST <= record.printed <= present + AHEAD:
        return Taken(record.local_id, "rejected", "time")
    try:
        with person.session() as session:
            if known_job(session, _key(caller, record)) is not None:
                return Taken(record.local_id, "duplicate")
            _write(session, person, caller, record)
    except IntegrityError:
        return Taken(record.local_id, "duplicate")
    return Taken(record.local_id, "accepted")


def _write(session: Session, person: Actor, caller: CallingNode, record: DirectPrint) -> None:
    printer = _printer(session, record)
    job = _job(person, caller, record)
    session.add(job)
    session.flush()
    session.add(submission_fact(session, job, print_settings(session, person.organization_id)))
    session.add(
        DirectJob(
            organization_id=person.organization_id,
            job_id=job.id,
            mark=record.mark,
            printer_id=printer.id,
            policy=record.policy,
        )
    )
    owner = session.get_one(User, person.user_id)
    release = PrintRelease(
        organization_id=person.organization_id,
        attempt_id=new_id(),
        job_id=job.id,
        user_id=person.user_id,
        released_by=person.user_id,
        department=owner.department,
        cost_center=owner.cost_center,
        released=record.printed,
        printer_id=printer.id,
        printer_name=printer.name,
        printer_address=f"{printer.address}{DIRECTLY}" if record.mode == "direct" else printer.address,
        serial_number=printer.serial_number,
        model=printer.model,
        pages=record.pages,
        copies=record.copies,
        sides=record.sides,
        paper=record.paper,
        result="printed",
        source=INTENT,
        **_intended(record),
    )
    session.add(release)
    session.flush()
    _charge(session, release)
    waiting = session.scalar(
        select(DirectReport).where(DirectReport.printer_id == printer.id, DirectReport.mark == record.mark)
    )
    if waiting is not None:
        _replaced(session, release, waiting.numbers)
        session.delete(waiting)


def _replaced(session: Session, release: PrintRelease, numbers: dict[str, object]) -> bool:
    """The device's numbers instead of the workstation's; told again, they change nothing."""
    if release.source == DEVICE and all(getattr(release, name) == numbers[name] for name in COUNTED):
        return False
    for name, value in numbers.items():
        setattr(release, name, value)
    release.source, release.printer_address = DEVICE, release.printer_address.removesuffix(DIRECTLY)
    session.flush()
    _charge(session, release)
    return True


def _charge(session: Session, release: PrintRelease) -> None:
    usage = Usage(
        release.job_id,
        release.attempt_id,
        release.user_id,
        release.impressions,
        release.color_impressions,
        release.released,
    )
    charge(session, release.organization_id, usage)


def _intended(record: DirectPrint) -> dict[str, int]:
    impressions = record.impressions if record.impressions is not None else record.pages * record.copies
    is_duplex = record.sides.startswith("two-sided")
    sheets = record.sheets
    if sheets is None:
        sheets = (-(-record.pages // 2) if is_duplex else record.pages) * record.copies
    return {
        "impressions": impressions,
        "color_impressions": impressions if record.is_color else 0,
        "sheets": sheets,
    }


def _printer(session: Session, record: DirectPrint) -> ReleasePrinter:
    """The printer, or what the workstation knows of it: an unknown one is no reason to refuse what was printed."""
    known = {"name": record.address, "address": record.address}
    if record.printer_id:
        try:
            return release_printer(session, record.printer_id)
        except PressroomError:
            return replace(ReleasePrinter.gone(record.printer_id, known), id="")
    return ReleasePrinter.gone("", known)


def _job(person: Actor, caller: CallingNode, record: DirectPrint) -> PrintJob:
    is_direct = record.mode == "direct"
    return PrintJob(
        id=new_id(),
        organization_id=person.organization_id,
        user_id=person.user_id,
        submission_key=_key(caller, record),
        name=safe_file_name(record.name),
        source=JobSource.DIRECT if is_direct else JobSource.OFFLINE,
        kind=JobKind.DIRECT if is_direct else JobKind.OFFLINE,
        state=JobState.PRINTED,
        media_type=record.media_type,
        size=record.size,
        pages=record.pages,
        is_color=record.is_color,
        sides=record.sides,
        ticket={"media": record.paper} if record.paper else {},
        client={"type": "workstation", "version": record.client_version, "node": caller.id},
        submitted=record.printed,
        content_deleted=record.printed,
    )


def _key(caller: CallingNode, record: DirectPrint) -> str:
    return f"direct/{caller.id}/{record.local_id}"
