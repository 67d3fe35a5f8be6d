"""The queue of a printer: jobs are rendered and printed one after the other, and wear the printer."""

import asyncio
import json
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from printers_sim.ipp.jobs import FINISHED, Document, Job, JobState
from printers_sim.ipp.ticket import Ticket
from printers_sim.knobs import FailingStep
from printers_sim.printer import SimulatedPrinter
from printers_sim.rendering.coverage import coverage
from printers_sim.rendering.document import RenderingError, sides

KEPT_JOBS = 50
LOOK_SECONDS = 0.1
"""How often a printer that cannot go on looks whether somebody has seen to it."""
YIELD_COVERAGE = 0.05
"""The yield of a cartridge holds for sides that are covered by a twentieth (ISO/IEC 19752)."""
RENDERER = ThreadPoolExecutor(1, "rendering")
"""One thread for all printers: the PDF renderer is not made for more."""


class PrintQueue:
    """The jobs of one printer; their documents and sides are files in `folder`."""

    def __init__(
        self, printer: SimulatedPrinter, folder: Path, page_seconds: float | None, ended: Callable[[Job], None]
    ) -> None:
        """`page_seconds` is the time a side takes, None for the speed of the model; `ended` hears of each job's end."""
        self.jobs: dict[int, Job] = {}
        self.lacks_media = False
        self._printer = printer
        self._folder = folder
        self._page_seconds = page_seconds
        self._ended = ended
        self._work: asyncio.Task[None] | None = None
        self._state: object = None
        self._changed = 0
        self._power_offs = printer.power_offs

    def create(self, name: str, user: str, ticket: Ticket) -> Job:
        """A new job, still without documents."""
        self._printer.last_job += 1
        self._printer.changes += 1
        number = self._printer.last_job
        folder = self._folder / f"job-{number:06d}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        job = self.jobs[number] = Job(number, name, user, ticket, folder)
        self._forget_old()
        return job

    def add_document(self, job: Job, content: bytes, media_type: str, name: str) -> None:
        """Another document of a job that is open."""
        path = job.folder / f"document-{len(job.documents) + 1}"
        path.write_bytes(content)
        job.documents.append(Document(path, media_type, name, len(content)))
        job.touched = time.monotonic()

    def close(self, job: Job) -> None:
        """The last document has come: the job waits for its turn, or is held if it asks for that."""
        job.open = False
        if not job.documents:
            job.change(JobState.ABORTED, "aborted-by-system", message="The job has no documents.")
        elif job.ticket.word("job-hold-until", "no-hold") != "no-hold":
            job.change(JobState.HELD, "job-hold-until-specified")
        else:
            self.release(job)

    def release(self, job: Job) -> None:
        """Let a job take its turn."""
        job.change(JobState.PENDING)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._print_waiting())

    def cancel(self, job: Job) -> None:
        """End a job; what is on paper stays on paper."""
        job.open = False
        job.change(JobState.CANCELED, "job-canceled-by-user")

    def waiting(self) -> list[Job]:
        """Jobs that are not finished, the next one first."""
        unfinished = [job for job in self.jobs.values() if not job.is_finished]
        return sorted(unfinished, key=_turn)

    def changed_at(self, printer: SimulatedPrinter) -> int:
        """The uptime in seconds at which the printer's state was last seen to change."""
        state = (printer.is_printing, printer.is_stopped, self.lacks_media)
        if state != self._state:
            self._state, self._changed = state, printer.uptime_ticks() // 100 + 1
        return min(self._changed, printer.uptime_ticks() // 100 + 1)

    def lose_jobs(self) -> None:
        """Forget all jobs if the printer's power has failed since the last look."""
        if self._power_offs != self._printer.power_offs:
            self._power_offs = self._printer.power_offs
            for job in self.jobs.values():
                if not job.is_finished:
                    job.change(JobState.ABORTED, "aborted-by-system", message="The power failed.")
            self.jobs.clear()

    async def stop(self) -> None:
        """The simulation ends."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    async def _print_waiting(self) -> None:
        while job := next((job for job in self.waiting() if job.state is JobState.PENDING), None):
            try:
                await self._print(job)
            finally:
                self._printer.is_printing, self.lacks_media = False, False
                self._printer.changes += 1
            if job.impressions:
                self._ended(job)

    async def _print(self, job: Job) -> None:
        if FailingStep.PRINT in self._printer.knobs.fail_at:
            job.change(JobState.ABORTED, "aborted-by-system", message="The printer could not do it.")
            return
        job.change(JobState.PROCESSING, "job-printing")
        self._printer.is_printing = True
        self._printer.changes += 1
        try:
            for document in job.documents:
                await self._print_document(job, document)
        except RenderingError as error:
            job.change(JobState.ABORTED, "document-format-error", message=str(error))
        except OSError as error:
            job.change(JobState.ABORTED, "aborted-by-system", message=f"The side cannot be kept: {error.strerror}")
        if not job.is_finished:
            job.change(JobState.COMPLETED, "job-completed-successfully")
        _write_ticket(job)

    async def _print_document(self, job: Job, document: Document) -> None:
        loop = asyncio.get_running_loop()
        rendered = sides(document.path, document.media_type, job.ticket.sheet(self._printer))
        is_duplex = job.ticket.word("sides", "one-sided") != "one-sided" and self._printer.profile.duplex
        number = 0
        while job.state not in FINISHED:
            side = await loop.run_in_executor(RENDERER, next, rendered, None)
            if side is None:
                return
            path = job.folder / f"side-{job.impressions + 1:04d}.png"
            shares = await loop.run_in_executor(RENDERER, _keep_side, side, path)
            number += 1
            starts_sheet = not is_duplex or number % 2 == 1
            for _ in range(job.ticket.number("copies", 1)):
                await self._until_it_can_go_on(job, starts_sheet=starts_sheet)
                if job.state in FINISHED:
                    return
                self._put_on_paper(job, shares, starts_sheet=starts_sheet)
                await asyncio.sleep(self._seconds())

    async def _until_it_can_go_on(self, job: Job, *, starts_sheet: bool) -> None:
        """Wait while the printer is stopped, restarts, or has no paper for the job."""
        while job.state not in FINISHED:
            self.lose_jobs()
            if job.state in FINISHED:
                return
            self.lacks_media = starts_sheet and self._tray(job) is None
            if not (self._printer.is_stopped or self._printer.is_away or self.lacks_media):
                break
            if job.state is not JobState.STOPPED:
                job.change(JobState.STOPPED, "printer-stopped")
            await asyncio.sleep(LOOK_SECONDS)
        if job.state is JobState.STOPPED:
            job.change(JobState.PROCESSING, "job-printing")

    def _tray(self, job: Job) -> int | None:
        """The tray to feed from: one with that medium, else any if no tray ever has that medium; None if empty."""
        _, wanted = job.ticket.medium(self._printer)
        trays = list(enumerate(self._printer.trays))
        fitting = [place for place, tray in trays if tray.facts.media == wanted] or [place for place, _ in trays]
        return next((place for place in fitting if self._printer.trays[place].sheets > 0), None)

    def _put_on_paper(self, job: Job, shares: dict[str, float], *, starts_sheet: bool) -> None:
        is_color = len(shares) > 1
        toner = {color: share / YIELD_COVERAGE for color, share in shares.items()}
        tray = self._tray(job) if starts_sheet else None
        sheets = 1 if starts_sheet else 0
        self._printer.wear(int(not is_color), int(is_color), sheets, tray or 0, toner)
        job.impressions += 1
        job.toner_sides += int(any(shares.values()))
        job.color_sides += int(is_color)
        job.sheets += sheets

    def _seconds(self) -> float:
        return 60 / self._printer.speed if self._page_seconds is None else self._page_seconds

    def _forget_old(self) -> None:
        finished = [job for job in self.jobs.values() if job.is_finished]
        for job in finished[: max(0, len(self.jobs) - KEPT_JOBS)]:
            del self.jobs[job.id]
            shutil.rmtree(job.folder, ignore_errors=True)


def _turn(job: Job) -> tuple[bool, int, int]:
    return job.state not in (JobState.PROCESSING, JobState.STOPPED), -job.ticket.number("job-priority", 50), job.id


def _keep_side(side: Image.Image, path: Path) -> dict[str, float]:
    side.save(path, compress_level=1)
    return dict(coverage(side))


def _write_ticket(job: Job) -> None:
    """What was printed and how, for whoever looks into the folder."""
    content = {
        "id": job.id,
        "name": job.name,
        "user": job.user,
        "state": job.state.name.lower(),
        "message": job.message,
        "documents": [{"name": one.name, "type": one.media_type, "octets": one.octets} for one in job.documents],
        "impressions": job.impressions,
        "sheets": job.sheets,
        "copies": job.ticket.number("copies", 1),
        "sides": job.ticket.word("sides", "one-sided"),
        "media": job.ticket.word("media", ""),
    }
    (job.folder / "job.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def queue_folder(root: Path, printer: SimulatedPrinter) -> Path:
    """Where the jobs of a printer are."""
    return root / "pages" / printer.serial
