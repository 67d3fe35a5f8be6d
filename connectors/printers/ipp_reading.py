"""A printer of any make read over IPP: the same reading as over SNMP, out of one Get-Printer-Attributes.

Printer state of RFC 8011 §5.4; supplies, trays, alerts and firmware of PWG 5100.13, whose values are those of the
Printer MIB in words; the older `marker-…` attributes of CUPS where a printer has no `printer-supply`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.ipp.client import Printer
from connectors.ipp.wire import Attributes, LocalText
from connectors.printers import mib_names as names
from connectors.printers.amounts import Amount, amount_of, condition_of_code, turned, worse
from connectors.printers.identity import device_id_of
from connectors.printers.printer_mib import colour_of, kind_of
from connectors.printers.reading import (
    Alert,
    Condition,
    CounterName,
    Counters,
    DeviceState,
    Identity,
    PrinterReading,
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
from connectors.printers.vendors import model_name, vendor_of_name

Fields = Mapping[str, str]

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
HEX_COLOURS = {"#000000": "black", "#00ffff": "cyan", "#ff00ff": "magenta", "#ffff00": "yellow"}
CODE_NUMBERS = {name.casefold(): number for number, name in names.ALERT_CODES.items()}
ATTENTION = {
    "critical": Severity.ERROR,
    "warning": Severity.WARNING,
    "warningBinaryChangeEvent": Severity.WARNING,
    "": Severity.WARNING,
}
"""Severities of what is wrong; printers also list events of severity “other”, which are no alerts."""
MONO, COLOUR = ("monochrome", "monochrome-two-sided"), ("full-color", "full-color-two-sided", "highlight-color")


def read_ipp_printer(address: str, user: str = "pressroom", ca_file: Path | None = None) -> PrinterReading:
    """Ask the printer at an `ipp:` or `ipps:` address; raises the faults of `connectors.ipp`."""
    with Printer(address, user, ca_file) as printer:
        return reading_of(printer.attributes(REQUESTED), datetime.now(UTC))


def reading_of(found: Attributes, read_at: datetime) -> PrinterReading:
    """The reading that a printer's attributes amount to."""
    alerts = tuple(_alerts(found, read_at))
    supplies = tuple(_supplies(found, alerts)) or tuple(_markers(found))
    return PrinterReading(
        identity=_identity(found, supplies),
        status=_status(found, alerts),
        counters=_counters(found),
        supplies=supplies,
        trays=tuple(_trays(found, alerts)),
        alerts=alerts,
        read_at=read_at,
    )


def _identity(found: Attributes, supplies: Sequence[Supply]) -> Identity:
    device_id = device_id_of(_text(found, "printer-device-id"))
    named = _text(found, "printer-make-and-model") or device_id.get("MDL", "") or _text(found, "printer-info")
    brand = vendor_of_name(device_id.get("MFG", ""), named)
    model = device_id.get("MDL") or named
    uptime, pages = _number(found, "printer-up-time"), _number(found, "pages-per-minute")
    return Identity(
        manufacturer=brand.name if brand else device_id.get("MFG", "") or named.partition(" ")[0],
        model=model_name(model, brand) or model,
        serial_number=_text(found, "printer-serial-number") or device_id.get("SN", ""),
        description=_text(found, "printer-info"),
        location=_text(found, "printer-location"),
        contact=_contact(found),
        asset_tag=_text(found, "printer-asset-tag"),
        firmware_level=_text(found, "printer-firmware-string-version"),
        is_colour=_is_colour(found, supplies),
        pages_per_minute=pages if pages and pages > 0 else None,
        uptime=timedelta(seconds=uptime) if uptime is not None and uptime > 0 else None,
    )


def _is_colour(found: Attributes, supplies: Sequence[Supply]) -> bool | None:
    supported = _value(found, "color-supported")
    if isinstance(supported, bool):
        return supported
    colours = {one.colour for one in supplies if one.colour}
    return bool(colours - {"black"}) if colours else None


def _contact(found: Attributes) -> str:
    column = _value(found, "printer-contact-col")
    if not isinstance(column, dict):
        return ""
    return " ".join(filter(None, (_text(column, "contact-name"), _text(column, "contact-uri"))))


