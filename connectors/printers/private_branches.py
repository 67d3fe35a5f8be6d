"""What is asked of a vendor's private branches, which some printers refuse, garble or do not answer.

That costs the branch, not the reading; and who was silent once is not asked for more of it.
"""

from collections.abc import Mapping, Sequence

from connectors.errors import PressroomError
from connectors.printers.printer_mib import SUPPLY
from connectors.printers.reading import CounterName, PaperCount
from connectors.printers.vendor_counters import table_counts
from connectors.printers.vendor_tables import Detail, details_of, papers_of
from connectors.printers.vendors import SupplyTable, Vendor
from connectors.snmp.client import BAD_ANSWER, NO_ANSWER, REFUSED, SnmpClient, SnmpValue

ENDURED = (BAD_ANSWER, NO_ANSWER, REFUSED)
PERCENT, FULL = 19, 100


class PrivateBranches:
    """Asks one printer for its vendor's objects."""

    def __init__(self, client: SnmpClient, vendor: Vendor) -> None:
        self._client, self._vendor = client, vendor
        self._is_silent = False

    async def values(self) -> Mapping[str, SnmpValue]:
        """The single objects."""
        objects = self._vendor.objects
        if not objects or self._is_silent:
            return {}
        try:
            return await self._client.get(objects)
        except PressroomError as fault:
            self._endure(fault)
            return {}

    async def counts(self) -> Mapping[CounterName, int]:
        """The counts of all tables; the first table that tells a count holds."""
        counts: dict[CounterName, int] = {}
        for table in self._vendor.counter_tables:
            counts = {**table_counts(await self._rows(table.table), table), **counts}
        return counts

    async def supplies(self) -> Mapping[str, SnmpValue]:
        """Supplies of a private table as values of the standard one, in percent."""
        table = self._vendor.supply_table
        return _as_standard(await self._rows(table.table), table) if table is not None else {}

    async def papers(self) -> tuple[PaperCount, ...]:
        """Counts by paper size and type."""
        table = self._vendor.paper_table
        return papers_of(await self._rows(table.table), table) if table is not None else ()

    async def details(self) -> Mapping[str, Detail]:
        """What else is known of the supplies, by their descriptions."""
        table = self._vendor.supply_details
        return details_of(await self._rows(table.table), table) if table is not None else {}

    async def _rows(self, table: str) -> Sequence[tuple[str, SnmpValue]]:
        if self._is_silent:
            return ()
        try:
            return await self._client.walk(table, bulk=self._vendor.quirks.bulk)
        except PressroomError as fault:
            self._endure(fault)
            return ()

    def _endure(self, fault: PressroomError) -> None:
        if fault.fault not in ENDURED:
            raise fault
        self._is_silent = fault.fault is NO_ANSWER


def _as_standard(rows: Sequence[tuple[str, SnmpValue]], table: SupplyTable) -> Mapping[str, SnmpValue]:
    values: dict[str, SnmpValue] = {}
    for oid, value in rows:
        column, _, index = oid[len(table.table) + 1 :].partition(".")
        standard = {str(table.description): 6, str(table.level): 9}.get(column)
        if standard is not None and index:
            place = f"1.{index.rpartition('.')[2]}"
            values |= {f"{SUPPLY}.7.{place}": PERCENT, f"{SUPPLY}.8.{place}": FULL}
            values[f"{SUPPLY}.{standard}.{place}"] = value
    return values
