"""Chooses the way from one language to another over the installed engines."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points

from connectors.settings import Settings
from connectors.translation import detection
from connectors.translation.apertium import ApertiumEngine
from connectors.translation.argos import ArgosEngine
from connectors.translation.engine import ENGINE_MISSING, PAIR_MISSING, Pair, Progress, Translated, TranslationEngine
from connectors.translation.languages import available_targets, languages

PIVOTS = ("en", "es", "fr", "ca", "sv")
"""Preferred languages in between, best first."""


@dataclass(frozen=True)
class Leg:
    """One translation by one engine."""

    engine: TranslationEngine
    pair: Pair


@dataclass(frozen=True)
class Route:
    """One leg, or two over a pivot language."""

    legs: tuple[Leg, ...]

    @property
    def source(self) -> str:
        return self.legs[0].pair.source

    @property
    def target(self) -> str:
        return self.legs[-1].pair.target

    @property
    def engines(self) -> str:
        """The engines' names, each once, for the report."""
        return ", ".join(dict.fromkeys(leg.engine.name for leg in self.legs))

    @property
    def path(self) -> str:
        """Such as “en → es → pt-PT”."""
        return " → ".join((self.source, *(leg.pair.target for leg in self.legs)))

    def translate(self, texts: Sequence[str], on_progress: Progress) -> Translated:
        """Translate leg by leg. `on_progress` counts texts over all legs: it ends at `len(texts) * len(legs)`."""
        current, unknown = list(texts), 0
        for number, leg in enumerate(self.legs):
            progress = _offset(on_progress, number * len(texts))
            answer = leg.engine.translate(current, leg.pair.source, leg.pair.target, progress)
            current, unknown = answer.texts, unknown + answer.unknown_words
        return Translated(current, unknown)


class Engines:
    """The engines of one installation, best first: Argos, Apertium, then those of other packages by name."""

    def __init__(self, engines: Sequence[TranslationEngine]) -> None:
        self.engines = tuple(engines)
        self._pairs = tuple((engine, engine.pairs()) for engine in self.engines)

    @property
    def pairs(self) -> frozenset[Pair]:
        """Every direction that some engine has."""
        return frozenset(pair for _, pairs in self._pairs for pair in pairs)

    def route(self, source: str, target: str) -> Route:
        """The way from `source` to `target`: direct before pivot, and the better engine first.

        Raises `ENGINE_MISSING` where there is no engine at all, else `PAIR_MISSING`.
        """
        if not self.pairs:
            raise ENGINE_MISSING()
        if direct := self._leg(Pair(source, target)):
            return Route((direct,))
        ways = [
            (first, second)
            for pivot in sorted({pair.target for pair in self.pairs if pair.source == source}, key=_pivot_rank)
            if (first := self._leg(Pair(source, pivot))) and (second := self._leg(Pair(pivot, target)))
        ]
        if ways:
            return Route(min(ways, key=lambda way: sum(self.engines.index(leg.engine) for leg in way)))
        reached = [row.language.english_name for row in available_targets(source, self.pairs) if row.available]
        raise PAIR_MISSING(
            source=languages()[source].english_name,
            target=languages()[target].english_name,
            available=", ".join(reached) or "–",
            package=f"translate-{source}_{target}",
        )

    def preload(self) -> None:
        """Load every model."""
        for engine in self.engines:
            engine.preload()

    def _leg(self, pair: Pair) -> Leg | None:
        return next((Leg(engine, pair) for engine, pairs in self._pairs if pair in pairs), None)


def translation_engines(settings: Settings) -> Engines:
    """The engines for these settings, built once per process: loaded models stay loaded."""
    return _engines(_Hashable(settings))


def preload(settings: Settings) -> None:
    """What the processes of a warm worker share: the engines with their pairs, and the model for detection."""
    detection.preload()
    translation_engines(settings)


def warm(settings: Settings) -> None:
    """What each process of a warm worker loads for itself: the engines' models, which come with threads."""
    translation_engines(settings).preload()


class _Hashable:
    """Settings as a cache key: by the values that engines are built from."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.key = (settings.home.resolve(), settings.translation_packages, settings.translation_timeout_seconds)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashable) and self.key == other.key


@lru_cache(maxsize=4)
def _engines(wanted: _Hashable) -> Engines:
    points = sorted(entry_points(group="pressroom.translation_engines"), key=lambda point: point.name)
    builders = [ArgosEngine, ApertiumEngine, *(point.load() for point in points)]
    return Engines([build(wanted.settings) for build in builders])


def _offset(on_progress: Progress, before: int) -> Progress:
    return lambda done: on_progress(before + done)


def _pivot_rank(code: str) -> tuple[int, str]:
    return (PIVOTS.index(code) if code in PIVOTS else len(PIVOTS)), code
