"""Fetching a printer's log, or everything that it tells by SNMP, as a file (F-19, FL-227…FL-234)."""

import asyncio
import tempfile
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from connectors.errors import Fault
from connectors.messages import N_
from connectors.snmp.choice import snmp_client
from connectors.snmp.client import SnmpValue
from steps.printer_device import managed_device, target_of
from steps.printer_snmp import snmp_target
from steps.printer_work import Order, PrinterStepKind, Report, WorkFiles

SUBTREES = ("1.3.6.1.2.1", "1.3.6.1.4.1")
"""Standard and private management information: between them lies nothing that printers have."""
EMPTY_WALK = Fault(
    "printer_log.empty_walk",
    502,
    N_("The printer at {address} tells nothing by SNMP."),
    N_("Check that the SNMP profile may read the whole tree."),
)


class LogKind(StrEnum):
    """The logs that printers give out, as their management API names them."""

    HISTORY = "history"
    FRAMEWORK = "framework"
    SECURITY = "security"
    FAX = "fax"
    LAST_FAXES = "fax-last-10"
    LAST_FAX_ERRORS = "fax-errors-last-10"
    GZIP = "gzip"


class CollectLog(BaseModel):
    """Which log."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: LogKind


class WalkMib(BaseModel):
    """Needs nothing."""


async def collect_log(order: Order, files: WorkFiles) -> Report:
    """Fetch the log and hand it over; the facts are `file` (its key), `name`, `media_type` and `size` in bytes."""
    kind = CollectLog.model_validate(order.parameters).kind
    async with managed_device(order) as printer:
        with tempfile.TemporaryDirectory(prefix="pressroom-log-") as folder:
            path = Path(folder) / "log"
            media_type = await printer.device.save_log(kind, path)
            ending = "gz" if media_type == "application/gzip" else "txt"
            return await _kept(files, path, f"{printer.identity.serial_number}-{kind}.{ending}", media_type)


async def walk_mib(order: Order, files: WorkFiles) -> Report:
    """Write everything that the printer tells by SNMP, one object a line; the facts are those of `collect_log`."""
    target = target_of(order)
    lines: list[str] = []
    async with snmp_client(snmp_target(target.address, target.snmp_port, target.snmp)) as client:
        for subtree in SUBTREES:
            lines += _lines(await client.walk(subtree))
    if not lines:
        raise EMPTY_WALK(address=target.address)
    with tempfile.TemporaryDirectory(prefix="pressroom-log-") as folder:
        path = Path(folder) / "walk"
        await asyncio.to_thread(path.write_text, "".join(lines), encoding="utf-8")
        return await _kept(files, path, f"{target.serial_number}-mib-walk.txt", "text/plain")


async def _kept(files: WorkFiles, path: Path, name: str, media_type: str) -> Report:
    size = path.stat().st_size
    key = await files.keep(path, name, media_type)
    return Report(facts={"file": key, "name": name, "media_type": media_type, "size": size})


def _lines(objects: Sequence[tuple[str, SnmpValue]]) -> list[str]:
    return [f".{oid} = {_shown(value)}\n" for oid, value in objects]


def _shown(value: SnmpValue) -> str:
    """As snmpwalk shows it: text where octets are one, else their hexadecimal digits."""
    if not isinstance(value, bytes):
        return f"OID: .{value}" if isinstance(value, str) else f"INTEGER: {value}"
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return f"Hex-STRING: {value.hex(' ').upper()}"
    return f'STRING: "{text}"' if text.isprintable() else f"Hex-STRING: {value.hex(' ').upper()}"


STEPS = (
    PrinterStepKind("printer_log", N_("Printer log"), CollectLog, collect_log),
    PrinterStepKind("mib_walk", N_("MIB walk"), WalkMib, walk_mib),
)
