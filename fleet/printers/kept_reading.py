"""The last reading of a printer as it is kept, read back for lists, pages and files (FL-236, FL-237, FL-247)."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from connectors.messages import N_
from connectors.printers.reading import Condition, SupplyKind, TrayKind, Unit
from fleet.printers.models import Severity


class _Kept(BaseModel):
    """Fields that a later release keeps besides are of no use here and no error."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class KeptSupply(_Kept):
    """A supply (FL-237), with the days that it lasts by the last forecast."""

    key: str
    kind: SupplyKind = SupplyKind.OTHER
    description: str = ""
    colour: str = ""
    serial_number: str = ""
    part_number: str = ""
    is_receptacle: bool = False
    capacity: int | None = None
    level: int | None = None
    unit: Unit = Unit.UNKNOWN
    percent: int | None = None
    condition: Condition = Condition.UNKNOWN
    is_authentic: bool | None = None
    sides: int | None = None
    coverage_last_job: float | None = None
    coverage_lifetime: float | None = None
    installed: date | None = None
    days_left: int | None = None


class KeptTray(_Kept):
    """An input tray."""

    key: str
    name: str = ""
    kind: TrayKind = TrayKind.UNKNOWN
    media: str = ""
    capacity: int | None = None
    level: int | None = None
    percent: int | None = None
    condition: Condition = Condition.UNKNOWN


class KeptPaper(_Kept):
    """Sheets of one size and type: taken from trays, and laid out in mono and colour (FL-236)."""

    size: str = ""
    type: str = ""
    picked: int | None = None
    delivered_mono: int | None = None
    delivered_colour: int | None = None


class KeptAlert(_Kept):
    """Something that wants attention (FL-247)."""

    severity: Severity
    text: str
    code: int | None = None
    keyword: str = ""
    group: str = ""
    since: datetime | None = None


class KeptReading(_Kept):
    """What was read. `console` are the lines of the panel, `counters` the counts by name."""

    console: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    counters: Mapping[str, int] = Field(default_factory=dict)
    papers: tuple[KeptPaper, ...] = ()
    supplies: tuple[KeptSupply, ...] = ()
    trays: tuple[KeptTray, ...] = ()
    alerts: tuple[KeptAlert, ...] = ()


SUPPLY_KINDS = {
    SupplyKind.TONER: N_("Toner"),
    SupplyKind.INK: N_("Ink"),
    SupplyKind.FUSER: N_("Fuser"),
    SupplyKind.WASTE: N_("Waste container"),
    SupplyKind.PHOTOCONDUCTOR: N_("Photoconductor"),
    SupplyKind.TRANSFER: N_("Transfer module"),
    SupplyKind.MAINTENANCE: N_("Maintenance kit"),
    SupplyKind.STAPLES: N_("Staples"),
    SupplyKind.OTHER: N_("Other supply"),
}
CONDITIONS = {
    Condition.OK: N_("OK"),
    Condition.LOW: N_("Low"),
    Condition.EMPTY: N_("Empty"),
    Condition.SOME_REMAINING: N_("Some is left"),
    Condition.UNKNOWN: N_("Unknown"),
}


def kept_reading(kept: Mapping[str, Any], days: Mapping[str, int] = MappingProxyType({})) -> KeptReading:
    """The reading that a row of `PrinterReadingRow` holds, with a forecast's days by the supplies' keys."""
    status, counters = kept.get("status") or {}, kept.get("counters") or {}
    return KeptReading.model_validate(
        {
            **kept,
            "console": status.get("console", ()),
            "reasons": status.get("reasons", ()),
            "counters": counters.get("values_by_name", {}),
            "papers": counters.get("papers", ()),
            "supplies": [{**one, "days_left": days.get(one["key"])} for one in kept.get("supplies", ())],
        }
    )
