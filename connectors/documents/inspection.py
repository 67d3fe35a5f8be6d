"""The check at the door: what a file really is, and whether every later step can open it without harm."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.documents import images, media_types
from connectors.documents.file_names import safe_file_name
from connectors.documents.inspection_faults import (
    DAMAGED_FILE,
    EMPTY,
    ENCRYPTED,
    MALFORMED,
    TOO_MANY_PAGES,
    TOO_MANY_PIXELS,
    UNSUPPORTED,
    WRONG_EXTENSION,
    ZIP_BOMB,
)
from connectors.documents.legacy_office import examine_compound
from connectors.documents.media_types import EXTENSIONS, JPEG, PDF, PNG, TIFF, UNKNOWN, XLIFF, XML, media_type_of
from connectors.documents.packages import Budget, check_xml, examine_package
from connectors.settings import Settings

if TYPE_CHECKING:
    import pikepdf

__all__ = [
    "DAMAGED_FILE",
    "EMPTY",
    "ENCRYPTED",
    "MALFORMED",
    "TOO_MANY_PAGES",
    "TOO_MANY_PIXELS",
    "UNSUPPORTED",
    "WRONG_EXTENSION",
    "ZIP_BOMB",
    "Inspection",
    "inspect",
    "safe_file_name",
]

KNOWN_EXTENSIONS = frozenset(extension for group in EXTENSIONS.values() for extension in group)
IMAGE_SIZES = {
    PNG: images.png_sizes,
    JPEG: images.jpeg_sizes,
    TIFF: images.tiff_sizes,
    media_types.GIF: images.gif_sizes,
}
OLE_TYPES = frozenset(
    {media_types.DOC, media_types.XLS, media_types.PPT, media_types.OLE, media_types.ENCRYPTED_OFFICE}
)
PDF_END = b"%%EOF"
PDF_TAIL = 4096
PDF_IMAGE_FACTOR = 4
"""Images in a PDF are read line by line and shown at the page's size, so they may be larger than image files."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is known of an accepted file. `pages` counts PDF pages, images in a file and slides; else None."""

    media_type: str
    pages: int | None = None


def inspect(path: Path, name: str, settings: Settings, *, checks_extension: bool = True) -> Inspection:
    """Accept the file at `path`, which people call `name`, or raise the fault that says what is wrong with it.

    Images are not decoded and nothing is unpacked to the disk; memory stays constant but for a PDF's directory.
    Without `checks_extension` the content alone counts, whatever the name says (PR-129).
    """
    if not path.stat().st_size:
        raise EMPTY(name=name)
    media_type = media_type_of(path, name)
    pages = _examine(path, name, media_type, settings)
    if checks_extension:
        _check_extension(name, media_type)
    if media_type in (UNKNOWN, media_types.OLE):
        raise UNSUPPORTED(name=name)
    return Inspection(media_type, pages)


def _examine(path: Path, name: str, media_type: str, settings: Settings) -> int | None:
    if media_type in IMAGE_SIZES:
        return _check_image(IMAGE_SIZES[media_type](path), name, settings)
    if media_type == PDF:
        return _check_pdf(path, name, settings)
    if media_type in OLE_TYPES:
        examine_compound(path, name, media_type)
    elif media_type in (XML, XLIFF):
        check_xml(path, name)
    elif media_type == media_types.RTF:
        _check_rtf(path, name)
    elif _is_package(path):
        slides = examine_package(path, Budget(name, settings.max_unpacked_mb << 20))
        _check_pages(slides or 0, name, settings)
        return slides
    return None


def _check_extension(name: str, media_type: str) -> None:
    """Only an extension with a meaning can contradict the content."""
    extension = media_types.extension_of(name)
    expected = EXTENSIONS.get(media_type, ())
    if extension in KNOWN_EXTENSIONS and extension not in expected:
        shown = ", ".join(f".{each}" for each in expected) or "–"
        raise WRONG_EXTENSION(name=name, extension=extension, media_type=media_type, expected=shown)


def _check_image(sizes: Iterator[tuple[int, int]], name: str, settings: Settings) -> int:
    count = 0
    try:
        for width, height in sizes:
            count += 1
            if not width or not height:
                raise DAMAGED_FILE(name=name)
            _check_pixels(width * height, name, settings.max_pixels)
            _check_pages(count, name, settings)
    except ValueError as exc:
        raise DAMAGED_FILE(name=name) from exc
    if not count:
        raise DAMAGED_FILE(name=name)
    return count


def _check_pdf(path: Path, name: str, settings: Settings) -> int:
    """A PDF that opens without a password; one whose end was cut off is not repaired but refused."""
    import pikepdf

    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:
            pages = len(pdf.pages)
            was_repaired = bool(pdf.get_warnings())
            _check_pages(pages, name, settings)
            for pixels in _pdf_images(pdf):
                _check_pixels(pixels, name, settings.max_pixels * PDF_IMAGE_FACTOR)
    except pikepdf.PasswordError as exc:
        raise ENCRYPTED(name=name) from exc
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError, KeyError) as exc:
        raise DAMAGED_FILE(name=name) from exc
    if not pages or (was_repaired and not _has_pdf_end(path)):
        raise DAMAGED_FILE(name=name)
    return pages


def _pdf_images(pdf: "pikepdf.Pdf") -> Iterator[int]:
    """The number of pixels of every image in the PDF, used or not, as its dictionary states it."""
    import pikepdf

    for found in pdf.objects:
        if isinstance(found, pikepdf.Stream) and found.get("/Subtype") == "/Image":
            width, height = found.get("/Width", 0), found.get("/Height", 0)
            if isinstance(width, int) and isinstance(height, int):
                yield width * height


def _has_pdf_end(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-min(PDF_TAIL, path.stat().st_size), 2)
        return PDF_END in file.read()


def _check_rtf(path: Path, name: str) -> None:
    """An RTF file is one group, whose brace must be closed at the end."""
    with path.open("rb") as file:
        file.seek(-min(PDF_TAIL, path.stat().st_size), 2)
        if not file.read().rstrip(b"\0\r\n\t ").endswith(b"}"):
            raise DAMAGED_FILE(name=name)


def _is_package(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in media_types.ZIP_MARKS


def _check_pixels(pixels: int, name: str, limit: int) -> None:
    if pixels > limit:
        raise TOO_MANY_PIXELS(name=name, pixels=pixels, limit=limit)


def _check_pages(pages: int, name: str, settings: Settings) -> None:
    if pages > settings.max_pages:
        raise TOO_MANY_PAGES(name=name, limit=settings.max_pages)
