"""Supplies, trays, alerts and status from what an agent answered for Printer-MIB and HOST-RESOURCES-MIB.

Pure functions over the values by object: nothing is asked here. Tables may lack columns, and values may be of strange
types; what cannot be read is unknown.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from connectors.printers import mib_names as names
from connectors.printers.amounts import Amount, amount_of, condition_of_code, turned, worse
from connectors.printers.reading import (
    Alert,
    Condition,
    DeviceState,
    PrinterState,
    Severity,
    Status,
    Supply,
    SupplyKind,
    TrainingLevel,
    Tray,
    TrayKind,
    Unit,
)
from connectors.printers.texts import known, number_of, text_of
from connectors.printers.vendors import Quirks
from connectors.snmp.client import SnmpValue

Values = Mapping[str, SnmpValue]

MIB2 = "1.3.6.1.2.1"
HR_DEVICE, HR_PRINTER = f"{MIB2}.25.3.2.1", f"{MIB2}.25.3.5.1"
INPUT, MARKER, SUPPLY = f"{MIB2}.43.8.2.1", f"{MIB2}.43.10.2.1", f"{MIB2}.43.11.1.1"
COLORANT, CONSOLE, ALERT = f"{MIB2}.43.12.1.1.4", f"{MIB2}.43.16.5.1.2", f"{MIB2}.43.18.1.1"
SUPPLY_LEVEL, SUPPLY_DESCRIPTION, TRAY_LEVEL = f"{SUPPLY}.9", f"{SUPPLY}.6", f"{INPUT}.10"
SUPPLY_COLUMNS = (3, 4, 5, 6, 7, 8, 9)
TRAY_COLUMNS = (2, 3, 6, 7, 8, 9, 10, 12, 13, 18)
INPUT_GROUP, SUPPLY_GROUP = "input", "markerSupplies"
CRITICAL = 3
LONGEST_TICKS = (1 << 32) - 1
"""TimeTicks (RFC 2578 §7.1.8)."""
SHORT_WORD = 4
"""Words up to this length must stand alone: “gul” is not in “regular”, but “schwarz” is in “Schwarztoner”."""
MICROMETRES_OF_UNIT = {3: 2.54, 4: 1.0}
"""PrtMediaUnitTC: ten thousandths of inches, micrometres."""
PART_NUMBER = re.compile(r"[,;]? ?\b(?:PN|P/N)[ :]+(?P<number>[\w-]+)")
SERIAL_NUMBER = re.compile(r"[,;]? ?\b(?:SN|S/N)[ :]*(?P<number>\w+)")


def index_of(oid: str, column: str) -> str:
    """What stands behind the column: the row's index."""
    return oid[len(column) + 1 :]


def supplies_of(values: Values, indexes: Iterable[str], quirks: Quirks, alerts: Sequence[Alert]) -> tuple[Supply, ...]:
    """The supplies at these indexes (FL-237)."""
    told = _conditions(alerts, SUPPLY_GROUP)
    return tuple(_supply(values, index, quirks, told) for index in indexes)


def trays_of(values: Values, indexes: Iterable[str], alerts: Sequence[Alert]) -> tuple[Tray, ...]:
    """The input trays at these indexes."""
    told = _conditions(alerts, INPUT_GROUP)
    return tuple(_tray(values, index, told) for index in indexes)


def alerts_of(rows: Sequence[tuple[str, SnmpValue]], read_at: datetime, uptime: int | None) -> tuple[Alert, ...]:
    """The alert table (RFC 3805), errors first; `uptime` in hundredths of a second dates the alerts."""
    table: dict[str, dict[int, SnmpValue]] = {}
    for oid, value in rows:
        column, _, index = index_of(oid, ALERT).partition(".")
        if column.isdigit() and index:
            table.setdefault(index, {})[int(column)] = value
    alerts = [_alert(row, read_at, uptime) for row in table.values()]
    return tuple(sorted(alerts, key=lambda alert: alert.severity is not Severity.ERROR))


def status_of(values: Values, device: str, console: Sequence[SnmpValue], alerts: Sequence[Alert]) -> Status:
    """The state of the printer at index `device` of the host's devices."""
    state = number_of(values.get(f"{HR_PRINTER}.1.{device}"))
    works = number_of(values.get(f"{HR_DEVICE}.5.{device}"))
    reasons = [*_error_reasons(values.get(f"{HR_PRINTER}.2.{device}")), *(alert.keyword for alert in alerts)]
    return Status(
        names.PRINTER_STATES.get(state or 0, PrinterState.UNKNOWN),
        names.DEVICE_STATES.get(works or 0, DeviceState.UNKNOWN),
        tuple(line for line in map(text_of, console) if line),
        tuple(dict.fromkeys(filter(None, reasons))),
    )


@lru_cache(maxsize=4096)
def colour_of(text: str) -> str:
    """The colour that a text names, in English; empty for none."""
    for token in re.findall(r"[^\W\d_]+", text.casefold()):
        for colour, words in names.COLOUR_WORDS.items():
            if any(token == word or (len(word) > SHORT_WORD and token.startswith(word)) for word in words):
                return colour
    return ""


def kind_of(number: int, description: str) -> SupplyKind:
    """The kind by its type, or by the words of its description where the type says nothing."""
    if (kind := names.SUPPLY_KINDS.get(number)) is not None:
        return kind
    plain = description.casefold()
    return next((kind for kind, words in names.KIND_WORDS if any(word in plain for word in words)), SupplyKind.OTHER)


