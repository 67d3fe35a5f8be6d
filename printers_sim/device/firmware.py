"""Firmware of a printer: taking an image, restarting with the new level, and what a downgrade costs (FL-303…FL-356)."""

from dataclasses import dataclass
from pathlib import Path

from printers_sim.device.apps import version_key
from printers_sim.device.package import read_firmware
from printers_sim.device.refusal import Refusal
from printers_sim.device.settings import require_model
from printers_sim.device.state import EventKind, built_in_apps
from printers_sim.knobs import FailingStep
from printers_sim.printer import SimulatedPrinter


@dataclass(frozen=True, slots=True)
class Flash:
    """An update under way: the level the printer comes back with, and the apps that a downgrade has removed."""

    level: str
    former_level: str
    restarting_seconds: float
    removed_apps: list[str]


def flash(printer: SimulatedPrinter, image_file: Path, restart_seconds: float) -> Flash:
    """Take the image and restart. Whatever is wrong with it is refused and changes nothing."""
    image = read_firmware(image_file)
    require_model(printer, image.models)
    require_ready(printer)
    printer.fail_if_asked(FailingStep.FIRMWARE)
    former, device = printer.firmware, printer.device
    device.firmware_updates += 1
    removed: list[str] = []
    if FailingStep.FIRMWARE_INSTALL in printer.knobs.fail_at:
        device.note(EventKind.HISTORY, f"Firmware {image.level} could not be installed; back to {former}")
    else:
        if version_key(image.level) < version_key(former):
            kept = built_in_apps(printer.profile)
            removed = sorted(set(device.apps) - set(kept))
            device.apps = kept
        printer.firmware = image.level
        device.note(EventKind.HISTORY, f"Firmware updated from {former} to {image.level}")
    printer.restart(restart_seconds)
    return Flash(image.level, former, restart_seconds, removed)


def require_ready(printer: SimulatedPrinter) -> None:
    """Refuse while the printer is in use or somebody has to see to it."""
    if printer.is_away:
        raise Refusal(503, "restarting", "The printer restarts.")
    if printer.is_busy:
        raise Refusal(409, "busy", "The printer is in use.")
    if errors := printer.unresolved_errors:
        raise Refusal(409, "unresolved_errors", f"The printer has unresolved errors: {'; '.join(errors)}.")
