"""Reading a printer: by SNMP whatever its make, and what the management API of our own make tells besides (F-10)."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from connectors.printers.device_connection import ACCESS_REFUSED, NOT_SUPPORTED, SILENT, UNMANAGED
from connectors.printers.reading import READING_JSON
from connectors.printers.snmp_reading import read_printer
from steps.printer_device import OTHER_PRINTER, ManagedDevice, managed_device, target_of
from steps.printer_snmp import snmp_target
from steps.printer_work import Order, PrinterStepKind, Report, WorkFiles

NO_CREDENTIALS = N_("Settings, apps and home screen were not read: the agent needs credentials.")
NO_SNMP = N_("Counters, supplies and alerts were not read: {reason}")
NOT_MANAGED = N_("Apps and home screen were not read: {reason}")


class Refresh(BaseModel):
    """Needs nothing."""


@dataclass(slots=True)
class Seen:
    """What was read, as facts of the report, and what could not be."""

    facts: dict[str, Any]
    warnings: list[Message]
    fault: PressroomError | None = None


async def refresh(order: Order, _files: WorkFiles) -> Report:
    """Read all that can be read: the facts are `reading`, `identity`, `apps` and `home_screen`, as far as they came.

    A printer is silent only when it answers in neither way. Raises `OTHER_PRINTER`.
    """
    target = target_of(order)
    by_snmp = await _by_snmp(order)
    managed = await _managed(order) if target.is_vendor else Seen({}, [])
    facts = by_snmp.facts | managed.facts
    if "reading" not in facts and "identity" not in facts:
        return Report.of(by_snmp.fault or managed.fault or SILENT(address=target.address))
    warnings = [*by_snmp.warnings, *managed.warnings]
    return Report(warnings=tuple(warnings), facts=facts)


async def _by_snmp(order: Order) -> Seen:
    target = target_of(order)
    try:
        reading = await read_printer(snmp_target(target.address, target.snmp_port, target.snmp))
    except PressroomError as error:
        return Seen({}, [Message.of(NO_SNMP, reason=error.message)], error)
    told = reading.identity.serial_number
    if told and told != target.serial_number:
        raise OTHER_PRINTER(address=target.address, serial_number=told)
    return Seen({"reading": READING_JSON.dump_python(reading, mode="json")}, [])


async def _managed(order: Order) -> Seen:
    """What the management API tells; without credentials only who the printer is."""
    seen = Seen({}, [])
    try:
        async with managed_device(order) as printer:
            seen.facts["identity"] = printer.identity.model_dump(mode="json")
            await _add_administered(printer, seen)
    except PressroomError as error:
        if error.fault is OTHER_PRINTER:
            raise
        seen.warnings.append(Message.of(NOT_MANAGED, reason=error.message))
        seen.fault = error
    return seen


async def _add_administered(printer: ManagedDevice, seen: Seen) -> None:
    try:
        if printer.identity.framework:
            seen.facts["apps"] = [app.model_dump(mode="json") for app in await printer.device.apps()]
        else:
            seen.facts["apps"] = []
        screen = await printer.device.home_screen()
        seen.facts["home_screen"] = screen.model_dump(mode="json")
    except PressroomError as error:
        if error.fault is ACCESS_REFUSED:
            seen.facts["code"] = error.code
            seen.warnings.append(Message.of(NO_CREDENTIALS))
        elif error.fault not in (NOT_SUPPORTED, UNMANAGED):
            raise


STEPS = (PrinterStepKind("refresh", N_("Refresh printer information"), Refresh, refresh),)
