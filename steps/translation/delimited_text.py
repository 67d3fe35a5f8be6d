"""CSV and TSV: each cell by itself; delimiter, line ends and number of cells stay."""

import csv
import io
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from connectors.messages import Message
from steps.translation.passages import UNREADABLE, Passage, whole
from steps.translation.text_encoding import read_text

LONGEST_CELL = 1_000_000


class DelimitedTextFile:
    """A table as text, opened for translation."""

    language: str | None = None
    warnings: Sequence[Message] = ()

    def __init__(self, path: Path, name: str) -> None:
        self._decoded = read_text(path, name)
        self._delimiter = _delimiter(self._decoded.text, path.suffix.lower())
        csv.field_size_limit(LONGEST_CELL)
        try:
            source = io.StringIO(self._decoded.text, newline="")
            self._rows = list(csv.reader(source, delimiter=self._delimiter))
        except csv.Error as exc:
            raise UNREADABLE(name=name, reason="its cells cannot be told apart") from exc

    def passages(self) -> Iterator[Passage]:
        for row in self._rows:
            for number, cell in enumerate(row):
                yield whole(cell, partial(row.__setitem__, number))

    def save(self, target: Path, language: str) -> None:
        end = "\r\n" if "\r\n" in self._decoded.text else "\n"
        made = io.StringIO(newline="")
        csv.writer(made, delimiter=self._delimiter, lineterminator=end).writerows(self._rows)
        target.write_bytes(self._decoded.encode(made.getvalue()))


def _delimiter(text: str, suffix: str) -> str:
    """A tab in the formats named for it, else the candidate that cuts the first lines most evenly."""
    if suffix in (".tsv", ".tab"):
        return "\t"
    try:
        return csv.Sniffer().sniff(text[:20_000], delimiters=",;\t|").delimiter
    except csv.Error:
        return ","
