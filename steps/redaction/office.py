"""An Office package on its way through redaction, with the packages and pictures inside it."""

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO

from lxml import etree

from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.settings import Settings
from steps.redaction.jpeg import without_segments
from steps.redaction.markup import drop_copies, is_conventional
from steps.redaction.ooxml import LINKS, PartText, part_text
from steps.redaction.package import (
    CONTENT_TYPES,
    content_type,
    drop_part,
    parse,
    read_parts,
    relationships_of,
    rename_part,
    serialised,
    set_default_type,
    write_parts,
)
from steps.redaction.passages import decoded
from steps.redaction.picture import PICTURES, Frame, opened, upright_pixels
from steps.redaction.styles import clear_style_names
from steps.redaction.sweep import Sweep

MACROS = Fault(
    "redact.macros",
    422,
    N_("“{name}” contains macros or controls, which cannot be searched for text to redact."),
    N_("Save it as a document without macros (.docx) and hand that in."),
)
EMBEDDED = Fault(
    "redact.embedded_object",
    422,
    N_("“{name}” contains an embedded object ({kind}) that cannot be searched for text to redact."),
    N_("Replace the object by a picture or by its text, or remove it, and hand the document in again."),
)
DRAWINGS_REMOVED = N_("Drawings in a format that cannot be searched were replaced by empty pictures: {count}.")
SIGNATURES_REMOVED = N_("The document's digital signature was removed, because it no longer fits the redacted text.")
PICTURES_READ = N_("Pictures in the document were searched by text recognition, which may overlook text: {count}.")

DEEPEST = 3
_PLACES = {
    "document": N_("body"),
    "header": N_("headers"),
    "footer": N_("footers"),
    "footnotes": N_("footnotes"),
    "endnotes": N_("endnotes"),
    "comments": N_("comments"),
    "people": N_("authors of changes and comments"),
    "settings": N_("document settings"),
    "chart": N_("charts"),
    "data": N_("diagrams"),
    "drawing": N_("diagrams"),
    "glossary": N_("building blocks"),
}
PROPERTIES = N_("document properties")
CUSTOM_XML = N_("custom XML")
EMBEDDED_PACKAGE = N_("embedded documents")
PART_NAMES = N_("names of parts")
OTHER = N_("other parts of the file")

_XML = ("xml", "rels", "vml")
_RASTER = {
    "png": "PNG",
    "jpg": "JPEG",
    "jpeg": "JPEG",
    "jfif": "JPEG",
    "gif": "GIF",
    "bmp": "BMP",
    "tif": "TIFF",
    "tiff": "TIFF",
}
_VECTOR = frozenset(["emf", "wmf", "emz", "wmz", "wdp", "hdp", "jxr", "pict", "pcz", "eps", "svgz"])
_DROPPED = frozenset(["odttf", "fntdata", "ttf", "otf", "svg"])


@dataclass
class _Picture:
    frame: Frame
    format: str


