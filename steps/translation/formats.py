"""Which files can be translated (TR-10), how each is opened, and what comes out (TR-12, TR-13, TR-15)."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from connectors.documents.document import Document
from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.office import convert
from connectors.settings import Settings
from steps.contract import DOCX, PDF, PPTX, TXT, XLSX
from steps.translation.delimited_text import DelimitedTextFile
from steps.translation.interchange import InterchangeFile
from steps.translation.markdown_text import MarkdownFile
from steps.translation.passages import OpenFile
from steps.translation.pdf_text import word_from_pdf
from steps.translation.plain_text import PlainTextFile
from steps.translation.presentation import PresentationFile
from steps.translation.spreadsheet import SpreadsheetFile
from steps.translation.web_page import WebPage
from steps.translation.word_processing import WordFile

FORMAT_UNKNOWN = Fault(
    "translate.format",
    415,
    N_("“{name}” is not a kind of file that can be translated."),
    N_("Use one of: {accepted}."),
    spec="TR-E02",
)

FRENCH_CANADA = "fr-CA"

_PDF_TEXT_ONLY = Message(
    template=N_("The text of the PDF was taken out page by page; its layout and pictures are not in the Word document.")
)
_EMPTY_PAGES = N_("{count} pages of the PDF hold no text and are missing. Put the OCR step first if they are scans.")
_CONVERTED = N_("The file was converted to {format} first; details of its layout may differ.")


@dataclass(frozen=True, slots=True)
class Format:
    """A group of file formats that are handled alike.

    `through` is the Office format that LibreOffice makes of it first; `output` the extension and media type of the
    result, where they change.
    """

    extensions: tuple[str, ...]
    media_types: tuple[str, ...]
    through: str = ""
    output: tuple[str, str] | None = None


WORD = Format(("docx",), (DOCX,))
OTHER_WORD = Format(
    ("doc", "odt", "rtf"),
    ("application/msword", "application/vnd.oasis.opendocument.text", "application/rtf", "text/rtf"),
    through="docx",
    output=("docx", DOCX),
)
SPREADSHEET = Format(("xlsx",), (XLSX,))
OTHER_SPREADSHEET = Format(
    ("xls", "ods"),
    ("application/vnd.ms-excel", "application/vnd.oasis.opendocument.spreadsheet"),
    through="xlsx",
    output=("xlsx", XLSX),
)
PRESENTATION = Format(("pptx",), (PPTX,))
OTHER_PRESENTATION = Format(
    ("ppt", "odp"),
    ("application/vnd.ms-powerpoint", "application/vnd.oasis.opendocument.presentation"),
    through="pptx",
    output=("pptx", PPTX),
)
PDF_FILE = Format(("pdf",), (PDF,), output=("docx", DOCX))
DELIMITED = Format(("csv", "tsv", "tab"), ("text/csv", "text/tab-separated-values"))
WEB = Format(("html", "htm"), ("text/html", "application/xhtml+xml"))
INTERCHANGE = Format(("xlf",), ("application/xliff+xml", "application/x-xliff+xml", "application/xml", "text/xml"))
MARKDOWN = Format(
    ("markdown", "mdown", "mkdn", "md", "mkd", "mdwn", "mdtxt", "mdtext", "rmd"), ("text/markdown", "text/x-markdown")
)
PLAIN = Format(("txt",), (TXT,))

FORMATS = (
    *(PDF_FILE, WORD, OTHER_WORD, SPREADSHEET, OTHER_SPREADSHEET, DELIMITED),
    *(PRESENTATION, OTHER_PRESENTATION, WEB, INTERCHANGE, MARKDOWN, PLAIN),
)
_TEXTS = (DELIMITED, WEB, INTERCHANGE, MARKDOWN, PLAIN)
EXTENSIONS = tuple(extension for format_ in FORMATS for extension in format_.extensions)
MEDIA_TYPES = frozenset(media_type for format_ in FORMATS for media_type in format_.media_types)

Opener = Callable[[Path, str, str, Settings], OpenFile]
"""Takes the path, the document's name, the target language and the settings."""

