"""From page images to text: each page set upright, straightened and read, several pages at once.

Each thread waits for its own tesseract process, so that threads are enough to keep every core busy. Only a few pages
are in work at any time: memory does not grow with the document.
"""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from connectors.ocr.layout import PageText, page_from_hocr
from connectors.ocr.orientation import Upright, set_upright
from connectors.ocr.pages import PageImage, Pages
from connectors.ocr.tesseract import PageName, end_processes, read_page

PAPER_CONTRAST = 24
PULSE_SECONDS = 0.5
WELL_READ_CHARACTERS = 60
WELL_READ_CONFIDENCE = 80.0


@dataclass(frozen=True, slots=True)
class ReadPage:
    """Page `number` (from 0) as it was read.

    `layer` is its text-only PDF, where one was asked for and there was anything to read. The page had to be turned
    `turn` degrees clockwise, then straightened by `skew` degrees.
    """

    number: int
    text: PageText
    layer: Path | None = None
    turn: int = 0
    skew: float = 0.0


class Stopped(Exception):
    """The reading ended early; nobody waits for this page any more."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """How to read `pages` of the document called `name`.

    `language` is tesseract's name; `layers` asks for text layers; `folder` is for the working files; `seconds` is the
    longest time for one page.
    """

    pages: Pages
    name: str
    language: str
    layers: bool
    folder: Path
    threads: int
    seconds: float

    def read(self, numbers: Sequence[int], pulse: Callable[[], None]) -> Generator[ReadPage]:
        """The pages in the order of `numbers`. `pulse` is called at least twice a second and may raise to stop.

        When the iteration ends early, by an error or `close`, no process is left behind. Raises the faults of
        `Pages.image` and of `tesseract.read_page`.
        """
        stopped = Event()
        window: deque[Future[ReadPage]] = deque()
        pool = ThreadPoolExecutor(self.threads, thread_name_prefix="ocr")
        try:
            for number in numbers:
                window.append(pool.submit(self._read_page, number, stopped))
                if len(window) >= 2 * self.threads:
                    yield _awaited(window[0], pulse)
                    window.popleft()
            while window:
                yield _awaited(window[0], pulse)
                window.popleft()
        finally:
            stopped.set()
            for future in window:
                future.cancel()
            # a thread may just be starting its process: look again until all threads are free
            while window and wait(window, timeout=0.05).not_done:
                end_processes(self.folder)
            pool.shutdown()

    def _read_page(self, number: int, stopped: Event) -> ReadPage:
        own = self.pages.own_text(number)
        # a PDF page keeps unreadable text, which other programs may well understand; text output needs it readable
        if own is not None and (own.readable or self.layers):
            return ReadPage(number, own)
        shown = self.pages.image(number)
        if _is_blank(shown):
            scale = 72 / shown.dpi
            return ReadPage(number, PageText(shown.image.width * scale, shown.image.height * scale, recognised=True))
        base = self.folder / f"page-{number}"
        upright = set_upright(shown.image, shown.dpi, base, self.seconds)
        text = self._read_image(upright, shown.dpi, base, number, stopped)
        if upright.doubted and not _reads_well(text):
            asked = set_upright(shown.image, shown.dpi, base, self.seconds, ask=True)
            if asked.turn:
                upright, text = asked, self._read_image(asked, shown.dpi, base, number, stopped)
        layer = base.with_suffix(".pdf") if self.layers and text.paragraphs else None
        text = replace(text, paragraphs=text.paragraphs + self.pages.stamp(number))
        return ReadPage(number, text, layer, upright.turn, upright.skew)

    def _read_image(self, upright: Upright, dpi: float, base: Path, number: int, stopped: Event) -> PageText:
        """One run of tesseract; the text layer, where one is asked for, is left at `base` + `.pdf`."""
        # uncompressed: packing the pixels would take longer than writing them
        file = base.with_suffix(".pgm")
        upright.image.save(file)
        if stopped.is_set():
            raise Stopped
        outputs = "pdf hocr" if self.layers else "hocr"
        read_page(file, base, self.language, dpi, outputs, self.seconds, PageName(number + 1, self.name))
        file.unlink()
        hocr = base.with_suffix(".hocr")
        text = page_from_hocr(hocr, dpi)
        hocr.unlink()
        return text


def _awaited(future: Future[ReadPage], pulse: Callable[[], None]) -> ReadPage:
    while wait((future,), timeout=PULSE_SECONDS).not_done:
        pulse()
    return future.result()


def _reads_well(text: PageText) -> bool:
    """Whether the text cannot be that of a page upside down, whose letters tesseract can only guess."""
    return text.characters >= WELL_READ_CHARACTERS and (text.confidence or 0) >= WELL_READ_CONFIDENCE


def _is_blank(page: PageImage) -> bool:
    used = [grey for grey, count in enumerate(page.image.histogram()) if count]
    return used[-1] - used[0] < PAPER_CONTRAST
