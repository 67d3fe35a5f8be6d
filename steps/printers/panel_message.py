"""Messages on a printer's panel: shown in place of the former one, or taken away (F-31, F-32).

Printers of our own make take them by their management API and drop them after 48 hours. On others the lines of the
panel are written by SNMP, where the printer lets anybody do that; the portal takes them away after that time.
"""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from connectors.printers.snmp_writes import Console, may_write, read_console, write_console
from connectors.snmp import client as snmp
from connectors.snmp.client import SnmpTarget
from steps.printer_device import managed_device, target_of
from steps.printer_snmp import snmp_target
from steps.printer_work import Order, Outcome, PrinterStepKind, Report, WorkFiles

HOURS = 48
"""How long a message is shown at most (FL-251, FL-585)."""
NOTHING_SHOWN = N_("There was no message to clear.")
NO_CONSOLE = N_("The printer shows no panel by SNMP.")
NO_WRITE_ACCESS = N_("The printer's panel is written by SNMP, and the SNMP profile has no write community.")
FIXED = N_("The printer does not let its panel be written: {reason}")
TOO_LONG = N_("The message does not fit on the panel: {lines} lines of {characters} characters.")
NOT_SHOWN = N_("The printer took the message, but its panel does not show it.")


class NotifyPanel(BaseModel):
    """The text, in the language that the panel is to show."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=1, max_length=500)


class ClearPanel(BaseModel):
    """The texts that may stand there from us, for printers that cannot tell our messages from others."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    texts: tuple[str, ...] = ()


async def notify_panel(order: Order, _files: WorkFiles) -> Report:
    """Show the message for 48 hours; the former one is replaced."""
    wanted = NotifyPanel.model_validate(order.parameters)
    if not target_of(order).is_vendor:
        return await _on_console(order, wanted.text)
    async with managed_device(order) as printer:
        shown = await printer.device.panel_message() if order.resumed else None
        if shown is None or shown.text != wanted.text:
            await printer.device.show_message(wanted.text, HOURS)
    return Report()


async def clear_panel(order: Order, _files: WorkFiles) -> Report:
    """Take the portal's message away; messages of others are not touched (FL-254)."""
    if not target_of(order).is_vendor:
        return await _off_console(order, ClearPanel.model_validate(order.parameters).texts)
    async with managed_device(order) as printer:
        shown = await printer.device.panel_message()
        if shown.text is None:
            return Report() if order.resumed else Report(remarks=(Message.of(NOTHING_SHOWN),))
        await printer.device.clear_message()
    return Report()


async def _on_console(order: Order, text: str) -> Report:
    target = _snmp(order)
    console = await read_console(target)
    if console is None:
        return _not_supported(Message.of(NO_CONSOLE))
    rows = console.laid_out(text)
    if rows is None:
        return _not_supported(Message.of(TOO_LONG, lines=console.lines, characters=console.characters))
    if console.shown != text:
        if (refusal := await _refusal(target, console, rows)) is not None:
            return _not_supported(refusal)
        after = await read_console(target)
        if after is None or after.shown != text:
            return _not_supported(Message.of(NOT_SHOWN))
    return Report()


async def _off_console(order: Order, texts: Sequence[str]) -> Report:
    target = _snmp(order)
    console = await read_console(target)
    if console is None:
        return _not_supported(Message.of(NO_CONSOLE))
    if console.shown not in texts:
        return Report() if order.resumed else Report(remarks=(Message.of(NOTHING_SHOWN),))
    refusal = await _refusal(target, console, [""] * console.lines)
    return _not_supported(refusal) if refusal is not None else Report()


def _snmp(order: Order) -> SnmpTarget:
    target = target_of(order)
    return snmp_target(target.address, target.snmp_port, target.snmp)


async def _refusal(target: SnmpTarget, console: Console, rows: Sequence[str]) -> Message | None:
    """Write them; why the printer does not let that be done, None where it does.

    A wrong write community is answered by silence, from a printer that has just told what its panel shows.
    """
    if not may_write(target):
        return Message.of(NO_WRITE_ACCESS)
    try:
        await write_console(target, console, rows)
    except PressroomError as error:
        if error.fault not in (snmp.REFUSED, snmp.NO_ANSWER):
            raise
        return Message.of(FIXED, reason=error.message)
    return None


def _not_supported(reason: Message) -> Report:
    return Report(outcome=Outcome.NOT_SUPPORTED, reason=reason)


STEPS = (
    PrinterStepKind("notify_panel", N_("Send notification to panel"), NotifyPanel, notify_panel),
    PrinterStepKind("clear_panel", N_("Clear notification"), ClearPanel, clear_panel),
)
