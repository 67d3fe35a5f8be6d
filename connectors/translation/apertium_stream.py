"""Apertium's stream format: text with everything that is special to it escaped, one zero byte after each text.

With zero bytes the whole pipeline flushes at each text, so that nothing moves from one text to the next and as many
texts come back as went in. https://wiki.apertium.org/wiki/Apertium_stream_format
"""

import re

_SPECIAL = frozenset("\\[]{}^$/<>")
_MARKS = frozenset("*@#+~")
_TOKEN = re.compile(r"\\(.)|\[(.*?)(?<!\\)\]|([*@])|(#)", re.DOTALL)

_SENTENCE_ENDS = (".", "!", "?", ":", ";", "…")


def encode(text: str) -> str:
    """One text as it goes in. Characters that Apertium uses as marks travel as blanks, which it does not touch.

    Where no sentence ends, a full stop is added, without which the last word is often read wrongly.
    """
    kept = "".join(
        f"[{character}]" if character in _MARKS else f"\\{character}" if character in _SPECIAL else character
        for character in text.replace("\0", "")
    )
    return f"{kept}{'' if _ends_sentence(text) else '.'}[]\0"


def decode(answer: str, asked: str) -> tuple[str, int]:
    """The translation of `asked`, and how many words in it are marked as unknown (`*` not known, `@` not paired)."""
    unknown = 0

    def plain(match: re.Match[str]) -> str:
        nonlocal unknown
        escaped, blank, mark, _generation = match.groups()
        if mark:
            unknown += 1
        if escaped is not None:
            return str(escaped)
        return re.sub(r"\\(.)", r"\1", blank) if blank else ""

    text = _TOKEN.sub(plain, answer).strip("\n")
    return (text if _ends_sentence(asked) else text.removesuffix(".").rstrip()), unknown


def _ends_sentence(text: str) -> bool:
    return text.rstrip("\"'”’»)] ").endswith(_SENTENCE_ENDS) or not text.strip()
