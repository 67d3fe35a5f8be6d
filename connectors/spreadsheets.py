"""Files that people open in a spreadsheet program: CSV and XLSX, written line by line with little memory."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

Cell = str | int | float | datetime | None
Write = Callable[[Sequence[Cell]], None]
MOST_ROWS = 1_048_576
"""What a sheet of XLSX has room for, its head among them; more go on the next sheet."""
MOST_CHARACTERS = 32_767
"""What a cell of XLSX has room for."""
BYTE_ORDER_MARK = "\ufeff"
"""The mark at the beginning of CSV files, by which spreadsheets know that they are UTF-8 (TS-43, TS-62)."""
MOMENT_FORMAT, MOMENT_WIDTH = "yyyy-mm-dd hh:mm:ss", 20
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(value: str) -> str:
    """`value` so that no spreadsheet takes it for a formula: an apostrophe before what could begin one.

    Whoever chooses a name that others export must not be able to run anything on their machine (CWE-1236).
    """
    return f"'{value}" if value.lstrip(" ").startswith(_BEGINS_A_FORMULA) else value


@contextmanager
def csv_lines(path: Path, head: Sequence[str]) -> Iterator[Write]:
    """What writes a line to a new CSV file: UTF-8 with its mark, so that programs see what it is (PR-340)."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        yield lambda line: writer.writerow([_plain(value) for value in line])


@contextmanager
def xlsx_lines(path: Path, head: Sequence[str], title: str) -> Iterator[Write]:
    """What writes a line to a new XLSX file, on sheets named `title`; texts are texts there, whatever they begin with.

    Moments are written as they read where they were made: such files know no time zones.
    """
    from openpyxl import Workbook  # takes a while to import

    book = Workbook(write_only=True)
    sheets = _Sheets(book, head, title)
    yield sheets.write
    book.save(path)


class _Sheets:
    """The sheets of an XLSX file that is being written."""

    def __init__(self, book: Any, head: Sequence[str], title: str) -> None:
        self._book, self._head, self._title = book, head, title
        self._begin()

    def write(self, line: Sequence[Cell]) -> None:
        """One line; on a new sheet where the last one is full."""
        if self._rows == MOST_ROWS:
            self._begin()
        self._sheet.append([self._cell(value) for value in line])
        self._rows += 1

    def _begin(self) -> None:
        number = len(self._book.worksheets) + 1
        self._sheet = self._book.create_sheet(self._title if number == 1 else f"{self._title} {number}")
        self._sheet.freeze_panes = "A2"
        self._sheet.column_dimensions["A"].width = MOMENT_WIDTH
        self._sheet.append([self._cell(name) for name in self._head])
        self._rows = 1

    def _cell(self, value: Cell) -> Any:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

        if isinstance(value, datetime):
            cell = WriteOnlyCell(self._sheet, value.replace(tzinfo=None))
            cell.number_format = MOMENT_FORMAT
            return cell
        if isinstance(value, str):
            cell = WriteOnlyCell(self._sheet, ILLEGAL_CHARACTERS_RE.sub("", value)[:MOST_CHARACTERS])
            cell.data_type = "s"
            return cell
        return value


def _plain(value: Cell) -> Cell:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return harmless(value) if isinstance(value, str) else value
