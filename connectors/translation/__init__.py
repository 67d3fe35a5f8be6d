"""Translation between languages: engines behind one interface, languages, detection. Nothing here uses the network."""

from connectors.translation.detection import detect_language
from connectors.translation.engine import Pair, Translated, TranslationEngine
from connectors.translation.languages import (
    AUTO,
    Language,
    TargetLanguage,
    available_targets,
    find_language,
    language,
    languages,
)
from connectors.translation.routing import Engines, Route, preload, translation_engines, warm

__all__ = [
    "AUTO",
    "Engines",
    "Language",
    "Pair",
    "Route",
    "TargetLanguage",
    "Translated",
    "TranslationEngine",
    "available_targets",
    "detect_language",
    "find_language",
    "language",
    "languages",
    "preload",
    "translation_engines",
    "warm",
]
