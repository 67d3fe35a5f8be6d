"""The `standards` driver: a printer of any make read, restarted and told by what RFC 3805 and IPP let one do.

A printer is read by SNMP; where that is silent or refused, by IPP. What each of them gave stands in the report. Whether
it is the printer that is meant is looked at in either way.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from connectors.printers.ipp_device import NOT_OFFERED, USUAL_PORT, IppAddress
from connectors.printers.ipp_reading import read_ipp_printer
from connectors.printers.reading import READING_JSON, PrinterReading, Source
from connectors.printers.snmp_reading import read_printer
from connectors.settings import get_settings
from steps.printer_device import OTHER_PRINTER, target_of
from steps.printer_snmp import snmp_target
from steps.printer_work import ComponentResult, Order, Outcome, PrinterTarget, Report

AS_TOLD = "{reason}"
SOURCE_NAMES = {Source.SNMP: "SNMP", Source.IPP: "IPP"}
NOT_BY_SNMP = N_("SNMP gave nothing: {reason}")
NOTHING_READ = N_("Counters, supplies and alerts were not read: {reason}")
USUAL_WEB_PORT = 80
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 3.0


@dataclass(slots=True)
class Seen:
    """What was read, what each source gave, and the first fault of those that gave nothing."""

    reading: PrinterReading | None = None
    sources: list[ComponentResult] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)
    fault: PressroomError | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """The fact `reading`, where there is one."""
        return {"reading": READING_JSON.dump_python(self.reading, mode="json")} if self.reading else {}

    @property
    def restarted_at(self) -> datetime | None:
        """When the printer was switched on, as far as it tells."""
        if self.reading is None or self.reading.identity.uptime is None:
            return None
        return self.reading.read_at - self.reading.identity.uptime


def ipp_address(target: PrinterTarget) -> IppAddress:
    """Where the printer answers IPP: at its web server where that is at a port of its own, else at the usual port."""
    port = target.https_port or (target.http_port if target.http_port != USUAL_WEB_PORT else USUAL_PORT)
    return IppAddress(
        host=target.address,
        port=port,
        user=target.access.user,
        secret=target.access.secret.get_secret_value(),
        tls=target.https_port is not None,
        ca_file=get_settings().fleet_ca_file,
    )


async def read_by_standards(order: Order) -> Seen:
    """Read it by SNMP, else by IPP; a printer that answers in neither way raises nothing. Raises `OTHER_PRINTER`.

    The fault that counts is that of SNMP unless IPP tells more: a refusal says more than silence.
    """
    target = target_of(order)
    seen = Seen()
    await _add(
        seen, target, Source.SNMP, lambda: read_printer(snmp_target(target.address, target.snmp_port, target.snmp))
    )
    if seen.reading is None:
        await _add(seen, target, Source.IPP, lambda: read_ipp_printer(ipp_address(target)))
    if seen.fault is not None:
        template = NOT_BY_SNMP if seen.reading else NOTHING_READ
        seen.warnings.append(Message.of(template, reason=seen.fault.message))
    return seen


async def _add(
    seen: Seen, target: PrinterTarget, source: Source, read: Callable[[], Awaitable[PrinterReading]]
) -> None:
    name = SOURCE_NAMES[source]
    try:
        reading = await read()
    except PressroomError as error:
        says_more = not error.transient and error.fault is not NOT_OFFERED
        if seen.fault is None or (seen.fault.transient and says_more):
            seen.fault = error
        outcome = Report.of(error).outcome
        reason = Message.of(AS_TOLD, reason=error.message)
        seen.sources.append(ComponentResult(kind="source", name=name, outcome=outcome, message=reason))
        return
    told = reading.identity.serial_number
    if told and told != target.serial_number:
        raise OTHER_PRINTER(address=target.address, serial_number=told)
    seen.reading = reading
    seen.sources.append(ComponentResult(kind="source", name=name, outcome=Outcome.COMPLETED))


async def read_until(order: Order, is_so: Callable[[Seen], bool]) -> Seen:
    """Read the printer again and again until it is so; silence meanwhile is expected. Raises `TimeoutError`."""
    pause = FIRST_PAUSE
    async with asyncio.timeout(get_settings().fleet_restart_seconds):
        while not is_so(seen := await read_by_standards(order)):
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
    return seen
