"""A printer of any make read over SNMP: Printer-MIB (RFC 3805) and HOST-RESOURCES-MIB (RFC 2790), in few requests.

Three short walks find which rows there are, then single objects are asked for forty at a time; the vendor's private
branches come last and only where they add something. Tables that are missing cost nothing but their row; a private
branch that an agent refuses or does not answer costs that branch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connectors.errors import Fault
from connectors.messages import N_
from connectors.printers import printer_mib as mib
from connectors.printers.identity import (
    CONTACT,
    DESCRIPTION,
    FIRST_INTERFACES,
    HOST_NAME,
    INTERFACE_ADDRESS,
    LOCATION,
    OBJECT_ID,
    PORT_DEVICE_ID,
    PORT_NAME,
    PRINTER_NAME,
    PROCESS_COLORANTS,
    SERIAL,
    SPEED,
    SPEED_UNIT,
    UPTIME,
    identity_of,
    vendor_of,
)
from connectors.printers.mib_names import SUPPLY_UNITS
from connectors.printers.printer_mib import HR_DEVICE, HR_PRINTER, MARKER, MIB2
from connectors.printers.private_branches import PrivateBranches
from connectors.printers.reading import CounterName, Counters, Identity, PrinterReading, Unit
from connectors.printers.texts import number_of
from connectors.printers.vendor_counters import told_counts
from connectors.printers.vendor_tables import Detail, with_details
from connectors.printers.vendors import NO_VENDOR, Vendor
from connectors.snmp.choice import snmp_client
from connectors.snmp.client import SnmpClient, SnmpTarget, SnmpValue

LIFE_COUNT, LIFE_UNIT = f"{MARKER}.4.1.1", f"{MARKER}.3.1.1"
PRINTER_TYPE = f"{MIB2}.25.3.1.5"
DEVICE_COLUMNS = (2, 3, 5)
FIRST_COLORANTS, FIRST_LINES = range(1, 5), range(1, 5)
FIRST_OBJECTS = (
    *(DESCRIPTION, OBJECT_ID, UPTIME, CONTACT, HOST_NAME, LOCATION),
    *(PRINTER_NAME, SERIAL, LIFE_COUNT, LIFE_UNIT, PROCESS_COLORANTS, SPEED, SPEED_UNIT, PORT_NAME, PORT_DEVICE_ID),
    *(f"{HR_DEVICE}.{column}.1" for column in DEVICE_COLUMNS),
    *(f"{HR_PRINTER}.{column}.1" for column in (1, 2)),
    *(f"{INTERFACE_ADDRESS}.{number}" for number in FIRST_INTERFACES),
    *(f"{mib.COLORANT}.1.{number}" for number in FIRST_COLORANTS),
    *(f"{mib.CONSOLE}.1.{number}" for number in FIRST_LINES),
)

NOT_A_PRINTER = Fault(
    "printer.not_a_printer",
    422,
    N_("The device at {address} answers, but it is no printer."),
    N_("Check the address. Devices without the Printer MIB and of unknown vendors are not managed."),
    spec="FL-573",
)


async def read_printer(target: SnmpTarget) -> PrinterReading:
    """Read the printer; raises the faults of `SnmpClient`, and `NOT_A_PRINTER`."""
    async with snmp_client(target) as client:
        return await read_with(client, target.address)


async def identify_printer(target: SnmpTarget) -> Identity:
    """Who the printer is, in two or three requests; raises what `read_printer` raises.

    Whether it prints in colour may stay unknown, because its supplies are not looked at.
    """
    async with snmp_client(target) as client:
        values = dict(await client.get(FIRST_OBJECTS))
        vendor = vendor_of(values)
        if vendor is NO_VENDOR and not _says_printer(values):
            raise NOT_A_PRINTER(address=target.address)
        device = await _device(client, values, bulk=vendor.quirks.bulk)
        values |= await client.get([oid for oid in _objects(_Rows(), device) if oid not in values])
        values |= await PrivateBranches(client, vendor).values()
    return identity_of(values, vendor, device, ())


async def read_with(client: SnmpClient, address: str) -> PrinterReading:
    """Read the printer that `client` asks."""
    values = dict(await client.get(FIRST_OBJECTS))
    vendor = vendor_of(values)
    rows = await _rows(client, values, bulk=vendor.quirks.bulk)
    if vendor is NO_VENDOR and not rows.supplies and not _says_printer(values):
        raise NOT_A_PRINTER(address=address)
    device = await _device(client, values, bulk=vendor.quirks.bulk)
    values |= rows.known
    values |= await client.get([oid for oid in _objects(rows, device) if oid not in values])
    private = PrivateBranches(client, vendor)
    values |= await private.values()
    if not rows.supplies:
        told = await private.supplies()
        rows.supplies = list(dict.fromkeys(mib.index_of(oid, oid[: len(mib.SUPPLY_LEVEL)]) for oid in told))
        values |= told
    counters = await _counters(private, values, vendor)
    return _reading(values, rows, vendor, device, counters, await private.details())


@dataclass(slots=True)
class _Rows:
    """What the walks found: indexes of supplies and trays, the console's lines, the alert table, and all values."""

    supplies: Sequence[str] = ()
    trays: Sequence[str] = ()
    console: Sequence[SnmpValue] = ()
    alerts: Sequence[tuple[str, SnmpValue]] = ()
    known: Mapping[str, SnmpValue] = field(default_factory=dict)


