"""Release adapters before foreign printers: a badge is swiped, the first jobs come out (section 22).

The adapter gets a signed address for each document, sends it to its printer and says what became of it; it tells no
numbers, so those of the submission count (PR-217). One that never says leaves its jobs as unknown after ten minutes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.documents.document import Document
from connectors.errors import Fault, PressroomError
from connectors.ipp.abilities import Abilities
from connectors.ipp.ticket import JobTicket
from connectors.messages import N_
from connectors.secrets import fingerprint
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, now
from domain.printer_login.at_printers import Asked, BadgeProof, sign_in_at_printer
from domain.printer_login.printer_sessions import Panel, sign_out_at_printer
from domain.printing.content import job_store
from domain.printing.evaluation import Changes, PrinterFacts, evaluate
from domain.printing.jobs import find_job, move
from domain.printing.models import PrintJob, ReleaseAttempt, ReleaseBatch
from domain.printing.states import RELEASABLE, AttemptState, BatchMode, BatchState, JobState
from domain.tenancy import NOT_FOUND, new_id, tenant_session
from fleet.capabilities.levels import is_at_least
from fleet.printers.models import Printer
from fleet.releasing import execution
from fleet.releasing.execution import BatchWork
from fleet.releasing.features import LOWEST_ADAPTER_FIRMWARE
from fleet.releasing.queue import jobs_of_mode, need_release
from fleet.releasing.usage import IS_COLOR
from steps.device_data import DeviceFile, device_file
from steps.ipp_delivery import MARK_LENGTH
from steps.print_release import End, Outcome

UNKNOWN = "unknown"
OWNER = "adapter"
RESULT_TIME = timedelta(minutes=10)
LINK_PURPOSE = "adapter document"
ADAPTER_TOO_OLD = Fault(
    "adapter.too_old",
    422,
    N_("The release adapter has firmware {firmware}; at least {lowest} is needed."),
    N_("Update the adapter."),
    spec="PR-214",
)
BADGE_UNKNOWN = Fault(
    "adapter.badge_unknown",
    403,
    N_("This badge is not registered."),
    N_("Register it at a printer with a panel, or ask your administrator."),
)
LINK_REFUSED = Fault(
    "adapter.link_refused",
    403,
    N_("This address of a document is not valid, or no longer."),
    N_("Swipe the badge again."),
)


@dataclass(frozen=True, slots=True)
class Swipe:
    """A badge at an adapter, and what the adapter knows of itself and its printer; what it cannot read is empty.

    `formats` are what the printer takes; without them it gets PDF.
    """

    adapter_id: str
    badge: str
    firmware: str = ""
    mac: str = ""
    address: str = ""
    serial_number: str = ""
    limit: int = 10
    formats: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class AdapterDocument:
    """A document to fetch and print; `signature` is valid until `expires` (seconds since 1970)."""

    attempt_id: str
    name: str
    copies: int
    expires: int
    signature: str


@dataclass(frozen=True, slots=True)
class AdapterRelease:
    """What a swipe releases, first in, first out; `left` jobs wait for the next swipe (PR-216)."""

    id: str
    person: str
    documents: tuple[AdapterDocument, ...]
    left: int


@dataclass(frozen=True, slots=True)
class _Where:
    """The printer behind an adapter, as far as it is known."""

    id: str
    facts: PrinterFacts
    snapshot: dict[str, Any] = field(default_factory=dict)


def swipe(device: Actor, given: Swipe) -> AdapterRelease:
    """Claim the first jobs of whoever's badge it is, and tell where to fetch them.

    Raises `ADAPTER_TOO_OLD`, `BADGE_UNKNOWN`, `ROLE_MISSING` and the faults of signing in.
    """
    if given.firmware and not is_at_least(given.firmware, LOWEST_ADAPTER_FIRMWARE):
        raise ADAPTER_TOO_OLD(firmware=given.firmware, lowest=LOWEST_ADAPTER_FIRMWARE)
    panel = Panel(
        device.organization_id, given.adapter_id, application_id=device.application_id, address=device.address
    )
    signed_in = sign_in_at_printer(panel, BadgeProof(given.badge))
    if isinstance(signed_in, Asked):
        raise BADGE_UNKNOWN()
    sign_out_at_printer(device.organization_id, signed_in.token)
    actor = signed_in.actor
    need_release(actor)
    with actor.session() as session:
        where = _where(session, actor.organization_id, given)
        waiting = jobs_of_mode(session, actor, BatchMode.ADAPTER, None, given.limit + 1)
        batch = _new_batch(session, actor, where)
        documents = [_handed(session, batch, job, where, given) for job in waiting[: given.limit]]
        if not any(documents):
            batch.state, batch.ended, batch.lease_until = BatchState.COMPLETED, now(), None
        record(session, actor, "print_job.released", "printer", where.id, {"origin": OWNER, "jobs": len(documents)})
        left = max(0, len(jobs_of_mode(session, actor, BatchMode.ADAPTER, None, 1000)))
        return AdapterRelease(batch.id, actor.name, tuple(one for one in documents if one is not None), left)


def take_result(device: Actor, release_id: str, results: Mapping[str, End]) -> BatchState:
    """Keep what became of documents, by attempt; the same twice changes nothing. Raises `NOT_FOUND`."""
    with device.session(read_only=True) as session:
        batch = session.get(ReleaseBatch, release_id)
        if batch is None or batch.origin != OWNER:
            raise NOT_FOUND(what="release")
        if BatchState(batch.state).is_final:
            return BatchState(batch.state)
        query = select(ReleaseAttempt).where(ReleaseAttempt.batch_id == release_id, ReleaseAttempt.ended.is_(None))
        open_ids = [attempt.id for attempt in session.scalars(query)]
        work = BatchWork(device.organization_id, release_id, batch.printer_id, OWNER, "")
    for attempt_id in open_ids:
        if attempt_id in results:
            with tenant_session(device.organization_id) as session:
                attempt = execution.sent_attempt(session, attempt_id)
            execution.end_attempt(work, attempt, Outcome(results[attempt_id]))
    execution.delete_printed(work)
    if set(open_ids) <= set(results):
        return execution.finish_batch(work)
    return BatchState.RUNNING


def fetch_document(organization_id: str, attempt_id: str, expires: int, signature: str, scratch: Path) -> DeviceFile:
    """The file behind a signed address, in a format that the printer takes; raises `LINK_REFUSED`, `FORMAT`."""
    if signature != _signature(organization_id, attempt_id, expires) or expires < now().timestamp():
        raise LINK_REFUSED()
    with tenant_session(organization_id, read_only=True) as session:
        attempt = session.get(ReleaseAttempt, attempt_id)
        if attempt is None or attempt.ended is not None:
            raise LINK_REFUSED()
        printable = Document.model_validate(find_job(session, attempt.job_id).printable)
        formats = frozenset((attempt.printer_state or {}).get("formats", ())) or frozenset({"application/pdf"})
        ticket = JobTicket.model_validate(attempt.ticket or {})
        name = find_job(session, attempt.job_id).name
    path = scratch / "printable"
    job_store().fetch(printable.key, path, printable.sha256)
    source = DeviceFile(path, printable.media_type, ticket)
    return device_file(source, name, Abilities(formats=formats, raster_dpi=(300,)), UNKNOWN, scratch)


def _where(session: Session, organization_id: str, given: Swipe) -> _Where:
    """An enrolled printer by its serial number, else what the adapter tells; the MAC is the adapter's (PR-218)."""
    printer = None
    if given.serial_number:
        printer = session.scalar(select(Printer).where(Printer.serial_number == given.serial_number))
    name = given.serial_number or given.address or UNKNOWN
    snapshot = {
        "name": (printer.name if printer else "") or name,
        "address": given.address or UNKNOWN,
        "serial_number": given.serial_number or UNKNOWN,
        "model": printer.model if printer else UNKNOWN,
        "mac": given.mac or UNKNOWN,
    }
    own = printer.time_zone if printer else ""
    zone = own or session.get_one(Organization, organization_id).time_zone
    place = printer.id if printer else given.adapter_id[:32]
    return _Where(place, PrinterFacts(place, name, zone, printer.is_color if printer else None), snapshot)


