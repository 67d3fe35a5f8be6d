"""Printers that answer SNMP badly: tables that are missing or of wrong types, texts in no encoding, numbers that lie.

Whatever they send, reading them ends with a reading whose values can be believed, or with a fault that says why not.
"""

import asyncio
import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from connectors.printers.printer_mib import HR_DEVICE, HR_PRINTER, INPUT, MARKER, SUPPLY
from connectors.printers.reading import Condition, CounterName, PrinterReading, SupplyKind, Unit
from connectors.printers.snmp_reading import NOT_A_PRINTER, read_printer
from connectors.snmp.ber import Oid, Tag, encoded, integer, object_identifier, octets, oid_of
from connectors.snmp.client import SnmpTarget
from printers_sim.printer import address_of, make_printer
from printers_sim.profile import profiles
from printers_sim.snmp.printer_mib import base_values, own_values
from printers_sim.snmp.recording import read_recording
from tests.support.plausible_readings import LARGEST, assert_plausible
from tests.support.snmp_agents import simulated

Values = dict[Oid, bytes]
MUTANTS = 240
PRINTER_MIB, HOST_RESOURCES, SYSTEM = oid_of("1.3.6.1.2.1.43"), oid_of("1.3.6.1.2.1.25"), oid_of("1.3.6.1.2.1.1")
WRONG = (
    octets(""),
    octets("\0\0\0"),
    octets(b"\xff\xfe\x00\xd8"),
    octets(b"T\xf6ner \x93schwarz\x94"),
    octets("Schwarz\r\nToner\t\x1b[31m"),
    octets(bytes(300)),
    octets("-3"),
    octets("12 pages"),
    integer(-1),
    integer(-2),
    integer(-3),
    integer(0),
    integer(2_147_483_647),
    integer(4_294_967_295, Tag.COUNTER32),
    integer(LARGEST - 1, Tag.COUNTER64),
    object_identifier((1, 3, 6)),
    encoded(Tag.IP_ADDRESS, bytes(4)),
    encoded(Tag.OPAQUE, b"\x9f\x78\x04\x7f\xc0\x00\x00"),
    encoded(Tag.NULL, b""),
)
"""Values that printers have been seen to send where others belong."""


def whole(profile: str = "color-mfp", number: int = 1) -> Values:
    """All that a sound printer answers."""
    printer = make_printer(number, profiles()[profile])
    return {**base_values(printer.profile), **own_values(printer)}


def column(base: str, number: int, *index: int) -> Oid:
    return (*oid_of(base), number, *index)


def read(*walks: Mapping[Oid, bytes]) -> list[PrinterReading | PressroomError]:
    """What comes of reading each of them."""
    with simulated(recordings={address_of(number): walk for number, walk in enumerate(walks)}) as port:

        async def one(number: int) -> PrinterReading | PressroomError:
            try:
                return await read_printer(SnmpTarget(address_of(number), port))
            except PressroomError as error:
                return error

        async def all_of_them() -> list[PrinterReading | PressroomError]:
            return await asyncio.gather(*map(one, range(len(walks))))

        return asyncio.run(all_of_them())


def reading(walk: Mapping[Oid, bytes]) -> PrinterReading:
    (found,) = read(walk)
    assert isinstance(found, PrinterReading), found
    return found


def mutated(seed: int) -> Values:
    """A sound printer in which some things are wrong: rows and tables gone, values of other kinds, indexes twice."""
    chance = random.Random(seed)
    walk = whole(chance.choice(list(profiles())), seed)
    for name in list(walk):
        if chance.random() < 0.15:
            walk[name] = chance.choice(WRONG)
        elif chance.random() < 0.05:
            del walk[name]
    for table in chance.sample(sorted({name[:9] for name in walk if name[:7] == PRINTER_MIB}), 2):
        if chance.random() < 0.5:
            walk = {name: value for name, value in walk.items() if name[:9] != table}
    if chance.random() < 0.3:
        walk |= {(*name[:-2], 2, name[-1]): value for name, value in walk.items() if name[:8] == (*PRINTER_MIB, 11)}
    return walk


def test_whatever_is_wrong_a_reading_can_be_believed() -> None:
    """Nothing is raised but faults; most printers are still read."""
    results = read(*(mutated(seed) for seed in range(MUTANTS)))
    readings = [one for one in results if isinstance(one, PrinterReading)]
    for one in readings:
        assert_plausible(one)
    refused = [one for one in results if isinstance(one, PressroomError)]
    assert {one.fault for one in refused} <= {NOT_A_PRINTER}
    assert len(readings) > MUTANTS * 0.95


