"""Splits text into sentences without a model, so that no engine downloads one.

The rule is the plain one: a sentence ends at a full stop, question or exclamation mark that is followed by a blank and
something that can start a sentence, unless the word before it is a known abbreviation or a single letter.
"""

import re

LONGEST = 400
"""Characters after which a sentence is cut at a clause or a blank: models silently drop what is too long for them."""

_END = re.compile(r"""[.!?…؟۔]+["'”’»)\]]*(?=\s+["'“‘«(\[¿¡]*[^\W_a-zß-öø-ÿ])|[。！？]+[」』”]?""")
_CLAUSE = re.compile(r"[,;:，；、]\s*|\s[–—-]\s")
_SHORTENED = (
    "mr mrs ms dr prof st no nr vs etc inc ltd co corp dept fig vol approx e.g i.e a.m p.m sr sra srta ud uds pág "
    "núm tel av avda mme mlle hr fr bl.a t.ex d.v.s dvs kl ca s.a bzw z.b usw sig.ra dott ecc"
)
_ABBREVIATIONS = frozenset(_SHORTENED.split())


class SentenceSplitter:
    """Keeps the interface that argostranslate asks of a sentence splitter."""

    def split_sentences(self, text: str) -> list[str]:
        """The sentences of one line of text, in order, none longer than `LONGEST` characters."""
        sentences, start = [], 0
        for match in _END.finditer(text):
            if not _abbreviated(text[start : match.start()], match.group()):
                sentences.append(text[start : match.end()])
                start = match.end()
        sentences.append(text[start:])
        return [piece for sentence in sentences if sentence.strip() for piece in _short(sentence.strip())]


def halves(text: str) -> tuple[str, str] | None:
    """`text` cut near its middle, after a clause if there is one, else at a blank; None where it is one word."""
    cuts = [match.end() for match in _CLAUSE.finditer(text) if 0.2 < match.end() / len(text) < 0.8]
    cuts = cuts or [match.end() for match in re.finditer(r"\s+", text) if match.end() < len(text)]
    if not cuts:
        return None
    cut = min(cuts, key=lambda place: abs(place - len(text) / 2))
    return text[:cut].strip(), text[cut:].strip()


def _abbreviated(before: str, mark: str) -> bool:
    word = before.rpartition(" ")[2].lstrip("(\"'“‘").casefold()
    return mark == "." and (word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha()))


def _short(sentence: str) -> list[str]:
    if len(sentence) <= LONGEST:
        return [sentence]
    cut = halves(sentence)
    if cut is None:
        return [sentence[start : start + LONGEST] for start in range(0, len(sentence), LONGEST)]
    return [piece for half in cut for piece in _short(half)]