def _new_batch(session: Session, actor: Actor, where: _Where) -> ReleaseBatch:
    batch = ReleaseBatch(
        id=new_id(),
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        printer_id=where.id,
        printer=where.snapshot,
        mode=BatchMode.ADAPTER,
        state=BatchState.RUNNING,
        origin=OWNER,
        lease_owner=OWNER,
        lease_until=now() + RESULT_TIME,
        created=now(),
    )
    session.add(batch)
    session.flush()
    return batch


def _handed(
    session: Session, batch: ReleaseBatch, job: PrintJob, where: _Where, given: Swipe
) -> AdapterDocument | None:
    """One job for the adapter; None where a rule does not let it be printed now: it stays in the queue (PR-104)."""
    try:
        decision = evaluate(session, job, where.facts, Changes(), now())
    except PressroomError:
        return None
    came_from = JobState(job.state)
    if not move(session, job.id, RELEASABLE, JobState.RELEASING, reason=None):
        return None
    attempt_id = new_id()
    session.add(
        ReleaseAttempt(
            id=attempt_id,
            organization_id=batch.organization_id,
            batch_id=batch.id,
            job_id=job.id,
            position=job.number,
            state=AttemptState.SENT,
            came_from=came_from,
            ticket=decision.ticket.chosen(),
            forced=execution.forced_of(decision),
            measures={IS_COLOR: decision.is_color},
            mark=attempt_id[:MARK_LENGTH],
            printer_state={"protocol": OWNER, "formats": list(given.formats)},
            claimed=now(),
            sent=now(),
        )
    )
    session.flush()
    expires = int((now() + RESULT_TIME).timestamp())
    signature = _signature(batch.organization_id, attempt_id, expires)
    return AdapterDocument(attempt_id, job.name, decision.ticket.copies or 1, expires, signature)


def _signature(organization_id: str, attempt_id: str, expires: int) -> str:
    return fingerprint(LINK_PURPOSE, organization_id, attempt_id, str(expires))
