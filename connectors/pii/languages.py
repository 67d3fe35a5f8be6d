"""Languages of documents in which personal data can be found, and what each of them needs.

The English and French models come with the product. For the other languages the table names the model that its makers
(Explosion, on spacy.io) publish: once an operator has installed it, names are found in that language too. Packages
that go by such names elsewhere are not theirs.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from connectors.errors import Fault
from connectors.messages import N_
from connectors.pii.catalogue import catalogue

NAMED = frozenset({"PERSON", "ORGANIZATION"})
"""Entities that only a language model can find."""

UNKNOWN = Fault(
    "redact.language",
    422,
    N_("Documents in the language “{language}” cannot be searched for personal data."),
    N_("Choose one of: {offered}. Custom texts are found in every language."),
)
MODEL_MISSING = Fault(
    "redact.model_missing",
    422,
    N_("Finding “{entity}” in texts in {language} needs a language model that is not installed."),
    N_("Choose another language, or remove the entry and name the texts to redact as custom texts."),
)


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its ISO 639-1 code.

    `model` is the package with the language model and `model_entities` what it finds; `phone_regions` are the
    ISO 3166-1 regions whose way of writing telephone numbers without the country's prefix is understood.
    """

    code: str
    name: str
    model: str
    model_entities: frozenset[str]
    phone_regions: tuple[str, ...]

    @property
    def model_folder(self) -> Path | None:
        """The folder with the language model's data, or None where the package is not installed or holds none."""
        spec = find_spec(self.model)
        if spec is None or spec.origin is None:
            return None
        configs = sorted(Path(spec.origin).parent.glob("*/config.cfg"))
        return configs[-1].parent if configs else None

    @property
    def entities(self) -> tuple[str, ...]:
        """What can be found in texts of this language, in the order of the catalogue."""
        names = NAMED if self.model_folder else frozenset()
        return tuple(
            entry.entity
            for entry in catalogue()
            if entry.available and (entry.entity in names or entry.entity not in NAMED)
        )


@lru_cache(maxsize=1)
def languages() -> Mapping[str, Language]:
    """The languages offered for redaction, by code."""
    with (Path(__file__).parent / "languages.csv").open(encoding="utf-8", newline="") as table:
        rows = [
            Language(
                row["language"],
                row["name"],
                row["model"],
                frozenset(row["model_entities"].split()),
                tuple(row["phone_regions"].split()),
            )
            for row in csv.DictReader(table)
        ]
    return MappingProxyType({row.code: row for row in rows})


def language_of(tag: str) -> Language:
    """The language of a tag such as `en`, `en-GB` or `pt_BR`. Raises `redact.language`."""
    code = tag.replace("_", "-").split("-")[0].lower()
    if code not in languages():
        raise UNKNOWN(language=tag, offered=", ".join(language.name for language in languages().values()))
    return languages()[code]
