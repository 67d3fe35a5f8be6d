"""What the portal puts on a printer's panel: a message for at most 48 hours, and the layout of the home screen."""

import time

from printers_sim.device.refusal import Refusal, not_supported
from printers_sim.device.state import PanelMessage
from printers_sim.knobs import FailingStep
from printers_sim.printer import SimulatedPrinter

LONGEST_HOURS = 48
LONGEST_TEXT = 500
BLANK = "blank"
Layout = list[list[str]]


def show_message(printer: SimulatedPrinter, text: str, hours: float = LONGEST_HOURS) -> PanelMessage:
    """Show a message in place of the former one (FL-585)."""
    if not printer.profile.panel:
        raise not_supported("messages on its panel")
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise Refusal(422, "invalid_message", f"A message has 1 to {LONGEST_TEXT} characters.")
    if not 0 < hours <= LONGEST_HOURS:
        raise Refusal(422, "invalid_message", f"A message is shown for up to {LONGEST_HOURS} hours.")
    printer.fail_if_asked(FailingStep.PANEL_MESSAGE)
    message = printer.device.message = PanelMessage(text, time.time() + hours * 3600)
    printer.changes += 1
    return message


def current_message(printer: SimulatedPrinter) -> PanelMessage | None:
    """The message, until it expires."""
    message = printer.device.message
    return message if message is not None and message.expires > time.time() else None


def clear_message(printer: SimulatedPrinter) -> None:
    """Take the message away; fine if there is none."""
    printer.device.message = None
    printer.changes += 1


def offered_items(printer: SimulatedPrinter) -> dict[str, str]:
    """What may be put on the home screen, by id: the printer's functions and its apps."""
    profile = printer.profile
    items = {"copy": "Copy", "email": "E-mail", "scan": "Scan"} if profile.scan else {}
    if profile.fax:
        items["fax"] = "Fax"
    items |= {"held-jobs": "Held jobs", "usb": "USB drive", "status": "Status and supplies", "settings": "Settings"}
    return items | {app.id: app.name for app in printer.device.apps.values()}


def home_screen(printer: SimulatedPrinter) -> Layout:
    """The pages of the home screen, each a list of item ids and blanks; apps that are gone are left out."""
    layout = printer.device.home_screen
    offered = offered_items(printer)
    if layout is None:
        return _flowing([list(offered)], printer.profile.home_screen_items)
    return [[item for item in page if item == BLANK or item in offered] for page in layout]


def set_home_screen(printer: SimulatedPrinter, pages: Layout) -> None:
    """Change the layout: what does not fit on a page flows to the next (FL-301)."""
    _require_home_screen(printer)
    items = [item for page in pages for item in page]
    offered = offered_items(printer)
    if unknown := sorted(set(items) - set(offered) - {BLANK}):
        raise Refusal(422, "no_such_item", f"The printer has no {', '.join(unknown)}.")
    if doubled := sorted({item for item in items if item != BLANK and items.count(item) > 1}):
        raise Refusal(422, "item_twice", f"More than once on the home screen: {', '.join(doubled)}.")
    printer.fail_if_asked(FailingStep.HOME_SCREEN)
    printer.device.home_screen = _flowing(pages, printer.profile.home_screen_items)
    printer.changes += 1


def reset_home_screen(printer: SimulatedPrinter) -> None:
    """Back to the layout of the model (FL-299)."""
    _require_home_screen(printer)
    printer.device.home_screen = None
    printer.changes += 1


def _require_home_screen(printer: SimulatedPrinter) -> None:
    if not printer.profile.panel:
        raise not_supported("a home screen")


def _flowing(pages: Layout, size: int) -> Layout:
    flowed: Layout = []
    rest: list[str] = []
    for page in pages:
        waiting = rest + page
        flowed.append(waiting[:size])
        rest = waiting[size:]
    while rest:
        flowed.append(rest[:size])
        rest = rest[size:]
    return flowed
