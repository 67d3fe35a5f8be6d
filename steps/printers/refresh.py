"""Reading a printer: by SNMP or IPP whatever its make, and what the management API of our own make tells (F-10)."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from connectors.printers.device_connection import ACCESS_REFUSED, NOT_SUPPORTED, SILENT, UNMANAGED
from steps.printer_device import OTHER_PRINTER, ManagedDevice, managed_device, target_of
from steps.printer_standards import read_by_standards
from steps.printer_work import Order, PrinterStepKind, Report, WorkFiles

NO_CREDENTIALS = N_("Settings, apps and home screen were not read: the agent needs credentials.")
NOT_MANAGED = N_("Apps and home screen were not read: {reason}")


class Refresh(BaseModel):
    """Needs nothing."""


@dataclass(slots=True)
class Managed:
    """What the management API told, as facts of the report, and what could not be read."""

    facts: dict[str, Any]
    warnings: list[Message]
    fault: PressroomError | None = None


async def refresh(order: Order, _files: WorkFiles) -> Report:
    """Read all that can be read: the facts are `reading`, `identity`, `apps` and `home_screen`, as far as they came.

    The components say what each source gave. A printer is silent only when it answers in no way.
    Raises `OTHER_PRINTER`.
    """
    target = target_of(order)
    seen = await read_by_standards(order)
    managed = await _managed(order) if target.is_vendor else Managed({}, [])
    facts = seen.facts | managed.facts
    if "reading" not in facts and "identity" not in facts:
        report = Report.of(seen.fault or managed.fault or SILENT(address=target.address))
        return report.model_copy(update={"components": tuple(seen.sources)})
    warnings = [*seen.warnings, *managed.warnings]
    return Report(warnings=tuple(warnings), facts=facts, components=tuple(seen.sources))


async def _managed(order: Order) -> Managed:
    """What the management API tells; without credentials only who the printer is."""
    seen = Managed({}, [])
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


async def _add_administered(printer: ManagedDevice, seen: Managed) -> None:
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
