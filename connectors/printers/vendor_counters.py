"""Counts out of vendors' private branches, as `vendors/*.yaml` says where they are."""

from collections.abc import Mapping, Sequence

from connectors.printers.reading import CounterName
from connectors.printers.texts import number_of, text_of
from connectors.printers.vendor_tables import cells_of
from connectors.printers.vendors import CounterTable, Vendor
from connectors.snmp.client import SnmpValue

RECORD = 7
NUMBER = 4
LARGEST_COUNT = 0xFFFF_FFF0
"""Counters at the end of their range say that there is none."""


def told_counts(values: Mapping[str, SnmpValue], vendor: Vendor) -> Mapping[CounterName, int]:
    """The counts of single objects; one of several objects is their sum, where any is present."""
    counts = {}
    for name, oids in vendor.counters.items():
        numbers = [number for oid in oids if (number := _count(values.get(oid))) is not None]
        if numbers:
            counts[name] = sum(numbers)
    if vendor.counter_records is not None:
        content = values.get(vendor.counter_records.object)
        counts |= _recorded(content, vendor.counter_records.names) if isinstance(content, bytes) else {}
    return counts


def table_counts(rows: Sequence[tuple[str, SnmpValue]], table: CounterTable) -> Mapping[CounterName, int]:
    """The counts of a table's rows; rows of one name are added up."""
    counts: dict[CounterName, int] = {}
    for index, row in cells_of(rows, table.table).items():
        key = ".".join(text_of(row.get(column)) for column in table.keys) if table.keys else index
        count = _count(row.get(table.value))
        for name in table.names.get(key, ()) if count is not None else ():
            counts[name] = counts.get(name, 0) + (count or 0)
    return counts


def _count(value: SnmpValue | None) -> int | None:
    number = number_of(value)
    return number if number is not None and 0 <= number < LARGEST_COUNT else None


def _recorded(content: bytes, names: Mapping[int, CounterName]) -> Mapping[CounterName, int]:
    records = (content[start : start + RECORD] for start in range(0, len(content) - RECORD + 1, RECORD))
    return {
        names[record[0]]: int.from_bytes(record[-NUMBER:], "big")
        for record in records
        if record[0] in names and record[2] == NUMBER
    }
