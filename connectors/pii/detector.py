"""Finding what to redact in one document, and proving that it is gone.

**What proves absence.** Not the language model: it judges a word by its neighbours, and on masked text it both
forgets real names and invents new ones. Proof is that a loose search of the output finds none of

* the values that `find` met in this document, whoever met them (names included, and surnames by themselves), with
  other separators, glued to their neighbours or in other case (see `values`);
* anything that a pattern with a checksum accepts, or an equally strict one (e-mail addresses);
* any custom text; an expression is searched again if it needs no neighbours (no anchors, no look-around).

**Two passes.** A value that was found once must go everywhere, also where the language model overlooked it. So mask
in each text what `find` and then, when all texts were read, what `survivors` gives; then `survivors` on the text of
the output must give nothing.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from connectors.errors import Fault
from connectors.messages import N_
from connectors.pii.catalogue import entities as catalogue_entities
from connectors.pii.custom_text import CustomText, Matcher, MatchMode, compile_custom_text
from connectors.pii.expressions import Expression
from connectors.pii.folding import fold
from connectors.pii.hits import Hit, merged
from connectors.pii.languages import NAMED, Language, language_of
from connectors.pii.names import NameModel, name_model
from connectors.pii.patterns import Search, searches
from connectors.pii.phones import phone_numbers
from connectors.pii.values import FoundValues, Value

PHONE = "PHONE_NUMBER"
DATE = "DATE_TIME"
PERSON = "PERSON"
SHORTEST_SURNAME = 3
MASKS = frozenset(map(chr, range(0x2580, 0x2600))) | {"¤", "*"}
"""Block elements, geometric shapes and their plain substitutes: what a place that was masked holds."""
_ONE_BLANK = {ord(space): " " for space in "\t\n\r\v\f"}

UNKNOWN = Fault(
    "redact.entity_unknown",
    422,
    N_("There is no kind of personal data called “{entity}”."),
    N_("Choose from the list of the Redact step."),
)
UNAVAILABLE = Fault(
    "redact.entity_unavailable",
    422,
    N_("“{label}” cannot be found yet."),
    N_("Remove it from the selection, or name the texts to redact as custom texts."),
)


class Detector(Protocol):
    """Searches the texts of one document. It remembers what it found and read, so it serves only that document."""

    def find(self, text: str) -> list[Hit]:
        """What must go in a text of the source (a paragraph, a page), in reading order, overlapping hits joined.

        Raises `redact.expression_timeout` and `redact.search_timeout`; then nothing may be delivered.
        """
        ...

    def survivors(self, text: str, found: Collection[str] = ()) -> list[Hit]:
        """What is still there, by a loose search for all that `find` met in this document, and for `found`."""
        ...


@dataclass(frozen=True)
class _Custom:
    """A custom text with the name under which it is reported."""

    what: str
    entry: CustomText
    matcher: Matcher

    def hits(self, text: str) -> Iterator[Hit]:
        for start, end in self.matcher.spans(text):
            yield Hit(start, end, self.what)

    def survivors(self, text: str) -> Iterator[Hit]:
        if isinstance(self.matcher, Expression):
            if not self.matcher.stands_alone:
                return
            for hit in self.hits(text):
                written = text[hit.start : hit.end]
                if MASKS.isdisjoint(written) and any(map(str.isalnum, written)):
                    yield hit
        else:
            yield from self.hits(text)


@dataclass
class DocumentDetector:
    """The detector of `build_detector`."""

    language: Language | None
    selected: frozenset[str]
    patterns: Sequence[Search]
    model: NameModel | None
    custom: Sequence[_Custom]
    _found: FoundValues = field(default_factory=FoundValues)

    def __post_init__(self) -> None:
        for custom in self.custom:
            if custom.entry.mode is not MatchMode.ADVANCED:
                self._found.add(
                    Value(
                        custom.entry.text,
                        custom.what,
                        same_case=custom.entry.mode is MatchMode.EXACT,
                        anywhere=custom.entry.mode is MatchMode.CONTAINS,
                    )
                )

    def find(self, text: str) -> list[Hit]:
        self._found.read(text)
        hits = list(self._custom_hits(text))
        folded = fold(text)
        for start, end, what, named in self._entity_places(folded.text):
            value = folded.text[start:end]
            self._remember(value, what, named)
            hits.append(Hit(*folded.original(start, end), what))
        return merged(hits)

    def _remember(self, value: str, what: str, named: bool) -> None:
        """Keep a found value, and of a person's name also what follows the first name."""
        first, *rest = value.split()
        self._found.add(Value(value, what, capital=named and not rest and first[:1].isupper()))
        if named and what == PERSON:
            for part in rest:
                if part[:1].isupper() and len(part) >= SHORTEST_SURNAME:
                    self._found.add(Value(part, what, capital=True, part=True))

    def _custom_hits(self, text: str) -> Iterator[Hit]:
        for custom in self.custom:
            for hit in custom.hits(text):
                if custom.entry.mode is MatchMode.ADVANCED:
                    self._found.add(Value(text[hit.start : hit.end], custom.what, same_case=True))
                yield hit

    def _entity_places(self, text: str) -> Iterator[tuple[int, int, str, bool]]:
        """Ranges of a folded text, the entity of each, and whether the language model named it."""
        if not text.strip():
            return
        line = text.translate(_ONE_BLANK)
        for search in self.patterns:
            for match in search.matches(line):
                yield match.start, match.end, search.entity, False
        if PHONE in self.selected and self.language:
            for start, end, _ in phone_numbers(text, self.language):
                yield start, end, PHONE, False
        if self.model:
            for start, end, entity in self.model.names(text, self.selected):
                yield start, end, entity, True

    def survivors(self, text: str, found: Collection[str] = ()) -> list[Hit]:
        for value in found:
            self._found.add(Value(value, "found value"))
        hits = list(self._found.survivors(text))
        hits += (hit for custom in self.custom for hit in custom.survivors(text))
        folded = fold(text)
        line = folded.text.translate(_ONE_BLANK)
        for search in self.patterns:
            for match in search.matches(line):
                if match.proven:
                    hits.append(Hit(*folded.original(match.start, match.end), search.entity))
        if PHONE in self.selected and self.language:
            for start, end, has_prefix in phone_numbers(folded.text, self.language):
                if has_prefix:
                    hits.append(Hit(*folded.original(start, end), PHONE))
        return merged(hits)


