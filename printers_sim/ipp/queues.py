"""The queues and printing apps of all printers; a printer has them as soon as somebody asks for them."""

import asyncio
from pathlib import Path

from printers_sim.ipp.queue import PrintQueue, queue_folder
from printers_sim.panel.apps import PanelApps
from printers_sim.printer import SimulatedPrinter


class PrintQueues:
    """Queues by printer; documents and sides are kept below `folder`."""

    def __init__(self, folder: Path, page_seconds: float | None) -> None:
        """`page_seconds` is the time a side takes; None for the speed of the model."""
        self._folder = folder
        self._page_seconds = page_seconds
        self._queues: dict[str, PrintQueue] = {}
        self._panels: dict[str, PanelApps] = {}

    def of(self, printer: SimulatedPrinter) -> PrintQueue:
        """The queue of a printer."""
        queue = self._queues.get(printer.serial)
        if queue is None:
            folder = queue_folder(self._folder, printer)
            queue = PrintQueue(printer, folder, self._page_seconds, self.panel(printer).job_ended)
            self._queues[printer.serial] = queue
        queue.lose_jobs()
        return queue

    def panel(self, printer: SimulatedPrinter) -> PanelApps:
        """The printing apps of a printer's panel."""
        if printer.serial not in self._panels:
            self._panels[printer.serial] = PanelApps(printer)
        return self._panels[printer.serial]

    async def stop(self) -> None:
        """The simulation ends; jobs that are being printed are lost, as when a printer is switched off."""
        await asyncio.gather(*(queue.stop() for queue in self._queues.values()))
        await asyncio.gather(*(panel.close() for panel in self._panels.values()))
