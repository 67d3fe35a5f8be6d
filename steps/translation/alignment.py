"""Puts a translated passage back into the formatting of its source: which words are bold, which are the link.

Engines give words, not alignments. So each formatted span is also translated by itself, looked up in the translated
passage, and the passage's words are shared out among the spans, in order, at the least mismatch of formatting.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence

from steps.translation.passages import Span

LIKE_ENOUGH = 0.6
"""Share of words in common from which a stretch counts as a span's own translation."""

MOST_STEPS = 200_000
"""Words × spans × words of a span up to which spans are looked up; beyond, words go by their place alone."""

_TOKEN = re.compile(r"\w+(?:['’-]\w+)*|[^\w\s]|\s+")
_WORD = re.compile(r"\w")


def marked_spans(spans: Sequence[Span]) -> list[int]:
    """The spans whose formatting sticks out of the passage and that hold words."""
    plain = _plain_style(spans)
    return [number for number, span in enumerate(spans) if span.style != plain and _WORD.search(span.text)]


def share_out(spans: Sequence[Span], translation: str, alone: Mapping[int, str]) -> list[str]:
    """Cut `translation` into one text for each span.

    `alone` holds the translation of each marked span by itself. The texts joined are `translation`; every marked span
    gets at least one word where there are enough of them.
    """
    if len(spans) == 1:
        return [translation]
    tokens = _TOKEN.findall(translation)
    words = [number for number, token in enumerate(tokens) if not token.isspace()]
    if not words:
        return [translation, *[""] * (len(spans) - 1)]
    if len(words) * len(spans) > MOST_STEPS:
        return _cut(spans, tokens, words, _owners_by_place(spans, len(words)))
    located = _locate(spans, [tokens[number] for number in words], alone)
    owners = _owners(spans, located)
    if not set(alone) <= set(owners):
        owners = _owners(spans, _by_length(spans, len(words), alone))
    return _cut(spans, tokens, words, owners)


def _plain_style(spans: Sequence[Span]) -> str:
    weights: Counter[str] = Counter()
    for span in spans:
        weights[span.style] += len(span.text.strip())
    return weights.most_common(1)[0][0]


def _places(spans: Sequence[Span]) -> list[tuple[float, float]]:
    """Where each span begins and ends in the passage, from 0 to 1."""
    total = sum(len(span.text) for span in spans) or 1
    places, start = [], 0
    for span in spans:
        places.append((start / total, (start + len(span.text)) / total))
        start += len(span.text)
    return places


def _locate(spans: Sequence[Span], words: list[str], alone: Mapping[int, str]) -> list[int | None]:
    """For each word the marked span that it belongs to, or None for the passage's plain formatting."""
    if len(words) * sum(len(text.split()) for text in alone.values()) > MOST_STEPS:
        return _by_length(spans, len(words), alone)
    located: list[int | None] = [None] * len(words)
    places = _places(spans)
    for number in sorted(alone, key=lambda one: -len(alone[one])):
        wanted = [token for token in _TOKEN.findall(alone[number]) if not token.isspace()]
        window = _best_window(words, wanted, places[number][0] * len(words), located)
        if window is None:
            window = _window_by_place(places[number], located)
        for word in window:
            located[word] = number
    return located


def _best_window(words: list[str], wanted: list[str], expected: float, located: Sequence[int | None]) -> range | None:
    """The free words that are most like `wanted`, nearer ones first; None where nothing is like enough."""
    sought = Counter(map(_stem, wanted))
    stems = [_stem(word) for word in words]
    best, best_score = None, LIKE_ENOUGH
    for size in {max(1, len(wanted) - 1), len(wanted), len(wanted) + 1}:
        for start in range(len(words) - size + 1):
            if stems[start] not in sought or any(owner is not None for owner in located[start : start + size]):
                continue
            common = (Counter(stems[start : start + size]) & sought).total()
            score = 2 * common / (size + len(wanted)) - 0.2 * abs(start - expected) / len(words)
            if score > best_score:
                best, best_score = range(start, start + size), score
    return best


def _stem(word: str) -> str:
    """The part of a word that endings leave alone: “rojo” and “roja” have the same."""
    folded = word.casefold()
    return folded if len(folded) < 4 else folded[: 3 if len(folded) < 6 else 4]


def _window_by_place(place: tuple[float, float], located: Sequence[int | None]) -> range:
    """The free words nearest to where the span stood in the source."""
    count = len(located)
    size = max(1, round((place[1] - place[0]) * count))
    free = [
        start for start in range(count - size + 1) if all(located[word] is None for word in range(start, start + size))
    ]
    if not free:
        return range(0)
    start = min(free, key=lambda one: abs(one - place[0] * count))
    return range(start, start + size)


def _by_length(spans: Sequence[Span], count: int, alone: Mapping[int, str]) -> list[int | None]:
    """Each word to the span at its place; the last resort where the order of the spans changed."""
    places = _places(spans)
    located: list[int | None] = [None] * count
    for number in sorted(alone):
        for word in _window_by_place(places[number], located):
            located[word] = number
    return located


def _owners(spans: Sequence[Span], located: Sequence[int | None]) -> list[int]:
    """For each word its span, never going back: the cheapest way through words × spans.

    A word in foreign formatting costs 1, a word far from its span's place a little.
    """
    count = len(located)
    plain = _plain_style(spans)
    costs = [[0.0] * len(spans) for _ in range(count)]
    came_from = [[0] * len(spans) for _ in range(count)]
    places = _places(spans)
    for word, owner in enumerate(located):
        best_before, best_cost = 0, float("inf")
        for number, span in enumerate(spans):
            before = costs[word - 1][number] if word else 0.0
            if before < best_cost:
                best_before, best_cost = number, before
            wrong = span.style != plain if owner is None else number != owner
            middle = (word + 0.5) / count
            off = max(places[number][0] - middle, middle - places[number][1], 0.0)
            costs[word][number] = best_cost + wrong + 0.1 * off
            came_from[word][number] = best_before
    owners = [min(range(len(spans)), key=lambda number: costs[-1][number])]
    for word in range(count - 1, 0, -1):
        owners.append(came_from[word][owners[-1]])
    return owners[::-1]


def _owners_by_place(spans: Sequence[Span], count: int) -> list[int]:
    """For each word the span that stood in its place, by length alone."""
    ends = [end for _, end in _places(spans)]
    return [min(bisect_left(ends, (word + 0.5) / count), len(spans) - 1) for word in range(count)]


def _cut(spans: Sequence[Span], tokens: list[str], words: list[int], owners: list[int]) -> list[str]:
    """Join each span's words. A blank between two spans goes where the source had one."""
    texts = [""] * len(spans)
    owner_of = dict(zip(words, owners, strict=True))
    current = owners[0]
    for number, token in enumerate(tokens):
        if number in owner_of:
            current = owner_of[number]
            texts[current] += token
            continue
        following = owner_of.get(number + 1, current)
        before, after = spans[current].text, spans[following].text
        goes_after = following != current and not before.endswith(" ") and after.startswith(" ")
        texts[following if goes_after else current] += token
    return texts
