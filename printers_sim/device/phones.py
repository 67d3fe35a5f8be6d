"""Whether phones may stand in for the panel: a setting of small printers while they are enrolled (MOB-2, MOB-3)."""

from printers_sim.device.apps import version_key
from printers_sim.device.refusal import Refusal, not_supported
from printers_sim.device.settings import change_settings, offered_settings, setting
from printers_sim.printer import SimulatedPrinter

MOBILE_SOLUTIONS = "cloud.mobile_solutions"
LOWEST_FIRMWARE = "081"


def phones_switch(printer: SimulatedPrinter) -> bool | None:
    """Whether the setting is on; None: this printer does not have it, or not now."""
    is_new_enough = version_key(printer.firmware) >= version_key(LOWEST_FIRMWARE)
    if not is_new_enough or MOBILE_SOLUTIONS not in offered_settings(printer):
        return None
    return setting(printer, MOBILE_SOLUTIONS) is True


def let_phones(printer: SimulatedPrinter, *, is_on: bool) -> None:
    """Set it; refused where the printer does not have it now."""
    if phones_switch(printer) is None:
        raise not_supported("mobile solutions at present")
    change_settings(printer, {MOBILE_SOLUTIONS: is_on})


def require_phones(printer: SimulatedPrinter) -> None:
    """Refuse where phones may not stand in for the panel."""
    if not phones_switch(printer):
        raise Refusal(409, "phones_off", "Mobile solutions are turned off: see Cloud services.")
