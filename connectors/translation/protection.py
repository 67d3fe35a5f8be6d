"""What must come through a translation unchanged: numbers, addresses, placeholders, codes.

Nothing is replaced by tokens, which models tear apart. The text is translated as it is and compared; where something
got lost or changed, the text is translated again in the pieces between its protected items (`pieces`).
"""

import re
from collections import Counter
from collections.abc import Iterator

_ITEMS = re.compile(
    r"""
      (?:https?|ftp|file|mailto|tel):[^\s<>"'”’)\]]*[^\s<>"'”’)\].,;:!?]    # addresses with a scheme
    | \bwww\.[^\s<>"'”’)\]]*[^\s<>"'”’)\].,;:!?]
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+                                          # e-mail
    | `[^`\n]+`                                                             # code in Markdown
    | \{\{[^{}\n]{1,80}\}\}|\$\{[^{}\n]{1,80}\}|\{[\w.:!-]{0,80}\}          # {{name}} ${name} {name} {0}
    | %(?:\(\w+\))?[-+\#0]*\d*(?:\.\d+)?[sdifgxrS@](?!\w)                     # %s %(name)s %d
    | <[\w/][^<>\n]{0,200}>                                                 # tags and <placeholders>
    | (?<!\w)\#\w+                                                          # #tags and numbers
    | \b(?=[\w-]*\d)(?=[\w-]*[^\W\d_])[\w-]*\w                                  # codes: AB-12, DE89
    | \d+(?:[.,:/\u00a0\u202f'’-]\d+)*                                      # numbers, dates, times
    """,
    re.VERBOSE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")


def protected_items(text: str) -> list[str]:
    """The protected items in `text`, in their order."""
    return _ITEMS.findall(text)


def survived(source: str, translation: str) -> bool:
    """Whether every protected item of `source` stands in `translation` exactly as often."""
    wanted = Counter(protected_items(source))
    return all(_count(item, translation) == _count(item, source) for item in wanted)


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """`text` cut at its protected items: each piece, and whether it is one."""
    start = 0
    for match in _ITEMS.finditer(text):
        if match.start() > start:
            yield text[start : match.start()], False
        yield match.group(), True
        start = match.end()
    if start < len(text):
        yield text[start:], False


def translatable(text: str) -> bool:
    """Whether there is a word left besides the protected items."""
    return any(_WORD.search(piece) or _ideographic(piece) for piece, protected in pieces(text) if not protected)


def is_name(text: str) -> bool:
    """Whether `text` is at most four capitalized words: a name may rightly stay as it is."""
    words = _WORD.findall(text)
    return len(words) <= 4 and all(word[:1].isupper() for word in words)


def _count(item: str, text: str) -> int:
    return len(re.findall(rf"(?<!\w){re.escape(item)}(?!\w)", text))


def _ideographic(text: str) -> bool:
    return any("\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af" for character in text)
