"""Scan jobs of eSCL clients: the pages of one, each rendered when it is asked for."""

import asyncio
import io
import time
from collections.abc import Iterator
from enum import StrEnum
from uuid import uuid4

from PIL import Image

from printers_sim.device.refusal import Refusal
from printers_sim.escl.documents import Settings
from printers_sim.printer import SimulatedPrinter
from printers_sim.scanner.picture import PageFile, Side, page_file, scanned
from printers_sim.scanner.scanner import ScanTrouble

MOST_KEPT = 10
PATH = "/eSCL/ScanJobs"
FORGOTTEN_SECONDS = 300.0
"""A job that nobody has asked for pages for so long is over: its client has gone."""


class JobState(StrEnum):
    """States of a job (PWG 5108)."""

    PROCESSING = "Processing"
    COMPLETED = "Completed"
    CANCELED = "Canceled"
    ABORTED = "Aborted"

    @property
    def reason(self) -> str:
        return REASONS[self]

    @property
    def is_ended(self) -> bool:
        return self is not JobState.PROCESSING


REASONS = {
    JobState.PROCESSING: "JobScanning",
    JobState.COMPLETED: "JobCompletedSuccessfully",
    JobState.CANCELED: "JobCanceledByUser",
    JobState.ABORTED: "AbortedBySystem",
}


class ScanJob:
    """A job. `page` is the one that was handed out last."""

    def __init__(self, printer: SimulatedPrinter, settings: Settings) -> None:
        self.id = str(uuid4())
        self.settings = settings
        self.state = JobState.PROCESSING
        self.images = 0
        self.page: PageFile | None = None
        self._printer = printer
        self._began = self.touched = time.monotonic()
        self._sides = printer.scanner.sides_from(settings.source, two_sided=settings.two_sided, seed=printer.number)
        self._lock = asyncio.Lock()

    @property
    def path(self) -> str:
        return f"{PATH}/{self.id}"

    @property
    def age(self) -> int:
        """Seconds since it was made."""
        return round(time.monotonic() - self._began)

    async def next_document(self) -> PageFile | None:
        """The next page, of PDF all that are left in one file; None when there is none any more."""
        async with self._lock:
            self.touched = time.monotonic()
            if self.state.is_ended:
                return None
            try:
                is_pdf = self.settings.media_type == "application/pdf"
                page = await (self._all_left() if is_pdf else self._one(self._sides))
            except ScanTrouble as error:
                self.state = JobState.ABORTED
                raise Refusal(409, error.trouble.value, "The scanner has stopped.") from error
            self._printer.changes += 1
            if page is None:
                self.state = JobState.COMPLETED
                return None
            self.images, self.page = self.images + 1, page
            return page

    async def _one(self, sides: Iterator[Side]) -> PageFile | None:
        side = next(sides, None)
        if side is None:
            return None
        await asyncio.sleep(self._printer.scanner.slow)
        return await asyncio.to_thread(self._rendered, side)

    async def _all_left(self) -> PageFile | None:
        pictures = []
        for side in self._sides:
            await asyncio.sleep(self._printer.scanner.slow)
            pictures.append(await asyncio.to_thread(scanned, side, self.settings.rendering))
        if not pictures:
            return None
        out, dpi = io.BytesIO(), self.settings.rendering.dpi
        pictures[0].save(out, "PDF", save_all=True, append_images=pictures[1:], resolution=dpi)
        return PageFile(out.getvalue(), "application/pdf", *pictures[0].size)

    def _rendered(self, side: Side) -> PageFile:
        asked = self.settings.rendering
        picture = scanned(side, asked)
        if picture.mode == "1" and self.settings.media_type == "image/jpeg":
            return page_file(picture.convert("L"), asked)
        if picture.mode != "1" and self.settings.media_type == "image/png":
            return _png(picture, asked.dpi)
        return page_file(picture, asked)


class ScanJobs:
    """The jobs of one printer, which scans one at a time."""

    def __init__(self, printer: SimulatedPrinter) -> None:
        self._printer = printer
        self._jobs: dict[str, ScanJob] = {}

    @property
    def is_busy(self) -> bool:
        """Whether a job is being scanned."""
        return self._printer.knobs.busy or any(not job.state.is_ended for job in self.newest())

    def newest(self) -> list[ScanJob]:
        """What is kept of jobs, newest first; those whose client has gone are over."""
        for job in self._jobs.values():
            if not job.state.is_ended and time.monotonic() - job.touched > FORGOTTEN_SECONDS:
                job.state = JobState.ABORTED
        return list(reversed(self._jobs.values()))

    def create(self, settings: Settings) -> ScanJob:
        """A new job; raises `Refusal` when the scanner is in use, or nothing can be scanned."""
        if self.is_busy:
            raise Refusal(503, "busy", "The scanner is in use.")
        try:
            self._printer.scanner.check_ready(settings.source)
        except ScanTrouble as error:
            raise Refusal(409, error.trouble.value, "Nothing can be scanned.") from error
        job = ScanJob(self._printer, settings)
        self._jobs[job.id] = job
        for old in list(self._jobs)[:-MOST_KEPT]:
            del self._jobs[old]
        return job

    def find(self, job_id: str) -> ScanJob:
        """A job; raises `Refusal`."""
        if job_id not in self._jobs:
            raise Refusal(404, "not_found", "There is no such scan job.")
        return self._jobs[job_id]

    def cancel(self, job_id: str) -> None:
        """End a job."""
        job = self.find(job_id)
        if not job.state.is_ended:
            job.state = JobState.CANCELED


def _png(picture: Image.Image, dpi: int) -> PageFile:
    out = io.BytesIO()
    picture.save(out, "PNG", dpi=(dpi, dpi), compress_level=1)
    return PageFile(out.getvalue(), "image/png", *picture.size)
