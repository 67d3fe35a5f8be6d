"""What a file is, by its content: the name only decides between kinds of text that content cannot tell apart."""

import codecs
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

OOXML = "application/vnd.openxmlformats-officedocument."
DOCX = OOXML + "wordprocessingml.document"
PPTX = OOXML + "presentationml.presentation"
XLSX = OOXML + "spreadsheetml.sheet"
ODT, ODS, ODP = (f"application/vnd.oasis.opendocument.{kind}" for kind in ("text", "spreadsheet", "presentation"))
DOC, XLS, PPT = "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"
MACRO_DOCX = "application/vnd.ms-word.document.macroEnabled.12"
MACRO_XLSX = "application/vnd.ms-excel.sheet.macroEnabled.12"
MACRO_PPTX = "application/vnd.ms-powerpoint.presentation.macroEnabled.12"
OLE = "application/x-ole-storage"
ENCRYPTED_OFFICE = "application/x-encrypted-office"
PDF, RTF, ZIP = "application/pdf", "application/rtf", "application/zip"
PNG, JPEG, TIFF, GIF = "image/png", "image/jpeg", "image/tiff", "image/gif"
PWG_RASTER, URF = "image/pwg-raster", "image/urf"
HTML, XML, XLIFF = "text/html", "application/xml", "application/xliff+xml"
TXT, CSV, TSV, MARKDOWN = "text/plain", "text/csv", "text/tab-separated-values", "text/markdown"
UNKNOWN = "application/octet-stream"

EXTENSIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        PDF: ("pdf",),
        DOCX: ("docx",),
        PPTX: ("pptx",),
        XLSX: ("xlsx",),
        MACRO_DOCX: ("docm",),
        MACRO_XLSX: ("xlsm",),
        MACRO_PPTX: ("pptm",),
        ODT: ("odt",),
        ODS: ("ods",),
        ODP: ("odp",),
        DOC: ("doc",),
        XLS: ("xls",),
        PPT: ("ppt",),
        RTF: ("rtf", "doc"),
        PNG: ("png",),
        JPEG: ("jpg", "jpeg", "jpe", "jfif"),
        TIFF: ("tif", "tiff"),
        GIF: ("gif",),
        "image/bmp": ("bmp",),
        "image/webp": ("webp",),
        "application/postscript": ("ps", "eps"),
        PWG_RASTER: ("pwg",),
        URF: ("urf",),
        HTML: ("html", "htm"),
        XML: ("xml",),
        XLIFF: ("xlf", "xliff", "xml"),
        TXT: ("txt", "text", "log"),
        CSV: ("csv", "txt"),
        TSV: ("tsv", "tab", "txt"),
        MARKDOWN: ("md", "markdown", "mdown", "mkdn", "mkd", "mdwn", "mdtxt", "mdtext", "rmd", "txt"),
        ZIP: ("zip",),
    }
)
"""The extensions a file of each type may have, the usual one first (TR-10)."""

TEXT_BY_EXTENSION: Mapping[str, str] = MappingProxyType(
    {extension: kind for kind in (MARKDOWN, TSV, CSV, TXT, HTML) for extension in EXTENSIONS[kind]}
)
"""What proven text is taken for by its name; the later kinds win, so that “txt” is plain text."""

SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", PNG),
    (0, b"\xff\xd8\xff", JPEG),
    (0, b"II*\0", TIFF),
    (0, b"MM\0*", TIFF),
    (0, b"II+\0", TIFF),
    (0, b"MM\0+", TIFF),
    (0, b"GIF87a", GIF),
    (0, b"GIF89a", GIF),
    (0, b"BM", "image/bmp"),
    (8, b"WEBP", "image/webp"),
    (0, b"{\\rtf", RTF),
    (0, b"%!PS", "application/postscript"),
    (0, b"RaS2PwgRaster", PWG_RASTER),
    (0, b"UNIRAST\0", URF),
)
OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
OLE_STREAMS = (
    ("EncryptedPackage", ENCRYPTED_OFFICE),
    ("WordDocument", DOC),
    ("Workbook", XLS),
    ("Book", XLS),
    ("PowerPoint Document", PPT),
)
SELF_NAMED = re.compile(r"application/(vnd\.oasis\.opendocument\.[a-z-]{1,40}|epub\+zip)")
OOXML_MAIN_PARTS: Mapping[str, str] = MappingProxyType(
    {
        f"{DOCX}.main+xml": DOCX,
        f"{PPTX}.main+xml": PPTX,
        f"{XLSX}.main+xml": XLSX,
        "application/vnd.ms-word.document.macroEnabled.main+xml": MACRO_DOCX,
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml": MACRO_XLSX,
        "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml": MACRO_PPTX,
    }
)
HEAD = 4096
PDF_HEAD = 1024
PIECE = 1 << 16
LONGEST_PART = 1 << 20
NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
COMMENTS = re.compile(r"(?:\s|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
FIRST_TAG = re.compile(r"<(!doctype\s+)?([\w:.-]+)", re.IGNORECASE)
HTML_TAGS = frozenset({"html", "head", "body", "title", "meta", "table", "div", "p", "h1", "span"})


def media_type_of(path: Path, name: str) -> str:
    """The media type of the file at `path` whose user-facing name is `name`; `UNKNOWN` where nothing fits.

    A container too damaged to be looked into has the container's own type (`ZIP`, `OLE`).
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(ZIP_MARKS):
        return _zip_type(path)
    if head.startswith(OLE_MARK):
        return _ole_type(path)
    for offset, mark, media_type in SIGNATURES:
        if head[offset : offset + len(mark)] == mark and not (mark == b"BM" and head[6:10] != b"\0\0\0\0"):
            return media_type
    if b"%PDF-" in head[:PDF_HEAD]:
        return PDF
    encoding = text_encoding(path)
    return _text_type(head, encoding, extension_of(name)) if encoding else UNKNOWN


def extension_of(name: str) -> str:
    """The extension in lower case without the dot, or nothing."""
    return Path(name).suffix[1:].lower()


def text_encoding(path: Path) -> str | None:
    """The encoding in which all of the file is text, or None: a byte order mark, UTF-8, else any 8-bit encoding."""
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        candidates = ["utf-32"]
    elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8-sig", "latin-1"]
    return next((encoding for encoding in candidates if _is_text(path, encoding)), None)


def _is_text(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while piece := file.read(PIECE):
                if NOT_TEXT.search(decoder.decode(piece)):
                    return False
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _text_type(head: bytes, encoding: str, extension: str) -> str:
    if extension in TEXT_BY_EXTENSION:
        return TEXT_BY_EXTENSION[extension]
    text = head.decode(encoding, errors="ignore").lstrip("\ufeff")
    start = COMMENTS.match(text)
    tag = FIRST_TAG.match(text, start.end() if start else 0)
    root = tag.group(2).lower() if tag else ""
    if root in HTML_TAGS:
        return HTML
    if root.rpartition(":")[2] == "xliff":
        return XLIFF
    return XML if text.lstrip().startswith("<?xml") or extension == "xml" else TXT


def _zip_type(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                named = _part(archive, "mimetype").decode("ascii", errors="replace").strip()
                return named if SELF_NAMED.fullmatch(named) else ZIP
            if "[Content_Types].xml" in names:
                types = _part(archive, "[Content_Types].xml").decode("utf-8", errors="replace")
                return next((kind for part, kind in OOXML_MAIN_PARTS.items() if f'"{part}"' in types), ZIP)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return ZIP
    return ZIP


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(LONGEST_PART)


def _ole_type(path: Path) -> str:
    import olefile

    try:
        with olefile.OleFileIO(str(path)) as compound:
            return next((kind for stream, kind in OLE_STREAMS if compound.exists(stream)), OLE)
    except (OSError, ValueError, IndexError, KeyError, TypeError):
        return OLE