def _supply(values: Values, index: str, quirks: Quirks, told: Mapping[int, Condition]) -> Supply:
    described = text_of(values.get(f"{SUPPLY}.6.{index}"))
    description, part, serial = _without_numbers(described)
    kind = kind_of(number_of(values.get(f"{SUPPLY}.5.{index}")) or 0, description)
    unit = names.SUPPLY_UNITS.get(number_of(values.get(f"{SUPPLY}.7.{index}")) or 0, Unit.UNKNOWN)
    is_receptacle = number_of(values.get(f"{SUPPLY}.4.{index}")) == names.RECEPTACLE or kind is SupplyKind.WASTE
    amount = _supply_amount(values, index, unit, quirks)
    if is_receptacle and quirks.receptacles_show_content:
        amount = turned(amount)
    return Supply(
        key=index,
        kind=kind,
        description=description,
        colour=_supply_colour(values, index, kind, description),
        serial_number=serial,
        part_number=part,
        is_receptacle=is_receptacle,
        capacity=amount.capacity,
        level=amount.level,
        unit=unit,
        percent=amount.percent,
        condition=worse(amount.condition, told.get(_place(index), Condition.UNKNOWN)),
    )


def _supply_amount(values: Values, index: str, unit: Unit, quirks: Quirks) -> Amount:
    level = number_of(values.get(f"{SUPPLY_LEVEL}.{index}"))
    if level is not None:
        level = quirks.levels.get(level, level)
    return amount_of(level, number_of(values.get(f"{SUPPLY}.8.{index}")), unit)


def _supply_colour(values: Values, index: str, kind: SupplyKind, description: str) -> str:
    """The colour of its colorant, or that of the description, because many printers name no colorants."""
    if kind not in names.SOLD_BY_COLOUR:
        return ""
    colorant = number_of(values.get(f"{SUPPLY}.3.{index}"))
    device = index.partition(".")[0]
    named = text_of(values.get(f"{COLORANT}.{device}.{colorant}")).casefold() if colorant else ""
    if named in names.COLOURLESS:
        return colour_of(description)
    return colour_of(named) or named


@lru_cache(maxsize=4096)
def _without_numbers(described: str) -> tuple[str, str, str]:
    """A description, and the part and serial numbers that some vendors write into it."""
    part, serial = PART_NUMBER.search(described), SERIAL_NUMBER.search(described)
    begins = [match.start() for match in (part, serial) if match is not None]
    found = [known(match["number"]) if match else "" for match in (part, serial)]
    description = described[: min(begins)].rstrip(" ,;") if begins else described
    return description or described, found[0], found[1]


def _tray(values: Values, index: str, told: Mapping[int, Condition]) -> Tray:
    def number(column: int) -> int | None:
        return number_of(values.get(f"{INPUT}.{column}.{index}"))

    unit = names.SUPPLY_UNITS.get(number(8) or 0, Unit.UNKNOWN)
    amount = amount_of(number(10), number(9), unit)
    scale = MICROMETRES_OF_UNIT.get(number(3) or 0, 0.0)
    sides = [round(side * scale) for column in (6, 7) if (side := number(column) or 0) > 0 and scale]
    named = known(text_of(values.get(f"{INPUT}.13.{index}"))) or known(text_of(values.get(f"{INPUT}.18.{index}")))
    return Tray(
        key=index,
        name=named or f"#{_place(index)}",
        kind=names.TRAY_KINDS.get(number(2) or 0, TrayKind.UNKNOWN),
        media=known(text_of(values.get(f"{INPUT}.12.{index}"))),
        width=min(sides) if len(sides) == 2 else None,
        length=max(sides) if len(sides) == 2 else None,
        capacity=amount.capacity,
        level=amount.level,
        unit=unit,
        percent=amount.percent,
        condition=worse(amount.condition, told.get(_place(index), Condition.UNKNOWN)),
    )


def _alert(row: Mapping[int, SnmpValue], read_at: datetime, uptime: int | None) -> Alert:
    code = number_of(row.get(7))
    name = names.ALERT_CODES.get(code or 0, "")
    keyword = names.keyword_of(name)
    text = text_of(row.get(8))
    return Alert(
        severity=Severity.ERROR if number_of(row.get(2)) == CRITICAL else Severity.WARNING,
        text=text or keyword,
        code=code if code is not None and code > 0 else None,
        keyword=keyword,
        group=names.ALERT_GROUPS.get(number_of(row.get(4)) or 0, ""),
        place=place if (place := number_of(row.get(5))) is not None and place > 0 else None,
        training=names.TRAINING_LEVELS.get(number_of(row.get(3)) or 0, TrainingLevel.UNKNOWN),
        since=_since(number_of(row.get(9)), read_at, uptime),
    )


def _since(ticks: int | None, read_at: datetime, uptime: int | None) -> datetime | None:
    if ticks is None or uptime is None or not 0 < ticks <= uptime <= LONGEST_TICKS:
        return None
    return read_at - timedelta(milliseconds=(uptime - ticks) * 10)


def _conditions(alerts: Iterable[Alert], group: str) -> Mapping[int, Condition]:
    """What the alerts say about the supplies or trays, by their place."""
    found: dict[int, Condition] = {}
    for alert in alerts:
        if alert.group == group and alert.place is not None:
            said = condition_of_code(names.ALERT_CODES.get(alert.code or 0, ""))
            found[alert.place] = worse(found.get(alert.place, Condition.UNKNOWN), said)
    return found


def _place(index: str) -> int:
    last = index.rpartition(".")[2]
    return int(last) if last.isdigit() else 0


def _error_reasons(state: SnmpValue | None) -> list[str]:
    if not isinstance(state, bytes):
        return []
    return [
        reason
        for bit, reason in enumerate(names.ERROR_REASONS)
        if bit // 8 < len(state) and state[bit // 8] & 0x80 >> bit % 8
    ]