@pytest.mark.parametrize("table", ["system", "host resources", "inputs", "marker", "supplies", "console", "alerts"])
def test_a_table_that_is_missing_costs_only_itself(table: str) -> None:
    prefixes = {
        "system": SYSTEM,
        "host resources": HOST_RESOURCES,
        "inputs": (*PRINTER_MIB, 8),
        "marker": (*PRINTER_MIB, 10),
        "supplies": (*PRINTER_MIB, 11),
        "console": (*PRINTER_MIB, 16),
        "alerts": (*PRINTER_MIB, 18),
    }
    prefix = prefixes[table]
    sound = reading(whole())
    found = reading({name: value for name, value in whole().items() if name[: len(prefix)] != prefix})
    assert_plausible(found)
    assert found.identity.serial_number == sound.identity.serial_number
    assert bool(found.supplies) is (table != "supplies")
    assert bool(found.trays) is (table != "inputs")
    assert (CounterName.LIFE in found.counters) is (table != "marker")


def test_only_host_resources_is_a_printer_without_supplies() -> None:
    """Old print servers have no Printer MIB."""
    walk = {name: value for name, value in whole("third-party-color").items() if name[:7] != PRINTER_MIB}
    walk = {
        name: value
        for name, value in walk.items()
        if name[:7] in (HOST_RESOURCES, (*SYSTEM, 0)[:7]) or name[:7] == SYSTEM
    }
    found = reading(walk)
    assert_plausible(found)
    assert (found.identity.model, found.supplies, found.trays) == ("ColorJet 700", (), ())
    assert found.status.printer.value in ("idle", "printing")
    assert dict(found.counters) == {}


LEVELS = [
    # level, capacity, unit; percent and condition
    (-1, 100, 19, None, Condition.UNKNOWN),
    (-2, 100, 19, None, Condition.UNKNOWN),
    (-3, 100, 19, None, Condition.SOME_REMAINING),
    (-3, -2, 7, None, Condition.SOME_REMAINING),
    (-100, 100, 19, None, Condition.UNKNOWN),
    (50, 0, 7, None, Condition.SOME_REMAINING),
    (50, -1, 7, None, Condition.SOME_REMAINING),
    (50, -2, 19, 50, Condition.OK),
    (0, 0, 7, 0, Condition.EMPTY),
    (120, 100, 19, 100, Condition.OK),
    (20_000, 100, 7, None, Condition.SOME_REMAINING),
    (1, 20_000, 7, 1, Condition.LOW),
    (2_147_483_647, 2_147_483_647, 7, 100, Condition.OK),
]


@pytest.mark.parametrize(("level", "capacity", "unit", "percent", "condition"), LEVELS)
def test_levels(level: int, capacity: int, unit: int, percent: int | None, condition: Condition) -> None:
    """RFC 3805: -1 other, -2 unknown, -3 some; a capacity of nothing says nothing."""
    walk = whole("third-party-color")
    for name, value in ((9, level), (8, capacity), (7, unit)):
        walk[column(SUPPLY, name, 1, 1)] = integer(value)
    walk = {name: value for name, value in walk.items() if name[:8] != (*PRINTER_MIB, 18)}
    found = reading(walk)
    assert_plausible(found)
    assert (found.supplies[0].percent, found.supplies[0].condition) == (percent, condition)


def test_rows_of_two_devices_are_kept_apart() -> None:
    """Two markers with supplies of the same numbers: each has a key of its own."""
    walk = whole("third-party-color")
    walk |= {(*name[:-2], 2, name[-1]): value for name, value in walk.items() if name[:8] == (*PRINTER_MIB, 11)}
    found = reading(walk)
    assert_plausible(found)
    assert [supply.key for supply in found.supplies] == [f"{device}.{row}" for device in (1, 2) for row in range(1, 6)]


TEXTS = [
    (b"T\xf6ner", "Töner"),
    ("トナー".encode(), "トナー"),
    ("Toner".encode("utf-16-be"), "Toner"),
    (b"\xff\xfe" + "Toner".encode("utf-16-le"), "Toner"),
    (b"Toner\0\0\0\0", "Toner"),
    (b"Toner\r\n  black", "Toner black"),
    (b"\x80\x81\x82", ""),
]


