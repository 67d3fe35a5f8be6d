"""Plain text as a PDF: on A4, in a monospaced font with everything that Unicode has letters for."""

from collections.abc import Iterator
from html import escape
from itertools import islice
from pathlib import Path

from connectors.documents.media_types import text_encoding
from connectors.html_rendering import render_html
from steps.print_preparation.fonts import MONOSPACED, FontRow, needs_shaping
from steps.print_preparation.sheets import A4, MARGIN, Sheets

FONT_SIZE, LEADING, TAB = 9.5, 12.0, 8
LONGEST_LINE = 20_000
GUESSED_FROM = 200_000
WESTERN = frozenset({"cp1250", "cp1252", "latin_1", "iso8859_15"})
PAGE_STYLE = "@page { size: A4; margin: 16mm } body { margin: 0; font: 9.5pt/1.25 'DejaVu Sans Mono', monospace }"


def text_pdf(path: Path, name: str, scratch: Path, most_pages: int, seconds: float) -> Path:
    """The text file at `path` as a PDF below `scratch`; a form feed begins a page. Raises `TOO_MANY_PAGES`.

    Scripts that need a typesetter are given to one, which may take `seconds` (see `render_html`).
    """
    if any(needs_shaping(line) for line in text_lines(path)):
        return _typeset(path, name, scratch, seconds)
    made = scratch / "text.pdf"
    fonts = FontRow(MONOSPACED, FONT_SIZE)
    sheets = Sheets(made, name, A4, most_pages)
    width = sheets.width - 2 * MARGIN
    for line in text_lines(path):
        first, *others = line.split("\f")
        _write(sheets, fonts, first, width)
        for other in others:
            sheets.new_page()
            if other:
                _write(sheets, fonts, other, width)
    sheets.save()
    return made


def text_lines(path: Path) -> Iterator[str]:
    """The lines of a text file in whatever encoding it is, without what cannot be seen; very long ones in pieces."""
    with path.open(encoding=encoding_of(path), errors="replace") as file:
        while line := file.readline(LONGEST_LINE):
            yield visible(line.rstrip("\r\n"))


def encoding_of(path: Path) -> str:
    """The encoding of a text file: by its mark, UTF-8, or the older one that fits best."""
    encoding = text_encoding(path) or "utf-8"
    if encoding != "latin-1":
        return encoding
    from charset_normalizer import from_bytes

    with path.open("rb") as file:
        best = from_bytes(file.read(GUESSED_FROM)).best()
    if best is None or best.encoding in WESTERN:
        return "cp1252"
    return best.encoding


def visible(text: str) -> str:
    """`text` without control characters but tabs and form feeds."""
    return text if text.isprintable() else "".join(char for char in text if char.isprintable() or char in "\t\f\u3000")


def _write(sheets: Sheets, fonts: FontRow, text: str, width: float) -> None:
    for line in fonts.lines(text.expandtabs(TAB), width):
        sheets.advance(LEADING)
        if line:
            sheets.write(MARGIN, line, fonts)


def _typeset(path: Path, name: str, scratch: Path, seconds: float) -> Path:
    page = scratch / "text.html"
    with page.open("w", encoding="utf-8") as file:
        file.write(f"<!doctype html><meta charset=utf-8><title>{escape(name)}</title><style>{PAGE_STYLE}</style>")
        lines = text_lines(path)
        while block := list(islice(lines, 200)):
            for line in block:
                broken = ' style="break-before: page"' if "\f" in line else ""
                file.write(f'<pre dir="auto"{broken} class="line">{escape(line.replace(chr(12), "")) or " "}</pre>')
        file.write("<style>pre { margin: 0 }</style>")
    return render_html(page, name, scratch, seconds)
