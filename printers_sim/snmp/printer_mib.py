"""A printer's state as SNMP shows it: SNMPv2-MIB, HOST-RESOURCES-MIB (RFC 2790), Printer-MIB (RFC 3805), PWG 5107.1.

`base_values` holds what all printers of a model have in common, `own_values` what is this printer's and may change.
"""

from collections.abc import Callable, Iterable, Mapping

from connectors.snmp.ber import Oid, Tag, integer, object_identifier, octets, oid_of
from printers_sim.paper import size_of
from printers_sim.printer import Alert, Condition, SimulatedPrinter
from printers_sim.profile import Profile

MIB2 = (1, 3, 6, 1, 2, 1)
SYSTEM, INTERFACES = (*MIB2, 1), (*MIB2, 2)
HOST, PRINTER = (*MIB2, 25), (*MIB2, 43)
UPTIME, HOST_UPTIME = (*SYSTEM, 3, 0), (*HOST, 1, 1, 0)
PORT_MONITOR = oid_of("1.3.6.1.4.1.2699.1.2.1.2.1.1")

SUPPLY_TYPES = {
    "other": 1, "toner": 3, "wasteToner": 4, "ink": 5, "inkCartridge": 6, "wasteInk": 8, "opc": 9, "developer": 10,
    "fuser": 15, "transferUnit": 20, "tonerCartridge": 21,
}  # fmt: skip
"""PrtMarkerSuppliesTypeTC."""
SUPPLY_UNITS = {"impressions": 7, "percent": 19}
"""PrtMarkerSuppliesSupplyUnitTC."""
TRAY_TYPES = {"sheetFeedAutoRemovableTray": 3, "sheetFeedAutoNonRemovableTray": 4, "sheetFeedManual": 5}
"""PrtInputTypeTC."""
UNKNOWN_SIZE = (0, 0)
MICROMETRES, SHEETS, IMPRESSIONS = 4, 8, 7
ALERT_CODES = {
    Condition.JAM: (8, 13),
    Condition.COVER_OPEN: (3, 6),
    Condition.TRAY_EMPTY: (808, 8),
    Condition.SUPPLY_LOW: (1104, 11),
    Condition.SUPPLY_EMPTY: (1101, 11),
    Condition.SERVICE: (1, 5),
}
"""PrtAlertCodeTC and PrtAlertGroupTC."""
SUPPLY_CODES = {
    ("wasteToner", Condition.SUPPLY_LOW): 1107, ("wasteToner", Condition.SUPPLY_EMPTY): 1109,
    ("wasteInk", Condition.SUPPLY_LOW): 1108, ("wasteInk", Condition.SUPPLY_EMPTY): 1110,
    ("inkCartridge", Condition.SUPPLY_LOW): 1105, ("inkCartridge", Condition.SUPPLY_EMPTY): 1102,
    ("opc", Condition.SUPPLY_LOW): 1111, ("opc", Condition.SUPPLY_EMPTY): 1112,
}  # fmt: skip
"""Codes of supplies that have one of their own."""
ERROR_BITS = {
    Condition.SUPPLY_LOW: 2, Condition.SUPPLY_EMPTY: 3, Condition.COVER_OPEN: 4, Condition.JAM: 5, Condition.SERVICE: 7,
    Condition.TRAY_EMPTY: 13,
}  # fmt: skip
"""Bits of hrPrinterDetectedErrorState, counted from the first octet's highest."""
IDLE, PRINTING = 3, 4
CONSOLE = (*PRINTER, 16, 5, 1, 2, 1)
CONSOLE_LINES, CONSOLE_CHARACTERS = (1, 2), 40
RUNNING, WARNING, DOWN = 2, 3, 5


