"""Supplies, trays and alerts out of the attributes of a printer (PWG 5100.13, PWG 5100.9, and CUPS' `marker-…`)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from connectors.ipp.wire import Attributes
from connectors.printers import mib_names as names
from connectors.printers.amounts import Amount, amount_of, condition_of_code, turned, worse
from connectors.printers.ipp_values import beside, fields_of, first_number, numbers_of, texts_of, whole_number
from connectors.printers.printer_mib import colour_of, kind_of
from connectors.printers.reading import (
    Alert,
    Condition,
    Severity,
    Supply,
    SupplyKind,
    TrainingLevel,
    Tray,
    TrayKind,
    Unit,
)
from connectors.printers.texts import known, number_of

HEX_COLOURS = {"#000000": "black", "#00ffff": "cyan", "#ff00ff": "magenta", "#ffff00": "yellow"}
CODE_NUMBERS = {name.casefold(): number for number, name in names.ALERT_CODES.items()}
ATTENTION = {
    "critical": Severity.ERROR,
    "warning": Severity.WARNING,
    "warningBinaryChangeEvent": Severity.WARNING,
    "": Severity.WARNING,
}
"""Severities of what is wrong; printers also list events of severity “other”, which are no alerts."""


def supplies_in(found: Attributes, alerts: Sequence[Alert]) -> Iterator[Supply]:
    """`printer-supply` (PWG 5100.13)."""
    rows = fields_of(found, "printer-supply")
    describe = beside(len(rows), texts_of(found, "printer-supply-description"), texts_of(found, "marker-names"))
    low = beside(len(rows), [str(level) for level in numbers_of(found, "marker-low-levels")])
    for place, row in enumerate(rows, 1):
        index = int(row["index"]) if row.get("index", "").isdigit() else place
        colorant = row.get("colorantname", "").casefold()
        description = describe(place) or " ".join(filter(None, (colorant, row.get("type", ""))))
        kind = kind_of(names.SUPPLY_TYPE_NAMES.get(row.get("type", ""), 0), description)
        unit = _unit(row.get("unit", ""))
        amount = amount_of(whole_number(row, "level"), whole_number(row, "maxcapacity"), unit)
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


def markers_in(found: Attributes) -> Iterator[Supply]:
    """`marker-…`: levels in percent; of a receptacle, how full it is."""
    levels = numbers_of(found, "marker-levels")
    describe = beside(len(levels), texts_of(found, "marker-names"))
    colours = beside(len(levels), texts_of(found, "marker-colors"))
    types = beside(len(levels), texts_of(found, "marker-types"))
    low = beside(len(levels), [str(level) for level in numbers_of(found, "marker-low-levels")])
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


def trays_in(found: Attributes, alerts: Sequence[Alert]) -> Iterator[Tray]:
    """`printer-input-tray` (PWG 5100.13)."""
    for place, row in enumerate(fields_of(found, "printer-input-tray"), 1):
        index = int(row["index"]) if row.get("index", "").isdigit() else place
        unit = _unit(row.get("unit", ""))
        amount = amount_of(whole_number(row, "level"), whole_number(row, "maxcapacity"), unit)
        scale = 2.54 if row.get("dimunit") == "tenThousandthsOfInches" else 1.0
        sides = [
            round(side * scale) for name in ("mediafeed", "mediaxfeed") if (side := whole_number(row, name) or 0) > 0
        ]
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


def alerts_in(found: Attributes, read_at: datetime) -> Iterator[Alert]:
    """`printer-alert` (PWG 5100.9); its `time` counts as printer-up-time does."""
    rows = fields_of(found, "printer-alert")
    describe = beside(len(rows), texts_of(found, "printer-alert-description"))
    uptime = first_number(found, "printer-up-time")
    for place, row in enumerate(rows, 1):
        severity = ATTENTION.get(row.get("severity", ""))
        if severity is None:
            continue
        number = CODE_NUMBERS.get(row.get("code", "").casefold())
        keyword = names.keyword_of(names.ALERT_CODES.get(number or 0, row.get("code", "")))
        happened = whole_number(row, "time")
        dated = happened is not None and uptime is not None and 0 < happened <= uptime
        yield Alert(
            severity=severity,
            text=describe(place) or keyword or row.get("code", ""),
            code=number,
            keyword=keyword,
            group=row.get("group", ""),
            place=whole_number(row, "index"),
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
