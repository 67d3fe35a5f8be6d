"""Printers read over IPP: answers of real ones, every attribute of PWG 5100.13, and CUPS' own printer."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from connectors.ipp.wire import Attribute, Attributes, LocalText, Tag, Value, decode
from connectors.printers.ipp_device import IppAddress
from connectors.printers.ipp_reading import read_ipp_printer, reading_of
from connectors.printers.reading import (
    Condition,
    CounterName,
    DeviceState,
    PrinterReading,
    PrinterState,
    Severity,
    Source,
    SupplyKind,
    TrainingLevel,
    TrayKind,
    Unit,
)
from tests.support.ipp_printer import dns_sd, ipp_printer
from tests.support.plausible_readings import assert_plausible

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def recorded(shared_data: Path, name: str) -> PrinterReading:
    answer, _ = decode((shared_data / "ipp" / f"get-printer-attributes-{name}.bin").read_bytes())
    return reading_of(answer.first(Tag.PRINTER), NOW)


def of(**values: "Value | tuple[Value, ...]") -> PrinterReading:
    """The reading of a printer with these attributes; underscores in their names are hyphens."""
    found: Attributes = {
        name.replace("_", "-"): Attribute(Tag.TEXT, value if isinstance(value, tuple) else (value,))
        for name, value in values.items()
    }
    return reading_of(found, NOW)


def test_an_ink_printer_with_markers_only(shared_data: Path) -> None:
    reading = recorded(shared_data, "epsonxp6000")
    identity = reading.identity
    assert (identity.manufacturer, identity.model, identity.firmware_level) == ("Epson", "XP-6000", "20.44.NU25M7")
    assert (identity.is_colour, identity.pages_per_minute) == (True, 9)
    assert identity.uptime == timedelta(seconds=783_801)
    assert [(one.colour, one.percent) for one in reading.supplies] == [
        ("black", 27),
        ("cyan", 99),
        ("magenta", 83),
        ("yellow", 6),
        ("black", 64),
    ]
    assert {one.kind for one in reading.supplies} == {SupplyKind.INK}
    assert reading.supplies[3].condition is Condition.LOW
    assert reading.status.reasons == ("marker-supply-low",)
    assert (reading.status.printer, reading.status.device) == (PrinterState.IDLE, DeviceState.WARNING)
    assert [(tray.level, tray.condition) for tray in reading.trays] == [(None, Condition.UNKNOWN)] * 4
    assert [alert.text for alert in reading.alerts] == ["feed roller needed soon"]


def test_an_ink_printer_with_supplies_and_a_log_of_events(shared_data: Path) -> None:
    reading = recorded(shared_data, "hp6830")
    identity = reading.identity
    assert (identity.manufacturer, identity.model) == ("HP", "Officejet Pro 6830")
    assert identity.serial_number == "TH55R620W0"
    assert [(one.description, one.colour, one.percent, one.condition) for one in reading.supplies] == [
        (f"{colour} ink", colour, 20, Condition.LOW) for colour in ("magenta", "cyan", "yellow", "black")
    ]  # the printer itself calls 20 % low
    assert reading.alerts == ()  # its list holds events of severity “other” only
    assert reading.trays[0].kind is TrayKind.FIXED


def test_supplies_are_told_with_kind_unit_and_condition() -> None:
    reading = of(
        printer_supply=(
            b"index=1;class=supplyThatIsConsumed;type=tonerCartridge;unit=percent;maxcapacity=100;level=7;colorantname=cyan;",
            b"index=4;class=receptacleThatIsFilled;type=wasteToner;unit=tenthsOfGrams;maxcapacity=4000;level=0;",
            b"index=5;type=opc;unit=impressions;maxcapacity=-2;level=-3;colorantname=none;",
            b"nonsense",
        ),
        printer_supply_description=("Cyan Cartridge", "Waste Bottle", "Black Drum", "Riddle"),
    )
    cyan, waste, drum, riddle = reading.supplies
    assert (cyan.key, cyan.kind, cyan.colour, cyan.percent) == ("1.1", SupplyKind.TONER, "cyan", 7)
    assert (cyan.condition, cyan.unit) == (Condition.LOW, Unit.PERCENT)
    assert (waste.key, waste.kind, waste.is_receptacle) == ("1.4", SupplyKind.WASTE, True)
    assert (waste.unit, waste.percent, waste.condition) == (Unit.TENTHS_OF_GRAMS, 0, Condition.EMPTY)
    assert (drum.colour, drum.percent, drum.condition) == ("black", None, Condition.SOME_REMAINING)
    assert drum.capacity is None
    assert (riddle.key, riddle.kind, riddle.condition) == ("1.4", SupplyKind.OTHER, Condition.UNKNOWN)


def test_markers_count_receptacles_by_what_is_in_them() -> None:
    reading = of(
        marker_names=("Toner", "Waste Toner"),
        marker_types=("toner", "waste-toner"),
        marker_colors=("#000000", "none"),
        marker_levels=(-2, 95),
    )
    toner, waste = reading.supplies
    assert (toner.colour, toner.percent, toner.condition) == ("black", None, Condition.UNKNOWN)
    assert (waste.kind, waste.percent, waste.condition) == (SupplyKind.WASTE, 5, Condition.LOW)


def test_lists_that_do_not_fit_together_are_not_mixed_up() -> None:
    reading = of(marker_names=("Only one",), marker_levels=(50, 60), marker_colors=("#00FFFF", "#FFFF00"))
    assert [(one.description, one.colour, one.percent) for one in reading.supplies] == [
        ("", "cyan", 50),
        ("", "yellow", 60),
    ]


def test_trays_and_alerts() -> None:
    reading = of(
        printer_input_tray=(
            b"type=sheetFeedAutoRemovableTray;dimunit=tenThousandthsOfInches;mediafeed=110000;mediaxfeed=85000;"
            b"maxcapacity=500;level=500;unit=sheets;index=1;name=Tray 1;medianame=plain;",
            b"type=sheetFeedManual;mediafeed=-2;mediaxfeed=-2;maxcapacity=100;level=-3;index=2;",
        ),
        printer_alert=(
            b"code=inputMediaSupplyLow;severity=warning;group=input;index=1;training=untrained;time=400;",
            b"code=jam;severity=critical;group=mediaPath;index=1;training=fieldService;time=0;",
            b"code=printerReadyToPrint;severity=other;group=generalPrinter",
        ),
        printer_alert_description=("Tray 1 is nearly empty", "Paper jam", "ready"),
        printer_up_time=1000,
        printer_state=5,
        printer_state_reasons=("media-jam-error", "media-low-warning"),
        printer_state_message=LocalText("en", "Open the door"),
    )
    first, manual = reading.trays
    assert (first.name, first.kind, first.media) == ("Tray 1", TrayKind.REMOVABLE, "plain")
    assert (first.width, first.length, first.unit) == (215_900, 279_400, Unit.SHEETS)
    assert (first.percent, first.condition) == (100, Condition.LOW)  # its alert knows better
    assert (manual.name, manual.kind, manual.condition) == ("#2", TrayKind.MANUAL, Condition.SOME_REMAINING)
    low, jam = reading.alerts
    assert (low.severity, low.keyword, low.place) == (Severity.WARNING, "media-low", 1)
    assert (low.training, low.since) == (TrainingLevel.UNTRAINED, NOW - timedelta(seconds=600))
    assert (jam.severity, jam.code, jam.since) == (Severity.ERROR, 8, None)
    assert reading.status.reasons == ("media-jam", "media-low")
    assert (reading.status.printer, reading.status.device) == (PrinterState.OTHER, DeviceState.DOWN)
    assert reading.status.console == ("Open the door",)


def test_counts_are_kept_by_colour_and_what_is_missing_is_absent() -> None:
    column = {
        "monochrome": Attribute(Tag.INTEGER, (300,)),
        "monochrome-two-sided": Attribute(Tag.INTEGER, (40,)),
        "full-color": Attribute(Tag.INTEGER, (60,)),
    }
    counters = of(printer_impressions_completed=400, printer_impressions_completed_col=column).counters
    assert dict(counters) == {
        CounterName.LIFE: 400,
        CounterName.TOTAL_SIDES: 400,
        CounterName.MONO_SIDES: 340,
        CounterName.COLOUR_SIDES: 60,
    }
    assert counters.life_unit is Unit.IMPRESSIONS
    assert dict(of(printer_impressions_completed=None).counters) == {}
    assert of().counters.life_unit is Unit.UNKNOWN


def test_a_printer_that_says_nothing_is_unknown() -> None:
    reading = of()
    assert reading.identity.is_colour is None
    assert (reading.status.printer, reading.status.device) == (PrinterState.UNKNOWN, DeviceState.UNKNOWN)
    assert (reading.supplies, reading.trays, reading.alerts) == ((), (), ())


@pytest.mark.parametrize("printer_options", [("-M", "Northlight", "-m", "ColorJet 700", "-s", "17,8")])
def test_a_running_printer_is_read(printer_options: tuple[str, ...], tmp_path: Path) -> None:
    with dns_sd() as environment, ipp_printer(tmp_path, environment, *printer_options) as device:
        port = urlsplit(device.address).port
        assert port is not None
        reading = asyncio.run(read_ipp_printer(IppAddress("localhost", port)))
    assert (reading.identity.manufacturer, reading.identity.model) == ("Northlight", "ColorJet 700")
    assert reading.identity.pages_per_minute == 17
    assert reading.source is Source.IPP
    assert reading.identity.is_colour
    assert reading.status.printer is PrinterState.IDLE
    assert len(reading.supplies) >= 4
    assert {supply.colour for supply in reading.supplies} >= {"black", "cyan", "magenta", "yellow"}
    assert len(reading.trays) >= 1
    assert dict(reading.counters) == {}  # it does not count


WRONG = (
    Attribute(Tag.INTEGER, (-2,)),
    Attribute(Tag.INTEGER, (2_147_483_647, 0, -1)),
    Attribute(Tag.TEXT, ("", "x" * 400)),
    Attribute(Tag.KEYWORD, ("none",)),
    Attribute(Tag.BOOLEAN, (True,)),
    Attribute(Tag.NO_VALUE, (None,)),
    Attribute(Tag.OCTETS, (b"\xff\xfe\x00", b"index=x;level=;maxcapacity=-3;unit=;", b"=;;=")),
    Attribute(Tag.BEGIN_COLLECTION, ({"media": Attribute(Tag.INTEGER, (3,))},)),
)
"""Values that stand where others belong."""


def test_whatever_a_printer_answers_the_reading_can_be_kept(shared_data: Path) -> None:
    """A few hundred answers of real printers with wrong values in them."""
    for path in sorted((shared_data / "ipp").glob("get-printer-attributes-*.bin")):
        sound = decode(path.read_bytes())[0].first(Tag.PRINTER)
        for seed in range(100):
            chance = random.Random(seed)
            found = {name: chance.choice(WRONG) if chance.random() < 0.3 else one for name, one in sound.items()}
            assert_plausible(reading_of(found, NOW))
