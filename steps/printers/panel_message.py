"""Messages on a printer's panel: shown in place of the former one, or taken away (F-31, F-32)."""

from pydantic import BaseModel, ConfigDict, Field

from connectors.messages import N_, Message
from steps.printer_device import managed_device
from steps.printer_work import Order, PrinterStepKind, Report, WorkFiles

HOURS = 48
"""How long a message is shown at most (FL-251, FL-585)."""
NOTHING_SHOWN = N_("There was no message to clear.")


class NotifyPanel(BaseModel):
    """The text, in the language that the panel is to show."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=1, max_length=500)


class ClearPanel(BaseModel):
    """Needs nothing."""


async def notify_panel(order: Order, _files: WorkFiles) -> Report:
    """Show the message for 48 hours; the former one is replaced."""
    wanted = NotifyPanel.model_validate(order.parameters)
    async with managed_device(order) as printer:
        shown = await printer.device.panel_message() if order.resumed else None
        if shown is None or shown.text != wanted.text:
            await printer.device.show_message(wanted.text, HOURS)
    return Report()


async def clear_panel(order: Order, _files: WorkFiles) -> Report:
    """Take the portal's message away; messages of others are not touched (FL-254)."""
    async with managed_device(order) as printer:
        shown = await printer.device.panel_message()
        if shown.text is None:
            return Report() if order.resumed else Report(remarks=(Message.of(NOTHING_SHOWN),))
        await printer.device.clear_message()
    return Report()


STEPS = (
    PrinterStepKind("notify_panel", N_("Send notification to panel"), NotifyPanel, notify_panel),
    PrinterStepKind("clear_panel", N_("Clear notification"), ClearPanel, clear_panel),
)
