"""What can be chosen for the values of steps, in the reader's language: fixed choices, languages, kinds of data."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale

from connectors.messages import N_
from connectors.settings import get_settings
from domain.texts.catalogue import language_name, translate

NAMES = {
    "pdf": N_("PDF (.pdf)"),
    "docx": N_("Word (.docx)"),
    "txt": N_("Plain text (.txt)"),
    "auto": N_("Automatic"),
    "color": N_("Color"),
    "grayscale": N_("Grayscale"),
    "black_and_white": N_("Black and white"),
    "text": N_("Text"),
    "text_photo": N_("Text and photo"),
    "photo": N_("Photo"),
    "graphics": N_("Graphics"),
    "Mixed": N_("Mixed"),
    "one_sided": N_("One-sided"),
    "two_sided_long_edge": N_("Two-sided, long edge"),
    "two_sided_short_edge": N_("Two-sided, short edge"),
    "best": N_("Best for the content"),
    "hex": N_("Hexadecimal number"),
    "decimal": N_("Decimal number"),
    "WHOLE_WORD": N_("Whole word"),
    "CONTAINS": N_("Contains"),
    "EXACT": N_("Exactly as typed"),
    "ADVANCED": N_("Regular expression"),
    "folder": N_("Folder of this installation"),
    "webdav": N_("WebDAV"),
    "s3": N_("S3"),
    "onedrive": N_("OneDrive"),
    "sharepoint": N_("SharePoint"),
    "googledrive": N_("Google Drive"),
    "google_drive": N_("Google Drive"),
    "box": N_("Box"),
    "dropbox": N_("Dropbox"),
}
AUTO = "auto"


def choice_name(value: object, locale: str) -> str:
    """A choice as people call it; an unknown one with its underscores as spaces."""
    key = str(getattr(value, "value", value))
    if key in NAMES:
        return translate(NAMES[key], locale)
    return key.replace("_", " ").capitalize() if "_" in key else key


@dataclass(frozen=True, slots=True)
class OfferedLanguage:
    """A language by the code the step takes; `name` is English, `tag` its BCP 47 tag where the code is another."""

    code: str
    name: str
    available: bool = True
    tag: str = ""

    def label(self, locale: str) -> str:
        """The language in the reader's words, marked where no engine is installed for it (TR-9)."""
        if self.code == AUTO:
            return translate(N_("Detect the language"), locale)
        name = language_name(self.tag or self.code, locale, self.name)
        return name if self.available else translate(N_("{language} (not installed)"), locale, language=name)


def offered_languages(kind: str, field: str, locale: str) -> list[OfferedLanguage]:
    """The languages for `field` of the step `kind`, those that work first, by name."""
    languages = _SOURCES.get((kind, field), _any_language)()
    auto = [] if field == "target_languages" else [OfferedLanguage(AUTO, "")]
    return auto + sorted(languages, key=lambda one: (not one.available, one.label(locale).casefold()))


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
