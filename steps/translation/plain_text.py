"""TXT: paragraphs. Lines that were broken at a fixed width are translated as one paragraph and broken again."""

import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from connectors.messages import Message
from steps.translation.passages import Passage, whole
from steps.translation.text_encoding import read_text

NARROWEST = 40
"""Characters of a line from which it may have been broken by a program rather than by its writer."""


class PlainTextFile:
    """A text file opened for translation."""

    language: str | None = None
    warnings: Sequence[Message] = ()

    def __init__(self, path: Path, name: str) -> None:
        self._decoded = read_text(path, name)
        self._lines = self._decoded.text.splitlines(keepends=True)

    def passages(self) -> Iterator[Passage]:
        for first, last in paragraphs(self._lines):
            yield whole(_joined(self._lines[first:last]), self._writer(first, last))

    def save(self, target: Path, language: str) -> None:
        target.write_bytes(self._decoded.encode("".join(self._lines)))

    def _writer(self, first: int, last: int) -> Callable[[str], None]:
        def write(new: str) -> None:
            replaced = self._lines[first:last]
            self._lines[first:last] = [_broken(new, replaced), *[""] * (last - first - 1)]

        return write


def paragraphs(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The stretches of lines (from, to) that belong together; blank lines belong to none."""
    first = 0
    while first < len(lines):
        if not lines[first].strip():
            first += 1
            continue
        last = first + 1
        while last < len(lines) and _continues(lines[last - 1], lines[last]):
            last += 1
        yield first, last
        first = last


def _continues(line: str, following: str) -> bool:
    """Whether `following` goes on with the paragraph of `line`: a long line that did not end its sentence."""
    words = following.split()
    indented = following[:1].isspace() and not line[:1].isspace()
    if not words or indented or not words[0][0].isalnum():
        return False
    ended = line.rstrip().endswith((".", ":", "!", "?"))
    return len(line.rstrip()) >= NARROWEST and (words[0][0].islower() or not ended)


def _joined(lines: Sequence[str]) -> str:
    if len(lines) == 1:
        return lines[0].rstrip("\r\n")
    return " ".join(line.strip() for line in lines)


def _broken(new: str, replaced: Sequence[str]) -> str:
    """`new` in lines as wide as those it replaces, with their indent and their line end."""
    end = replaced[-1][len(replaced[-1].rstrip("\r\n")) :]
    if len(replaced) == 1:
        return new + end
    between = replaced[0][len(replaced[0].rstrip("\r\n")) :]
    indent = replaced[0][: len(replaced[0]) - len(replaced[0].lstrip())]
    width = max(len(line.rstrip()) for line in replaced)
    wrapped = textwrap.wrap(new, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False)
    return between.join(wrapped) + end
