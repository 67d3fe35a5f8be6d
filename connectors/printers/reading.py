"""What a printer says of itself at one moment, however it was asked: SNMP and IPP give the same `PrinterReading`.

Nothing is guessed. What a printer does not report is None or an empty text, never zero; "unknown" and "some is left"
are conditions, not numbers (RFC 3805). Every amount stands beside its unit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from pydantic import PlainSerializer, TypeAdapter

LARGEST_COUNT = (1 << 31) - 1
"""Sides that a printer could not make in a human life; more is a counter's way of saying that there is none."""
FASTEST = 9_999
"""Pages a minute."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the printer is; a text that it does not give is empty.

    `model` is without the vendor's name (PM-4). `mac` is written `aa:bb:cc:dd:ee:ff`, `system_object_id` as dotted
    numbers. `framework_version` is that of the platform for panel apps (PM-5).
    """

    manufacturer: str = ""
    model: str = ""
    serial_number: str = ""
    host_name: str = ""
    mac: str = ""
    description: str = ""
    location: str = ""
    contact: str = ""
    asset_tag: str = ""
    firmware_level: str = ""
    framework_version: str = ""
    system_object_id: str = ""
    is_colour: bool | None = None
    pages_per_minute: int | None = None
    uptime: timedelta | None = None


class PrinterState(StrEnum):
    """What the printer does (hrPrinterStatus, RFC 2790)."""

    IDLE = "idle"
    PRINTING = "printing"
    WARMUP = "warmup"
    OTHER = "other"
    UNKNOWN = "unknown"


class DeviceState(StrEnum):
    """Whether it can work (hrDeviceStatus, RFC 2790): `WARNING` works on, `DOWN` does not."""

    RUNNING = "running"
    WARNING = "warning"
    TESTING = "testing"
    DOWN = "down"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Status:
    """The state now. `console` are the lines of the panel; `reasons` are keywords of printer-state-reasons (RFC 8011
    §5.4.12), without their `-error`, `-warning` and `-report`, in the order of first mention.
    """

    printer: PrinterState = PrinterState.UNKNOWN
    device: DeviceState = DeviceState.UNKNOWN
    console: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


class Unit(StrEnum):
    """What amounts are counted in (PrtMarkerSuppliesSupplyUnitTC, PrtCapacityUnitTC, PrtMarkerCounterUnitTC)."""

    TEN_THOUSANDTHS_OF_INCHES = "tenThousandthsOfInches"
    MICROMETRES = "micrometers"
    CHARACTERS = "characters"
    LINES = "lines"
    IMPRESSIONS = "impressions"
    SHEETS = "sheets"
    DOT_ROWS = "dotRow"
    HOURS = "hours"
    THOUSANDTHS_OF_OUNCES = "thousandthsOfOunces"
    TENTHS_OF_GRAMS = "tenthsOfGrams"
    HUNDREDTHS_OF_FLUID_OUNCES = "hundrethsOfFluidOunces"
    TENTHS_OF_MILLILITRES = "tenthsOfMilliliters"
    FEET = "feet"
    METRES = "meters"
    ITEMS = "items"
    PERCENT = "percent"
    OTHER = "other"
    UNKNOWN = "unknown"


class CounterName(StrEnum):
    """The counts that are kept per printer (FL-236). "Sides" are impressions, "sheets" pieces of paper."""

    LIFE = "life"
    TOTAL_SIDES = "total_sides"
    MONO_SIDES = "mono_sides"
    COLOUR_SIDES = "colour_sides"
    TOTAL_SHEETS = "total_sheets"
    MONO_SHEETS = "mono_sheets"
    COLOUR_SHEETS = "colour_sheets"
    PRINT_SIDES = "print_sides"
    PRINT_MONO_SIDES = "print_mono_sides"
    PRINT_COLOUR_SIDES = "print_colour_sides"
    PRINT_SHEETS = "print_sheets"
    PRINT_MONO_SHEETS = "print_mono_sheets"
    PRINT_COLOUR_SHEETS = "print_colour_sheets"
    COPY_SIDES = "copy_sides"
    COPY_MONO_SIDES = "copy_mono_sides"
    COPY_COLOUR_SIDES = "copy_colour_sides"
    COPY_SHEETS = "copy_sheets"
    COPY_MONO_SHEETS = "copy_mono_sheets"
    COPY_COLOUR_SHEETS = "copy_colour_sheets"
    FAX_SIDES = "fax_sides"
    FAX_MONO_SIDES = "fax_mono_sides"
    FAX_COLOUR_SIDES = "fax_colour_sides"
    FAX_SHEETS = "fax_sheets"
    FAX_MONO_SHEETS = "fax_mono_sheets"
    FAX_COLOUR_SHEETS = "fax_colour_sheets"
    LARGE_FORMAT_SIDES = "large_format_sides"
    DUPLEX_SIDES = "duplex_sides"
    DUPLEX_SHEETS = "duplex_sheets"
    BUSINESS_SIDES = "business_sides"
    BUSINESS_SHEETS = "business_sheets"
    GRAPHICS_SIDES = "graphics_sides"
    GRAPHICS_SHEETS = "graphics_sheets"
    HIGHLIGHT_SIDES = "highlight_sides"
    HIGHLIGHT_SHEETS = "highlight_sheets"
    SCANS = "scans"
    SCANS_MONO = "scans_mono"
    SCANS_COLOUR = "scans_colour"
    SCANS_ADF = "scans_adf"
    SCANS_ADF_SIMPLEX = "scans_adf_simplex"
    SCANS_ADF_DUPLEX = "scans_adf_duplex"
    SCANS_FLATBED = "scans_flatbed"
    SCANS_TO_COPY = "scans_to_copy"
    SCANS_TO_FAX = "scans_to_fax"
    SCANS_TO_HOST = "scans_to_host"
    BLANK_COPY_SIDES = "blank_copy_sides"
    BLANK_FAX_SIDES = "blank_fax_sides"