def build_detector(entities: Sequence[str], custom_texts: Sequence[CustomText], language: str) -> Detector:
    """A detector for one document in `language` (a tag such as `en` or `en-GB`).

    It looks for `entities` of the catalogue and for `custom_texts`; those need no particular language. Raises
    `redact.language`, `redact.entity_unknown`, `redact.entity_unavailable`, `redact.model_missing` and the faults of
    `compile_custom_text`: what cannot be found is refused, never silently left out.
    """
    custom = [
        _Custom(f"custom text {number}", entry, compile_custom_text(entry, number))
        for number, entry in enumerate(custom_texts, 1)
    ]
    if not entities:
        return DocumentDetector(None, frozenset(), (), None, custom)
    spoken = language_of(language)
    selected = tuple(dict.fromkeys(entities))
    for entity in selected:
        _check_available(entity)
    patterns = [search for entity in selected for search in searches(entity, spoken.code)]
    return DocumentDetector(spoken, frozenset(selected), patterns, _model_for(selected, spoken), custom)


def _check_available(entity: str) -> None:
    entry = catalogue_entities().get(entity)
    if entry is None:
        raise UNKNOWN(entity=entity)
    if not entry.available:
        raise UNAVAILABLE(label=entry.label)


def _model_for(selected: Sequence[str], language: Language) -> NameModel | None:
    """The language model, where something selected needs it; dates use it where it is there and knows them."""
    for entity in selected:
        if entity in NAMED or (entity == DATE and DATE in language.model_entities and language.model_folder):
            return name_model(language, catalogue_entities()[entity].label)
    return None
