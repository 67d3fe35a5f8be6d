"""People at work in a simulated office: printers print, run out of paper and toner, and somebody sees to it."""

import asyncio
import random
from collections.abc import Sequence

from printers_sim.printer import Condition, SimulatedPrinter

TICK_SECONDS = 2.0
LONGEST_JOB = 40
MENDED_AFTER_TICKS = 150
"""An empty tray or supply is seen to after five minutes."""


class OfficeUse:
    """Lets printers print `pages_per_hour` each on average; the same seed gives the same jobs."""

    def __init__(self, printers: Sequence[SimulatedPrinter], pages_per_hour: int, seed: int = 0) -> None:
        self._printers, self._seed = printers, seed
        self._chance = pages_per_hour * TICK_SECONDS / 3600 / (LONGEST_JOB / 2)
        self._random = random.Random(f"use {seed}")  # noqa: S311 — believable, not secret
        self._waiting: dict[tuple[str, Condition, int], int] = {}
        self._used: set[str] = set()

    async def go_on(self) -> None:
        """Work until cancelled."""
        while self._chance > 0:
            self.tick()
            await asyncio.sleep(TICK_SECONDS)

    def tick(self) -> None:
        """What happens within `TICK_SECONDS`."""
        for printer in self._printers:
            self._mend(printer)
            prints = not printer.is_away and not printer.is_stopped and self._random.random() < self._chance
            if prints:
                self._print(printer)
            self._show(printer, prints=prints)

    def _show(self, printer: SimulatedPrinter, *, prints: bool) -> None:
        """Let the printer look busy; a job that came over the network is none of this office's."""
        if prints == (printer.serial in self._used) or (prints and printer.is_printing):
            return
        (self._used.add if prints else self._used.discard)(printer.serial)
        printer.is_printing = prints
        printer.changes += 1

    def _print(self, printer: SimulatedPrinter) -> None:
        pages = self._random.randint(1, LONGEST_JOB - 1)
        color = self._random.randint(0, pages) if printer.profile.color else 0
        sheets = (pages + 1) // 2 if printer.profile.duplex and self._random.random() < 0.6 else pages
        printer.wear(pages - color, color, sheets)

    def _mend(self, printer: SimulatedPrinter) -> None:
        for alert in list(printer.alerts):
            if alert.condition not in (Condition.TRAY_EMPTY, Condition.SUPPLY_EMPTY):
                continue
            key = (printer.serial, alert.condition, alert.place)
            waited = self._waiting[key] = self._waiting.get(key, 0) + 1
            if waited >= MENDED_AFTER_TICKS:
                del self._waiting[key]
                printer.clear_condition(alert.condition, alert.place)
