"""Scanning to a destination at a printer: the settings that count, the scan, and sending it (SCAN-112…SCAN-114)."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.runs.views import RunView
from domain.scan_destinations.definition import CustomScan, DestinationDefinition
from domain.scan_destinations.delivery import AtPrinter, ScannedFile, check_ready, deliver_scan, size_limit
from domain.scan_destinations.naming import file_stem
from domain.scan_destinations.offered import offered_destination
from domain.scanning.finishing import fetched_file, finish_scan
from domain.scanning.service import Purpose, cancel_scan, scan_next, scan_view, start_scan
from domain.scanning.settings import FileFormat, ScanSettings
from domain.scanning.states import PurposeKind
from domain.scanning.views import ScanView

SETTINGS_HIDDEN = Fault(
    "scan_destination.settings_hidden",
    403,
    N_("The scan settings of this destination cannot be changed at the printer."),
    N_("Scan with the settings that it has, or use another destination."),
    spec="SCAN-91",
)
BAD_SETTINGS = Fault(
    "scan_destination.bad_settings",
    422,
    N_("A scan setting has a value that it cannot have."),
    N_("Choose one of the values that the printer offers."),
)


def begin_scan(actor: Actor, destination_id: str, printer_id: str, settings: Mapping[str, Any] | None) -> ScanView:
    """Have the printer scan for a destination; raises `SIGNED_OUT`, `SETTINGS_HIDDEN`, and what `start_scan` raises."""
    offered = offered_destination(actor, destination_id)
    check_ready(offered)
    purpose = Purpose(PurposeKind.DESTINATION, destination_id, size_limit(offered.definition))
    return start_scan(actor, printer_id, scan_settings_of(offered.definition, settings), purpose)


def next_scan(actor: Actor, scan_id: str, settings: Mapping[str, Any] | None) -> ScanView:
    """Scan more originals into the same scan, with other settings where they may be changed (SCAN-89)."""
    offered = offered_destination(actor, scan_view(actor, scan_id).reference)
    chosen = scan_settings_of(offered.definition, settings) if settings is not None else None
    return scan_next(actor, scan_id, chosen)


def scan_settings_of(definition: DestinationDefinition, given: Mapping[str, Any] | None) -> ScanSettings | None:
    """The settings that a printer gets; None: its own (SCAN-80). Raises `SETTINGS_HIDDEN` and `BAD_SETTINGS`."""
    if not given:
        return ScanSettings.of(definition.scan) if definition.scan is not None else None
    if not definition.show_settings:
        raise SETTINGS_HIDDEN()
    base = (definition.scan or CustomScan()).model_dump(mode="json")
    try:
        return ScanSettings.of(CustomScan.model_validate({**base, **given}))
    except ValidationError as error:
        raise BAD_SETTINGS() from error


def send_scan(actor: Actor, scan_id: str, at: AtPrinter, file_name: str = "", folder: str | None = None) -> RunView:
    """Make the file and queue its delivery; the pages are deleted then, for the run has the file.

    Whatever is refused, the scan is kept. Raises what `finish_scan` and `deliver_scan` raise, and `FILE_NAME`.
    """
    scan = scan_view(actor, scan_id)
    offered = offered_destination(actor, scan.reference)
    check_ready(offered)
    moment = now().astimezone(ZoneInfo(at.time_zone))
    stem = file_stem(offered.definition, file_name, moment)
    chosen = scan.settings.file_format if scan.settings is not None else FileFormat.PDF
    finish_scan(actor, scan_id, chosen, stem)
    with fetched_file(actor, scan_id) as (document, path):
        run = deliver_scan(actor, offered.id, ScannedFile(path, document, folder), at)
    cancel_scan(actor, scan_id)
    return run
