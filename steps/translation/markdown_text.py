"""Markdown: headings, paragraphs, lists, quotes and tables. Code, front matter, addresses and raw HTML stay."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from connectors.messages import Message
from steps.translation.markdown_inline import Atom, atoms
from steps.translation.passages import Passage, Span
from steps.translation.text_encoding import read_text

_FENCE = re.compile(r"^\s*(`{3,}|~{3,}|\$\$)")
_UNTOUCHED = re.compile(
    r"""\s{0,3}(?:[-*_]\s*){3,}$          # rules
      | \s{0,3}=+\s*$                     # the line under a heading
      | \s{0,3}\[[^\]]+\]:\s              # link definitions
      | \s*\|?[\s:|-]*-[\s:|-]*\|?\s*$    # the line under a table's head
      | \s{0,3}<[/!?\w-][^>]*>?\s*$       # raw HTML
      | (?:[ ]{4}|\t)(?!\s*(?:[-*+]|\d+[.)])\s)""",
    re.VERBOSE,
)
_LEAD = re.compile(r"(?:\s*(?:>|[-*+]\s+(?:\[[ xX]\]\s+)?|\d+[.)]\s+))*\s*(?:\#{1,6}\s+)?")
_STARTS_BLOCK = re.compile(r"\s*(?:>|[-*+]\s|\d+[.)]\s|\#{1,6}\s|\|)")
_ENDS_LINE = re.compile(r"(?:\s{2,}|\\)?[\r\n]*$")


class MarkdownFile:
    """A Markdown file opened for translation, line by line, as its writer sees it."""

    language: str | None = None
    warnings: Sequence[Message] = ()

    def __init__(self, path: Path, name: str) -> None:
        self._decoded = read_text(path, name)
        self._lines = self._decoded.text.splitlines(keepends=True)

    def passages(self) -> Iterator[Passage]:
        for first, last in self._blocks():
            lead = _matched(_LEAD, self._lines[first])
            tail = _ENDS_LINE.search(self._lines[last - 1])
            body = " ".join(line.strip() for line in (self._lines[first][len(lead) :], *self._lines[first + 1 : last]))
            row = body.count("|") > 1 or self._lines[first].lstrip().startswith("|")
            line = [Atom(lead), *atoms(body.removesuffix("\\"), table=row), Atom(tail.group() if tail else "")]
            yield from self._line_passages(first, last, line)

    def save(self, target: Path, language: str) -> None:
        target.write_bytes(self._decoded.encode("".join(self._lines)))

    def _line_passages(self, first: int, last: int, line: list[Atom]) -> Iterator[Passage]:
        texts: list[Atom] = []
        for atom in line:
            if atom.style is not None:
                texts.append(atom)
            if texts and (atom.ends or atom is line[-1]):
                yield self._passage(first, last, line, texts)
                texts = []

    def _passage(self, first: int, last: int, line: list[Atom], texts: list[Atom]) -> Passage:
        def write(new: Sequence[str]) -> None:
            for atom, content in zip(texts, new, strict=True):
                atom.text = content
            joined = "".join(atom.text for atom in line)
            self._lines[first:last] = [joined, *[""] * (last - first - 1)]

        return Passage(tuple(Span(atom.text, atom.style or "") for atom in texts), write)

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """Lines (from, to) that are text: a paragraph's lines together, up to a hard line break."""
        first = _after_front_matter(self._lines)
        fence = ""
        while first < len(self._lines):
            line, last = self._lines[first], first + 1
            mark = _FENCE.match(line)
            if fence or mark:
                fence = _fence_after(fence, mark.group(1) if mark else "", line)
            elif line.strip() and not _UNTOUCHED.match(line):
                while last < len(self._lines) and self._continues(last):
                    last += 1
                yield first, last
            first = last

    def _continues(self, number: int) -> bool:
        before, line = self._lines[number - 1], self._lines[number]
        hard_break = before.rstrip("\r\n").endswith(("  ", "\\"))
        heading_or_row = before.lstrip().startswith(("#", "|"))
        stops = not line.strip() or _STARTS_BLOCK.match(line) or _FENCE.match(line) or _UNTOUCHED.match(line)
        return not (hard_break or heading_or_row or stops)


def _fence_after(fence: str, mark: str, line: str) -> str:
    """The fence that is open after `line`, given the one open before it ("": none)."""
    if not fence:
        closed_at_once = mark == "$$" and line.strip().endswith("$$") and len(line.strip()) > 2
        return "" if closed_at_once else mark
    closes = mark.startswith(fence) and line.strip() == mark
    return "" if closes or (fence == "$$" and line.rstrip().endswith("$$")) else fence


def _after_front_matter(lines: Sequence[str]) -> int:
    """The first line after the YAML block that a file may begin with."""
    if lines and lines[0].rstrip() == "---":
        for number, line in enumerate(lines[1:], start=2):
            if line.rstrip() in ("---", "..."):
                return number
    return 0


def _matched(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.match(text)
    return match.group() if match else ""