def _status(found: Attributes, alerts: Sequence[Alert]) -> Status:
    state = _number(found, "printer-state") or 0
    told = [reason for reason in _texts(found, "printer-state-reasons") if reason != "none"]
    reasons = [_without_suffix(reason) for reason in told] + [alert.keyword for alert in alerts]
    message = _text(found, "printer-state-message")
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
        value = _value(found, attribute)
        group = value if isinstance(value, dict) else found
        numbers = [_number(group, member) for member in members or (attribute,)] if value is not None else []
        told = [number for number in numbers if number is not None and number >= 0]
        if told:
            counts[name] = sum(told)
    return Counters(counts, Unit.IMPRESSIONS if CounterName.LIFE in counts else Unit.UNKNOWN)


def _supplies(found: Attributes, alerts: Sequence[Alert]) -> Iterator[Supply]:
    """`printer-supply` (PWG 5100.13 §6.5.20)."""
    rows = _fields(found, "printer-supply")
    describe = _beside(len(rows), _texts(found, "printer-supply-description"), _texts(found, "marker-names"))
    low = _beside(len(rows), [str(level) for level in _numbers(found, "marker-low-levels")])
    for place, row in enumerate(rows, 1):
        index = int(row["index"]) if row.get("index", "").isdigit() else place
        colorant = row.get("colorantname", "").casefold()
        description = describe(place) or " ".join(filter(None, (colorant, row.get("type", ""))))
        kind = kind_of(names.SUPPLY_TYPE_NAMES.get(row.get("type", ""), 0), description)
        unit = _unit(row.get("unit", ""))
        amount = amount_of(_int(row, "level"), _int(row, "maxcapacity"), unit)
        yield Supply(
            key=f"1.{index}",
            kind=kind,
            description=description,
            colour=_colour(kind, colorant, description),
            is_receptacle=row.get("class") == "receptacleThatIsFilled" or kind is SupplyKind.WASTE,
            capacity=amount.capacity,
            level=amount.level,
            unit=unit,
            percent=amount.percent,
            condition=worse(_below(amount, low(place)), _told(alerts, "markerSupplies", index)),
        )


def _markers(found: Attributes) -> Iterator[Supply]:
    """`marker-…`: levels in percent; of a receptacle, how full it is."""
    levels = _numbers(found, "marker-levels")
    describe = _beside(len(levels), _texts(found, "marker-names"))
    colours = _beside(len(levels), _texts(found, "marker-colors"))
    types = _beside(len(levels), _texts(found, "marker-types"))
    low = _beside(len(levels), [str(level) for level in _numbers(found, "marker-low-levels")])
    for place, level in enumerate(levels, 1):
        description, kind_name = describe(place), types(place)
        type_number = names.SUPPLY_TYPE_NAMES.get(_camel(kind_name), 0)
        kind = kind_of(type_number, f"{kind_name} {description}")
        amount = amount_of(level, 100, Unit.PERCENT)
        is_receptacle = kind is SupplyKind.WASTE
        yield Supply(
            key=f"1.{place}",
            kind=kind,
            description=description or kind_name,
            colour=_colour(kind, HEX_COLOURS.get(colours(place).casefold(), ""), description),
            is_receptacle=is_receptacle,
            capacity=amount.capacity,
            level=turned(amount).level if is_receptacle else amount.level,
            unit=Unit.PERCENT,
            percent=turned(amount).percent if is_receptacle else amount.percent,
            condition=turned(amount).condition if is_receptacle else _below(amount, low(place)),
        )


def _trays(found: Attributes, alerts: Sequence[Alert]) -> Iterator[Tray]:
    """`printer-input-tray` (PWG 5100.13 §6.5.16)."""
    for place, row in enumerate(_fields(found, "printer-input-tray"), 1):
        index = int(row["index"]) if row.get("index", "").isdigit() else place
        unit = _unit(row.get("unit", ""))
        amount = amount_of(_int(row, "level"), _int(row, "maxcapacity"), unit)
        scale = 2.54 if row.get("dimunit") == "tenThousandthsOfInches" else 1.0
        sides = [round(side * scale) for name in ("mediafeed", "mediaxfeed") if (side := _int(row, name) or 0) > 0]
        yield Tray(
            key=f"1.{index}",
            name=known(row.get("name", "")) or f"#{index}",
            kind=_tray_kind(row.get("type", "")),
            media=known(row.get("medianame", "")),
            width=min(sides) if len(sides) == 2 else None,
            length=max(sides) if len(sides) == 2 else None,
            capacity=amount.capacity,
            level=amount.level,
            unit=unit,
            percent=amount.percent,
            condition=worse(amount.condition, _told(alerts, "input", index)),
        )


