"""Restarting a printer and waiting for its return (F-12): by its management API, else by SNMP or IPP."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from connectors.printers.device_connection import SILENT, UNMANAGED
from connectors.printers.ipp_device import IppDevice
from connectors.printers.reading import Source
from connectors.printers.snmp_writes import may_write, reset_printer
from connectors.settings import get_settings
from connectors.snmp import client as snmp
from steps.printer_device import NOT_BACK, back_from_restart, managed_device, restarted_by, target_of
from steps.printer_snmp import snmp_target
from steps.printer_standards import AS_TOLD, Seen, ipp_address, read_by_standards, read_until
from steps.printer_work import ComponentResult, Order, Outcome, PrinterStepKind, PrinterTarget, Report, WorkFiles

NO_WAY = N_("The printer cannot be restarted from here. SNMP: {snmp} IPP: {ipp}")
NO_WRITE_ACCESS = N_("The SNMP profile has no write community.")
NOT_TAKEN = N_("The printer does not answer the write community.")
NOT_OFFERED = N_("The printer offers no restart.")
COARSENESS = {Source.SNMP: timedelta(seconds=0.2), Source.IPP: timedelta(seconds=1.5)}
"""By how much the moment of a restart may be wrong: up-times come in hundredths of a second, or in seconds."""


class Restart(BaseModel):
    """Needs nothing."""


async def restart(order: Order, _files: WorkFiles) -> Report:
    """Restart; silence meanwhile is expected. A resumed order whose restart has happened is done.

    The facts are `identity` where the printer has a management API, else `reading`.
    """
    if target_of(order).is_vendor:
        try:
            return await _managed_restart(order)
        except PressroomError as error:
            if error.fault is not UNMANAGED:
                raise
    return await _standard_restart(order)


async def _managed_restart(order: Order) -> Report:
    async with managed_device(order, patient=True) as printer:
        identity = printer.identity
        if not restarted_by(order, identity):
            await printer.device.restart()
            identity = await back_from_restart(printer.device, identity.restarted_at)
        return Report(facts={"identity": identity.model_dump(mode="json")})


async def _standard_restart(order: Order) -> Report:
    """Raises `NOT_BACK`, and what keeps the printer from being read."""
    former = await _present(order)
    if order.resumed and order.begun is not None and _is_later(former, order.begun):
        return Report(facts=former.facts)
    target, before = target_of(order), former.restarted_at or datetime.now(UTC)
    told: list[ComponentResult] = []
    for name, ask in (("SNMP", _by_snmp), ("IPP", _by_ipp)):
        refusal = await _refusal(order, target, ask, before)
        told.append(
            ComponentResult(
                kind="restart",
                name=name,
                outcome=Outcome.NOT_SUPPORTED if refusal else Outcome.COMPLETED,
                message=refusal,
            )
        )
        if refusal is None:
            back = await _back(order, before)
            return Report(facts=back.facts, components=tuple(told))
    reasons = {one.name.lower(): str(one.message) for one in told}
    return Report(outcome=Outcome.NOT_SUPPORTED, reason=Message.of(NO_WAY, **reasons), components=tuple(told))


async def _present(order: Order) -> Seen:
    """The printer as it is; when a resumed order finds it silent, it may be restarting, and is waited for."""
    if not order.resumed:
        seen = await read_by_standards(order)
        if seen.reading is None:
            raise seen.fault or SILENT(address=target_of(order).address)
        return seen
    try:
        return await read_until(order, lambda seen: seen.reading is not None)
    except TimeoutError as error:
        raise SILENT(address=target_of(order).address) from error


async def _back(order: Order, before: datetime) -> Seen:
    try:
        return await read_until(order, lambda seen: _is_later(seen, before))
    except TimeoutError as error:
        limit = round(get_settings().fleet_restart_seconds)
        raise NOT_BACK(address=target_of(order).address, seconds=limit) from error


def _is_later(seen: Seen, moment: datetime) -> bool:
    """Whether the printer was switched on later than that moment, by more than the moments may be wrong."""
    if seen.reading is None or seen.restarted_at is None:
        return False
    return seen.restarted_at > moment + COARSENESS[seen.reading.source]


async def _refusal(
    order: Order, target: PrinterTarget, ask: Callable[[PrinterTarget], Awaitable[str]], before: datetime
) -> Message | None:
    """Why it was not restarted in this way; None where it was. One that goes off at once may not have answered."""
    try:
        reason = await ask(target)
    except PressroomError as error:
        if not error.transient:
            return Message.of(AS_TOLD, reason=error.message)
        seen = await read_by_standards(order)
        if seen.reading is None or _is_later(seen, before):
            return None
        return Message.of(NOT_TAKEN if error.fault is snmp.NO_ANSWER else AS_TOLD, reason=error.message)
    return Message.of(reason) if reason else None


async def _by_snmp(target: PrinterTarget) -> str:
    """Why that was not tried; empty where the printer has taken it."""
    whom = snmp_target(target.address, target.snmp_port, target.snmp)
    if not may_write(whom):
        return NO_WRITE_ACCESS
    await reset_printer(whom)
    return ""


async def _by_ipp(target: PrinterTarget) -> str:
    async with IppDevice(ipp_address(target)) as printer:
        return "" if await printer.restart() else NOT_OFFERED


STEPS = (PrinterStepKind("restart", N_("Restart"), Restart, restart),)