def base_values(profile: Profile) -> Mapping[Oid, bytes]:
    """What every printer of that model answers alike."""
    values: dict[Oid, bytes] = {
        (*SYSTEM, 2, 0): object_identifier(oid_of(profile.object_id)),
        UPTIME: integer(0, Tag.TIME_TICKS),
        HOST_UPTIME: integer(0, Tag.TIME_TICKS),
        (*SYSTEM, 7, 0): integer(72),
        (*INTERFACES, 1, 0): integer(1),
        (*HOST, 3, 2, 1, 1, 1): integer(1),
        (*HOST, 3, 2, 1, 2, 1): object_identifier((*HOST, 3, 1, 5)),
        (*HOST, 3, 2, 1, 3, 1): octets(f"{profile.make} {profile.model}"),
        (*HOST, 3, 2, 1, 4, 1): object_identifier((0, 0)),
        (*HOST, 3, 2, 1, 6, 1): integer(0, Tag.COUNTER32),
    }
    _add_row(values, (*INTERFACES, 2, 1), (1,), {1: integer(1), 2: octets("eth0"), 3: integer(6), 8: integer(1)})
    general = {2: integer(1), 3: integer(3), 6: integer(1), 7: integer(1), 8: integer(1), 9: integer(1)}
    general |= {
        10: integer(1),
        11: integer(len(CONSOLE_LINES)),
        12: integer(CONSOLE_CHARACTERS),
        13: integer(4),
        14: integer(3),
        15: integer(4),
    }
    _add_row(values, (*PRINTER, 5, 1, 1), (1,), general | {16: octets(profile.model)})
    _add_row(values, (*PRINTER, 6, 1, 1), (1, 1), {2: octets("Front cover")})
    _add_row(values, (*PRINTER, 7, 1, 1), (1, 1), {2: octets("en"), 3: octets(""), 4: integer(106)})
    for number, tray in enumerate(profile.trays, 1):
        cross, feed = (10 * edge for edge in size_of(tray.media) or UNKNOWN_SIZE)
        row = {2: integer(TRAY_TYPES[tray.kind]), 3: integer(MICROMETRES), 8: integer(SHEETS)}
        row |= {4: integer(feed), 5: integer(cross), 6: integer(feed), 7: integer(cross), 9: integer(tray.capacity)}
        row |= {12: octets(tray.media), 13: octets(tray.name), 18: octets(tray.name), 20: integer(-2)}
        _add_row(values, (*PRINTER, 8, 2, 1), (1, number), row)
    output = {2: integer(4), 3: integer(SHEETS), 4: integer(500), 5: integer(-2), 6: integer(0), 7: octets("Top bin")}
    _add_row(values, (*PRINTER, 9, 2, 1), (1, 1), output)
    resolution = max(profile.resolutions)
    colorants = [supply.color for supply in profile.supplies if supply.color]
    marker = {2: integer(4), 3: integer(IMPRESSIONS), 6: integer(len(colorants)), 7: integer(0), 8: integer(3)}
    marker |= {9: integer(resolution), 10: integer(resolution), 15: integer(0)}
    _add_row(values, (*PRINTER, 10, 2, 1), (1, 1), marker)
    for number, supply in enumerate(profile.supplies, 1):
        colorant = colorants.index(supply.color) + 1 if supply.color else 0
        capacity = supply.yield_pages if supply.unit == "impressions" else 100
        row = {2: integer(1), 3: integer(colorant), 4: integer(4 if supply.receptacle else 3)}
        row |= {5: integer(SUPPLY_TYPES[supply.kind]), 6: octets(supply.description)}
        _add_row(
            values,
            (*PRINTER, 11, 1, 1),
            (1, number),
            row | {7: integer(SUPPLY_UNITS[supply.unit]), 8: integer(capacity)},
        )
    for number, color in enumerate(colorants, 1):
        row = {2: integer(1), 3: integer(3), 4: octets(color), 5: integer(256)}
        _add_row(values, (*PRINTER, 12, 1, 1), (1, number), row)
    speed = {2: integer(15), 4: integer(profile.pages_per_minute), 9: integer(4), 10: octets("Paper path")}
    _add_row(values, (*PRINTER, 13, 4, 1), (1, 1), speed)
    for number, (family, name) in enumerate(((54, "PDF"), (1, "JPEG"), (37, "Automatic")), 1):
        row = {2: integer(family), 3: octets(""), 4: octets(""), 5: octets(name), 8: integer(resolution)}
        _add_row(values, (*PRINTER, 15, 1, 1), (1, number), row | {9: integer(resolution)})
    return values


