"""The scan apps and eSCL services of all printers; a printer has them as soon as somebody asks for them."""

import asyncio

from printers_sim.escl.jobs import ScanJobs
from printers_sim.printer import SimulatedPrinter
from printers_sim.scanner.app import ScanApp


class ScanApps:
    """Scan apps and scan jobs by printer."""

    def __init__(self) -> None:
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

    async def stop(self) -> None:
        """The simulation ends."""
        await asyncio.gather(*(app.close() for app in self._apps.values()))