async def _rows(client: SnmpClient, first: Mapping[str, SnmpValue], *, bulk: bool) -> _Rows:
    column = mib.SUPPLY_LEVEL
    supplies = await client.walk(column, bulk=bulk)
    if not supplies:
        column = mib.SUPPLY_DESCRIPTION
        supplies = await client.walk(column, bulk=bulk)
    trays = await client.walk(mib.TRAY_LEVEL, bulk=bulk)
    alerts = await client.walk(mib.ALERT, bulk=bulk)
    return _Rows(
        [mib.index_of(oid, column) for oid, _ in supplies],
        [mib.index_of(oid, mib.TRAY_LEVEL) for oid, _ in trays],
        await _console(client, first, bulk=bulk),
        alerts,
        {**dict(supplies), **dict(trays)},
    )


async def _console(client: SnmpClient, first: Mapping[str, SnmpValue], *, bulk: bool) -> Sequence[SnmpValue]:
    """The lines of the panel: those that came with the first objects, unless there are more or others."""
    lines = [value for number in FIRST_LINES if (value := first.get(f"{mib.CONSOLE}.1.{number}")) is not None]
    if 0 < len(lines) < len(FIRST_LINES):
        return lines
    return [value for _, value in await client.walk(mib.CONSOLE, bulk=bulk)]


def _says_printer(values: Mapping[str, SnmpValue]) -> bool:
    evidence = (SERIAL, PRINTER_NAME, LIFE_COUNT, PORT_DEVICE_ID, f"{HR_PRINTER}.1.1", f"{HR_PRINTER}.2.1")
    return values.get(f"{HR_DEVICE}.2.1") == PRINTER_TYPE or any(oid in values for oid in evidence)


async def _device(client: SnmpClient, values: Mapping[str, SnmpValue], *, bulk: bool) -> str:
    """The printer's index among the host's devices: nearly always 1."""
    if values.get(f"{HR_DEVICE}.2.1") == PRINTER_TYPE or f"{HR_PRINTER}.1.1" in values:
        return "1"
    types = await client.walk(f"{HR_DEVICE}.2", bulk=bulk)
    return next((mib.index_of(oid, f"{HR_DEVICE}.2") for oid, kind in types if kind == PRINTER_TYPE), "1")


def _objects(rows: _Rows, device: str) -> list[str]:
    """Everything that is still to be asked for one by one."""
    return [
        *(f"{mib.SUPPLY}.{column}.{index}" for index in rows.supplies for column in mib.SUPPLY_COLUMNS),
        *(
            f"{mib.COLORANT}.{index.partition('.')[0]}.{number}"
            for index in rows.supplies[:1]
            for number in FIRST_COLORANTS
        ),
        *(f"{mib.INPUT}.{column}.{index}" for index in rows.trays for column in mib.TRAY_COLUMNS),
        *(f"{HR_DEVICE}.{column}.{device}" for column in DEVICE_COLUMNS),
        *(f"{HR_PRINTER}.{column}.{device}" for column in (1, 2)),
    ]


async def _counters(private: PrivateBranches, values: Mapping[str, SnmpValue], vendor: Vendor) -> Counters:
    """The life count, the vendor's single counters, and those of its tables; the first that tells a count holds."""
    counts: dict[CounterName, int] = {**await private.counts(), **told_counts(values, vendor)}
    life = number_of(values.get(LIFE_COUNT))
    if life is not None and life >= 0:
        counts[CounterName.LIFE] = life
    unit = SUPPLY_UNITS.get(number_of(values.get(LIFE_UNIT)) or 0, Unit.UNKNOWN)
    return Counters(counts, unit, await private.papers())


def _reading(
    values: Mapping[str, SnmpValue],
    rows: _Rows,
    vendor: Vendor,
    device: str,
    counters: Counters,
    details: Mapping[str, Detail],
) -> PrinterReading:
    read_at = datetime.now(UTC)
    alerts = mib.alerts_of(rows.alerts, read_at, number_of(values.get(UPTIME)))
    life_count = counters.get(CounterName.LIFE)
    standard = mib.supplies_of(values, rows.supplies, vendor.quirks, alerts)
    supplies = tuple(with_details(supply, details, life_count) for supply in standard)
    return PrinterReading(
        identity=identity_of(values, vendor, device, supplies),
        status=mib.status_of(values, device, rows.console, alerts),
        counters=counters,
        supplies=supplies,
        trays=mib.trays_of(values, rows.trays, alerts),
        alerts=alerts,
        read_at=read_at,
    )