@dataclass(frozen=True, slots=True)
class PaperCount:
    """Sheets of one size and type (FL-236), taken from a tray (`picked`) or laid out, in `mono` and `colour`."""

    size: str
    type: str
    picked: int | None = None
    delivered_mono: int | None = None
    delivered_colour: int | None = None


@dataclass(frozen=True, slots=True)
class Counters(Mapping[CounterName, int]):
    """The counts that the printer reports; one that it does not report is absent: `counters.get(name)` is None, not 0.

    A number that no printer reaches is no count, whoever reports it (`LARGEST_COUNT`). `life_unit` says in what
    `CounterName.LIFE` is counted, impressions on most printers.
    """

    values_by_name: Annotated[Mapping[CounterName, int], PlainSerializer(dict)] = field(default_factory=dict)
    life_unit: Unit = Unit.UNKNOWN
    papers: tuple[PaperCount, ...] = ()

    def __post_init__(self) -> None:
        believed = {name: count for name, count in self.values_by_name.items() if 0 <= count <= LARGEST_COUNT}
        object.__setattr__(self, "values_by_name", MappingProxyType(believed))

    def __getitem__(self, name: CounterName) -> int:
        return self.values_by_name[name]

    def __iter__(self) -> Iterator[CounterName]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)

    def __reduce__(self) -> tuple[type["Counters"], tuple[dict[CounterName, int], Unit, tuple[PaperCount, ...]]]:
        return Counters, (dict(self.values_by_name), self.life_unit, self.papers)


class SupplyKind(StrEnum):
    """What kind of supply it is (FL-237)."""

    TONER = "toner"
    INK = "ink"
    FUSER = "fuser"
    WASTE = "waste"
    PHOTOCONDUCTOR = "photoconductor"
    TRANSFER = "transfer"
    MAINTENANCE = "maintenance"
    STAPLES = "staples"
    OTHER = "other"


class Condition(StrEnum):
    """How a supply or tray is. `SOME_REMAINING` knows that it is not empty, `UNKNOWN` not even that."""

    OK = "ok"
    LOW = "low"
    EMPTY = "empty"
    SOME_REMAINING = "some remaining"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Supply:
    """A supply (FL-237). `key` is stable for its place in the printer, whatever cartridge is in it.

    `level` and `capacity` are in `unit`, None where they are unknown. A receptacle (waste) is counted the other way
    round: `level` is the room that is left in it, `percent` is 0 when it is full (prtMarkerSuppliesLevel, RFC 3805).
    `colour` is a lower-case English name, empty for a supply without one. The last fields are what few printers tell:
    coverage in percent of the side, `sides` printed on it, and whether the vendor calls it its own.
    """

    key: str
    kind: SupplyKind
    description: str
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


class TrayKind(StrEnum):
    """How sheets come in (PrtInputTypeTC)."""

    REMOVABLE = "removable tray"
    FIXED = "fixed tray"
    MANUAL = "manual feed"
    ROLL = "roll"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Tray:
    """An input tray. `media` is what the printer calls its paper; the size is in micrometres; amounts are in `unit`."""

    key: str
    name: str
    kind: TrayKind = TrayKind.UNKNOWN
    media: str = ""
    width: int | None = None
    length: int | None = None
    capacity: int | None = None
    level: int | None = None
    unit: Unit = Unit.UNKNOWN
    percent: int | None = None
    condition: Condition = Condition.UNKNOWN


class Severity(StrEnum):
    """FL-247: an error keeps the printer from working, a warning does not yet."""

    ERROR = "error"
    WARNING = "warning"


class TrainingLevel(StrEnum):
    """Who can help (PrtAlertTrainingLevelTC)."""

    UNTRAINED = "untrained"
    TRAINED = "trained"
    FIELD_SERVICE = "fieldService"
    MANAGEMENT = "management"
    NONE = "noInterventionRequired"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that wants attention (FL-247, RFC 3805).

    `code` is the number of PrtAlertCodeTC and `keyword` its name as IPP writes it (`marker-supply-low`), both absent
    (None, "") where the printer gives none. `group` is the part concerned (PrtAlertGroupTC) and `place` its index.
    """

    severity: Severity
    text: str
    code: int | None = None
    keyword: str = ""
    group: str = ""
    place: int | None = None
    training: TrainingLevel = TrainingLevel.UNKNOWN
    since: datetime | None = None


class Source(StrEnum):
    """By which protocol a reading came."""

    SNMP = "snmp"
    IPP = "ipp"


@dataclass(frozen=True, slots=True)
class PrinterReading:
    """All that a printer told when it was asked at `read_at` (UTC), and how it was asked."""

    identity: Identity
    status: Status
    counters: Counters
    supplies: tuple[Supply, ...]
    trays: tuple[Tray, ...]
    alerts: tuple[Alert, ...]
    read_at: datetime
    source: Source = Source.SNMP


READING_JSON: TypeAdapter[PrinterReading] = TypeAdapter(PrinterReading)
"""Readings as JSON, as agents send them and records keep them: `dump_python(…, mode="json")`, `validate_python(…)`."""
