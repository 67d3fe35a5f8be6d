"""Apertium's stream format: text with everything that is special to it escaped, one zero byte after each text.

With zero bytes the whole pipeline flushes at each text, so that nothing moves from one text to the next and as many
texts come back as went in. https://wiki.apertium.org/wiki/Apertium_stream_format
"""

import re

_SPECIAL = frozenset("\\[]{}^$/<>")
_MARKS = frozenset("*@#+~")
_TOKEN = re.compile(r"\\(.)|\[(.*?)(?<!\\)\]|([*@])|(#)", re.DOTALL)

SENTENCE_END = "[]"


def encode(text: str) -> str:
    """One text as it goes in. Characters that Apertium uses as marks travel as blanks, which it does not touch."""
    kept = "".join(
        f"[{character}]" if character in _MARKS else f"\\{character}" if character in _SPECIAL else character
        for character in text.replace("\0", "")
    )
    return f"{kept}{SENTENCE_END}\0"


def decode(answer: str) -> tuple[str, int]:
    """One text as it came out, and how many words in it are marked as unknown (`*` not analysed, `@` not paired)."""
    unknown = 0

    def plain(match: re.Match[str]) -> str:
        nonlocal unknown
        escaped, blank, mark, _generation = match.groups()
        if mark:
            unknown += 1
        if escaped is not None:
            return str(escaped)
        return re.sub(r"\\(.)", r"\1", blank) if blank else ""

    return _TOKEN.sub(plain, answer).strip("\n"), unknown
