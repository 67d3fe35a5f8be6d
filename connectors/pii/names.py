"""Names and dates that only their sentence gives away, found by spaCy's models.

Models come as packages and are loaded from their folder, once a process and language; nothing is downloaded. Only the
entity recogniser is loaded: it has its own token vectors, so the tagger, parser and lemmatizer would cost 40 % for
nothing.
"""

import threading
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from connectors.pii.languages import MODEL_MISSING, Language, languages

LABELS = {
    **dict.fromkeys(("PERSON", "PER", "PRS"), "PERSON"),
    "ORG": "ORGANIZATION",
    **dict.fromkeys(("DATE", "TIME", "TME"), "DATE_TIME"),
}
"""spaCy's labels, which differ between models, as entities of the catalogue."""
CHUNK = 4000
"""Most characters that go through the model at once, which bounds its memory."""
_EDGE = " \t\n.,;:!?()[]{}\"'“”„«»-/|"


class NameModel:
    """One language model; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        import spacy

        names = spacy.util.load_config(folder / "config.cfg")["nlp"]["pipeline"]
        self._model: Any = spacy.load(folder, exclude=[name for name in names if name != "ner"])
        self._lock = threading.Lock()
        labels: tuple[str, ...] = self._model.meta["labels"]["ner"]
        self.entities = frozenset(LABELS[label] for label in labels if label in LABELS)

    def names(self, text: str, entities: Collection[str]) -> Iterator[tuple[int, int, str]]:
        """Half-open ranges of `text` and the entity that each is."""
        for offset, chunk in chunks(text):
            with self._lock, self._model.memory_zone():
                spans = [(span.start_char, span.end_char, span.label_) for span in self._model(chunk).ents]
            for start, end, label in spans:
                entity = LABELS.get(label)
                start, end = _trimmed(chunk, start, end)
                if entity is not None and entity in entities and start < end:
                    yield offset + start, offset + end, entity


@lru_cache(maxsize=16)
def _loaded(folder: Path) -> NameModel:
    return NameModel(folder)


_loading = threading.Lock()


def name_model(language: Language, entity: str) -> NameModel:
    """The model of `language`, loaded once a process.

    Raises `redact.model_missing`, naming `entity` by its label, where there is no model that finds what it should.
    """
    folder = language.model_folder
    if folder is None:
        raise MODEL_MISSING(entity=entity, language=language.name)
    with _loading:
        model = _loaded(folder)
    if not language.model_entities <= model.entities:
        raise MODEL_MISSING(entity=entity, language=language.name)
    return model


def preload(codes: Collection[str]) -> None:
    """Load what detectors for these languages need, so that the first document of a warm worker does not wait."""
    import presidio_analyzer.predefined_recognizers  # noqa: F401 — takes seconds the first time

    for code in codes:
        language = languages().get(code)
        if language is not None and language.model_folder:
            name_model(language, "PERSON")


def chunks(text: str, size: int = CHUNK) -> Iterator[tuple[int, str]]:
    """`text` in pieces of at most `size` characters with their offsets, cut at paragraphs, else lines, else blanks."""
    start = 0
    while len(text) - start > size:
        window = text[start : start + size]
        cut = next(
            (at + len(mark) for mark in ("\n\n", "\n", ". ", " ") if (at := window.rfind(mark)) > size // 2), size
        )
        yield start, window[:cut]
        start += cut
    if start < len(text):
        yield start, text[start:]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The range without punctuation and blanks at its edges, which models sometimes take in."""
    while start < end and text[start] in _EDGE:
        start += 1
    while start < end and text[end - 1] in _EDGE:
        end -= 1
    return start, end
