"""Inline Markdown: which stretches of a line are text, in which emphasis or link, and which are markup to keep."""

import re
from dataclasses import dataclass

_MARKUP = re.compile(
    r"""(?P<kept>\\.|`+[^`\n]+`+|<[^<>\n]+>)     # escapes, code and tags are part of the text
      | (?P<open>!?\[)(?=[^\]\n]*\](?:\(|\[))
      | (?P<close>\](?:\((?:[^()\n]|\([^()\n]*\))*\)|\[[^\]\n]*\]))
      | (?P<cell>\|)
      | (?P<toggle>\*\*|__|~~|(?<![\w*])\*(?=\S)|(?<=\S)\*(?!\w)|(?<![\w_])_(?=\S)|(?<=\S)_(?![\w_]))""",
    re.VERBOSE,
)


@dataclass(slots=True)
class Atom:
    """A stretch of a line: text in a `style`, or (style None) markup. `ends` where the passage ends with it."""

    text: str
    style: str | None = None
    ends: bool = False


def atoms(line: str, *, table: bool) -> list[Atom]:
    """Cut a line into text and markup; in a table `|` stands between cells. Joined, the atoms are the line."""
    found: list[Atom] = []
    open_marks: list[str] = []
    start = links = 0
    for match in _MARKUP.finditer(line):
        kind = match.lastgroup
        if kind == "kept" or (kind == "cell" and not table):
            continue
        found.append(Atom(line[start : match.start()], " ".join(open_marks)))
        found.append(Atom(match.group(), ends=kind == "cell"))
        start = match.end()
        if kind == "open":
            links += 1
            open_marks.append(f"[{links}")
        elif kind == "close":
            open_marks = [mark for mark in open_marks if mark != f"[{links}"]
        elif kind == "toggle" and match.group() in open_marks:
            open_marks.remove(match.group())
        elif kind == "toggle":
            open_marks.append(match.group())
    found.append(Atom(line[start:], " ".join(open_marks)))
    if open_marks and not table:
        return [Atom(line, "")]
    return [atom for atom in found if atom.text]
