"""A printer's state as a text that can be kept, and back: counters, supplies, what was asked for, its management."""

import time
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from printers_sim.device.state import DeviceState
from printers_sim.knobs import Behaviour, Knobs
from printers_sim.printer import ASKED_FOR, Condition, SimulatedPrinter
from printers_sim.scanner.scanner import Scanner


class SnapshotError(ValueError):
    """A kept state cannot be read."""


@dataclass(slots=True)
class _Snapshot:
    firmware: str
    host_name: str
    location: str
    contact: str
    asset_tag: str
    speed: int
    mono_sides: int
    color_sides: int
    sheets: int
    duplex_sheets: int
    last_job: int
    supplies: list[float]
    trays: list[int]
    device: DeviceState
    knobs: Knobs
    behaviour: Behaviour = Behaviour.NONE
    scanner: Scanner = field(default_factory=Scanner)
    conditions: list[tuple[Condition, int]] = field(default_factory=list)


_ADAPTER = TypeAdapter(_Snapshot)
PLAIN = (
    "firmware", "host_name", "location", "contact", "asset_tag", "speed", "mono_sides", "color_sides", "sheets",
    "duplex_sheets", "last_job", "device", "knobs", "behaviour", "scanner",
)  # fmt: skip


def snapshot(printer: SimulatedPrinter) -> bytes:
    """The state as JSON."""
    kept = _Snapshot(
        **{name: getattr(printer, name) for name in PLAIN},
        supplies=[supply.used for supply in printer.supplies],
        trays=[tray.sheets for tray in printer.trays],
        conditions=[(alert.condition, alert.place) for alert in printer.alerts if alert.condition in ASKED_FOR],
    )
    return _ADAPTER.dump_json(kept)


def restore(printer: SimulatedPrinter, text: bytes) -> None:
    """Bring a fresh printer into the kept state; it has just been switched on. Raises `SnapshotError`."""
    try:
        kept = _ADAPTER.validate_json(text)
    except ValidationError as error:
        raise SnapshotError(f"The kept state of printer {printer.serial} cannot be read.") from error
    for name in PLAIN:
        setattr(printer, name, getattr(kept, name))
    printer.device.restarted_at = time.time()
    for supply, used in zip(printer.supplies, kept.supplies, strict=False):
        supply.used = used
    for tray, sheets in zip(printer.trays, kept.trays, strict=False):
        tray.sheets = sheets
    printer.review()
    for condition, place in kept.conditions:
        printer.raise_condition(condition, place)
