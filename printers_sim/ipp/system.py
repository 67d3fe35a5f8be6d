"""The system object of a printer (PWG 5100.22), as far as it takes to restart it."""

from connectors.ipp.values import enums
from connectors.ipp.wire import Group, Tag
from printers_sim.ipp.call import Answer, restart
from printers_sim.printer import SimulatedPrinter

PATH = "/ipp/system"
GET_SYSTEM_ATTRIBUTES, RESTART_SYSTEM = 0x005B, 0x0060


def operations_of(printer: SimulatedPrinter) -> tuple[int, ...]:
    """What the system object can do; a model without one can do nothing there."""
    return (GET_SYSTEM_ATTRIBUTES, RESTART_SYSTEM) if printer.profile.ipp_restart == "system" else ()


def answer(code: int, printer: SimulatedPrinter, restart_seconds: float) -> Answer:
    """Get-System-Attributes, or Restart-System; raises `IppRefusal`."""
    if code == RESTART_SYSTEM:
        restart(printer, restart_seconds)
        return Answer()
    return Answer((Group(Tag.SYSTEM, {"operations-supported": enums(*operations_of(printer))}),))
