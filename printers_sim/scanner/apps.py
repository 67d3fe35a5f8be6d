"""The scan apps and eSCL services of all printers.

A printer that knows its portal (the settings of its panel apps, which a configuration brings) asks it for orders while
it is there; one that is switched off, or has its apps stopped, asks no more.
"""

import asyncio
from collections.abc import Sequence

from printers_sim.device.refusal import Refusal
from printers_sim.escl.jobs import ScanJobs
from printers_sim.panel.touch import CARD_APP, PortalAccess, portal_access
from printers_sim.printer import SimulatedPrinter
from printers_sim.scanner.app import ScanApp

LOOK_SECONDS = 0.5


class ScanApps:
    """Scan apps and scan jobs by printer."""

    def __init__(self, printers: Sequence[SimulatedPrinter]) -> None:
        self._scanning = [printer for printer in printers if printer.profile.scan]
        self._apps: dict[str, ScanApp] = {}
        self._jobs: dict[str, ScanJobs] = {}

    def of(self, printer: SimulatedPrinter) -> ScanApp:
        """The scan app of a printer."""
        if printer.serial not in self._apps:
            self._apps[printer.serial] = ScanApp(printer)
        return self._apps[printer.serial]

    def jobs_of(self, printer: SimulatedPrinter) -> ScanJobs:
        """The scan jobs of a printer's eSCL clients."""
        if printer.serial not in self._jobs:
            self._jobs[printer.serial] = ScanJobs(printer)
        return self._jobs[printer.serial]

    async def run(self) -> None:
        """Let every printer ask the portal that it knows, until cancelled."""
        while True:
            for printer in self._scanning:
                access = _access(printer)
                if access is not None:
                    await self.of(printer).connect(access)
                elif printer.serial in self._apps:
                    await self._apps[printer.serial].close()
            await asyncio.sleep(LOOK_SECONDS)

    async def stop(self) -> None:
        """The simulation ends."""
        await asyncio.gather(*(app.close() for app in self._apps.values()))


def _access(printer: SimulatedPrinter) -> PortalAccess | None:
    """The portal that the printer is to ask now."""
    if printer.is_away or CARD_APP not in printer.device.apps:
        return None
    try:
        return portal_access(printer)
    except Refusal:
        return None
