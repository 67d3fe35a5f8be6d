"""Printers read over SNMP: simulated ones whose state is known, and agents that lie."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from connectors.printers.reading import (
    Condition,
    CounterName,
    DeviceState,
    PaperCount,
    PrinterReading,
    PrinterState,
    Severity,
    Supply,
    SupplyKind,
    TrainingLevel,
    TrayKind,
    Unit,
)
from connectors.printers.snmp_reading import NOT_A_PRINTER, read_printer, read_with
from connectors.snmp import client as port_of
from connectors.snmp.ber import Oid, Tag, encoded, integer, object_identifier, octets, oid_of, parse_oid
from connectors.snmp.client import SnmpTarget
from connectors.snmp.message import CommunityMessage, Version
from connectors.snmp.pysnmp_client import PysnmpClient
from printers_sim.printer import Condition as Trouble
from printers_sim.printer import SimulatedPrinter, make_printer
from printers_sim.profile import profiles
from tests.support.snmp_agents import replying, response, simulated, snmpd

# the simulated fleet, whose state is known


@pytest.fixture
def fleet() -> Iterator[tuple[list[SimulatedPrinter], SnmpTarget]]:
    printers = [make_printer(number, profile) for number, profile in enumerate(profiles().values())]
    with simulated(printers) as port:
        yield printers, SnmpTarget("", port)


def test_a_simulated_printer_reads_as_it_is(fleet: tuple[list[SimulatedPrinter], SnmpTarget]) -> None:
    printers, target = fleet
    for printer in printers:
        reading = asyncio.run(read_printer(replace(target, address=printer.address)))
        identity, profile = reading.identity, printer.profile
        assert (identity.manufacturer, identity.model) == (profile.make, profile.model)
        assert (identity.serial_number, identity.firmware_level) == (printer.serial, printer.firmware)
        assert (identity.host_name, identity.location) == (printer.host_name, printer.location)
        assert (identity.mac, identity.is_colour) == (printer.mac.hex(":"), profile.color)
        assert identity.pages_per_minute == profile.pages_per_minute
        assert dict(reading.counters) == {CounterName.LIFE: printer.life_count}
        assert [supply.percent for supply in reading.supplies] == [supply.percent for supply in printer.supplies]
        assert [supply.colour for supply in reading.supplies] == [supply.facts.color for supply in printer.supplies]
        assert [tray.level for tray in reading.trays] == [tray.sheets for tray in printer.trays]
        assert reading.status.printer is PrinterState.IDLE
        assert datetime.now(UTC) - reading.read_at < timedelta(seconds=30)


@pytest.mark.parametrize("version", [Version.V1, Version.V2C])
def test_every_version_and_both_clients_give_the_same_reading(
    fleet: tuple[list[SimulatedPrinter], SnmpTarget], version: Version
) -> None:
    printers, target = fleet
    target = replace(target, address=printers[0].address, version=version)

    async def portably() -> PrinterReading:
        async with PysnmpClient(target) as client:
            return await read_with(client, target.address)

    fast, portable = asyncio.run(read_printer(target)), asyncio.run(portably())
    assert fast.supplies == portable.supplies
    assert fast.trays == portable.trays
    assert replace(fast.identity, uptime=None) == replace(portable.identity, uptime=None)
    assert fast.status == portable.status


def test_trouble_shows_in_alerts_reasons_and_conditions(
    fleet: tuple[list[SimulatedPrinter], SnmpTarget],
) -> None:
    printers, target = fleet
    printer = printers[0]
    for supply in printer.supplies:
        supply.used = 0.0
    printer.started -= 1000
    printer.raise_condition(Trouble.JAM)
    printer.raise_condition(Trouble.SUPPLY_EMPTY, 2)
    printer.raise_condition(Trouble.SUPPLY_EMPTY, 8)
    printer.raise_condition(Trouble.TRAY_EMPTY, 1)
    reading = asyncio.run(read_printer(replace(target, address=printer.address)))
    assert reading.status.device is DeviceState.DOWN
    assert set(reading.status.reasons) == {"media-jam", "toner-empty", "marker-waste-full", "media-empty"}
    assert [alert.severity for alert in reading.alerts] == [Severity.ERROR] * 3 + [Severity.WARNING]
    jam = next(alert for alert in reading.alerts if alert.keyword == "media-jam")
    assert (jam.text, jam.code, jam.group) == ("Paper jam", 8, "mediaPath")
    assert jam.training is TrainingLevel.UNTRAINED
    assert jam.since is not None
    assert abs(reading.read_at - jam.since) < timedelta(seconds=30)
    cyan, waste, tray = reading.supplies[1], reading.supplies[7], reading.trays[0]
    assert (cyan.percent, cyan.condition) == (0, Condition.EMPTY)
    assert (waste.percent, waste.condition, waste.is_receptacle) == (0, Condition.EMPTY, True)
    assert (tray.condition, tray.kind, tray.width, tray.length) == (
        Condition.EMPTY,
        TrayKind.REMOVABLE,
        210_000,
        297_000,
    )


# agents that lie, lack tables or write strangely


def supplies_of(rows: Mapping[int, tuple[bytes, ...]], **more: bytes) -> tuple[Supply, ...]:
    """The supplies of an agent with rows of (type, description, unit, capacity, level)."""
    return reading_of(rows, **more).supplies


def reading_of(rows: Mapping[int, tuple[bytes, ...]], **more: bytes) -> PrinterReading:
    table = oid_of("1.3.6.1.2.1.43.11.1.1")
    values: dict[Oid, bytes] = {oid_of(name.replace("_", ".").strip(".")): value for name, value in more.items()}
    for index, row in rows.items():
        for column, value in zip((5, 6, 7, 8, 9), row, strict=True):
            values[(*table, column, 1, index)] = value
    address = "127.22.0.1"
    with simulated(recordings={address: values}) as port:
        return asyncio.run(read_printer(SnmpTarget(address, port, timeout=1.0)))


def row(level: int, capacity: int = 100, unit: int = 19, kind: int = 3, text: str = "Black") -> tuple[bytes, ...]:
    return integer(kind), octets(text), integer(unit), integer(capacity), integer(level)


@pytest.mark.parametrize(
    ("level", "capacity", "unit", "percent", "condition"),
    [
        (50, 100, 19, 50, Condition.OK),
        (10, 100, 19, 10, Condition.LOW),
        (0, 100, 19, 0, Condition.EMPTY),
        (1, 20000, 7, 1, Condition.LOW),  # hardly anything is not nothing
        (-1, 100, 19, None, Condition.UNKNOWN),
        (-2, 100, 19, None, Condition.UNKNOWN),
        (-3, 100, 19, None, Condition.SOME_REMAINING),
        (-3, -2, 15, None, Condition.SOME_REMAINING),
        (-77, 100, 19, None, Condition.UNKNOWN),
        (0, -2, 15, 0, Condition.EMPTY),
        (40, -2, 15, None, Condition.SOME_REMAINING),
        (40, -2, 19, 40, Condition.OK),  # percents have a capacity of their own
        (110, 100, 19, 100, Condition.OK),  # filled to the brim
        (5000, 100, 19, None, Condition.SOME_REMAINING),  # numbers that do not belong together
    ],
)
def test_levels_are_numbers_only_where_they_are(
    level: int, capacity: int, unit: int, percent: int | None, condition: Condition
) -> None:
    (supply,) = supplies_of({1: row(level, capacity, unit)})
    assert (supply.percent, supply.condition) == (percent, condition)
    assert supply.level == (level if level >= 0 else None)


def test_a_vendors_own_sign_for_empty_is_data() -> None:
    ricoh = {"_1_3_6_1_2_1_1_2_0": object_identifier(oid_of("1.3.6.1.4.1.367.1.1"))}
    (supply,) = supplies_of({1: row(-100)}, **ricoh)
    assert (supply.percent, supply.condition) == (0, Condition.EMPTY)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"Black Toner\0\0", "Black Toner"),
        ("Schwarztoner für Büro".encode(), "Schwarztoner für Büro"),
        ("Schwarztoner für Büro".encode("latin-1"), "Schwarztoner für Büro"),
        ("Black Toner".encode("utf-16-le"), "Black Toner"),
        ("Black Toner".encode("utf-16-be"), "Black Toner"),
        ("Black Tönër".encode("utf-16"), "Black Tönër"),
        (b"42 6C 61 63 6B 20 54 6F 6E 65 72 ", "Black Toner"),
        (b"0x42 6C 61 63 6B 20 54 6F 6E 65 72", "Black Toner"),
        (b"Black Cartridge \n38 32 37 41 00 ", "Black Cartridge 827A"),
        (b"Black\r\nToner\x07", "Black Toner"),
        (b"", ""),
    ],
)
def test_texts_survive_every_encoding(written: bytes, read: str) -> None:
    (supply,) = supplies_of({1: (integer(3), octets(written), integer(19), integer(100), integer(50))})
    assert supply.description == read
    assert supply.colour == ("black" if "lack" in read or "chwarz" in read else "")


def test_numbers_written_as_text_and_other_strange_types_are_read_or_unknown() -> None:
    strange = {
        1: (octets("3"), octets("Black"), octets("19"), octets("100"), octets("55")),
        2: (octets("?"), integer(7), encoded(Tag.NULL, b""), octets(""), octets("many")),
        3: (integer(3), octets("Cyan"), integer(19), integer(100, Tag.GAUGE32), integer(7, Tag.COUNTER32)),
    }
    first, second, third = supplies_of(strange)
    assert (first.percent, first.kind, first.unit) == (55, SupplyKind.TONER, Unit.PERCENT)
    assert (second.percent, second.condition, second.description) == (None, Condition.UNKNOWN, "7")
    assert third.percent == 7


def test_columns_that_are_missing_are_unknown() -> None:
    values = {oid_of("1.3.6.1.2.1.43.11.1.1.6.1.1"): octets("Yellow Ink")}
    with simulated(recordings={"127.22.0.1": values}) as port:
        reading = asyncio.run(read_printer(SnmpTarget("127.22.0.1", port, timeout=1.0)))
    (supply,) = reading.supplies
    assert (supply.kind, supply.colour, supply.condition) == (SupplyKind.INK, "yellow", Condition.UNKNOWN)
    assert (reading.trays, reading.alerts, dict(reading.counters)) == ((), (), {})
    assert reading.identity.uptime is None


def test_the_printer_may_be_any_of_the_hosts_devices() -> None:
    values = {
        oid_of("1.3.6.1.2.1.25.3.2.1.2.1"): object_identifier(oid_of("1.3.6.1.2.1.25.3.1.4")),
        oid_of("1.3.6.1.2.1.25.3.2.1.2.7"): object_identifier(oid_of("1.3.6.1.2.1.25.3.1.5")),
        oid_of("1.3.6.1.2.1.25.3.2.1.3.7"): octets("Zenith Z1"),
        oid_of("1.3.6.1.2.1.25.3.2.1.5.7"): integer(3),
        oid_of("1.3.6.1.2.1.25.3.5.1.1.7"): integer(4),
        oid_of("1.3.6.1.2.1.43.5.1.1.17.1"): octets("Z-17"),
    }
    with simulated(recordings={"127.22.0.1": values}) as port:
        reading = asyncio.run(read_printer(SnmpTarget("127.22.0.1", port, timeout=1.0)))
    assert (reading.status.printer, reading.status.device) == (PrinterState.PRINTING, DeviceState.WARNING)
    assert (reading.identity.manufacturer, reading.identity.model) == ("Zenith", "Zenith Z1")
    assert reading.identity.serial_number == "Z-17"


LEXMARK = "_1_3_6_1_4_1_641_6_4"


def test_counts_come_out_of_vendors_tables_with_their_units() -> None:
    general, scans = f"{LEXMARK}_2_1_1", f"{LEXMARK}_3_1_1"
    values = {"_1_3_6_1_2_1_1_2_0": object_identifier(oid_of("1.3.6.1.4.1.641.2.71107458"))}
    for index, (kind, unit, count) in enumerate([(17, 4, 500), (18, 4, 70), (17, 5, 260), (99, 4, 1)], 1):
        cells = {2: integer(kind), 3: integer(unit), 4: integer(count, Tag.COUNTER32)}
        values |= {f"{general}_{column}_1_{index}": cell for column, cell in cells.items()}
    for index, (kind, count) in enumerate([(1, 10), (1, 5), (257, 3), (772, 8)], 1):
        cells = {2: integer(kind), 3: integer(68), 4: integer(count, Tag.COUNTER32), 5: integer(0, Tag.COUNTER32)}
        values |= {f"{scans}_{column}_1_{index}": cell for column, cell in cells.items()}
    counters = reading_of({}, **values).counters
    assert counters[CounterName.PRINT_MONO_SIDES] == 500
    assert counters[CounterName.PRINT_COLOUR_SIDES] == 70
    assert counters[CounterName.PRINT_MONO_SHEETS] == 260
    assert counters[CounterName.SCANS] == 26
    assert counters[CounterName.SCANS_TO_COPY] == 18
    assert counters[CounterName.SCANS_ADF] == 23
    assert counters[CounterName.SCANS_ADF_DUPLEX] == 8
    assert counters[CounterName.SCANS_FLATBED] == 3
    assert counters.get(CounterName.FAX_SIDES) is None


def test_papers_are_counted_by_size_and_type() -> None:
    table = f"{LEXMARK}_2_2_1"
    values = {"_1_3_6_1_2_1_1_2_0": object_identifier(oid_of("1.3.6.1.4.1.641.2.71107458"))}
    rows = [(68, 3, 90, 10, 88, 9), (999, 7, 4, 0, 4, 0)]
    for index, row_values in enumerate(rows, 1):
        for column, value in enumerate(row_values, 2):
            values[f"{table}_{column}_1_{index}"] = integer(value, Tag.COUNTER32 if column > 3 else Tag.INTEGER)
    assert reading_of({}, **values).counters.papers == (
        PaperCount("A4", "plain", picked=100, delivered_mono=88, delivered_colour=9),
        PaperCount("999", "labels", picked=4, delivered_mono=4, delivered_colour=0),
    )


def test_a_supply_learns_its_numbers_its_first_day_and_its_sides() -> None:
    table = f"{LEXMARK}_4_1_1"
    values = {
        "_1_3_6_1_2_1_1_2_0": object_identifier(oid_of("1.3.6.1.4.1.641.2.71107458")),
        "_1_3_6_1_2_1_43_10_2_1_4_1_1": integer(5000, Tag.COUNTER32),
    }
    installed = (2026).to_bytes(2, "big") + bytes((3, 14, 9, 30, 0, 0))
    facts = [("Black Cartridge", "CAB123", installed, 4200), ("Cyan Cartridge", "unknown", b"\0" * 8, 9000)]
    facts += [("Drum", "D1", installed, 1), ("Drum", "D2", installed, 1)]
    for index, (description, serial, day, count) in enumerate(facts, 1):
        cells = {5: octets(description), 6: octets(serial), 7: octets("P-7"), 10: octets(day), 11: integer(count)}
        values |= {f"{table}_{column}_1_{index}": cell for column, cell in cells.items()}
    described = {
        number: row(50, text=text) for number, text in ((1, "Black Cartridge"), (2, "Cyan Cartridge"), (3, "Drum"))
    }
    black, cyan, drum = reading_of(described, **values).supplies
    assert (black.serial_number, black.part_number, black.sides) == ("CAB123", "P-7", 800)
    assert black.installed == date(2026, 3, 14)
    assert (cyan.serial_number, cyan.installed, cyan.sides) == ("", None, None)
    assert (drum.serial_number, drum.installed) == ("", None)  # two rows are called so: which is it?


def test_counts_come_out_of_records_in_one_string() -> None:
    record = bytes.fromhex("000104000021fa" + "010104000e2a00" + "0601040000ffff" + "5501040000ffff" + "ff")
    brother = {
        "_1_3_6_1_2_1_1_2_0": object_identifier(oid_of("1.3.6.1.4.1.2435.2.3.9.1")),
        "_1_3_6_1_4_1_2435_2_3_9_4_2_1_5_5_10_0": octets(record),
    }
    counters = reading_of({1: row(50)}, **brother).counters
    assert dict(counters) == {
        CounterName.TOTAL_SIDES: 0x21FA,
        CounterName.MONO_SIDES: 0x0E2A00,
        CounterName.DUPLEX_SIDES: 0xFFFF,
    }


def test_supplies_come_out_of_a_private_table_where_the_standard_one_is_missing() -> None:
    table = "_1_3_6_1_4_1_367_3_2_1_2_24_1_1"
    values = {"_1_3_6_1_2_1_1_2_0": object_identifier(oid_of("1.3.6.1.4.1.367.1.1"))}
    for index, (text, level) in enumerate([("Black Toner", 40), ("Cyan Toner", -100), ("Waste Toner", -3)], 1):
        values |= {f"{table}_3_{index}": octets(text), f"{table}_5_{index}": integer(level)}
    black, cyan, waste = reading_of({}, **values).supplies
    assert (black.key, black.description, black.percent, black.unit) == ("1.1", "Black Toner", 40, Unit.PERCENT)
    assert (cyan.colour, cyan.percent, cyan.condition) == ("cyan", 0, Condition.EMPTY)
    assert (waste.kind, waste.condition) == (SupplyKind.WASTE, Condition.SOME_REMAINING)


@pytest.mark.parametrize("kind", ["silent", "garbled"])
def test_a_private_branch_that_cannot_be_read_costs_the_branch_only(kind: str) -> None:
    private = oid_of("1.3.6.1.4.1.641")
    asked_privately = 0
    values = {
        oid_of("1.3.6.1.2.1.1.1.0"): octets("Lexmark CX825 version CXTPC.081.223 kernel 5.4"),
        oid_of("1.3.6.1.2.1.1.2.0"): object_identifier((*private, 2, 1)),
        oid_of("1.3.6.1.2.1.43.10.2.1.4.1.1"): integer(700, Tag.COUNTER32),
        oid_of("1.3.6.1.2.1.43.11.1.1.9.1.1"): integer(50),
    }

    def reply(request: CommunityMessage) -> bytes | None:
        nonlocal asked_privately
        asked = [parse_oid(name) for name in request.pdu.names]
        if any(name[:7] == private for name in asked):
            asked_privately += 1
            return None if kind == "silent" else b"garbled"
        return as_agent(request, values)

    with replying(reply) as port:
        reading = asyncio.run(read_printer(SnmpTarget("127.0.0.1", port, timeout=0.3, attempts=1)))
    assert (reading.identity.model, reading.identity.firmware_level) == ("CX825", "CXTPC.081.223")
    assert dict(reading.counters) == {CounterName.LIFE: 700}
    assert [supply.level for supply in reading.supplies] == [50]
    assert asked_privately >= 1
    assert kind == "garbled" or asked_privately == 1  # who is silent once is not asked again


def as_agent(request: CommunityMessage, values: Mapping[Oid, bytes]) -> bytes:
    """What an agent with these values says to a GET, a GETNEXT, or a GETBULK of one name."""
    asked = [parse_oid(name) for name in request.pdu.names]
    if request.pdu.kind == Tag.GET:
        missing = encoded(Tag.NO_SUCH_OBJECT, b"")
        return response(request, [(name, values.get(name, missing)) for name in asked])
    count = request.pdu.index if request.pdu.kind == Tag.GET_BULK else 1
    following = [one for one in sorted(values) if one > asked[0]][:count]
    end = (asked[0], encoded(Tag.END_OF_MIB_VIEW, b""))
    return response(request, [(one, values[one]) for one in following] or [end])


def test_a_server_is_no_printer(tmp_path: Path) -> None:
    with snmpd(tmp_path, "rocommunity public\n") as port, pytest.raises(PressroomError) as caught:
        asyncio.run(read_printer(SnmpTarget("127.0.0.1", port)))
    assert caught.value.fault is NOT_A_PRINTER


def test_jetdirect_is_never_asked_with_getbulk() -> None:
    kinds: set[int] = set()
    values = {
        oid_of("1.3.6.1.2.1.1.2.0"): object_identifier(oid_of("1.3.6.1.4.1.11.2.3.9.1")),
        oid_of("1.3.6.1.2.1.43.11.1.1.9.1.1"): integer(50),
    }

    def card(request: CommunityMessage) -> bytes | None:
        kinds.add(request.pdu.kind)
        if request.pdu.kind == Tag.GET_BULK:
            return None
        return as_agent(request, values)

    with replying(card) as port:
        reading = asyncio.run(read_printer(SnmpTarget("127.0.0.1", port, timeout=0.5)))
    assert Tag.GET_BULK not in kinds
    assert len(reading.supplies) == 1


def test_a_dead_printer_is_no_answer() -> None:
    with pytest.raises(PressroomError) as caught:
        asyncio.run(read_printer(SnmpTarget("127.20.9.9", 40_161, timeout=0.2, attempts=1)))
    assert caught.value.fault is port_of.NO_ANSWER