class OfficePackage:
    """The package `data`; `name` is the document's file name, `depth` how many packages it lies in."""

    def __init__(self, data: bytes, name: str, settings: Settings, depth: int = 0) -> None:
        self._name, self._settings, self._depth = name, settings, depth
        self.parts = read_parts(data, name, settings.max_unpacked_mb << 20)
        self.warnings: list[Message] = []
        if CONTENT_TYPES not in self.parts:
            raise EMBEDDED(name=name, kind="zip")
        self._trees = {
            part: parse(content, name)
            for part, content in self.parts.items()
            if part == CONTENT_TYPES or part.rpartition(".")[2].lower() in _XML
        }
        for tree in self._trees.values():
            drop_copies(tree)
        self._texts: dict[str, PartText] = {}
        self._inner: dict[str, OfficePackage] = {}
        self._pictures: dict[str, _Picture] = {}
        self._sort_parts()

    def sample(self) -> str:
        """Some of the text, to tell its language by."""
        texts = (passage.text for passage in part_text(self._main, "").spoken)
        return "\n".join(text for text in texts if text.strip())[:20_000]

    @property
    def frames(self) -> list[Frame]:
        """The pictures, also those of packages inside."""
        return [picture.frame for picture in self._pictures.values()] + [
            frame for inner in self._inner.values() for frame in inner.frames
        ]

    def read_pictures_in(self, language: str) -> None:
        """Choose the language (BCP 47) that the pictures are read in."""
        for frame in self.frames:
            frame.language = language

    def learn(self, sweep: Sweep, step: Callable[[], None]) -> int:
        """Let `sweep` see all text, calling `step` now and then; returns how many characters it was."""
        characters = 0
        for part, tree in self._trees.items():
            step()
            self._texts[part] = part_text(tree, self._place(part))
            for passage in self._texts[part].spoken:
                text = passage.text
                characters += len(text)
                sweep.learn(text)
        for picture in self._pictures.values():
            step()
            sweep.learn(picture.frame.text)
        return characters + sum(inner.learn(sweep, step) for inner in self._inner.values())

    def clear(self, sweep: Sweep, step: Callable[[], None]) -> None:
        """Remove what `sweep` finds, calling `step` now and then."""
        clear_style_names(self._trees.values(), sweep)
        for part, texts in self._texts.items():
            if part != CONTENT_TYPES:
                step()
                for passage in texts:
                    sweep.clear(passage)
        for part, picture in self._pictures.items():
            step()
            image = picture.frame.clear(sweep)
            if image is None and picture.format == "JPEG":
                self.parts[part] = without_segments(self.parts[part])
            else:
                self.parts[part] = _encoded(image or picture.frame.load(), picture.format)
        for part, inner in self._inner.items():
            inner.clear(sweep, step)
            self.parts[part] = inner.data()
        self._clear_names(sweep)

    def data(self) -> bytes:
        """The package as it is now."""
        for part, tree in self._trees.items():
            self.parts[part] = serialised(tree)
        packed = BytesIO()
        write_parts(self.parts, packed)
        return packed.getvalue()

    @property
    def _main(self) -> etree._Element:
        for part in ("word/document.xml", *self._trees):
            if part in self._trees and part.endswith("document.xml"):
                return self._trees[part]
        return self._trees[CONTENT_TYPES]

    def _place(self, part: str) -> str:
        if self._depth:
            return EMBEDDED_PACKAGE
        if part.endswith(".rels"):
            return LINKS
        if part.startswith("docProps/"):
            return PROPERTIES
        if part.startswith("customXml/"):
            return CUSTOM_XML
        stem = posixpath.basename(part).removesuffix(".xml").rstrip("0123456789")
        return next((place for start, place in _PLACES.items() if stem.startswith(start)), OTHER)

    def _sort_parts(self) -> None:
        """Decide for each part how it is searched; what cannot be searched goes, or refuses the document."""
        types = self._trees[CONTENT_TYPES]
        if any("macroenabled" in str(element.get("ContentType")).lower() for element in types):
            raise MACROS(name=self._name)
        drawings = 0
        for part in [part for part in self.parts if part not in self._trees]:
            kind = self._kind(part, content_type(types, part))
            if kind == "drawing":
                drawings += 1
                self._replace_drawing(part)
            elif kind == "package":
                if self._depth >= DEEPEST:
                    raise EMBEDDED(name=self._name, kind="zip")
                self._inner[part] = OfficePackage(self.parts[part], self._name, self._settings, self._depth + 1)
            elif kind == "picture":
                self._add_picture(part)
            else:
                self._drop(part)
        self._drop_signatures()
        self._say_what_happened(drawings)

    def _kind(self, part: str, media_type: str) -> str:
        lower, extension = part.lower(), part.rpartition(".")[2].lower()
        if "vbaproject" in lower or "vbadata" in lower or "activex" in lower:
            raise MACROS(name=self._name)
        if lower.startswith(("docprops/thumbnail", "_xmlsignatures/")) or "printersettings" in lower:
            return "dropped"
        if extension in _DROPPED:
            return "dropped"
        if extension in _VECTOR:
            return "drawing"
        if extension in _RASTER:
            return "picture"
        if self.parts[part].startswith(b"PK\x03\x04"):
            return "package"
        raise EMBEDDED(name=self._name, kind=media_type.rpartition(".")[2] or extension)

    def _add_picture(self, part: str) -> None:
        data, limit = self.parts[part], self._settings.max_pixels

        def pixels() -> "object":
            with opened(data, self._name, limit) as image:
                return upright_pixels(image)

        with opened(data, self._name, limit):
            extension = part.rpartition(".")[2].lower()
        self._pictures[part] = _Picture(Frame(pixels, "en", PICTURES), _RASTER[extension])  # type: ignore[arg-type]

    def _replace_drawing(self, part: str) -> None:
        new = f"{part.rpartition('.')[0]}-empty.png"
        rename_part(self._trees, part, new)
        set_default_type(self._trees, "png", "image/png")
        del self.parts[part]
        self.parts[new] = _empty_png()

    def _drop(self, part: str) -> None:
        drop_part(self._trees, part)
        self.parts.pop(part, None)
        self._trees.pop(part, None)
        rels = relationships_of(part)
        self.parts.pop(rels, None)
        self._trees.pop(rels, None)

    def _drop_signatures(self) -> None:
        signatures = [part for part in self.parts if part.lower().startswith("_xmlsignatures/")]
        for part in signatures:
            self._drop(part)
        if signatures:
            self.warnings.append(Message(template=SIGNATURES_REMOVED))

    def _say_what_happened(self, drawings: int) -> None:
        if drawings:
            self.warnings.append(Message(template=DRAWINGS_REMOVED, facts={"count": drawings}))
        if self._pictures and not self._depth:
            self.warnings.append(Message(template=PICTURES_READ, facts={"count": len(self._pictures)}))

    def _clear_names(self, sweep: Sweep) -> None:
        """Give parts whose file name tells something a number instead."""
        numbers: Iterator[int] = iter(range(1, len(self.parts) + 1))
        for part in list(self.parts):
            if is_conventional(part) or part.endswith(".rels") or not (hits := sweep.survivors(decoded(part))):
                continue
            sweep.count(hits, PART_NAMES)
            folder, _, file = part.rpartition("/")
            new = f"{folder}/redacted-{next(numbers)}.{file.rpartition('.')[2]}".lstrip("/")
            rename_part(self._trees, part, new)
            self._move(part, new)
            self._move(relationships_of(part), relationships_of(new))

    def _move(self, old: str, new: str) -> None:
        if old in self.parts:
            self.parts[new] = self.parts.pop(old)
        if old in self._trees:
            self._trees[new] = self._trees.pop(old)


def _encoded(image: object, file_format: str) -> bytes:
    from PIL.Image import Image

    assert isinstance(image, Image)
    packed = BytesIO()
    image.save(packed, file_format, **({"quality": 90} if file_format == "JPEG" else {}))
    return packed.getvalue()


def _empty_png() -> bytes:
    from PIL import Image

    packed = BytesIO()
    Image.new("RGB", (1, 1), "white").save(packed, "PNG")
    return packed.getvalue()
