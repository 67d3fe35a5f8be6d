"""PNG, JPEG and TIFF: found words are painted over, and nothing but the new pixels is written."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.documents.inspection_faults import TOO_MANY_PAGES, TOO_MANY_PIXELS
from connectors.messages import N_, Message
from connectors.settings import Settings
from steps.contract import JPEG, PNG, TIFF
from steps.redaction.document import Pace
from steps.redaction.ocr_words import LEGIBLE, read_words
from steps.redaction.picture import PICTURES, Frame, for_each, opened, upright_pixels
from steps.redaction.sweep import SURVIVED, Sweep

if TYPE_CHECKING:
    from PIL.Image import Image

METADATA = N_("picture properties")
HARD_TO_READ = N_("{where}: the picture was hard to read (confidence {confidence} %), so something may remain in it.")
_FORMATS = {PNG: "PNG", JPEG: "JPEG", TIFF: "TIFF"}
_HARMLESS = frozenset({"dpi", "jfif", "jfif_version", "jfif_unit", "jfif_density", "compression", "resolution"})


class ImageRedaction:
    """A picture file on its way through redaction. Painted pages wait in `scratch`."""

    characters = 0

    def __init__(self, source: Path, name: str, media_type: str, settings: Settings, scratch: Path, pace: Pace) -> None:
        self._source, self._name, self._media_type = source, name, media_type
        self._settings, self._scratch, self._pace = settings, scratch, pace
        with opened(source, name, settings.max_pixels) as image:
            self.pages: int | None = int(getattr(image, "n_frames", 1)) if media_type == TIFF else 1
            self._dpi = image.info.get("dpi")
        if self.pages and self.pages > settings.max_pages:
            raise TOO_MANY_PAGES(name=name, limit=settings.max_pages)
        self._frames: list[Frame] = []
        self._painted: dict[int, Path] = {}
        self.warnings: list[Message] = []

    def sample(self) -> str:
        """The first page, read as English, which is enough to tell the language by."""
        return read_words(self._pixels(0), "en").text

    def learn(self, sweep: Sweep, language: str) -> None:
        self._frames = [
            Frame(lambda number=number: self._pixels(number), language, place(number, self.pages or 1))  # type: ignore[misc]
            for number in range(self.pages or 1)
        ]
        looks = for_each(self._frames, lambda frame: frame.looks, self._settings.ocr_processes, self._pace)
        for frame, (reading, again) in zip(self._frames, looks, strict=True):
            self.characters += len(reading.text)
            sweep.learn(reading.text)
            sweep.learn(again.text)
            if reading.confidence < LEGIBLE:
                self.warnings.append(
                    Message(
                        template=HARD_TO_READ,
                        facts={"where": frame.where, "confidence": round(reading.confidence)},
                    )
                )

    def clear(self, sweep: Sweep) -> None:
        def work(number: int) -> Path | None:
            image = self._frames[number].clear(sweep)
            if image is None:
                return None
            path = self._scratch / f"frame-{number}.png"
            image.save(path)
            return path

        numbers = range(len(self._frames))
        for number, path in zip(
            numbers, for_each(numbers, work, self._settings.ocr_processes, self._pace), strict=True
        ):
            if path:
                self._painted[number] = path

    def save(self, target: Path) -> None:
        options: dict[str, object] = {"format": _FORMATS[self._media_type]}
        if self._dpi:
            options["dpi"] = tuple(float(value) for value in self._dpi)
        if self._media_type == JPEG:
            options["quality"] = 90
        if self._media_type == TIFF:
            options.update(compression="tiff_lzw", save_all=True, append_images=self._results(1))
        next(self._results(0)).save(target, **options)  # type: ignore[arg-type]

    def verify(self, sweep: Sweep, target: Path) -> None:
        """The file as it was written: the very pixels that were read last, or others that are read now; no metadata."""
        with opened(target, self._name, self._settings.max_pixels) as image:
            for number, written in enumerate(self._results(0)):
                self._pace(number, len(self._frames))
                image.seek(number)
                if self._media_type != TIFF and (set(image.info) - _HARMLESS or image.getexif()):
                    raise SURVIVED(where=METADATA)
                pixels = upright_pixels(image)
                if pixels.mode != written.mode or pixels.tobytes() != written.tobytes():
                    sweep.check(read_words(pixels, self._frames[number].language).text, self._frames[number].where)

    def _results(self, first: int) -> "Iterator[Image]":
        from PIL import Image

        for number in range(first, self.pages or 1):
            if number in self._painted:
                with Image.open(self._painted[number]) as image:
                    yield image.copy()
            else:
                yield self._pixels(number)

    def _pixels(self, number: int) -> "Image":
        with opened(self._source, self._name, self._settings.max_pixels) as image:
            image.seek(number)
            if image.width * image.height > self._settings.max_pixels:
                raise TOO_MANY_PIXELS(
                    name=self._name, pixels=image.width * image.height, limit=self._settings.max_pixels
                )
            return upright_pixels(image)


def place(number: int, pages: int) -> str:
    """Where page `number` (from 0) is, for people."""
    return PICTURES if pages == 1 else f"page {number + 1}"
