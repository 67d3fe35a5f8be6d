"""CSV files as PDFs: a table whose first row is repeated on every page.

As wide as an upright page, else as one across, else in a smaller size, else in groups of columns one after the other.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import islice
from pathlib import Path

from connectors.documents.inspection_faults import DAMAGED_FILE
from connectors.html_rendering import render_html
from steps.print_preparation.fonts import BOLD, PROPORTIONAL, FontRow, needs_shaping
from steps.print_preparation.sheets import A4, MARGIN, MM, Sheets
from steps.print_preparation.texts import encoding_of, visible

SIZES = (8.5, 7.5, 6.5, 5.5)
LONGEST_CELL = 100_000
SNIFFED = 20_000
MEASURED_ROWS = 500
MOST_COLUMNS = 1000
GAP = 5.0
WIDEST_COLUMN, NARROWEST_COLUMN = 70 * MM, 6 * MM
LEADING = 1.3
RULE = 0.8
"""Grey of the lines between rows."""
PAGE_STYLE = (
    "@page { size: A4 landscape; margin: 16mm } body { margin: 0; font: 8pt 'DejaVu Sans', sans-serif }"
    "table { border-collapse: collapse } td, th { border-bottom: 0.3pt solid #ccc; padding: 1pt 4pt; "
    "text-align: start; vertical-align: top }"
)


@dataclass(frozen=True, slots=True)
class TableLayout:
    """How a table is set: the page, the size of letters, and groups of (column, width)."""

    page: tuple[float, float]
    font_size: float
    groups: tuple[tuple[tuple[int, float], ...], ...]


def csv_pdf(path: Path, name: str, scratch: Path, most_pages: int, seconds: float) -> Path:
    """The table at `path` as a PDF below `scratch`. Raises `DAMAGED_FILE`, `TOO_MANY_PAGES`; see `text_pdf`."""
    if any(needs_shaping(cell) for row in rows_of(path, name) for cell in row):
        return _typeset(path, name, scratch, seconds)
    made = scratch / "table.pdf"
    layout = _layout(list(islice(rows_of(path, name), MEASURED_ROWS)))
    sheets = Sheets(made, name, layout.page, most_pages)
    for group in layout.groups:
        _write_group(sheets, rows_of(path, name), group, layout.font_size)
    sheets.save()
    return made


def rows_of(path: Path, name: str) -> Iterator[list[str]]:
    """The rows of a CSV file, whatever its encoding and delimiter; raises `DAMAGED_FILE`."""
    csv.field_size_limit(LONGEST_CELL)
    encoding = encoding_of(path)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        delimiter = _delimiter(file.read(SNIFFED))
        file.seek(0)
        try:
            for row in csv.reader(file, delimiter=delimiter):
                yield [" ".join(visible(cell.replace("\n", " ")).split()) for cell in row[:MOST_COLUMNS]]
        except csv.Error as exc:
            raise DAMAGED_FILE(name=name) from exc


def _delimiter(text: str) -> str:
    try:
        return csv.Sniffer().sniff(text, delimiters=",;\t|").delimiter
    except csv.Error:
        return ","


def _layout(sample: Sequence[Sequence[str]]) -> TableLayout:
    upright, across = A4, (A4[1], A4[0])
    widths: list[float] = []
    for page, size in ((upright, SIZES[0]), *((across, size) for size in SIZES)):
        widths = _natural_widths(sample, size)
        if sum(widths) <= page[0] - 2 * MARGIN:
            return TableLayout(page, size, (tuple(enumerate(widths)),))
    return TableLayout(across, SIZES[-1], tuple(_groups(widths, across[0] - 2 * MARGIN)))


def _natural_widths(sample: Sequence[Sequence[str]], size: float) -> list[float]:
    """How wide each column would like to be, by the rows seen; cells of the widest are cut into lines."""
    plain, bold = FontRow(PROPORTIONAL, size), FontRow(BOLD, size)
    widths = [NARROWEST_COLUMN] * max((len(row) for row in sample), default=1)
    for number, row in enumerate(sample):
        for place, cell in enumerate(row):
            wide = (plain if number else bold).width(cell[:200]) + GAP
            widths[place] = min(max(widths[place], wide), WIDEST_COLUMN)
    return widths


def _groups(widths: Sequence[float], room: float) -> Iterator[tuple[tuple[int, float], ...]]:
    group: list[tuple[int, float]] = []
    for place, width in enumerate(widths):
        if group and sum(taken for _, taken in group) + width > room:
            yield tuple(group)
            group = []
        group.append((place, width))
    if group:
        yield tuple(group)


def _write_group(
    sheets: Sheets, rows: Iterator[list[str]], group: Sequence[tuple[int, float]], font_size: float
) -> None:
    plain, bold = FontRow(PROPORTIONAL, font_size), FontRow(BOLD, font_size)
    header = next(rows, [])
    sheets.begins = lambda: _write_header(sheets, header, group, bold)
    sheets.new_page()
    for row in rows:
        _write_row(sheets, row, group, plain)
    sheets.begins = lambda: None


def _write_header(sheets: Sheets, header: Sequence[str], group: Sequence[tuple[int, float]], fonts: FontRow) -> None:
    """The first row at the top of a page; longer ones than a third of it are cut, or nothing else would fit."""
    cells = _cells(header, group, fonts)
    most = int(sheets.height / 3 / (fonts.size * LEADING))
    for lines in zip(*(_padded(cell, cells)[:most] for cell in cells), strict=True):
        sheets.y -= fonts.size * LEADING
        _write_cells(sheets, lines, group, fonts)
    _rule(sheets, group, 0.4, fonts.size)


def _write_row(sheets: Sheets, row: Sequence[str], group: Sequence[tuple[int, float]], fonts: FontRow) -> None:
    cells = _cells(row, group, fonts)
    for lines in zip(*(_padded(cell, cells) for cell in cells), strict=True):
        sheets.advance(fonts.size * LEADING)
        _write_cells(sheets, lines, group, fonts)
    _rule(sheets, group, RULE, fonts.size)


def _cells(row: Sequence[str], group: Sequence[tuple[int, float]], fonts: FontRow) -> list[list[str]]:
    return [fonts.lines(row[place] if place < len(row) else "", width - GAP) for place, width in group]


def _padded(cell: list[str], cells: Sequence[Sequence[str]]) -> list[str]:
    return [*cell, *[""] * (max(map(len, cells)) - len(cell))]


def _write_cells(sheets: Sheets, lines: Sequence[str], group: Sequence[tuple[int, float]], fonts: FontRow) -> None:
    x = MARGIN
    for line, (_, width) in zip(lines, group, strict=True):
        if line:
            sheets.write(x, line, fonts)
        x += width


def _rule(sheets: Sheets, group: Sequence[tuple[int, float]], grey: float, font_size: float) -> None:
    sheets.canvas.setStrokeGray(grey)
    sheets.canvas.setLineWidth(0.3)
    y = sheets.y - font_size * 0.28
    sheets.canvas.line(MARGIN, y, MARGIN + sum(width for _, width in group), y)


def _typeset(path: Path, name: str, scratch: Path, seconds: float) -> Path:
    page = scratch / "table.html"
    with page.open("w", encoding="utf-8") as file:
        file.write(
            f"<!doctype html><meta charset=utf-8><title>{escape(name)}</title><style>{PAGE_STYLE}</style><table>"
        )
        rows = rows_of(path, name)
        file.write(f"<table><thead>{_html_row(next(rows, []), 'th')}</thead><tbody>")
        for row in rows:
            file.write(_html_row(row, "td"))
        file.write("</tbody></table>")
    return render_html(page, name, scratch, seconds)


def _html_row(row: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f'<{tag} dir="auto">{escape(cell)}</{tag}>' for cell in row) + "</tr>"
