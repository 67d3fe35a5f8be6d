"""A printer of any make read over IPP: the same reading as over SNMP, out of one Get-Printer-Attributes.

Printer state of RFC 8011 §5.4; supplies, trays, alerts and firmware of PWG 5100.13, whose values are those of the
Printer MIB in words; the older `marker-…` attributes of CUPS where a printer has no `printer-supply`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from connectors.ipp.wire import Attributes
from connectors.printers.identity import device_id_of
from connectors.printers.ipp_device import IppAddress, IppDevice
from connectors.printers.ipp_rows import alerts_in, markers_in, supplies_in, trays_in
from connectors.printers.ipp_values import first_number, first_text, texts_of, value_of
from connectors.printers.reading import (
    FASTEST,
    Alert,
    CounterName,
    Counters,
    DeviceState,
    Identity,
    PrinterReading,
    PrinterState,
    Source,
    Status,
    Supply,
    Unit,
)
from connectors.printers.vendors import model_name, vendor_of_name

REQUESTED = (
    *("printer-make-and-model", "printer-device-id", "printer-info"),
    *("printer-location", "printer-serial-number", "printer-asset-tag", "printer-firmware-string-version"),
    *("printer-firmware-name", "printer-contact-col", "color-supported", "pages-per-minute", "printer-up-time"),
    *("printer-state", "printer-state-reasons", "printer-state-message", "printer-is-accepting-jobs"),
    *("printer-supply", "printer-supply-description", "printer-input-tray", "printer-alert"),
    *("printer-alert-description", "marker-names", "marker-colors", "marker-types", "marker-levels"),
    *("marker-low-levels", "printer-impressions-completed", "printer-impressions-completed-col"),
    *("printer-media-sheets-completed", "printer-media-sheets-completed-col"),
)
STATES = {3: PrinterState.IDLE, 4: PrinterState.PRINTING, 5: PrinterState.OTHER}
STOPPED = 5
SUFFIXES = ("-error", "-warning", "-report")
MONO = ("monochrome", "monochrome-two-sided")
COLOUR = ("full-color", "full-color-two-sided", "highlight-color", "highlight-color-two-sided")


async def read_ipp_printer(address: IppAddress) -> PrinterReading:
    """Ask the printer; raises the faults of `IppDevice`."""
    async with IppDevice(address) as printer:
        return reading_of(await printer.attributes(REQUESTED), datetime.now(UTC))


def reading_of(found: Attributes, read_at: datetime) -> PrinterReading:
    """The reading that a printer's attributes amount to."""
    alerts = tuple(alerts_in(found, read_at))
    supplies = tuple(supplies_in(found, alerts)) or tuple(markers_in(found))
    return PrinterReading(
        identity=_identity(found, supplies),
        status=_status(found, alerts),
        counters=_counters(found),
        supplies=supplies,
        trays=tuple(trays_in(found, alerts)),
        alerts=alerts,
        read_at=read_at,
        source=Source.IPP,
    )


def _identity(found: Attributes, supplies: Sequence[Supply]) -> Identity:
    device_id = device_id_of(first_text(found, "printer-device-id"))
    named = first_text(found, "printer-make-and-model") or device_id.get("MDL", "") or first_text(found, "printer-info")
    brand = vendor_of_name(device_id.get("MFG", ""), named)
    model = device_id.get("MDL") or named
    uptime, pages = first_number(found, "printer-up-time"), first_number(found, "pages-per-minute")
    return Identity(
        manufacturer=brand.name if brand else device_id.get("MFG", "") or named.partition(" ")[0],
        model=model_name(model, brand) or model,
        serial_number=first_text(found, "printer-serial-number") or device_id.get("SN", ""),
        description=first_text(found, "printer-info"),
        location=first_text(found, "printer-location"),
        contact=_contact(found),
        asset_tag=first_text(found, "printer-asset-tag"),
        firmware_level=first_text(found, "printer-firmware-string-version"),
        is_colour=_is_colour(found, supplies),
        pages_per_minute=pages if pages and 0 < pages <= FASTEST else None,
        uptime=timedelta(seconds=uptime) if uptime is not None and uptime > 0 else None,
    )


def _is_colour(found: Attributes, supplies: Sequence[Supply]) -> bool | None:
    supported = value_of(found, "color-supported")
    if isinstance(supported, bool):
        return supported
    colours = {one.colour for one in supplies if one.colour}
    return bool(colours - {"black"}) if colours else None


def _contact(found: Attributes) -> str:
    column = value_of(found, "printer-contact-col")
    if not isinstance(column, dict):
        return ""
    return " ".join(filter(None, (first_text(column, "contact-name"), first_text(column, "contact-uri"))))


def _status(found: Attributes, alerts: Sequence[Alert]) -> Status:
    state = first_number(found, "printer-state") or 0
    told = [reason for reason in texts_of(found, "printer-state-reasons") if reason != "none"]
    reasons = [_without_suffix(reason) for reason in told] + [alert.keyword for alert in alerts]
    message = first_text(found, "printer-state-message")
    return Status(
        STATES.get(state, PrinterState.UNKNOWN),
        _device_state(state, told),
        (message,) if message else (),
        tuple(dict.fromkeys(filter(None, reasons))),
    )


def _device_state(state: int, reasons: Sequence[str]) -> DeviceState:
    if state not in STATES:
        return DeviceState.UNKNOWN
    if state == STOPPED:
        return DeviceState.DOWN
    attention = any(not reason.endswith("-report") for reason in reasons)
    return DeviceState.WARNING if attention else DeviceState.RUNNING


def _without_suffix(reason: str) -> str:
    return next((reason.removesuffix(suffix) for suffix in SUFFIXES if reason.endswith(suffix)), reason)


def _counters(found: Attributes) -> Counters:
    """Sides and sheets since the printer was made (PWG 5100.22); kinds of them where the printer tells."""
    counts: dict[CounterName, int] = {}
    for name, (attribute, members) in {
        CounterName.LIFE: ("printer-impressions-completed", ()),
        CounterName.TOTAL_SIDES: ("printer-impressions-completed", ()),
        CounterName.MONO_SIDES: ("printer-impressions-completed-col", MONO),
        CounterName.COLOUR_SIDES: ("printer-impressions-completed-col", COLOUR),
        CounterName.TOTAL_SHEETS: ("printer-media-sheets-completed", ()),
        CounterName.MONO_SHEETS: ("printer-media-sheets-completed-col", MONO),
        CounterName.COLOUR_SHEETS: ("printer-media-sheets-completed-col", COLOUR),
    }.items():
        value = value_of(found, attribute)
        group = value if isinstance(value, dict) else found
        numbers = [first_number(group, member) for member in members or (attribute,)] if value is not None else []
        told = [number for number in numbers if number is not None and number >= 0]
        if told:
            counts[name] = sum(told)
    return Counters(counts, Unit.IMPRESSIONS if CounterName.LIFE in counts else Unit.UNKNOWN)
