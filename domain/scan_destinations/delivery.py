"""A scan on its way: an ordinary run whose only step is the delivery (SCAN-114…SCAN-117, SCAN-121)."""

from dataclasses import dataclass
from pathlib import Path

from connectors.documents import open_store
from connectors.documents.document import Document
from connectors.documents.file_names import safe_file_name
from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.runs.models import ClientType, Run
from domain.runs.outbox import enqueue_run
from domain.runs.planning import EMAIL_LIMIT, PlannedStep
from domain.runs.retries import retry_until
from domain.runs.service import log_event
from domain.runs.views import RunView
from domain.scan_destinations.definition import DestinationDefinition, step_values
from domain.scan_destinations.models import ScanDestination
from domain.scan_destinations.offered import OfferedDestination, in_folder, offered_destination
from domain.scan_settings.families import EMAIL, service_title
from domain.scanning.finishing import TOO_LARGE
from domain.storage_accounts.faults import SIGNED_OUT
from domain.tenancy import new_id

MB = 1 << 20


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """The file of a scan: a local copy that the caller removes, and what is known of it. `document.name` is its name.

    `folder`: the one that was chosen at the printer; None: the destination's own.
    """

    path: Path
    document: Document
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class AtPrinter:
    """Where it was scanned, for the run's tags and records; the file's time stamp is of its time zone (SCAN-43)."""

    id: str
    name: str
    time_zone: str


def size_limit(definition: DestinationDefinition) -> int:
    """Most bytes of a file for that destination: 50 MB, by e-mail 25 MB (SCAN-122, SC-99c)."""
    most = get_settings().scan_max_mb * MB
    return min(most, EMAIL_LIMIT) if definition.service == EMAIL else most


def deliver_scan(actor: Actor, destination_id: str, scanned: ScannedFile, at: AtPrinter) -> RunView:
    """Queue the delivery; whatever becomes of the provider, the file is kept and sent again (SCAN-117).

    Raises `NOT_FOUND`, `SCAN_OFF` (SCAN-E06), `SERVICE_OFF`, `SIGNED_OUT` (SCAN-E11), `NO_FOLDER_CHOICE`, or
    `TOO_LARGE` (SCAN-E07); nothing is kept then.
    """
    actor.need(Permission.SCAN_USE)
    offered = offered_destination(actor, destination_id)
    check_ready(offered)
    definition = offered.definition if scanned.folder is None else in_folder(offered, scanned.folder)
    size, limit = scanned.path.stat().st_size, size_limit(definition)
    if size > limit:
        raise TOO_LARGE(size=f"{size / MB:.1f}", limit=limit // MB)
    return _queued(actor, offered, definition, scanned, at)


def check_ready(offered: OfferedDestination) -> None:
    """Raise `SIGNED_OUT` where the person has to sign in to their account first (SCAN-111)."""
    if not offered.is_ready:
        raise SIGNED_OUT(provider=service_title(offered.definition.service))


def _queued(
    actor: Actor, offered: OfferedDestination, definition: DestinationDefinition, scanned: ScannedFile, at: AtPrinter
) -> RunView:
    run_id, name = new_id(), safe_file_name(scanned.document.name)
    original = _kept(actor, run_id, scanned, name)
    kind, values = step_values(definition)
    step = PlannedStep(position=0, defined_at=0, kind=kind, parameters=values)
    try:
        with actor.session() as session:
            run = Run(
                id=run_id,
                organization_id=actor.organization_id,
                user_id=actor.user_id,
                solution_id=offered.id,
                solution_name=definition.name,
                solution_version=session.get_one(ScanDestination, offered.id).version,
                client_type=ClientType.PRINTER.value,
                plan=[step.model_dump(mode="json")],
                original=original.model_dump(),
                printer_id=at.id,
                printer_name=at.name,
                scan_destination_id=offered.id,
                retry_until=retry_until(),
            )
            session.add(run)
            session.flush()
            log_event(
                session, run, Message.of(N_("“{name}” was scanned to “{place}”."), name=name, place=definition.name)
            )
            enqueue_run(session, run)
            facts = {"destination": definition.name, "document": name, "printer": at.name}
            record(session, actor, "scan.sent", "run", run.id, facts)
    except Exception:
        open_store(get_settings()).delete_folder(f"{actor.organization_id}/runs/{run_id}")
        raise
    return RunView.of(run)


def _kept(actor: Actor, run_id: str, scanned: ScannedFile, name: str) -> Document:
    """The file as the original of the run, where the retention of runs finds it."""
    key = f"{actor.organization_id}/runs/{run_id}/original/{name}"
    with scanned.path.open("rb") as source:
        stored = open_store(get_settings()).put(key, source, scanned.document.media_type)
    facts = {"key": stored.key, "name": name, "size": stored.size, "sha256": stored.sha256}
    return scanned.document.model_copy(update=facts)
