"""What a reading says in the columns of a printer's row: identity, counts, state, and how bad the worst alert is."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any

from connectors.printers.device_answers import DeviceIdentity
from connectors.printers.reading import (
    Alert,
    Condition,
    CounterName,
    DeviceState,
    Identity,
    PrinterReading,
    PrinterState,
    Status,
    Supply,
)
from connectors.printers.reading import Severity as AlertSeverity
from fleet.printers.models import Printer, Severity

COUNTS = {
    "life_pages": CounterName.LIFE,
    "mono_copies": CounterName.COPY_MONO_SIDES,
    "color_copies": CounterName.COPY_COLOUR_SIDES,
    "copies": CounterName.COPY_SIDES,
    "scans": CounterName.SCANS,
    "faxes": CounterName.FAX_SIDES,
}
TEXTS = (
    "manufacturer",
    "model",
    "host_name",
    "mac",
    "location",
    "contact",
    "asset_tag",
    "firmware_level",
    "framework_version",
)
SUPPLY_GROUP, SUPPLY_KEYWORD = "markerSupplies", "marker-supply"
SAME_RESTART = timedelta(minutes=2)
"""A restart is computed from the uptime, which jitters: it is another one only when it differs by more than this."""
SUPPLY_CONDITIONS = {Condition.EMPTY: Severity.ERROR, Condition.LOW: Severity.WARNING}


def apply_reading(printer: Printer, reading: PrinterReading, *, believes_counts: bool = True) -> None:
    """Take over what the printer told by SNMP or IPP. A text that it does not tell leaves what is known."""
    _apply_texts(printer, _texts(reading.identity))
    if reading.identity.is_colour is not None:
        printer.is_color = reading.identity.is_colour
    if reading.identity.pages_per_minute is not None:
        printer.pages_per_minute = reading.identity.pages_per_minute
    for name, counter in COUNTS.items() if believes_counts else ():
        setattr(printer, name, reading.counters.get(counter))
    printer.state = state_of(reading.status)
    printer.alert_severity = worst(_severity(alert) for alert in reading.alerts if not is_about_supply(alert))
    printer.supply_severity = supply_severity(reading)
    printer.last_refresh = reading.read_at
    if reading.identity.uptime is not None:
        restarted = reading.read_at - reading.identity.uptime
        if printer.last_restart is None or abs(restarted - printer.last_restart) > SAME_RESTART:
            printer.last_restart = restarted


def apply_identity(printer: Printer, identity: DeviceIdentity) -> None:
    """Take over what the device management API says, which knows better than SNMP."""
    told = {
        "manufacturer": identity.manufacturer,
        "model": identity.model,
        "host_name": identity.host_name,
        "mac": identity.mac,
        "firmware_level": identity.firmware,
        "framework_version": identity.framework or "",
    }
    _apply_texts(printer, told)
    printer.pages_per_minute = identity.speed_ppm or printer.pages_per_minute
    printer.is_color = printer.is_color if identity.color is None else identity.color
    printer.last_restart = identity.restarted_at
    if printer.agent_kind == "printer" and identity.printer_agent:
        printer.agent_version = identity.printer_agent


def state_of(status: Status) -> str:
    """One word for the list: `down` where it cannot work, else what it does."""
    if status.device is DeviceState.DOWN:
        return str(DeviceState.DOWN)
    return str(status.printer) if status.printer is not PrinterState.UNKNOWN else str(status.device)


def supply_severity(reading: PrinterReading) -> Severity | None:
    """How bad it stands with the supplies: by their alerts, and by levels for which a printer raises none (FL-247)."""
    alerted = (_severity(alert) for alert in reading.alerts if is_about_supply(alert))
    levels = (SUPPLY_CONDITIONS[one.condition] for one in reading.supplies if one.condition in SUPPLY_CONDITIONS)
    return worst([*alerted, *levels])


def is_about_supply(alert: Alert) -> bool:
    """Whether an alert is one of supplies, not of the printer itself."""
    return alert.group == SUPPLY_GROUP or alert.keyword.startswith(SUPPLY_KEYWORD)


def worst(found: Iterable[Severity]) -> Severity | None:
    """An error is worse than a warning, and that worse than nothing."""
    seen = set(found)
    return next((one for one in (Severity.ERROR, Severity.WARNING) if one in seen), None)


def sampled_counters(reading: PrinterReading) -> dict[str, int]:
    """The counts of a day's sample by name; those that are not reported are absent."""
    return {str(name): value for name, value in reading.counters.items()}


def known_counts(printer: Printer) -> dict[str, int]:
    """The counts that the row of a printer shows, as a day's sample has them."""
    shown = {str(counter): getattr(printer, name) for name, counter in COUNTS.items()}
    return {name: count for name, count in shown.items() if count is not None}


def sampled_supplies(reading: PrinterReading) -> dict[str, dict[str, Any]]:
    """The supplies of a day's sample by their key; another serial number is another cartridge."""
    return {supply.key: _sampled(supply) for supply in reading.supplies}


def _sampled(supply: Supply) -> dict[str, Any]:
    return {
        "kind": str(supply.kind),
        "colour": supply.colour,
        "serial_number": supply.serial_number,
        "level": supply.level,
        "capacity": supply.capacity,
        "unit": str(supply.unit),
        "percent": supply.percent,
    }


def _severity(alert: Alert) -> Severity:
    return Severity.ERROR if alert.severity is AlertSeverity.ERROR else Severity.WARNING


def _texts(identity: Identity) -> Mapping[str, str]:
    return {name: getattr(identity, name) for name in TEXTS}


def _apply_texts(printer: Printer, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        if text:
            setattr(printer, name, text[: _longest(name)])


@lru_cache(maxsize=32)
def _longest(name: str) -> int:
    length: int = Printer.__table__.c[name].type.length  # type: ignore[attr-defined]
    return length
