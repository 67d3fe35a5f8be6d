"""Pictures: words are read, covered in the pixels, and everything but the pixels is dropped."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from connectors.documents.inspection_faults import DAMAGED_FILE, TOO_MANY_PIXELS
from connectors.messages import N_
from connectors.pii import Hit
from steps.redaction.document import Pace
from steps.redaction.ocr_words import SPARSE, Reading, read_words
from steps.redaction.placed_text import Box
from steps.redaction.sweep import SURVIVED, Sweep

if TYPE_CHECKING:
    from PIL.Image import Image

Item = TypeVar("Item")
Result = TypeVar("Result")

PICTURES = N_("pictures")
MARGIN = 2
"""Pixels painted around a word, for the soft edges of its letters."""
ROUNDS = 3
"""How often a painted picture is read again before the attempt is given up."""


@dataclass
class Frame:
    """One page of a picture file. `load` gives its pixels, so that only those at work are in memory."""

    load: Callable[[], "Image"]
    language: str
    where: str

    @cached_property
    def looks(self) -> tuple[Reading, Reading]:
        """What can be read in it by its layout, and by a second look that also finds labels and single words."""
        image = self.load()
        return read_words(image, self.language), read_words(image, self.language, SPARSE)

    @property
    def text(self) -> str:
        """All that was read; most of it twice."""
        return "\n".join(look.text for look in self.looks)

    def clear(self, sweep: Sweep) -> "Image | None":
        """The pixels with every hit painted over, or None where there is none.

        What was painted is read again until nothing is legible. Raises `SURVIVED` after `ROUNDS` attempts.
        """
        boxes: list[Box] = []
        for look in self.looks:
            hits = sweep.hits(look.text)
            sweep.count(unseen(hits, look, boxes), self.where)
            boxes += look.boxes((hit.start, hit.end) for hit in hits)
        if not boxes:
            return None
        image = self.load()
        for _ in range(ROUNDS):
            image = painted(image, boxes)
            look = read_words(image, self.language)
            boxes = look.boxes((hit.start, hit.end) for hit in sweep.survivors(look.text))
            if not boxes:
                return image
        raise SURVIVED(where=self.where)


def unseen(hits: Iterable[Hit], look: Reading, boxes: Sequence[Box]) -> Iterator[Hit]:
    """Those `hits` of `look` that are not what `boxes` already cover, seen again."""
    for hit in hits:
        places = look.boxes([(hit.start, hit.end)])
        if not any(_touch(place, box) for place in places for box in boxes):
            yield hit


def _touch(first: Box, second: Box) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def for_each(frames: Sequence[Item], work: Callable[[Item], Result], processes: int, pace: Pace) -> Iterator[Result]:
    """`work` on each frame, `processes` at a time; the results in order, as they come."""
    with ThreadPoolExecutor(max_workers=processes) as pool:
        waiting = [pool.submit(work, frame) for frame in frames]
        try:
            for done, result in enumerate(waiting):
                pace(done, len(frames))
                yield result.result()
        finally:
            for result in waiting:
                result.cancel()


def painted(image: "Image", boxes: Sequence[Box]) -> "Image":
    """A copy of `image` with black boxes."""
    from PIL import ImageDraw

    copy = image.copy()
    draw = ImageDraw.Draw(copy)
    black = 0 if copy.mode in ("1", "L") else (0,) * len(copy.getbands())
    for left, top, right, bottom in boxes:
        draw.rectangle((left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN), fill=black)
    return copy


@contextmanager
def opened(source: Path | bytes, name: str, max_pixels: int) -> Iterator["Image"]:
    """The picture file `source`; raises `TOO_MANY_PIXELS` before unpacking it and `DAMAGED_FILE`."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(source) if isinstance(source, bytes) else source) as image:
            if image.width * image.height > max_pixels:
                raise TOO_MANY_PIXELS(name=name, pixels=image.width * image.height, limit=max_pixels)
            yield image
    except Image.DecompressionBombError as exc:
        raise TOO_MANY_PIXELS(name=name, pixels="?", limit=max_pixels) from exc
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as exc:
        raise DAMAGED_FILE(name=name) from exc


def upright_pixels(image: "Image") -> "Image":
    """The pixels alone, as a viewer shows them: turned upright, on white where transparent, without any metadata."""
    from PIL import Image, ImageOps

    turned = ImageOps.exif_transpose(image) or image
    if turned.mode == "P" or "transparency" in turned.info:
        turned = turned.convert("RGBA")
    if turned.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        colour = turned.convert("RGBA")
        white = Image.new("RGBA", colour.size, "white")
        turned = Image.alpha_composite(white, colour).convert("RGB")
    if turned.mode.startswith("I") or turned.mode == "F":
        turned = _eight_bits(turned)
    mode = turned.mode if turned.mode in ("1", "L") else "RGB"
    plain = turned.convert(mode)
    bare = Image.new(mode, plain.size)
    bare.paste(plain)
    return bare


def _eight_bits(image: "Image") -> "Image":
    """Sixteen-bit grey as eight bits; Pillow's own conversion would clip everything to white."""
    wide = image.convert("F")
    _, high = wide.getextrema()
    scale = 255.0 / max(float(str(high)), 255.0)
    return wide.point(lambda value: value * scale + 0).convert("L")
