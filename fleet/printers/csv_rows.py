"""Rows as a CSV file for spreadsheets, written as they are read."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice

from connectors.spreadsheets import BYTE_ORDER_MARK, harmless

ROWS_AT_ONCE = 200


def csv_pieces(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The file, some rows at a time; what would be taken for a formula gets an apostrophe before it."""
    yield BYTE_ORDER_MARK + _piece([titles])
    rest = iter(rows)
    while some := list(islice(rest, ROWS_AT_ONCE)):
        yield _piece(some)


def _piece(rows: Iterable[Sequence[str]]) -> str:
    text = StringIO()
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()