def own_values(printer: SimulatedPrinter) -> Mapping[Oid, bytes]:
    """What is this printer's own, and what changes while it lives."""
    profile = printer.profile
    description = profile.description.format(firmware=printer.firmware, serial=printer.serial)
    values: dict[Oid, bytes] = {
        (*SYSTEM, 1, 0): octets(description),
        (*SYSTEM, 4, 0): octets(printer.contact),
        (*SYSTEM, 5, 0): octets(printer.host_name),
        (*SYSTEM, 6, 0): octets(printer.location),
        (*INTERFACES, 2, 1, 6, 1): octets(printer.mac),
        (*HOST, 3, 2, 1, 5, 1): integer(DOWN if printer.is_stopped else WARNING if printer.alerts else RUNNING),
        (*HOST, 3, 5, 1, 1, 1): integer(PRINTING if printer.is_printing else IDLE),
        (*HOST, 3, 5, 1, 2, 1): octets(_error_state(printer.alerts)),
        (*PRINTER, 5, 1, 1, 1, 1): integer(printer.changes, Tag.COUNTER32),
        (*PRINTER, 5, 1, 1, 17, 1): octets(printer.serial),
        (*PRINTER, 5, 1, 1, 18, 1): integer(sum(alert.is_critical for alert in printer.alerts), Tag.COUNTER32),
        (*PRINTER, 5, 1, 1, 19, 1): integer(len(printer.alerts), Tag.COUNTER32),
        (*PRINTER, 6, 1, 1, 3, 1, 1): integer(3 if _has(printer.alerts, Condition.COVER_OPEN) else 4),
        (*PRINTER, 10, 2, 1, 4, 1, 1): integer(printer.life_count & 0xFFFF_FFFF, Tag.COUNTER32),
        (*PRINTER, 10, 2, 1, 5, 1, 1): integer(printer.life_count & 0xFFFF_FFFF, Tag.COUNTER32),
        **{(*CONSOLE, line): octets(_display(printer, line)) for line in CONSOLE_LINES},
        (*PORT_MONITOR, 2, 1): octets(f"{profile.make} {printer.model}"),
        (*PORT_MONITOR, 3, 1): octets(printer.device_id),
    }
    if printer.model != profile.model:
        values[*HOST, 3, 2, 1, 3, 1] = octets(f"{profile.make} {printer.model}")
        values[*PRINTER, 5, 1, 1, 16, 1] = octets(printer.model)
    for number, tray in enumerate(printer.trays, 1):
        values[(*PRINTER, 8, 2, 1, 10, 1, number)] = integer(tray.sheets)
        values[(*PRINTER, 8, 2, 1, 11, 1, number)] = integer(0 if tray.sheets else 25)
    for number, supply in enumerate(printer.supplies, 1):
        left = supply.percent
        level = round(left * supply.facts.yield_pages / 100) if supply.facts.unit == "impressions" else left
        values[(*PRINTER, 11, 1, 1, 9, 1, number)] = integer(level)
    for number, alert in enumerate(printer.alerts, 1):
        _add_row(values, (*PRINTER, 18, 1, 1), (1, number), _alert_row(printer, alert))
    return values


def live_values(printer: SimulatedPrinter) -> Mapping[Oid, Callable[[], bytes]]:
    """What is different each time: how long the printer and its agent have been up."""

    def uptime() -> bytes:
        return integer(printer.uptime_ticks(), Tag.TIME_TICKS)

    return {UPTIME: uptime, HOST_UPTIME: uptime}


def _alert_row(printer: SimulatedPrinter, alert: Alert) -> Mapping[int, bytes]:
    code, group = ALERT_CODES[alert.condition]
    if alert.condition in (Condition.SUPPLY_LOW, Condition.SUPPLY_EMPTY):
        kind = printer.supplies[alert.place - 1].facts.kind
        code = SUPPLY_CODES.get((kind, alert.condition), code)
    ticks = int((alert.since - printer.started) * 100)  # sysUpTime when it happened (prtAlertTime)
    return {
        2: integer(3 if alert.is_critical else 4),
        3: integer(3),
        4: integer(group),
        5: integer(max(alert.place, 1)),
        6: integer(-2),
        7: integer(code),
        8: octets(alert.text),
        9: integer(max(ticks, 0), Tag.TIME_TICKS),
    }


def _display(printer: SimulatedPrinter, line: int) -> str:
    if any(printer.console.values()):
        return printer.console.get(line, "")
    if line > 1:
        return ""
    if printer.alerts:
        return next((alert for alert in printer.alerts if alert.is_critical), printer.alerts[0]).text
    return "Printing" if printer.is_printing else "Ready"


def _error_state(alerts: Iterable[Alert]) -> bytes:
    bits = 0
    for alert in alerts:
        bits |= 0x8000 >> ERROR_BITS[alert.condition]
    return bits.to_bytes(2, "big")


def _has(alerts: Iterable[Alert], condition: Condition) -> bool:
    return any(alert.condition is condition for alert in alerts)


def _add_row(values: dict[Oid, bytes], table: Oid, index: Oid, columns: Mapping[int, bytes]) -> None:
    for column, value in columns.items():
        values[(*table, column, *index)] = value
