"""Text as it reads, without what hides it from a search, and the way back to the original characters.

“Smi<soft hyphen>th”, “Smith” in full-width letters or with a ligature read like “Smith” and must be found like it.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u02b9\u2032\uff07", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2028\u2029\u0085", "\n"),
    }
)
_PLAIN_OR_CLUSTER = r"(?P<plain>[\t\n\x20-\x7e]+(?=[\t\n\x20-\x7e]|\Z))|\X"
"""Plain characters that nothing combines with, or one character as a reader sees it, marks and all."""
_INVISIBLE_MARKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | frozenset(map(chr, range(0xFE00, 0xFE10)))


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` to search in; `starts[i]` and `ends[i]` bound the original characters that its character i stands for.

    Both are None where nothing changed place.
    """

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The original half-open range that the non-empty range `[start, end)` of `text` stands for."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


@lru_cache(maxsize=8)
def fold(text: str, *, ignore_case: bool = False) -> Folded:
    """`text` in compatibility form (NFKC), without invisible characters, with plain digits, dashes and apostrophes.

    `ignore_case` also folds the case in the Unicode sense, in which “STRASSE” and “Straße” are equal.
    """
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return Folded(text.lower() if ignore_case else text)
    import regex

    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in regex.finditer(_PLAIN_OR_CLUSTER, text):
        start, end = match.span()
        if match["plain"]:
            pieces.append(match["plain"].lower() if ignore_case else match["plain"])
            starts += range(start, end)
            ends += range(start + 1, end + 1)
        else:
            piece = _fold_cluster(match[0], ignore_case)
            pieces.append(piece)
            starts += [start] * len(piece)
            ends += [end] * len(piece)
    folded = "".join(pieces)
    if len(folded) == len(text) and starts == list(range(len(text))):
        return Folded(folded)
    return Folded(folded, tuple(starts), tuple(ends))


@lru_cache(maxsize=4096)
def _fold_cluster(cluster: str, ignore_case: bool) -> str:
    whole = cluster.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # halves of characters become \ufffd
    visible = "".join(character for character in whole if not is_invisible(character))
    plain = (
        "".join(map(_latin_digit, unicodedata.normalize("NFKC", visible))).translate(_LOOKALIKES).replace("\r\n", "\n")
    )
    return unicodedata.normalize("NFKC", plain.casefold()) if ignore_case else plain


def _latin_digit(character: str) -> str:
    """Digits of any script as 0…9, because that is how numbers are checked."""
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def is_invisible(character: str) -> bool:
    """Whether `character` takes no place on paper: soft hyphens, zero-width characters, direction marks, controls."""
    category = unicodedata.category(character)
    return category == "Cf" or character in _INVISIBLE_MARKS or (category == "Cc" and not character.isspace())