@pytest.mark.parametrize(("raw", "text"), TEXTS)
def test_texts_in_whatever_encoding(raw: bytes, text: str) -> None:
    walk = whole("third-party-color")
    walk[column(SUPPLY, 6, 1, 1)] = octets(raw)
    found = reading(walk)
    assert_plausible(found)
    assert found.supplies[0].description == text


def test_a_life_count_of_the_wrong_type_is_no_count() -> None:
    for wrong in (octets("many"), integer(-1), object_identifier((1, 3))):
        found = reading({**whole(), column(MARKER, 4, 1, 1): wrong})
        assert_plausible(found)
        assert CounterName.LIFE not in found.counters


def test_supplies_without_a_level_column_are_shown_as_unknown() -> None:
    walk = {name: value for name, value in whole().items() if name[:11] != (*oid_of(SUPPLY), 9)}
    found = reading(walk)
    assert found.supplies
    assert {supply.percent for supply in found.supplies} == {None}


def test_a_printer_at_another_place_among_the_devices_is_found() -> None:
    """A print server whose first device is a disk."""
    walk = whole("third-party-color")
    moved = {}
    for name, value in walk.items():
        is_device = name[:10] in (oid_of(HR_DEVICE), oid_of(HR_PRINTER))
        moved[(*name[:-1], 7) if is_device else name] = value
    moved[column(HR_DEVICE, 2, 1)] = object_identifier(oid_of("1.3.6.1.2.1.25.3.1.6"))
    found = reading(moved)
    assert found.status.printer.value in ("idle", "printing")


def test_trays_of_no_size_or_of_unknown_amounts() -> None:
    walk = whole("third-party-color")
    for name, value in ((9, -2), (10, -3), (6, -1), (7, 0), (3, 99), (2, 4711), (8, 0)):
        walk[column(INPUT, name, 1, 1)] = integer(value)
    found = reading(walk)
    assert_plausible(found)
    tray = found.trays[0]
    assert (tray.capacity, tray.level, tray.percent, tray.condition) == (None, None, None, Condition.SOME_REMAINING)
    assert (tray.width, tray.unit) == (None, Unit.UNKNOWN)


def test_what_is_no_printer_is_said_to_be_none() -> None:
    walk = {(*SYSTEM, 1, 0): octets("A switch"), (*SYSTEM, 2, 0): object_identifier((1, 3, 6, 1, 4, 1, 9))}
    (found,) = read(walk)
    assert isinstance(found, PressroomError)
    assert found.fault is NOT_A_PRINTER


SPARSE = [
    ({(*SYSTEM, 1, 0): octets("KYOCERA Document Solutions Printing System"), (*SYSTEM, 2, 0): (1347, 41)}, "Kyocera"),
    ({(*SYSTEM, 1, 0): octets("OKI OkiLAN")}, "OKI"),
    ({(*SYSTEM, 1, 0): octets("ZebraNet Wired PS"), (*SYSTEM, 2, 0): (10642, 1)}, "Zebra"),
    ({(*SYSTEM, 1, 0): octets("EPSON Built-in"), (*SYSTEM, 2, 0): (1248, 1, 1, 2, 1, 3)}, "Epson"),
]


@pytest.mark.parametrize(("walk", "maker"), SPARSE)
def test_a_printer_that_says_hardly_more_than_its_name_is_known_by_it(walk: dict[Oid, object], maker: str) -> None:
    """Print servers that answer two objects and no more."""
    enterprise = (1, 3, 6, 1, 4, 1)
    values = {
        name: object_identifier((*enterprise, *value)) if isinstance(value, tuple) else value
        for name, value in walk.items()
    }
    found = reading(values)  # type: ignore[arg-type]
    assert_plausible(found)
    assert found.identity.manufacturer == maker
    assert found.supplies == ()


def recordings(shared_data: Path) -> Iterator[Path]:
    yield from sorted((shared_data / "snmp").rglob("*.snmprec"))


def test_every_recording_there_is_gives_a_plausible_reading(shared_data: Path) -> None:
    files = list(recordings(shared_data))
    assert files
    for file, found in zip(files, read(*(read_recording(file) for file in files)), strict=True):
        assert isinstance(found, PrinterReading), f"{file.name}: {found}"
        assert_plausible(found)
        assert found.identity.model, file.name
        kinds = {supply.kind for supply in found.supplies}
        assert not found.supplies or kinds & {SupplyKind.TONER, SupplyKind.INK}, file.name