_OPENERS: dict[Format, Opener] = {
    WORD: lambda path, name, target, settings: WordFile(path, name, settings.max_unpacked_mb, target),
    SPREADSHEET: lambda path, name, target, settings: SpreadsheetFile(path, name, settings.max_unpacked_mb, target),
    PRESENTATION: lambda path, name, target, settings: PresentationFile(path, name, settings.max_unpacked_mb, target),
    DELIMITED: lambda path, name, _target, _settings: DelimitedTextFile(path, name),
    WEB: lambda path, name, _target, _settings: WebPage(path, name),
    INTERCHANGE: lambda path, name, _target, _settings: InterchangeFile(path, name),
    MARKDOWN: lambda path, name, _target, _settings: MarkdownFile(path, name),
    PLAIN: lambda path, name, _target, _settings: PlainTextFile(path, name),
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document in a form that can be opened for translation, as often as there are targets."""

    path: Path
    format: Format
    name: str
    warnings: Sequence[Message]

    def open(self, target: str, settings: Settings) -> OpenFile:
        """Open it afresh to be translated into `target`."""
        return _OPENERS[self.format](self.path, self.name, target, settings)


def format_of(name: str, media_type: str) -> Format:
    """The format by content; text formats look alike, so among them the extension decides. Raises `FORMAT_UNKNOWN`."""
    extension = PurePath(name).suffix.lstrip(".").lower()
    by_type = next((format_ for format_ in FORMATS if media_type in format_.media_types), None)
    if by_type in _TEXTS:
        named = next((format_ for format_ in _TEXTS if extension in format_.extensions), None)
        if named or by_type is not INTERCHANGE:
            return named or by_type
    elif by_type is not None:
        return by_type
    raise FORMAT_UNKNOWN(name=name, accepted=", ".join(EXTENSIONS))


def prepare(document: Document, path: Path, scratch: Path, settings: Settings) -> Prepared:
    """Bring the document at `path` into a form that can be opened; office formats of old go through LibreOffice."""
    found = format_of(document.name, document.media_type)
    extension = _extension(document, found)
    copy = scratch / f"source.{extension}"
    shutil.copyfile(path, copy)
    if found is PDF_FILE:
        words = scratch / "source.docx"
        empty = word_from_pdf(copy, document.name, words, settings.max_pages)
        lost = (Message(template=_EMPTY_PAGES, facts={"count": empty}),) if empty else ()
        return Prepared(words, WORD, document.name, (_PDF_TEXT_ONLY, *lost))
    if found.through:
        converted = convert(copy, found.through, scratch, settings.office_timeout_seconds)
        warning = Message(template=_CONVERTED, facts={"format": found.through.upper()})
        return Prepared(converted, format_of(converted.name, _media_type(found)), document.name, (warning,))
    return Prepared(copy, found, document.name, ())


def output_format(name: str, media_type: str, source: str) -> tuple[str, str]:
    """Extension and media type of the translation of such a file from `source` (TR-15).

    What would become DOCX becomes PDF where the source is French (Canada) (TR-13).
    """
    found = format_of(name, media_type)
    extension = PurePath(name).suffix.lstrip(".").lower()
    kept = extension if extension in found.extensions else found.extensions[0]
    made = found.output or (kept, media_type)
    return ("pdf", PDF) if made[1] == DOCX and source == FRENCH_CANADA else made


def output_media_type(media_type: str, source: str) -> str:
    """`output_format` where only the media type is known, as when a solution is planned."""
    found = next((format_ for format_ in FORMATS if media_type in format_.media_types), None)
    return media_type if found is None else output_format(f"document.{found.extensions[0]}", media_type, source)[1]


def _extension(document: Document, found: Format) -> str:
    extension = PurePath(document.name).suffix.lstrip(".").lower()
    if extension in found.extensions:
        return extension
    by_type = dict(zip(found.media_types, found.extensions, strict=False))
    return by_type.get(document.media_type, found.extensions[0])


def _media_type(found: Format) -> str:
    return found.output[1] if found.output else found.media_types[0]
