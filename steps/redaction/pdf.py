"""PDF by true removal: a page with a hit is replaced by its own picture with black boxes, and its kept words.

Cutting single words out of a PDF's text operators depends on fonts, encodings and forms that are read differently by
every program; a new picture with an invisible text layer of what stays holds nothing of the old page. Pages without a
hit are taken over as they are. All else (properties, bookmarks, annotations, attachments, scripts, layers, structure,
older versions) is left behind, and annotations and form fields that are seen become part of their page.

Each page is read by two extractors and by OCR, before and after; pages whose rendering did not change need no second
look.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.documents.inspection_faults import DAMAGED_FILE, TOO_MANY_PAGES
from connectors.messages import N_, Message
from connectors.settings import Settings
from steps.redaction.document import Pace
from steps.redaction.invisible_text import InvisibleFonts
from steps.redaction.ocr_words import LEGIBLE, SPARSE, Reading, read_words
from steps.redaction.pdf_reading import PdfPages, flatten, pixels_digest, poppler_texts
from steps.redaction.pdf_structure import (
    HIDDEN,
    all_strings,
    has_layers,
    open_pdf,
    outside_texts,
    page_strings,
    take_over,
    unexpected,
)
from steps.redaction.picture import ROUNDS, for_each, painted, unseen
from steps.redaction.placed_text import Box, PlacedText
from steps.redaction.sweep import SURVIVED, Sweep

if TYPE_CHECKING:
    from PIL.Image import Image

EXTRAS_REMOVED = N_("Bookmarks, links, form fields, attachments and file properties of the PDF were removed.")
PAGES_BECAME_PICTURES = N_("Pages on which something was removed are pictures with searchable text now: {count}.")
HARD_TO_READ = N_(
    "Page {number} was hard to read (confidence {confidence} %), so something may remain in its pictures."
)
JPEG_QUALITY = 80
PICTURES_AT_ONCE = 16


@dataclass
class _Page:
    """What is known of one page. `picture` is the new page, once something was removed from it."""

    number: int
    text: str = ""
    poppler: str = ""
    reading: Reading = field(default_factory=Reading)
    covered: str = ""
    strings: str = ""
    digest: bytes = b""
    pictured: bool = False
    must_render: bool = False
    picture: Path | None = None
    words: PlacedText = field(default_factory=PlacedText)
    size: tuple[int, int] = (1, 1)

    @property
    def where(self) -> str:
        return f"page {self.number + 1}"


class PdfRedaction:
    """A PDF file on its way through redaction. New pages wait in `scratch`."""

    def __init__(self, source: Path, name: str, settings: Settings, scratch: Path, pace: Pace) -> None:
        self._name, self._settings, self._scratch, self._pace = name, settings, scratch, pace
        with open_pdf(source, name) as pdf:
            count = len(pdf.pages)
            if not count:
                raise DAMAGED_FILE(name=name)
            if count > settings.max_pages:
                raise TOO_MANY_PAGES(name=name, limit=settings.max_pages)
            self._outside = list(outside_texts(pdf))
            annotated = any("/Annots" in page.obj for page in pdf.pages)
        self._source = source
        if annotated:
            self._source = scratch / "flat.pdf"
            flatten(source, self._source, name)
        self._shown = PdfPages(self._source, name, settings.ocr_dpi, settings.max_pixels)
        self._pages = [_Page(number) for number in range(count)]
        self._picture_texts: dict[bytes, str] = {}
        self._language = "en"
        self.pages: int | None = count
        self.characters = 0
        self.warnings: list[Message] = []

    def sample(self) -> str:
        text = "\n".join(self._shown.layer(number).text for number in range(min(5, len(self._pages))))
        return text if text.strip() else read_words(self._shown.render(0), "en").text

    def learn(self, sweep: Sweep, language: str) -> None:
        self._language = language
        with open_pdf(self._source, self._name) as pdf:
            for page, text in zip(self._pages, poppler_texts(self._source, len(self._pages), self._name), strict=True):
                page.poppler = text
                page.strings = "\n".join(page_strings(pdf.pages[page.number]))
                page.must_render = has_layers(pdf, pdf.pages[page.number])
        for page in for_each(self._pages, self._read, self._settings.ocr_processes, self._pace):
            self._learn_page(page, sweep)
        for text, _ in self._outside:
            sweep.learn(text)

    def clear(self, sweep: Sweep) -> None:
        for text, where in self._outside:
            sweep.count(sweep.hits(text), where)
        if self._outside:
            self.warnings.append(Message(template=EXTRAS_REMOVED))
        done = for_each(
            self._pages, lambda page: self._clear_page(page, sweep), self._settings.ocr_processes, self._pace
        )
        pictures = sum(done)
        if pictures:
            self.warnings.append(Message(template=PAGES_BECAME_PICTURES, facts={"count": pictures}))

    def save(self, target: Path) -> None:
        import pikepdf

        fonts = InvisibleFonts()
        with ExitStack() as opened, pikepdf.new() as made:
            source = opened.enter_context(open_pdf(self._source, self._name))
            pictures = self._picture_pages(fonts, opened)
            added = []
            for page in self._pages:
                if page.picture is None:
                    take_over(source, page.number, made)
                else:
                    made.pages.append(next(pictures))
                    added.append(made.pages[-1])
            built = fonts.build(made)
            for new in added:
                new.obj.Resources.Font = built
            made.remove_unreferenced_resources()
            made.save(target, compress_streams=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)

    def _picture_pages(self, fonts: InvisibleFonts, opened: ExitStack) -> Iterator[Any]:
        """The new pages, some of them in a file each, so that their pictures are never all in memory."""
        import pikepdf

        pages = iter([page for page in self._pages if page.picture is not None])
        while some := list(islice(pages, PICTURES_AT_ONCE)):
            part = self._scratch / f"part-{some[0].number}.pdf"
            with pikepdf.new() as made:
                for page in some:
                    self._add_picture(made, page, fonts)
                made.save(part)
            yield from opened.enter_context(pikepdf.open(part)).pages

    def verify(self, sweep: Sweep, target: Path) -> None:
        with open_pdf(target, self._name) as pdf:
            if unexpected(pdf):
                raise SURVIVED(where=HIDDEN)
            for text in all_strings(pdf):
                sweep.check(text, HIDDEN)
            for page in self._pages:
                sweep.check("\n".join(page_strings(pdf.pages[page.number])), page.where)
        for page, text in zip(self._pages, poppler_texts(target, len(self._pages), self._name), strict=True):
            sweep.check(text, page.where)
        shown = PdfPages(target, self._name, self._settings.ocr_dpi, self._settings.max_pixels)
        try:
            for _ in for_each(
                self._pages, lambda page: self._check(page, shown, sweep), self._settings.ocr_processes, self._pace
            ):
                pass
        finally:
            shown.close()
            self._shown.close()

    def _read(self, page: _Page) -> _Page:
        """Everything that the page says, in every way."""
        page.text = self._shown.layer(page.number).text
        image = self._shown.render(page.number)
        page.digest, page.size = pixels_digest(image), image.size
        page.reading = read_words(image, self._language)
        page.pictured = self._shown.has_pictures(page.number)
        pictures = self._shown.covered_pictures(page.number)
        page.covered = "\n".join(map(self._text_of, pictures))
        return page

    def _text_of(self, picture: "Image") -> str:
        """What a picture says; the same picture, such as a logo on every page, is read once."""
        digest = pixels_digest(picture)
        if digest not in self._picture_texts:
            self._picture_texts[digest] = read_words(picture, self._language).text
        return self._picture_texts[digest]

    def _learn_page(self, page: _Page, sweep: Sweep) -> None:
        self.characters += len(page.text.strip() or page.reading.text)
        sweep.learn(page.text)
        sweep.learn(page.poppler)
        if page.pictured or not page.text.strip():
            sweep.learn(page.reading.text)
            sweep.learn(page.covered)
            if page.reading.confidence < LEGIBLE:
                facts: dict[str, str | int | float] = {
                    "number": page.number + 1,
                    "confidence": round(page.reading.confidence),
                }
                self.warnings.append(Message(template=HARD_TO_READ, facts=facts))

    def _clear_page(self, page: _Page, sweep: Sweep) -> bool:
        """Make the page's picture when anything must go from it; True when one was made."""
        in_layer, in_reading = sweep.hits(page.text), sweep.hits(page.reading.text)
        hidden = [hit for text in (page.poppler, page.covered, page.strings) for hit in sweep.hits(text)]
        if not (in_layer or in_reading or hidden or page.must_render):
            return False
        layer = self._shown.layer(page.number)
        layer_spans = [(hit.start, hit.end) for hit in in_layer]
        boxes = layer.boxes(layer_spans)
        sweep.count(in_layer or in_reading or hidden, page.where)
        sweep.count(unseen(in_reading, page.reading, boxes) if in_layer else (), page.where)
        boxes += page.reading.boxes((hit.start, hit.end) for hit in in_reading)
        image, boxes = self._blackened(page, boxes, sweep)
        words = PlacedText.of((" ", word, box) for word, box in layer.words(layer_spans, boxes))
        page.words = PlacedText() if sweep.survivors(words.text) else words
        page.size = image.size
        page.picture = self._scratch / f"page-{page.number}.jpg"
        image.save(page.picture, "JPEG", quality=JPEG_QUALITY, optimize=True)
        return True

    def _blackened(self, page: _Page, boxes: list[Box], sweep: Sweep) -> tuple["Image", list[Box]]:
        """The rendered page with `boxes`, read again in another way until nothing is legible; and all boxes."""
        image = self._shown.render(page.number)
        for _ in range(ROUNDS):
            image = painted(image, boxes)
            reading = read_words(image, self._language, SPARSE)
            rest = sweep.survivors(reading.text)
            if not rest:
                return image, boxes
            boxes = boxes + reading.boxes((hit.start, hit.end) for hit in rest)
        raise SURVIVED(where=page.where)

    def _add_picture(self, made: Any, page: _Page, fonts: InvisibleFonts) -> None:
        from pikepdf import Array, Dictionary, Name, Page, Stream
        from PIL import Image

        assert page.picture is not None
        with Image.open(page.picture) as image:
            space = Name.DeviceGray if image.mode == "L" else Name.DeviceRGB
        width, height = self._shown.size(page.number)
        across, down = page.size
        picture = Stream(
            made,
            page.picture.read_bytes(),
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=across,
            Height=down,
            ColorSpace=space,
            BitsPerComponent=8,
            Filter=Name.DCTDecode,
        )
        words = _in_points(page.words, width / across, height / down, height)
        content = f"q {width:.4f} 0 0 {height:.4f} 0 0 cm /Page Do Q\n".encode() + fonts.content(words)
        new = Page(
            made.make_indirect(
                Dictionary(
                    Type=Name.Page,
                    MediaBox=Array([0, 0, width, height]),
                    Resources=Dictionary(XObject=Dictionary(Page=picture)),
                    Contents=Stream(made, content),
                )
            )
        )
        made.pages.append(new)

    def _check(self, page: _Page, shown: PdfPages, sweep: Sweep) -> None:
        sweep.check(shown.layer(page.number).text, page.where)
        image = shown.render(page.number)
        if page.picture is not None or pixels_digest(image) != page.digest:
            sweep.check(read_words(image, self._language).text, page.where)


def _in_points(
    placed: PlacedText, across: float, down: float, height: float
) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    for text, (left, top, right, bottom) in placed.words:
        yield text, (left * across, height - bottom * down, right * across, height - top * down)
