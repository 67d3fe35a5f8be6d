"""The languages of the product (TR-20): the table `languages.csv`, and which of them engines reach (TR-9)."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from connectors.errors import Fault
from connectors.messages import N_
from connectors.translation.engine import Pair

AUTO = "auto"

UNKNOWN_LANGUAGE = Fault(
    "translate.language_unknown",
    422,
    N_("“{language}” is not one of the languages of translation."),
    N_("Choose a language from the list. Its code looks like “sv” or “pt-BR”."),
)

ALIASES = {
    "no": "nb",
    "pt": "pt-BR",
    "zh": "zh-Hans",
    "zh-cn": "zh-Hans",
    "zh-sg": "zh-Hans",
    "zh-tw": "zh-Hant",
    "zh-hk": "zh-Hant",
    "sr": "sr-Cyrl",
    "bs": "bs-Latn",
    "mn": "mn-Cyrl",
    "uz": "uz-Latn",
    "tt": "tt-Latn",
    "tl": "fil",
    "iw": "he",
    "ku": "kmr",
    "kok": "gom",
}
"""Everyday tags that the table spells otherwise, in lower case."""


@dataclass(frozen=True, slots=True)
class Language:
    """A row of the table: `code` (BCP 47), whether it can be detected (TR-21) and printed from DOCX (TR-22)."""

    code: str
    english_name: str
    auto_detect: bool
    docx_print_supported: bool
    notes: str


@dataclass(frozen=True, slots=True)
class TargetLanguage:
    """A language offered as a target; unavailable where no installed engine reaches it (TR-9)."""

    language: Language
    available: bool


@lru_cache(maxsize=1)
def languages() -> dict[str, Language]:
    """All languages by code, in the table's order (by English name)."""
    table = files(__package__).joinpath("languages.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(table.splitlines())
    return {
        row["code"]: Language(
            row["code"],
            row["english_name"],
            row["auto_detect"] == "yes",
            row["docx_print_supported"] == "yes",
            row["notes"],
        )
        for row in rows
    }


def find_language(tag: str) -> Language | None:
    """The language for a BCP 47 tag in any case (“EN”, “en-GB”, “zh-TW”), or None."""
    by_folded = {code.casefold(): language for code, language in languages().items()}
    folded = tag.strip().replace("_", "-").casefold()
    while folded:
        if found := by_folded.get(folded):
            return found
        if folded in ALIASES:
            return languages()[ALIASES[folded]]
        folded = folded.rpartition("-")[0]
    return None


def language(tag: str) -> Language:
    """The language for a tag; raises `UNKNOWN_LANGUAGE`."""
    found = find_language(tag)
    if found is None:
        raise UNKNOWN_LANGUAGE(language=tag)
    return found


def reachable(pairs: Iterable[Pair], source: str) -> frozenset[str]:
    """Codes that can be reached from `source` by one pair or by two through a pivot."""
    known = frozenset(pairs)
    direct = {pair.target for pair in known if pair.source == source}
    pivoted = {pair.target for pair in known if pair.source in direct}
    return frozenset((direct | pivoted) - {source})


def available_targets(source: str, pairs: Iterable[Pair]) -> tuple[TargetLanguage, ...]:
    """Every language but the source, marked as available or not (TR-9).

    `pairs` are what the engines have; with source “auto” a target counts if any source reaches it.
    """
    known = frozenset(pairs)
    sources = {pair.source for pair in known} if source == AUTO else {language(source).code}
    reached = {target for one in sources for target in reachable(known, one)}
    own = None if source == AUTO else language(source).code
    return tuple(TargetLanguage(row, code in reached) for code, row in languages().items() if code != own)
