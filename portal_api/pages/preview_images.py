"""Pictures and text of a run's documents, made small on the server: a browser never opens a document itself."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from fastapi import Request, Response
from nicegui import app

from connectors.documents.document import Document
from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.runs.documents import open_document
from portal_api.pages.frame import PAGE_PERMISSIONS
from portal_api.problems import problem_response
from portal_api.sign_in import current_actor
from steps.contract import DOCX, IMAGES, PDF

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from PIL.Image import Image

NO_PREVIEW = Fault(
    "preview.unavailable",
    422,
    N_("“{name}” cannot be shown here."),
    N_("Download it and open it in its own program."),
)
WIDTHS = {"small": 320, "large": 1100}
LONGEST_SIDE = 2000
MOST_TEXT = 20_000
MOST_PARAGRAPHS = 400
MOST_UNPACKED = 64 << 20
IN_MEMORY = 8 << 20
PICTURED = IMAGES | {PDF}
# pdfium keeps global state and must not be entered by two threads at once; and one large picture at a time is enough
# for the portal's memory.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The beginning of a document's text; `is_whole` says whether that is all."""

    text: str
    is_whole: bool


PREVIEW = "/preview/{run_id}"
PAGE_PERMISSIONS[PREVIEW] = Permission.RUNS_FOLLOW


@app.get(PREVIEW, include_in_schema=False)
def preview(request: Request, run_id: str, key: str, page: int = 1, size: str = "small") -> Response:
    """One page of a run's document as PNG."""
    try:
        actor = current_actor(request)
        actor.need(PAGE_PERMISSIONS[PREVIEW])
        picture = page_picture(actor, run_id, key, page, WIDTHS.get(size, WIDTHS["small"]))
    except PressroomError as error:
        return problem_response(request, error)
    return Response(picture, media_type="image/png", headers={"Cache-Control": "private, max-age=3600, immutable"})


def page_picture(actor: Actor, run_id: str, key: str, page: int, width: int) -> bytes:
    """Page `page` (from 1) as PNG, `width` pixels wide; raises `NO_PREVIEW` where there is no such page."""
    with open_document(actor, run_id, key) as (document, stream), SpooledTemporaryFile(IN_MEMORY) as copy:
        for piece in iter(lambda: stream.read(1 << 18), b""):
            copy.write(piece)
        copy.seek(0)
        with _one_at_a_time:
            if document.media_type == PDF:
                return _png(_pdf_page(document, copy, page, width))
            if document.media_type in IMAGES:
                return _png(_image_page(document, copy, page, width))
        raise NO_PREVIEW(name=document.name)


def excerpt(actor: Actor, run_id: str, key: str) -> Excerpt:
    """The beginning of the document's text; raises `NO_PREVIEW` for a file that has none to show."""
    with open_document(actor, run_id, key) as (document, stream):
        if document.media_type == DOCX:
            with SpooledTemporaryFile(IN_MEMORY) as copy:
                for piece in iter(lambda: stream.read(1 << 18), b""):
                    copy.write(piece)
                copy.seek(0)
                return _word_text(document, copy)
        if document.media_type.startswith("text/"):
            content = stream.read(MOST_TEXT * 4 + 1).decode("utf-8", "replace")
            return Excerpt(content[:MOST_TEXT], len(content) <= MOST_TEXT)
        raise NO_PREVIEW(name=document.name)


def is_pictured(document: Document) -> bool:
    """Whether `page_picture` shows this type."""
    return document.media_type in PICTURED


def has_excerpt(document: Document) -> bool:
    """Whether `excerpt` shows this type."""
    return document.media_type == DOCX or document.media_type.startswith("text/")


def _pdf_page(document: Document, file: IO[bytes], page: int, width: int) -> "Image":
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(file) as pdf:
            if not 1 <= page <= len(pdf):
                raise NO_PREVIEW(name=document.name)
            shown = pdf[page - 1]
            scale = min(width / shown.get_width(), LONGEST_SIDE / shown.get_height())
            picture: Image = shown.render(scale=scale).to_pil()
            return picture
    except (pypdfium2.PdfiumError, ZeroDivisionError, ValueError) as exc:
        raise NO_PREVIEW(name=document.name) from exc


def _image_page(document: Document, file: IO[bytes], page: int, width: int) -> "Image":
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(file) as image:
            if image.width * image.height > get_settings().max_pixels:
                raise NO_PREVIEW(name=document.name)
            image.seek(page - 1)
            image.draft("RGB", (width, LONGEST_SIDE))
            picture = ImageOps.exif_transpose(image).convert("RGB")
            picture.thumbnail((width, LONGEST_SIDE))
            return picture
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, EOFError, ValueError) as exc:
        raise NO_PREVIEW(name=document.name) from exc


def _png(picture: "Image") -> bytes:
    content = BytesIO()
    picture.save(content, "PNG", compress_level=4)
    return content.getvalue()


def _word_text(document: Document, file: IO[bytes]) -> Excerpt:
    from zipfile import BadZipFile, ZipFile

    import docx
    from docx.exceptions import PythonDocxError
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    try:
        with ZipFile(file) as package:
            if sum(part.file_size for part in package.infolist()) > MOST_UNPACKED:
                raise NO_PREVIEW(name=document.name)
        word = docx.Document(file)
        lines = list(islice(_word_lines(word), MOST_PARAGRAPHS + 1))
    except (BadZipFile, OpcError, PythonDocxError, LxmlError, KeyError, ValueError, AttributeError) as exc:
        raise NO_PREVIEW(name=document.name) from exc
    text = "\n".join(lines[:MOST_PARAGRAPHS])
    return Excerpt(text[:MOST_TEXT], len(lines) <= MOST_PARAGRAPHS and len(text) <= MOST_TEXT)


def _word_lines(word: "WordDocument") -> Iterator[str]:
    """Paragraphs and table rows in reading order, then what the footers say."""
    from docx.table import Table

    for part in word.iter_inner_content():
        if isinstance(part, Table):
            yield from ("\t".join(cell.text for cell in row.cells) for row in part.rows)
        else:
            yield part.text
    seen: set[str] = set()
    for section in word.sections:
        footer = "\n".join(paragraph.text for paragraph in section.footer.paragraphs).strip()
        if footer and footer not in seen:
            seen.add(footer)
            yield f"\n———\n{footer}"
