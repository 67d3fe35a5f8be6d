"""The queues of all printers; a printer has one as soon as somebody asks for it."""

import asyncio
from pathlib import Path

from printers_sim.ipp.queue import PrintQueue, queue_folder
from printers_sim.printer import SimulatedPrinter


class PrintQueues:
    """Queues by printer; documents and sides are kept below `folder`."""

    def __init__(self, folder: Path, page_seconds: float | None) -> None:
        """`page_seconds` is the time a side takes; None for the speed of the model."""
        self._folder = folder
        self._page_seconds = page_seconds
        self._queues: dict[str, PrintQueue] = {}

    def of(self, printer: SimulatedPrinter) -> PrintQueue:
        """The queue of a printer."""
        queue = self._queues.get(printer.serial)
        if queue is None:
            queue = PrintQueue(printer, queue_folder(self._folder, printer), self._page_seconds)
            self._queues[printer.serial] = queue
        return queue

    async def stop(self) -> None:
        """The simulation ends; jobs that are being printed are lost, as when a printer is switched off."""
        await asyncio.gather(*(queue.stop() for queue in self._queues.values()))
