"""Paper counts and further facts of supplies out of private tables, as `vendors/*.yaml` says where they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from connectors.printers.reading import PaperCount, Supply
from connectors.printers.texts import known, number_of, text_of
from connectors.printers.vendors import PaperTable, SupplyDetails
from connectors.snmp.client import SnmpValue

Rows = Sequence[tuple[str, SnmpValue]]
FEWEST_DATE_OCTETS = 4


@dataclass(frozen=True, slots=True)
class Detail:
    """What a private table knows of a supply. `count_at_install` is the printer's life count when it was put in."""

    serial_number: str
    part_number: str
    installed: date | None
    count_at_install: int | None


def cells_of(rows: Rows, table: str) -> Mapping[str, Mapping[int, SnmpValue]]:
    """The values of a walked table by row index and column."""
    cells: dict[str, dict[int, SnmpValue]] = {}
    for oid, value in rows:
        column, _, index = oid[len(table) + 1 :].partition(".")
        if column.isdigit() and index:
            cells.setdefault(index, {})[int(column)] = value
    return cells


def papers_of(rows: Rows, table: PaperTable) -> tuple[PaperCount, ...]:
    """Counts by paper size and type (FL-236); sizes and types that the data do not name keep their number."""
    return tuple(
        PaperCount(
            size=_named(row.get(table.size), table.sizes),
            type=_named(row.get(table.type), table.types),
            picked=_sum(row, table.picked),
            delivered_mono=_sum(row, (table.delivered_mono,)),
            delivered_colour=_sum(row, (table.delivered_colour,)),
        )
        for row in cells_of(rows, table.table).values()
    )


def details_of(rows: Rows, table: SupplyDetails) -> Mapping[str, Detail]:
    """Details by the description of the supply; of descriptions that two supplies share there are none."""
    found: dict[str, Detail] = {}
    doubtful: set[str] = set()
    for row in cells_of(rows, table.table).values():
        description = text_of(row.get(table.description)).casefold()
        if description in found:
            doubtful.add(description)
        found[description] = Detail(
            serial_number=known(text_of(row.get(table.serial))),
            part_number=known(text_of(row.get(table.part))),
            installed=_date(row.get(table.installed)),
            count_at_install=number_of(row.get(table.count_at_install)),
        )
    return {description: detail for description, detail in found.items() if description not in doubtful}


def with_details(supply: Supply, details: Mapping[str, Detail], life_count: int | None) -> Supply:
    """The supply with its details: numbers where it has none, when it was put in, and the sides since then."""
    detail = details.get(supply.description.casefold())
    if detail is None:
        return supply
    since = detail.count_at_install
    return replace(
        supply,
        serial_number=supply.serial_number or detail.serial_number,
        part_number=supply.part_number or detail.part_number,
        installed=detail.installed,
        sides=life_count - since if life_count is not None and since is not None and 0 < since <= life_count else None,
    )


def _named(value: SnmpValue | None, names: Mapping[int, str]) -> str:
    number = number_of(value)
    return names.get(number, str(number)) if number is not None else ""


def _sum(row: Mapping[int, SnmpValue], columns: Sequence[int]) -> int | None:
    numbers = [number for column in columns if (number := number_of(row.get(column))) is not None and number >= 0]
    return sum(numbers) if numbers else None


def _date(value: SnmpValue | None) -> date | None:
    """The day of a DateAndTime (RFC 2579); None for one that is no day."""
    if not isinstance(value, bytes) or len(value) < FEWEST_DATE_OCTETS:
        return None
    try:
        return date(int.from_bytes(value[:2], "big"), value[2], value[3])
    except ValueError:
        return None
