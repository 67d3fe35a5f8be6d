"""Speed upgrades: a licence code bought for one printer raises its pages per minute (FL-406…FL-412)."""

import hashlib

from printers_sim.device.apps import version_key
from printers_sim.device.refusal import Refusal, not_supported
from printers_sim.device.state import EventKind
from printers_sim.knobs import FailingStep
from printers_sim.printer import SimulatedPrinter

PAIRS = frozenset({(25, 35), (35, 45), (35, 55), (45, 55)})
"""FL-408."""
NEEDS_FIRMWARE = "230.347"


def speed_licence(serial: str, slower: int, faster: int) -> str:
    """The licence code of that upgrade of that printer: its facts and a checksum over them."""
    facts = f"PSU-{slower}-{faster}-{serial}"
    return f"{facts}-{hashlib.sha256(facts.encode()).hexdigest()[:8].upper()}"


def upgrade_speed(printer: SimulatedPrinter, code: str, slower: int, faster: int) -> None:
    """Make the printer faster, for good; every code works once."""
    if not printer.profile.speeds:
        raise not_supported("speed upgrades")
    if version_key(printer.firmware) < version_key(NEEDS_FIRMWARE):
        raise Refusal(422, "firmware_too_old", f"A speed upgrade needs firmware {NEEDS_FIRMWARE} or later.")
    if (slower, faster) not in PAIRS or slower != printer.speed or faster not in printer.profile.speeds:
        raise Refusal(422, "no_such_upgrade", f"There is no upgrade from {printer.speed} to {faster} pages per minute.")
    if code in printer.device.used_licences:
        raise Refusal(409, "licence_used", "The licence code has been used.")
    if code != speed_licence(printer.serial, slower, faster):
        raise Refusal(422, "wrong_licence", "The licence code is not one of this printer for this upgrade.")
    printer.fail_if_asked(FailingStep.SPEED_UPGRADE)
    printer.speed = faster
    printer.device.used_licences.append(code)
    printer.device.note(EventKind.HISTORY, f"Speed upgraded from {slower} to {faster} pages per minute")
    printer.changes += 1