def _alerts(found: Attributes, read_at: datetime) -> Iterator[Alert]:
    """`printer-alert` (PWG 5100.9 §5.1); its `time` counts as printer-up-time does."""
    rows = _fields(found, "printer-alert")
    describe = _beside(len(rows), _texts(found, "printer-alert-description"))
    uptime = _number(found, "printer-up-time")
    for place, row in enumerate(rows, 1):
        severity = ATTENTION.get(row.get("severity", ""))
        if severity is None:
            continue
        number = CODE_NUMBERS.get(row.get("code", "").casefold())
        keyword = names.keyword_of(names.ALERT_CODES.get(number or 0, row.get("code", "")))
        happened = _int(row, "time")
        dated = happened is not None and uptime is not None and 0 < happened <= uptime
        yield Alert(
            severity=severity,
            text=describe(place) or keyword or row.get("code", ""),
            code=number,
            keyword=keyword,
            group=row.get("group", ""),
            place=_int(row, "index"),
            training=_training(row.get("training", "")),
            since=read_at - timedelta(seconds=(uptime or 0) - (happened or 0)) if dated else None,
        )


def _told(alerts: Sequence[Alert], group: str, place: int) -> Condition:
    said = Condition.UNKNOWN
    for alert in alerts:
        if alert.group == group and alert.place == place:
            said = worse(said, condition_of_code(names.ALERT_CODES.get(alert.code or 0, "")))
    return said


def _below(amount: Amount, low: str) -> Condition:
    """The condition, low from the level at which the printer itself calls it so."""
    is_low = amount.percent is not None and number_of(low) is not None and 0 < amount.percent <= int(low)
    return Condition.LOW if is_low else amount.condition


def _colour(kind: SupplyKind, named: str, description: str) -> str:
    if kind not in names.SOLD_BY_COLOUR:
        return ""
    return colour_of(description) if named in names.COLOURLESS else colour_of(named) or named


def _tray_kind(name: str) -> TrayKind:
    """Some printers leave the last word of the type out."""
    kinds = (kind for full, kind in names.TRAY_TYPE_NAMES.items() if name and full.startswith(name))
    return next(kinds, TrayKind.UNKNOWN)


def _training(name: str) -> TrainingLevel:
    return TrainingLevel(name) if name in set(TrainingLevel) else TrainingLevel.UNKNOWN


def _unit(name: str) -> Unit:
    return Unit(name) if name in set(Unit) else Unit.UNKNOWN


def _camel(keyword: str) -> str:
    first, *rest = keyword.split("-")
    return first + "".join(part.capitalize() for part in rest)


def _fields(found: Attributes, name: str) -> list[Fields]:
    """Each value `key=value;key=value;…` of an octet string or text."""
    return [
        {key.strip(): value.strip() for key, equals, value in (one.partition("=") for one in text.split(";")) if equals}
        for text in (text_of(value) for value in _all(found, name) if isinstance(value, bytes | str))
    ]


def _beside(count: int, *lists: Sequence[str]) -> Callable[[int], str]:
    """What stands beside the row of that place (from 1) in the first of the lists that has as many values as rows."""
    fitting = next((one for one in lists if len(one) == count and any(one)), [""] * count)
    return lambda place: fitting[place - 1]


def _int(row: Fields, name: str) -> int | None:
    return number_of(row.get(name, ""))


def _all(found: Attributes, name: str) -> tuple[object, ...]:
    return tuple(found[name].values) if name in found else ()


def _value(found: Attributes, name: str) -> object:
    return next(iter(_all(found, name)), None)


def _texts(found: Attributes, name: str) -> list[str]:
    values = (value.text if isinstance(value, LocalText) else value for value in _all(found, name))
    return [text_of(value) for value in values if isinstance(value, str | bytes)]


def _text(found: Attributes, name: str) -> str:
    return known(next(iter(_texts(found, name)), ""))


def _numbers(found: Attributes, name: str) -> list[int]:
    return [value for value in _all(found, name) if isinstance(value, int)]


def _number(found: Attributes, name: str) -> int | None:
    return next(iter(_numbers(found, name)), None)
