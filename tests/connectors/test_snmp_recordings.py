"""Recordings of real printers read over SNMP, against what another system reads out of them."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.printers.reading import Condition, CounterName, PrinterReading, SupplyKind, Unit
from connectors.printers.snmp_reading import read_printer
from connectors.snmp.client import SnmpTarget
from printers_sim.snmp.recording import read_recording
from tests.support.snmp_agents import simulated

RECORDINGS = ("brother_hl5370dw", "jetdirect_m880", "konica_c250i", "lexmarkprinter", "ricoh_mpc3002", "xerox")
ASSUMED_HALF, ASSUMED_CAPACITY = 50, 100
"""What the other system makes of "some is left" and of unknown capacities."""
OTHER_SENSORS = {
    "prtMarkerLifeCount": CounterName.LIFE,
    "TotalCopyBlack.1.1": CounterName.COPY_MONO_SIDES,
    "TotalCopyColor.2.1": CounterName.COPY_COLOUR_SIDES,
    "TotalPrintBlack.1.2": CounterName.PRINT_MONO_SIDES,
    "TotalPrintColor.2.2": CounterName.PRINT_COLOUR_SIDES,
    "TotalPrintDuplex.3.0": CounterName.DUPLEX_SHEETS,
    "TotalScans.5.0": CounterName.SCANS,
}
NOT_KEPT = frozenset({"prtMarkerPowerOnCount", "0"})
"""Sensors that are no counters of FL-236: sides since the printer was switched on, and the status."""

READ_BETTER = {
    ("brother_hl5370dw", "hardware"): "HL-5370DW",  # theirs has the hardware address behind the model
    ("xerox", "version"): "100.002.057.09608",  # theirs has none
}


@pytest.fixture(scope="module")
def recorded(shared_data: Path) -> Iterator[Mapping[str, PrinterReading]]:
    """Every recording, replayed and read."""
    files = {f"127.21.0.{number}": name for number, name in enumerate(RECORDINGS, 1)}
    walks = {address: read_recording(shared_data / "snmp" / f"{name}.snmprec") for address, name in files.items()}
    with simulated(recordings=walks) as port:
        yield {name: asyncio.run(read_printer(SnmpTarget(address, port))) for address, name in files.items()}


@pytest.fixture(scope="module")
def expected(shared_data: Path) -> Mapping[str, dict[str, Any]]:
    found = sorted((shared_data / "snmp").glob("*.expected.json"))
    return {path.name.partition(".")[0]: json.loads(path.read_text()) for path in found}


def test_a_recording_says_what_it_is(
    recorded: Mapping[str, PrinterReading], expected: Mapping[str, dict[str, Any]]
) -> None:
    for name, content in expected.items():
        device, identity = content["os"]["discovery"]["devices"][0], recorded[name].identity
        assert identity.model == READ_BETTER.get((name, "hardware"), device["hardware"]), name
        assert identity.serial_number == (device.get("serial") or ""), name
        assert identity.firmware_level == READ_BETTER.get((name, "version"), device.get("version") or ""), name
        assert identity.system_object_id == device["sysObjectID"].lstrip("."), name


def test_recordings_name_their_makers(recorded: Mapping[str, PrinterReading]) -> None:
    makers = {name: reading.identity.manufacturer for name, reading in recorded.items()}
    assert makers == {
        "brother_hl5370dw": "Brother",
        "jetdirect_m880": "HP",
        "konica_c250i": "Konica Minolta",
        "lexmarkprinter": "Lexmark",
        "ricoh_mpc3002": "Ricoh",
        "xerox": "Xerox",
    }
    assert recorded["lexmarkprinter"].identity.model == "T640"
    assert recorded["lexmarkprinter"].identity.firmware_level == "NS.NP.N219"
    assert recorded["jetdirect_m880"].identity.mac == "10:e7:c6:62:70:8e"


def test_the_supplies_and_trays_of_recordings_are_those_that_others_see(
    recorded: Mapping[str, PrinterReading], expected: Mapping[str, dict[str, Any]]
) -> None:
    """The differences of docs/readings.md: what others guess at is unknown here."""
    for name, content in expected.items():
        rows = content["printer-supplies"]["discovery"]["printer_supplies"]
        ours = {f"input {tray.key}": tray for tray in recorded[name].trays}
        supplies = {f"supply {supply.key}": supply for supply in recorded[name].supplies}
        assert len(rows) <= len(ours) + len(supplies), name
        for row in rows:
            if row["supply_type"] == "input":
                tray = ours[f"input 1.{row['supply_index']}"]
                assert (tray.name, tray.capacity) == (row["supply_descr"], row["supply_capacity"]), name
                _assert_same_level(tray.percent, tray.condition, row)
            else:
                supply = supplies[f"supply 1.{row['supply_index']}"]
                assert supply.description.replace(" ", "") == row["supply_descr"].replace(" ", ""), name
                assert (supply.capacity or ASSUMED_CAPACITY) == row["supply_capacity"], name
                _assert_same_level(supply.percent, supply.condition, row)


def _assert_same_level(percent: int | None, condition: Condition, row: dict[str, Any]) -> None:
    if condition is Condition.SOME_REMAINING:
        assert (percent, row["supply_current"]) == (None, ASSUMED_HALF), row
    elif (row["supply_descr"], row["supply_index"]) == ("Black Toner Cartridge", 1):
        assert percent == 0, row  # theirs swings between 100 when it is found and 0 when it is polled
    else:
        assert percent == row["supply_current"], row


def test_the_counters_of_recordings_are_those_that_others_see(
    recorded: Mapping[str, PrinterReading], expected: Mapping[str, dict[str, Any]]
) -> None:
    seen = 0
    for name, content in expected.items():
        for sensor in content.get("sensors", {}).get("discovery", {}).get("sensors", []):
            if sensor["sensor_index"] in NOT_KEPT:
                continue
            counter = OTHER_SENSORS[sensor["sensor_index"]]
            assert recorded[name].counters.get(counter) == sensor["sensor_current"], (name, counter)
            seen += 1
    assert seen == 9
    assert recorded["ricoh_mpc3002"].counters.life_unit is Unit.SHEETS
    assert recorded["brother_hl5370dw"].counters.life_unit is Unit.IMPRESSIONS
    assert recorded["xerox"].counters.get(CounterName.LIFE) is None


def test_kinds_colours_and_numbers_are_told_apart_without_types(recorded: Mapping[str, PrinterReading]) -> None:
    xerox = {supply.key: supply for supply in recorded["xerox"].supplies}
    assert [xerox[f"1.{number}"].kind for number in (1, 5, 9, 10, 11)] == [
        SupplyKind.TONER,
        SupplyKind.PHOTOCONDUCTOR,
        SupplyKind.FUSER,
        SupplyKind.WASTE,
        SupplyKind.TRANSFER,
    ]
    cyan = xerox["1.2"]
    assert (cyan.colour, cyan.part_number, cyan.serial_number) == ("cyan", "006R01512", "461E7A80E0000489")
    assert (xerox["1.9"].part_number, xerox["1.9"].serial_number) == ("", "")
    assert xerox["1.10"].is_receptacle
    assert recorded["jetdirect_m880"].supplies[0].description == "Black Cartridge 827A HP CF300A"
    assert recorded["jetdirect_m880"].supplies[12].kind is SupplyKind.STAPLES
    assert recorded["konica_c250i"].status.reasons == ("service-needed",)
