"""Which languages a field of a step offers, and which of them cannot be used on this installation."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale

from connectors.settings import get_settings
from domain.texts.catalogue import language_name
from portal_api.pages.words import _, spoken

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class OfferedLanguage:
    """A language by the code the step takes; `name` is English, `tag` its BCP 47 tag where the code is another."""

    code: str
    name: str
    available: bool = True
    tag: str = ""

    @property
    def label(self) -> str:
        """The language in the reader's words, marked where no engine is installed for it (TR-9)."""
        if self.code == AUTO:
            return _("Detect the language")
        name = language_name(self.tag or self.code, spoken(), self.name)
        return name if self.available else _("{language} (not installed)", language=name)


def offered_languages(kind: str, field: str) -> list[OfferedLanguage]:
    """The languages for `field` of the step `kind`, those that work first, by name."""
    languages = _SOURCES.get((kind, field), _any_language)()
    auto = [] if field == "target_languages" else [OfferedLanguage(AUTO, "")]
    return auto + sorted(languages, key=lambda one: (not one.available, one.label.casefold()))


def learn_installed_languages() -> None:
    """Ask the translation engines once, before a page is built: looking for them takes a moment."""
    _translation_targets()


def _ocr_languages() -> list[OfferedLanguage]:
    from connectors.ocr.languages import tag_of

    tags = {name: tag_of(name) for name in get_settings().ocr_languages}
    return [
        OfferedLanguage(name, Locale.parse(tag, sep="-").get_display_name("en") or name, tag=tag)
        for name, tag in tags.items()
    ]


def _pii_languages() -> list[OfferedLanguage]:
    from connectors.pii.languages import languages

    return [OfferedLanguage(row.code, row.name) for row in languages().values()]


def _any_language() -> list[OfferedLanguage]:
    from connectors.translation.languages import languages

    return [OfferedLanguage(row.code, row.english_name) for row in languages().values()]


@lru_cache(maxsize=1)
def _translation_targets() -> tuple[OfferedLanguage, ...]:
    from connectors.translation.languages import available_targets
    from connectors.translation.routing import translation_engines

    targets = available_targets(AUTO, translation_engines(get_settings()).pairs)
    return tuple(OfferedLanguage(row.language.code, row.language.english_name, row.available) for row in targets)


_SOURCES: dict[tuple[str, str], Callable[[], list[OfferedLanguage]]] = {
    ("ocr", "language"): _ocr_languages,
    ("redact", "language"): _pii_languages,
    ("translate", "target_languages"): lambda: list(_translation_targets()),
}
